import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evenBuckets } from './buckets.ts'

const minute = 60_000
const bucket = (time: number, calls: number) => ({
  time: new Date(time).toISOString(),
  calls,
  refused: 0,
  failed: 0,
})

const buckets = fc
  .uniqueArray(fc.record({ at: fc.nat(5000), calls: fc.integer({ min: 1, max: 99 }) }), {
    selector: ({ at }) => at,
    minLength: 1,
    maxLength: 60,
  })
  .map(found => found.sort((a, b) => a.at - b.at).map(({ at, calls }) => bucket(at * minute, calls)))

test('no call is lost or counted twice, and bars are evenly spaced', () => {
  fc.assert(
    fc.property(
      buckets,
      fc.integer({ min: 2, max: 96 }),
      fc.nat(5000),
      fc.nat(5000),
      (found, most, from, to) => {
        const even = evenBuckets(found, { step: minute, most, from: from * minute, to: to * minute })
        const sum = (all: readonly { calls: number }[]): number =>
          all.reduce((total, { calls }) => total + calls, 0)
        expect(sum(even)).toBe(sum(found))
        const times = even.map(({ time }) => Date.parse(time))
        const gaps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)))
        expect(gaps.size).toBeLessThanOrEqual(1)
        expect(even.length).toBeLessThanOrEqual(most + 1)
      },
    ),
  )
})

test('empty buckets are put back', () => {
  expect(
    evenBuckets([bucket(0, 1), bucket(minute, 2), bucket(4 * minute, 3)]).map(({ calls }) => calls),
  ).toEqual([1, 2, 0, 0, 3])
})

test('a lone bucket stands in its stretch of time', () => {
  const even = evenBuckets([bucket(50 * minute, 7)], { step: minute, from: 0, to: 60 * minute })
  expect(even).toHaveLength(60)
  expect(even.findIndex(({ calls }) => calls === 7)).toBe(50)
  expect(evenBuckets([bucket(0, 7)], { least: 30 })).toHaveLength(30)
  expect(evenBuckets([])).toEqual([])
})
