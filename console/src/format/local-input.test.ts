import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromLocalInput, toLocalInput } from './local-input.ts'

test('a moment goes through the input and back, to the minute', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      date => {
        const minute = new Date(date)
        minute.setSeconds(0, 0)
        const back = fromLocalInput(toLocalInput(date.getTime()))
        // The hour that a change to winter time repeats has two moments for one text.
        expect(Math.abs((back ?? 0) - minute.getTime()) % 3_600_000).toBe(0)
        expect(toLocalInput(back ?? 0)).toBe(toLocalInput(minute.getTime()))
      },
    ),
  )
})

test('what is not filled in is no moment', () => {
  expect(fromLocalInput('')).toBeUndefined()
  expect(fromLocalInput('2026-11-')).toBeUndefined()
})
