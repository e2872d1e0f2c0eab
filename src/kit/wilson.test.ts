import fc from 'fast-check'
import { expect, it } from 'vitest'
import { wilsonLower } from './wilson.ts'

it('agrees with published values', () => {
  // Newcombe 1998, table I: 81 of 263 → 0.2553; 15 of 148 → 0.0624; 0 of 20 → 0; 1 of 29 → 0.0061.
  const rows = [
    [81, 263, 0.2553],
    [15, 148, 0.0624],
    [0, 20, 0],
    [1, 29, 0.0061],
  ] as const
  for (const [hits, total, lower] of rows) expect(wilsonLower(hits, total, 1.959964)).toBeCloseTo(lower, 4)
  expect(rows).toHaveLength(4)
})

it('lies below the share and rises with the evidence', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (total, share) => {
        const lower = wilsonLower(share * total, total)
        expect(lower).toBeGreaterThanOrEqual(0)
        expect(lower).toBeLessThanOrEqual(share + 1e-9)
        expect(wilsonLower(share * 2 * total, 2 * total)).toBeGreaterThanOrEqual(lower - 1e-9)
      },
    ),
  )
})

it('says nothing without evidence', () => {
  expect(wilsonLower(0, 0)).toBe(0)
})
