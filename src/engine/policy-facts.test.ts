import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Identity } from '../identity/identity.ts'
import { requestFacts } from './policy-facts.ts'

const identity: Identity = {
  principal: 'user:alice' as Identity['principal'],
  kind: 'user',
  name: 'alice',
  roles: [],
  claims: {},
  confidence: 1,
  device: 'd',
  evidence: 'test',
}

test('one name of a query or of headers is what the whole record has of it', () => {
  const name = fc.constantFrom('a', 'A', 'x-debug', 'X-Debug', 'content-type', 'constructor', '__proto__', '')
  const pairs = fc.array(fc.tuple(name, fc.constantFrom('', '1', 'two')), { maxLength: 6 })
  let ran = 0
  fc.assert(
    fc.property(pairs, pairs, name, (query, headers, asked) => {
      const facts = requestFacts({
        time: 1_790_000_000_000,
        method: 'GET',
        path: '/',
        host: 'shop.example',
        query,
        headers,
        size: 0,
        payload: '',
        identity,
        endpoint: 'GET shop.example/',
        match: undefined,
      })
      const { request } = facts
      const answered = facts.answered({ status: 200, size: 0, headers }, undefined)
      expect(request.lookup?.('query', asked)).toBe(request.query[asked])
      expect(request.lookup?.('headers', asked)).toBe(request.headers[asked])
      expect(answered.response?.lookup?.('headers', asked)).toBe(request.headers[asked])
      ran += 1
    }),
  )
  expect(ran).toBe(100)
})
