import { expect, test } from 'vitest'
import type { QuarantineEntry } from '../store/ports/state-store.ts'
import { ladderSeconds } from './quarantine-ladder.ts'

const day = 86_400_000
const now = 100 * day
const entry = (createdAt: number, changes: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  id: `q-${createdAt}`,
  kind: 'principal',
  target: 'user:eve',
  reason: 'r',
  createdAt,
  createdBy: 'ops',
  expiresAt: createdAt + 1,
  ...changes,
})

test('it lasts longer each time somebody has to be shut out again', () => {
  const rows: readonly (readonly [QuarantineEntry[], number])[] = [
    [[], 900],
    [[entry(now - day)], 3_600],
    [[entry(now - day), entry(now - 2 * day)], 86_400],
    [[1, 2, 3, 4].map(days => entry(now - days * day)), 86_400],
    [[entry(now - 8 * day)], 900],
    [[entry(now - day, { releasedAt: now - 1, releasedBy: 'ops' })], 900],
    [[entry(now - day, { target: 'user:mallory' })], 900],
    [[entry(now - day, { kind: 'token' })], 900],
  ]
  for (const [entries, seconds] of rows)
    expect(ladderSeconds({ kind: 'principal', target: 'user:eve' }, entries, now)).toBe(seconds)
  expect(rows).toHaveLength(8)
})
