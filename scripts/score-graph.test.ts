import { describe, expect, it } from 'vitest'
import { stories } from './graph-stories/stories.ts'
import { cleanWeek, scoreStory } from './score-graph.ts'

describe('staged stories in made-up estates', () => {
  it.each(stories.map(story => ({ id: story.id, story })))(
    '$id is one incident with its way and its data, within a minute',
    ({ story }) => {
      const { seconds, ...verdict } = scoreStory(story, 3)
      expect(verdict).toEqual({ one: true, way: true, data: true })
      expect(seconds).toBeLessThanOrEqual(60)
    },
    60_000,
  )

  it('have no like in a clean week with two deploys', () => {
    const { incidents, events } = cleanWeek(1)
    expect(events).toBeGreaterThan(10_000)
    expect(incidents).toBe(0)
  }, 60_000)
})
