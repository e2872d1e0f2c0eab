import fc from 'fast-check'
import { expect, test } from 'vitest'
import { amount } from './amount.ts'
import { type Distribution, distributionOf, distributionSentence, scaleOf } from './distribution.ts'

const records: Distribution = {
  value: 2400,
  metric: 'records per hour',
  unit: 'records',
  median: 40,
  p90: 90,
  p99: 180,
  n: 412,
  peers: '49 users with the role customer',
}
const signal = (observed: object, expected: object) => ({
  observed: { ...observed },
  expected: { ...expected },
})
const whole = signal(
  { value: 2400, metric: 'records per hour', unit: 'records', who: 'mallory' },
  { median: 40, p90: 90, p99: 180, n: 412, peers: '49 users with the role customer' },
)

test('a statistical signal is a distribution, any other is none', () => {
  expect(distributionOf(whole)).toEqual(records)
  const none = [
    signal({}, {}),
    signal({ value: 3 }, { median: 1, p90: 2 }),
    signal({ value: '3' }, whole.expected),
    signal({ value: Number.NaN }, whole.expected),
    signal({ value: -1 }, whole.expected),
    signal(whole.observed, { ...whole.expected, n: 0 }),
    signal(whole.observed, { ...whole.expected, p99: 80 }),
    signal({ value: 0 }, { median: 0, p90: 0, p99: 0, n: 4 }),
  ]
  expect(none.map(one => distributionOf(one))).toEqual(none.map(() => undefined))
})

test('says what is usual, of whom, and how far beyond this lies', () => {
  expect(distributionSentence(records, 'user:mallory')).toBe(
    'Records per hour: 2\u202f400 records by mallory. Of 412 values of 49 users with the role customer, half have at most 40 records, 99 in 100 have at most 180 records, so this is 13 times that.',
  )
  expect(
    distributionSentence({ ...records, value: 3, median: 0, p90: 0, p99: 0, n: 1, metric: '' }, 'x'),
  ).toBe('3 records by x. Of 1 value of 49 users with the role customer, 99 in 100 have none.')
  expect(distributionSentence({ ...records, value: 181 }, 'x')).toMatch(/at most 180 records\.$/)
})

test('values are told in their unit', () => {
  expect([
    amount(4_100_000, 'bytes'),
    amount(1200, 'ms'),
    amount(0.25, 'value'),
    amount(12.34, 'tokens'),
    amount(5, ''),
  ]).toEqual(['4.1 MB', '1.2 s', '0.25', '12.3 tokens', '5'])
})

test('on the scale more is always further to the right, everything fits, and ticks do not touch', () => {
  const size = fc.double({ min: 0, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(size, fc.tuple(size, size, size), (value, quantiles) => {
      const [median = 0, p90 = 0, p99 = 0] = [...quantiles].sort((a, b) => a - b)
      fc.pre(Math.max(value, p99) > 1e-6)
      const { at, ticks } = scaleOf({ ...records, value, median, p90, p99 })
      const places = [0, median, p90, p99].map(at)
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(at(0)).toBe(0)
      for (const one of [value, p99]) expect(at(one)).toBeLessThan(1)
      expect(ticks.length).toBeGreaterThan(0)
      expect(ticks.length).toBeLessThan(12)
      for (const tick of ticks) expect(at(tick)).toBeLessThanOrEqual(1.0001)
      expect([...new Set(ticks)].sort((a, b) => a - b)).toEqual(ticks)
    }),
  )
  expect(scaleOf(records).logarithmic).toBe(true)
  expect(scaleOf({ ...records, value: 300 }).logarithmic).toBe(false)
})
