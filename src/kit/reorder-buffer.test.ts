import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReorderBuffer } from './reorder-buffer.ts'
import { freeze, thaw } from './snapshot.ts'

describe('ReorderBuffer', () => {
  it('gives everything in order of time where nothing is later than the window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 50 })), {
          maxLength: 80,
        }),
        things => {
          const items = things.map(([time, late], index) => ({
            time,
            late,
            key: String(index).padStart(4, '0'),
          }))
          const buffer = new ReorderBuffer<string>(1_000)
          const given: string[] = []
          let newest = Number.NEGATIVE_INFINITY
          for (const { time, key } of [...items].sort((a, b) => a.time + a.late - (b.time + b.late))) {
            newest = Math.max(newest, time)
            buffer.push(time, key, key)
            given.push(...buffer.before(newest - 50))
          }
          given.push(...buffer.before(Number.POSITIVE_INFINITY))
          const sorted = [...items].sort((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1))
          expect(given).toEqual(sorted.map(({ key }) => key))
          expect([buffer.size, buffer.early]).toEqual([0, 0])
        },
      ),
    )
  })

  it('gives the oldest early where there is no room, and counts them', () => {
    const buffer = new ReorderBuffer<number>(2)
    for (const time of [5, 3, 4, 9]) buffer.push(time, 'k', time)
    expect([...buffer.before(0)]).toEqual([3, 4])
    expect([buffer.size, buffer.early]).toEqual([2, 2])
  })

  it('is kept with what it holds', () => {
    const buffer = new ReorderBuffer<string>(10)
    for (const time of [5, 3, 4]) buffer.push(time, 'k', `at ${time}`)
    const again = thaw(freeze(buffer)) as ReorderBuffer<string>
    expect([...again.before(5)]).toEqual(['at 3', 'at 4'])
    expect(again.size).toBe(1)
  })
})
