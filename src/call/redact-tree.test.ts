import { describe, expect, it } from 'vitest'
import { redactTree } from './redact-tree.ts'
import { Redactor } from './redactor.ts'

const redactor = new Redactor({ key: new Uint8Array(32) })

describe('a tree of values', () => {
  it('keeps what is said about a secret and masks the rest of its object', () => {
    const tree = redactTree(
      {
        session: 'k3J9-aa81-zz7',
        token: {
          id: 'tok_91827364',
          value: 'v-81927364',
          type: 'bearer',
          expires_at: '2026-11-22T10:00:00Z',
          scopes: ['read', 'write'],
          nested: { status: 'active', code: 'q8w7e6' },
        },
      },
      redactor,
    ) as { session: string; token: Record<string, unknown> }
    expect(tree.token).toMatchObject({
      type: 'bearer',
      expires_at: '2026-11-22T10:00:00Z',
      scopes: ['read', 'write'],
      nested: { status: 'active' },
    })
    const text = JSON.stringify(tree)
    for (const secret of ['tok_91827364', 'v-81927364', 'q8w7e6']) expect(text).not.toContain(secret)
  })
})
