import { describe, expect, test } from 'vitest'
import { ago, exactTime, period, shortTime, span } from './time.ts'

// Local times, so that the tests say the same in every zone.
const at = (day: number, hour: number, minute: number, second = 0): Date =>
  new Date(2026, 10, day, hour, minute, second)
const now = at(23, 15, 0)

describe('shortTime', () => {
  test('says the day only where it is not today, and the year only where it is not this one', () => {
    expect(shortTime(at(23, 14, 2).toISOString(), now)).toBe('14:02')
    expect(shortTime(at(22, 14, 2).toISOString(), now)).toBe('22 Nov, 14:02')
    expect(shortTime(new Date(2025, 10, 22, 14, 2).toISOString(), now)).toBe('22 Nov 2025, 14:02')
    expect(shortTime(at(23, 14, 2, 7).toISOString(), now, true)).toBe('14:02:07')
  })

  test('gives back what is no time', () => {
    expect(shortTime('<script>', now)).toBe('<script>')
    expect(exactTime('yesterday')).toBe('yesterday')
  })
})

test('exactTime carries milliseconds and the time in UTC', () => {
  const moment = at(23, 14, 2)
  expect(exactTime(moment.toISOString())).toContain(moment.toISOString())
  expect(exactTime(moment.toISOString())).toContain('14:02:00.000')
})

test.each([
  [0, 'just now'],
  [40, '40 seconds ago'],
  [60, '1 minute ago'],
  [3600 * 5, '5 hours ago'],
  [86_400 * 3, '3 days ago'],
  [-120, 'in 2 minutes'],
])('%i seconds back is %s', (seconds, words) => {
  expect(ago(new Date(now.getTime() - seconds * 1000).toISOString(), now)).toBe(words)
})

test('a span is told in its largest unit', () => {
  expect([span(59), span(900), span(3600), span(14_400), span(86_400), span(172_800)]).toEqual([
    '59 seconds',
    '15 minutes',
    '1 hour',
    '4 hours',
    '24 hours',
    '2 days',
  ])
})

test('a period names the day once', () => {
  const iso = (date: Date): string => date.toISOString()
  expect(period(iso(at(23, 14, 2)), iso(at(23, 14, 31)), now)).toBe('14:02 to 14:31')
  expect(period(iso(at(22, 14, 2)), iso(at(22, 14, 31)), now)).toBe('22 Nov, 14:02 to 14:31')
  expect(period(iso(at(22, 23, 50)), iso(at(23, 0, 10)), now)).toBe('22 Nov, 23:50 to 00:10')
  expect(period(iso(at(23, 14, 2, 1)), iso(at(23, 14, 2, 50)), now)).toBe('at 14:02')
})
