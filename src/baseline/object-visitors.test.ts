import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { ObjectVisitors } from './object-visitors.ts'

const endpoint = endpointId('GET', 'api.shop.example', '/notes/{noteId}')
const day = 86_400_000

describe('visitors of objects', () => {
  it('have an object to themselves after two visits on two days', () => {
    const visitors = new ObjectVisitors()
    visitors.observe(endpoint, 'a', 'ann', 0, true)
    expect(visitors.judge(endpoint, 'a', 'bob').owner).toBeUndefined()
    visitors.observe(endpoint, 'a', 'ann', day, true)
    expect(visitors.judge(endpoint, 'a', 'bob').owner).toBeDefined()
    expect(visitors.judge(endpoint, 'a', 'ann').owner).toBeUndefined()
    visitors.observe(endpoint, 'a', 'bob', day, true)
    expect(visitors.judge(endpoint, 'a', 'eve').owner).toBeUndefined()
  })

  it('tell how exclusive an endpoint is', () => {
    const visitors = new ObjectVisitors()
    for (let index = 0; index < 10; index += 1)
      for (const time of [0, day]) visitors.observe(endpoint, `own-${index}`, `u${index}`, time, true)
    visitors.observe(endpoint, 'shared', 'ann', 0, true)
    visitors.observe(endpoint, 'shared', 'bob', 0, true)
    const { exclusivity, objects } = visitors.judge(endpoint, 'other', 'eve')
    expect(objects).toBe(11)
    expect(exclusivity).toBeCloseTo(10 / 11)
  })

  it('are not taught by who may cross', () => {
    const visitors = new ObjectVisitors()
    for (const time of [0, day]) visitors.observe(endpoint, 'a', 'support', time, false)
    expect(visitors.size).toBe(0)
  })

  it('stay within their room, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.nat(40)), { maxLength: 400 }), visits => {
        const visitors = new ObjectVisitors({ objects: 1_024 })
        for (const [object, at] of visits) visitors.observe(endpoint, object, `u${at}`, at * day, true)
        expect(visitors.size).toBeLessThanOrEqual(1_024)
        expect(visitors.size + visitors.evicted).toBeGreaterThanOrEqual(
          new Set(visits.map(([object]) => object)).size - 1,
        )
      }),
      { numRuns: 30 },
    )
    const visitors = new ObjectVisitors({ objects: 1_024 })
    for (let index = 0; index < 5_000; index += 1)
      visitors.observe(endpoint, `o-${index}`, 'ann', index * 1_000, true)
    expect(visitors.size).toBeLessThanOrEqual(1_024)
    expect(visitors.evicted).toBeGreaterThan(3_000)
  })

  it('say the same after they were kept', () => {
    const visitors = new ObjectVisitors()
    for (let index = 0; index < 3_000; index += 1)
      for (const time of [0, day]) visitors.observe(endpoint, `o-${index}`, `u${index % 7}`, time, true)
    const again = new ObjectVisitors()
    again.load(thaw(freeze(visitors.save())))
    expect(again.size).toBe(visitors.size)
    for (const object of ['o-1', 'o-2999', 'new'])
      expect(again.judge(endpoint, object, 'eve')).toEqual(visitors.judge(endpoint, object, 'eve'))
  })
})
