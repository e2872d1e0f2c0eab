import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { leadingZeroBits, ProofOfWork } from './proof-of-work.ts'

const start = Date.UTC(2026, 10, 22, 10)
const binding = { policy: 'bots', principal: 'anonymous:1' }

function solve(challenge: string, difficulty: number): string {
  for (let nonce = 0; ; nonce += 1) {
    const proof = `${challenge}.${nonce}`
    if (leadingZeroBits(createHash('sha256').update(proof).digest()) >= difficulty) return proof
  }
}

describe('ProofOfWork', () => {
  const key = new Uint8Array(32).fill(7)
  const proofs = new ProofOfWork(key)
  const proof = solve(proofs.challenge(binding, 8, 600, start), 8)

  test('a solution passes at any decision point of the system, until it ends', () => {
    expect(proofs.holds(proof, binding, 8, start)).toBe(true)
    expect(new ProofOfWork(key).holds(proof, binding, 8, start + 599_000)).toBe(true)
    expect(proofs.holds(proof, binding, 8, start + 601_000)).toBe(false)
  })

  const rows: readonly (readonly [
    what: string,
    proof: string | undefined,
    binding: typeof binding,
    difficulty: number,
  ])[] = [
    ['none', undefined, binding, 8],
    ['empty', '', binding, 8],
    ['no nonce', proof.slice(0, proof.indexOf('.')), binding, 8],
    ['another principal', proof, { ...binding, principal: 'anonymous:2' }, 8],
    ['another policy', proof, { ...binding, policy: 'other' }, 8],
    ['too easy a challenge', proof, binding, 9],
    ['a later end than was given', proof.replace(/^[^-]+/, 'zzzzzzzz'), binding, 8],
    ['a lower difficulty than was given', proof.replace(/-8-/, '-0-'), binding, 0],
    ['long', `${proof}${'1'.repeat(400)}`, binding, 8],
    [
      'of another key',
      solve(new ProofOfWork(new Uint8Array(32)).challenge(binding, 8, 600, start), 8),
      binding,
      8,
    ],
    ['unsolved', `${proofs.challenge(binding, 24, 600, start)}.1`, binding, 24],
  ]
  test(`${rows.length} that do not pass`, () => {
    let ran = 0
    for (const [what, given, of, difficulty] of rows) {
      expect([what, proofs.holds(given, of, difficulty, start)]).toEqual([what, false])
      ran += 1
    }
    expect(ran).toBe(11)
  })
})
