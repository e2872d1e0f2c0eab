import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Sprt } from './sprt.ts'

it('accepts the higher rate after as many hits as the bound needs', () => {
  const test = new Sprt(1e-5, 0.05)
  let hits = 0
  while (!test.add(true, 0.05, 0.5)) hits += 1
  // ln(.95/1e-5) / ln(10) = 4.98: the fifth hit.
  expect(hits + 1).toBe(5)
})

it('never alarms on a stream without hits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), length => {
      const test = new Sprt()
      for (let index = 0; index < length; index += 1) expect(test.add(false, 0.05, 0.5)).toBe(false)
    }),
  )
})

it('forgives: after any stream, ordinary behaviour brings it back', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), stream => {
      const test = new Sprt()
      for (const hit of stream) test.add(hit, 0.05, 0.5)
      let left = 200
      while (test.add(false, 0.05, 0.5) && left > 0) left -= 1
      expect(left).toBeGreaterThan(0)
    }),
  )
})
