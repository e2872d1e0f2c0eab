import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gcra, gcraDebit } from './gcra.ts'

test('a burst, then one per interval', () => {
  let arrival: number | undefined
  const admitted: boolean[] = []
  for (const time of [0, 0, 0, 9_999, 10_000, 10_001, 20_000]) {
    const answer = gcra(arrival, time, 3, 30)
    arrival = answer.arrival
    admitted.push(answer.admitted)
  }
  expect(admitted).toEqual([true, true, true, false, true, false, true])
})

test('wait is when the next one passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 100 }),
      (requests, windowSeconds, gaps) => {
        let arrival: number | undefined
        let time = 0
        for (const gap of gaps) {
          time += gap
          const answer = gcra(arrival, time, requests, windowSeconds)
          arrival = answer.arrival
          if (!answer.admitted) {
            expect(gcra(arrival, time + Math.ceil(answer.wait), requests, windowSeconds).admitted).toBe(true)
            expect(gcra(arrival, time + answer.wait - 1, requests, windowSeconds).admitted).toBe(false)
          }
        }
      },
    ),
  )
})

test('never more than requests plus burst in any window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 300 }),
      (requests, windowSeconds, gaps) => {
        let arrival: number | undefined
        let time = 0
        const admitted: number[] = []
        for (const gap of gaps) {
          time += gap
          const answer = gcra(arrival, time, requests, windowSeconds)
          arrival = answer.arrival
          if (answer.admitted) admitted.push(time)
        }
        for (const start of admitted) {
          expect(
            admitted.filter(at => at >= start && at < start + windowSeconds * 1000).length,
          ).toBeLessThanOrEqual(2 * requests)
        }
      },
    ),
  )
})

test('a clock that went back shuts nobody out for more than two windows, and no debt is longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 600 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 86_400_000 }),
      (requests, windowSeconds, cost, back) => {
        const window = windowSeconds * 1000
        const then = 1_800_000_000_000
        const arrival = gcraDebit(undefined, then, requests, windowSeconds, cost)
        expect(arrival - then).toBeLessThanOrEqual(2 * window)
        const answer = gcra(arrival, then - back, requests, windowSeconds)
        expect(answer.arrival - (then - back)).toBeLessThanOrEqual(2 * window)
        expect(gcra(answer.arrival, then - back + 2 * window, requests, windowSeconds).admitted).toBe(true)
      },
    ),
  )
})
