import { describe, expect, it } from 'vitest'
import { readSince } from './output.ts'

describe('readSince', () => {
  it('reads spans and moments', () => {
    const now = Date.UTC(2026, 0, 2)
    const rows: [string, number][] = [
      ['24h', now - 86_400_000],
      ['30m', now - 1_800_000],
      ['1w', now - 604_800_000],
      ['2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1)],
      ['1767225600000', 1_767_225_600_000],
    ]
    for (const [text, time] of rows) expect(readSince(text, now), text).toBe(time)
    expect(rows).toHaveLength(5)
  })

  it('says what it wants instead', () => {
    for (const text of ['soon', '', '5', '10x']) expect(() => readSince(text, 0)).toThrow(/is not a time/)
  })
})
