import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

describe('nearest', () => {
  it('finds what was meant', () => {
    const rows: [string, string | undefined][] = [
      ['gatway', 'gateway'],
      ['upstraem', 'upstream'],
      ['GATEWAY', 'gateway'],
      ['zzz', undefined],
      ['', undefined],
    ]
    for (const [typed, meant] of rows)
      expect(nearest(typed, ['gateway', 'upstream', 'retention'])).toBe(meant)
    expect(rows).toHaveLength(5)
  })

  it('counts a transposition as one', () => {
    expect(editDistance('ab', 'ba')).toBe(1)
    expect(editDistance('kitten', 'sitting')).toBe(3)
  })
})
