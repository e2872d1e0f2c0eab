import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Correction, isotonicCorrection, type Judged, plattCorrection } from './calibration.ts'

const methods: readonly (readonly [string, (judged: readonly Judged[]) => Correction])[] = [
  ['platt', plattCorrection],
  ['isotonic', isotonicCorrection],
]
const judgements = fc.array(
  fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() }),
  { minLength: 1, maxLength: 80 },
)

describe.each(methods)('the correction by %s', (_, correct) => {
  it('stays between 0 and 1, and never falls where the score rises', () => {
    fc.assert(
      fc.property(judgements, judged => {
        const correction = correct(judged)
        let before = -1
        for (let score = 0; score <= 1.0001; score += 0.05) {
          const now = correction(Math.min(1, score))
          expect(now).toBeGreaterThanOrEqual(Math.max(0, before - 1e-12))
          expect(now).toBeLessThanOrEqual(1)
          before = now
        }
      }),
      { numRuns: 200 },
    )
  })

  it('comes near to what share was right', () => {
    // Says 0.9 and is right in two of ten; says 0.5 and is right in one of ten.
    const judged: Judged[] = Array.from({ length: 200 }, (_unused, index) => ({
      score: index % 2 === 0 ? 0.9 : 0.5,
      right: index % 2 === 0 ? index % 10 < 2 : index % 20 === 1,
    }))
    const correction = correct(judged)
    expect(correction(0.9)).toBeCloseTo(0.2, 1)
    expect(correction(0.5)).toBeCloseTo(0.1, 1)
  })

  it('does not depend on the order in which the words were said', () => {
    const judged: Judged[] = [0.2, 0.9, 0.4, 0.9, 0.7].map((score, index) => ({ score, right: index > 1 }))
    const [one, other] = [correct(judged), correct([...judged].reverse())]
    for (const score of [0.1, 0.4, 0.8, 0.95]) expect(one(score)).toBeCloseTo(other(score), 9)
  })
})

it('Platt moves little by little', () => {
  const words = (count: number): number =>
    plattCorrection(Array.from({ length: count }, () => ({ score: 0.9, right: false })))(0.9)
  expect(words(1)).toBeGreaterThan(0.5)
  expect(words(1)).toBeLessThan(0.9)
  expect(words(10)).toBeLessThan(words(1))
  expect(words(40)).toBeLessThan(0.3)
})
