import { expect, it } from 'vitest'
import { scan, scans, withinBounds } from './scanner.ts'

it('keeps the catalog within its bounds under 30,000 random paths of each kind', { timeout: 120_000 }, () => {
  let ran = 0
  for (const one of scans) {
    const catalog = scan(one, 30_000)
    expect(withinBounds(catalog)).toBe(true)
    // No path of a scanner is admitted, and what is not answered is not held.
    expect(catalog.stats.endpoints).toBe(0)
    if (one.status === 404) expect(catalog.stats.nodes).toBe(0)
    ran += 1
  }
  expect(ran).toBe(4)
})
