import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, count, listed, milliseconds, percent, plural } from './number.ts'

test('counts are grouped by a narrow space', () => {
  expect(count(18_340)).toBe('18\u202f340')
  expect(plural(1, 'call')).toBe('1 call')
  expect(plural(0, 'policy', 'policies')).toBe('0 policies')
})

test('units change where the number would grow long', () => {
  expect([bytes(999), bytes(1000), bytes(2_340_000), bytes(7e9)]).toEqual(['999 B', '1 kB', '2.3 MB', '7 GB'])
  expect([milliseconds(0.2), milliseconds(12.4), milliseconds(1500)]).toEqual(['< 1 ms', '12 ms', '1.5 s'])
})

describe('percent', () => {
  test('never claims all or nothing where it is not', () => {
    expect([percent(1), percent(0.998), percent(0.5), percent(0.001), percent(0)]).toEqual([
      '100 %',
      '99 %',
      '50 %',
      '< 1 %',
      '0 %',
    ])
  })

  test('holds for every share', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), share => {
        expect(percent(share) === '100 %').toBe(share === 1)
        expect(percent(share) === '0 %').toBe(share === 0)
      }),
    )
  })
})

test('lists count what they leave out', () => {
  expect(listed([])).toBe('')
  expect(listed(['a'])).toBe('a')
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c')
  expect(listed(['a', 'b', 'c', 'd'], 3)).toBe('a, b and 2 more')
})
