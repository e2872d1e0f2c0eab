import { describe, expect, test } from 'vitest'
import { SallyportError } from '../kit/error.ts'
import { carryOut } from './actions.ts'

describe('carryOut', () => {
  test('makes an entry', () => {
    expect(
      carryOut(
        { kind: 'quarantine-principal', target: 'user:mallory', ttlSeconds: 900 },
        'token:ops',
        1000,
        'inc-1',
      ),
    ).toMatchObject({
      kind: 'principal',
      target: 'user:mallory',
      incident: 'inc-1',
      createdAt: 1000,
      createdBy: 'token:ops',
      expiresAt: 901_000,
    })
    expect(
      carryOut({ kind: 'quarantine-token', target: 'ab'.repeat(16), ttlSeconds: 60 }, 'cli', 0).kind,
    ).toBe('token')
  })

  const refused: readonly (readonly [kind: string, target: string, ttlSeconds: number, where: string])[] = [
    ['delete-everything', 'user:a', 60, 'kind'],
    ['toString', 'user:a', 60, 'kind'],
    ['quarantine-principal', '', 60, 'target'],
    ['quarantine-principal', 'alice', 60, 'target'],
    ['quarantine-token', 'eyJhbGciOi', 60, 'target'],
    ['quarantine-principal', 'user:a', 59, 'ttlSeconds'],
    ['quarantine-principal', 'user:a', 30 * 86_400 + 1, 'ttlSeconds'],
    ['quarantine-principal', 'user:a', Number.NaN, 'ttlSeconds'],
  ]
  test.each(refused)('refuses %s of %j for %d seconds', (kind, target, ttlSeconds, where) => {
    let thrown: unknown
    try {
      carryOut({ kind, target, ttlSeconds }, 'cli', 0)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SallyportError)
    expect(thrown).toMatchObject({ code: 'usage/invalid-argument', where })
  })
})
