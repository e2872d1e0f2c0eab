import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RollingCount } from './rolling-count.ts'

it('counts what a list of the same events counts, slot by slot', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 200 }), steps => {
      const slots = 6
      const width = 100
      const rolling = new RollingCount(slots, width)
      const times: number[] = []
      let time = 1_000
      for (const step of steps) {
        time += step
        times.push(time)
        const first = Math.floor(time / width) - slots + 1
        expect(rolling.add(time)).toBe(times.filter(at => Math.floor(at / width) >= first).length)
      }
    }),
  )
})

it('forgets everything after the window', () => {
  const rolling = new RollingCount(10, 60_000)
  rolling.add(0, 7)
  expect(rolling.count(9 * 60_000)).toBe(7)
  expect(rolling.count(10 * 60_000)).toBe(0)
})

it('counts a late event now rather than losing it', () => {
  const rolling = new RollingCount(3, 10)
  rolling.add(1_000)
  expect(rolling.add(5)).toBe(2)
})
