import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import type { Content, Json } from '../call/content.ts'
import { callId } from '../kit/id.ts'
import type { Outcome } from './observation.ts'
import { outcomeOf } from './outcome.ts'

function call(
  status: number | undefined,
  body?: Json,
  path = '/things/7',
  headers: readonly (readonly [string, string])[] = [],
): ApiCall {
  const content: Content = body === undefined ? { kind: 'empty' } : { kind: 'json', value: body }
  return {
    type: 'call',
    id: callId('c-1'),
    time: 0,
    source: {},
    destination: { host: 'api.example' },
    request: {
      method: 'POST',
      target: path,
      path,
      query: [],
      httpVersion: '1.1',
      headers: [],
      content: { kind: 'empty' },
      bodySize: 0,
      bodyTruncated: false,
    },
    ...(status === undefined
      ? {}
      : { response: { status, headers, content, bodySize: 0, bodyTruncated: false } }),
    credentials: [],
  }
}

const statuses: readonly (readonly [number | undefined, Outcome])[] = [
  [undefined, 'unknown'],
  [100, 'unknown'],
  [101, 'success'],
  [200, 'success'],
  [204, 'success'],
  [304, 'success'],
  [400, 'invalid'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [405, 'refused'],
  [409, 'invalid'],
  [410, 'refused'],
  [415, 'invalid'],
  [422, 'refused'],
  [423, 'refused'],
  [429, 'refused'],
  [500, 'failed'],
  [503, 'failed'],
]

const bodies: readonly (readonly [string, Json, Outcome, string?])[] = [
  ['a failing envelope', { status: 'fail', message: 'Password is not correct' }, 'refused'],
  ['success false', { success: false }, 'refused'],
  ['success false beside data', { success: false, user: { id: 7 } }, 'refused'],
  ['ok false with a reason', { ok: false, error: 'not_authed' }, 'refused'],
  ['an error code in the body', { code: 403, message: 'forbidden' }, 'refused'],
  ['errors without data', { errors: [{ message: 'x' }], data: null }, 'refused'],
  ['errors beside data', { errors: [{ message: 'x' }], data: { user: { id: 1 } } }, 'success'],
  ['an error at a login', { error: 'wrong', retries: 3 }, 'refused', '/auth/login'],
  [
    'a token at a login, whatever else',
    { error: 'password expires soon', access_token: '[redacted:token:000000000000]' },
    'success',
    '/auth/login',
  ],
  ['a failing JSON-RPC answer', { jsonrpc: '2.0', id: 4, error: { code: -32601, message: 'no' } }, 'refused'],
  ['a thing whose own state is failed', { id: 7, status: 'failed', amount: 12 }, 'success'],
  ['a thing with an error field', { id: 7, error: 'disk', host: 'a' }, 'success'],
  ['a success envelope', { status: 'success', message: 'ok' }, 'success'],
  ['no error', { error: null, data: [] }, 'success'],
  ['a list', [{ status: 'fail' }], 'success'],
  ['an empty object', {}, 'success'],
]

describe('outcomeOf', () => {
  it.each(statuses)('reads status %s as %s', (status, outcome) => {
    expect(outcomeOf(call(status))).toBe(outcome)
  })

  it.each(bodies)('reads %s', (_, body, outcome, path) => {
    expect(outcomeOf(call(200, body, path as string | undefined))).toBe(outcome)
  })

  it('reads redirects to the login as refusals, and others as successes', () => {
    expect(
      outcomeOf(call(302, undefined, '/account', [['location', 'https://shop.example/login?next=/account']])),
    ).toBe('refused')
    expect(outcomeOf(call(302, undefined, '/login', [['location', '/login?error=1']]))).toBe('refused')
    expect(outcomeOf(call(302, undefined, '/login', [['location', '/home']]))).toBe('success')
  })

  it('reads gRPC statuses', () => {
    const rows = [
      ['0', 'success'],
      ['7', 'refused'],
      ['16', 'refused'],
      ['3', 'invalid'],
      ['13', 'failed'],
    ] as const
    for (const [code, outcome] of rows)
      expect(outcomeOf(call(200, undefined, '/a.B/C', [['grpc-status', code]]))).toBe(outcome)
    expect(rows).toHaveLength(5)
  })

  it('covers the tables', () => {
    expect(statuses).toHaveLength(19)
    expect(bodies).toHaveLength(16)
  })
})
