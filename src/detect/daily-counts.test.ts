import { describe, expect, it } from 'vitest'
import { freeze, thaw } from '../kit/snapshot.ts'
import { DailyCounts } from './daily-counts.ts'

const day = 86_400_000

describe('daily counts', () => {
  it('compare by different things, once a day is over', () => {
    const counts = new DailyCounts()
    for (const thing of ['a', 'b', 'b']) counts.add('coupons', 'ann', 0, thing)
    counts.add('coupons', 'bob', 0, 'a')
    expect(counts.usual('coupons', 1)).toBeUndefined()
    counts.add('coupons', 'ann', day, 'a')
    expect(counts.usual('coupons', 2)?.max).toBe(2)
    expect(counts.usual('coupons', 3)).toBeUndefined()
  })

  it('compare by amounts where there are some', () => {
    const counts = new DailyCounts()
    for (const units of [5, 7]) counts.add('units', 'ann', 0, 'tv', units)
    counts.add('units', 'ann', day, 'tv', 1)
    expect(counts.usual('units', 1)?.max).toBeCloseTo(12, 0)
  })

  it('learn nothing from what was raised', () => {
    const counts = new DailyCounts()
    const held = counts.add('units', 'mallory', 0, 'tv', 500)
    if (held !== undefined) held.raised = true
    counts.add('units', 'ann', day, 'tv', 1)
    expect(counts.usual('units', 1)).toBeUndefined()
  })

  it('have room for so many actors, and are kept', () => {
    const counts = new DailyCounts({ actors: 2 })
    expect(counts.add('p', 'a', 0, 'x')).toBeDefined()
    expect(counts.add('p', 'b', 0, 'x')).toBeDefined()
    expect(counts.add('p', 'c', 0, 'x')).toBeUndefined()
    counts.add('p', 'a', day, 'x')
    const again = thaw(freeze(counts)) as DailyCounts
    expect(again.usual('p', 2)?.count).toBe(2)
    expect(again.size).toBe(counts.size)
  })
})
