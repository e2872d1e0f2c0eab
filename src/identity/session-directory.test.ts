import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { eventFrom, isRejection } from '../call/event-line.ts'
import { Redactor } from '../call/redactor.ts'
import { evidenceOf, identify } from './identify.ts'
import { SessionDirectory } from './session-directory.ts'

const redactor = new Redactor({ key: new Uint8Array(32) })
let sequence = 0

interface Given {
  readonly method?: string
  readonly target: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: unknown
  readonly status?: number
  readonly answer?: unknown
  readonly answerHeaders?: readonly (readonly [string, string])[]
}

function call(given: Given): ApiCall {
  sequence += 1
  const event = eventFrom(
    {
      time: 1_700_000_000_000 + sequence * 1000,
      source: { ip: '203.0.113.7' },
      destination: { host: 'api.shop.example' },
      request: {
        method: given.method ?? 'GET',
        target: given.target,
        headers: [['content-type', 'application/json'], ...(given.headers ?? [])],
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      },
      response: {
        status: given.status ?? 200,
        headers: [['content-type', 'application/json'], ...(given.answerHeaders ?? [])],
        ...(given.answer === undefined ? {} : { body: JSON.stringify(given.answer) }),
      },
    },
    'test',
    sequence,
    redactor,
  )
  if (isRejection(event) || event.type !== 'call') throw new Error('not a call')
  return event
}

function run(directory: SessionDirectory, given: Given): string {
  const made = call(given)
  const identity = identify(evidenceOf(made), directory)
  directory.observe(made, identity)
  return identity.principal
}

const login = {
  method: 'POST',
  target: '/login',
  body: { username: 'alice', password: 'Zx9-rain-77' },
} as const

describe('SessionDirectory', () => {
  it('links a session cookie with a name of its own to the user who logged in', () => {
    const directory = new SessionDirectory()
    const cookie = 'Zq81kLm0pXw7Yt52Rv3B'
    expect(run(directory, { target: '/me', headers: [['cookie', `shopper=${cookie}`]] })).toMatch(
      /^anonymous:/,
    )
    run(directory, {
      ...login,
      answerHeaders: [['set-cookie', `shopper=${cookie}; HttpOnly`]],
      answer: { ok: true },
    })
    expect(run(directory, { target: '/me', headers: [['cookie', `shopper=${cookie}`]] })).toBe('user:alice')
    expect(run(directory, { target: '/me', headers: [['cookie', 'shopper=Aa11bB22cC33dD44eE55']] })).toMatch(
      /^session:[0-9a-f]{12}$/,
    )
  })

  it('links an opaque token in the answer to the user, with the tenant of the form', () => {
    const directory = new SessionDirectory()
    const token = 'Kd93jfLs02mVbq81Zx66'
    run(directory, {
      ...login,
      body: { email: 'a@shop.example', password: 'Zx9-rain-77', tenant: 't1' },
      answer: { access_token: token },
    })
    const made = call({ target: '/me', headers: [['authorization', `Bearer ${token}`]] })
    const identity = identify(evidenceOf(made), directory)
    expect([identity.principal, identity.tenant, identity.confidence]).toEqual([
      'user:a@shop.example',
      't1',
      0.6,
    ])
  })

  it('learns nothing from a failed login, nor from one answered without a credential', () => {
    const directory = new SessionDirectory()
    run(directory, { ...login, status: 401, answer: { access_token: 'Kd93jfLs02mVbq81Zx66' } })
    run(directory, { ...login, answer: { status: 'fail', message: 'wrong password' } })
    expect(directory.size).toBe(0)
  })

  it('does not link a token to a name that is only mentioned', () => {
    const directory = new SessionDirectory()
    run(directory, {
      method: 'POST',
      target: '/shares',
      body: { email: 'victim@shop.example' },
      answer: { token: 'Kd93jfLs02mVbq81Zx66' },
    })
    expect(directory.size).toBe(0)
  })

  it('drops the least recently used at its bound and counts it', () => {
    const directory = new SessionDirectory({ sessions: 2 })
    for (const name of ['a', 'b', 'c']) {
      run(directory, {
        ...login,
        body: { username: name, password: 'Zx9-rain-77' },
        answer: { token: `Kd93jfLs02mVbq81Zx6${name}` },
      })
    }
    expect([directory.size, directory.evicted]).toEqual([2, 1])
  })

  it('counts an issuer only after enough answered calls', () => {
    const directory = new SessionDirectory({ issuerCalls: 3 })
    const token = (issuer: string): string =>
      `${btoa('{"alg":"HS256"}').replace(/=+$/, '')}.${btoa(JSON.stringify({ sub: 'alice', iss: issuer })).replace(/=+$/, '')}.c2lnbmF0dXJl`
    const use = (issuer: string, status: number): string =>
      run(directory, { target: '/me', status, headers: [['authorization', `Bearer ${token(issuer)}`]] })
    for (let count = 0; count < 3; count += 1) use('https://one.example', 200)
    for (let count = 0; count < 9; count += 1) use('https://forged.example', 401)
    expect(directory.issuers).toBe(1)
    for (let count = 0; count < 3; count += 1) use('https://two.example', 200)
    expect(directory.issuers).toBe(2)
    expect(use('https://one.example', 200)).toBe('user:https://one.example|alice')
  })

  it('survives its snapshot', () => {
    const directory = new SessionDirectory()
    run(directory, { ...login, answerHeaders: [['set-cookie', 'shopper=Zq81kLm0pXw7Yt52Rv3B']], answer: {} })
    const again = SessionDirectory.from(structuredClone(directory.snapshot()))
    expect(run(again, { target: '/me', headers: [['cookie', 'shopper=Zq81kLm0pXw7Yt52Rv3B']] })).toBe(
      'user:alice',
    )
    expect(again.snapshot()).toEqual(directory.snapshot())
  })

  it('takes a cookie that logins give to several people for none of theirs', () => {
    const directory = new SessionDirectory()
    for (const [name, id] of [
      ['alice', 's3cret-alice-0001'],
      ['bob', 's3cret-bob-000001'],
    ] as const)
      run(directory, {
        ...login,
        body: { username: name, password: 'Zx9-rain-77' },
        answerHeaders: [
          ['set-cookie', `wall=${id}; HttpOnly`],
          ['set-cookie', 'layout=two-columns-with-a-map'],
        ],
      })
    const ask = (cookie: string): string => run(directory, { target: '/me', headers: [['cookie', cookie]] })
    expect(ask('layout=two-columns-with-a-map; wall=s3cret-alice-0001')).toBe('user:alice')
    expect(ask('layout=two-columns-with-a-map')).toMatch(/^anonymous:/)
  })

  it('follows an opaque token over its refresh, by the refresh token alone', () => {
    const directory = new SessionDirectory()
    run(directory, {
      ...login,
      answer: { access_token: 'at_0001aaaabbbb', refresh_token: 'rt_0001aaaabbbb' },
    })
    run(directory, {
      method: 'POST',
      target: '/oauth/token',
      body: { grant_type: 'refresh_token', refresh_token: 'rt_0001aaaabbbb' },
      answer: { access_token: 'at_0002aaaabbbb', refresh_token: 'rt_0002aaaabbbb' },
    })
    expect(run(directory, { target: '/me', headers: [['authorization', 'Bearer at_0002aaaabbbb']] })).toBe(
      'user:alice',
    )
  })

  it('follows a login over its second factor', () => {
    const directory = new SessionDirectory()
    run(directory, { ...login, answer: { challengeId: '6e83e9f420e94dc2', factor: 'sms' } })
    run(directory, {
      method: 'POST',
      target: '/account/2fa',
      body: { challengeId: '6e83e9f420e94dc2', code: '4114' },
      answer: { accessToken: 'at_0009aaaabbbb' },
    })
    expect(run(directory, { target: '/me', headers: [['authorization', 'Bearer at_0009aaaabbbb']] })).toBe(
      'user:alice',
    )
  })

  it('learns roles from the second step and the renewal of a login, and keeps names that these leave out', () => {
    const directory = new SessionDirectory()
    run(directory, { ...login, answer: { challengeId: '6e83e9f420e94dc2', factor: 'sms' } })
    run(directory, {
      method: 'POST',
      target: '/account/mfa/verify',
      body: { challengeId: '6e83e9f420e94dc2', code: '4114' },
      answer: { accessToken: 'at_one_0123456789abcdef', user: { id: 'u-7', roles: ['adviser'] } },
    })
    const headers = [['authorization', 'Bearer at_one_0123456789abcdef']] as const
    run(directory, { target: '/me', headers, answer: { id: 'u-7', email: 'alice@mail.example' } })
    run(directory, {
      method: 'POST',
      target: '/account/refresh',
      headers,
      body: {},
      answer: { accessToken: 'at_two_0123456789abcdef', user: { id: 'u-7', roles: ['adviser'] } },
    })
    const known = identify(evidenceOf(call({ target: '/x', headers })), directory)
    expect([known.principal, known.roles, known.names]).toEqual([
      'user:alice',
      ['adviser'],
      ['u-7', 'alice@mail.example'],
    ])
  })

  it('learns from an introspection whose a token is', () => {
    const directory = new SessionDirectory()
    run(directory, {
      method: 'POST',
      target: '/oauth/introspect',
      body: { token: 'at_0003aaaabbbb' },
      answer: { active: true, sub: 'billing', client_id: 'billing', scope: 'orders:read', tenant: 't7' },
    })
    const made = call({ target: '/orders', headers: [['authorization', 'Bearer at_0003aaaabbbb']] })
    const identity = identify(evidenceOf(made), SessionDirectory.from(directory.snapshot()))
    expect([identity.principal, identity.tenant, identity.roles]).toEqual([
      'service:billing',
      't7',
      ['scope:orders:read'],
    ])
    run(directory, {
      method: 'POST',
      target: '/oauth/introspect',
      body: { token: 'at_0004aaaabbbb' },
      answer: { active: false },
    })
    expect(
      run(directory, { target: '/orders', headers: [['authorization', 'Bearer at_0004aaaabbbb']] }),
    ).toMatch(/^token:/)
  })

  it('learns tenant and roles from what answers say of their caller, and of nobody else', () => {
    const directory = new SessionDirectory()
    run(directory, { ...login, answer: { access_token: 'at_0005aaaabbbb' } })
    const headers = [['authorization', 'Bearer at_0005aaaabbbb']] as const
    run(directory, {
      target: '/users/9',
      headers,
      answer: { id: 9, orgId: 'other', roles: ['admin'] },
    })
    const before = identify(evidenceOf(call({ target: '/x', headers })), directory)
    expect([before.tenant, before.roles]).toEqual([undefined, []])
    run(directory, {
      target: '/users/me',
      headers,
      answer: { user: { name: 'Alice', orgId: 'acme', roles: ['editor'], company: 'Acme Ltd' } },
    })
    const after = identify(
      evidenceOf(call({ target: '/x', headers })),
      SessionDirectory.from(directory.snapshot()),
    )
    expect([after.tenant, after.roles]).toEqual(['acme', ['editor']])
  })

  it('learns other names of whom a token speaks for, and takes nothing else from a profile that the token says', () => {
    const directory = new SessionDirectory()
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'RS256' })}.${part({ sub: '7906', tenant: 'acme', roles: ['editor'] })}.c2lnbmF0dXJl`
    const headers = [['authorization', `Bearer ${token}`]] as const
    const who = () =>
      identify(evidenceOf(call({ target: '/x', headers })), SessionDirectory.from(directory.snapshot()))
    expect(who().names).toBeUndefined()
    run(directory, {
      target: '/users/me',
      headers,
      answer: { id: '7906', email: 'alice@shop.example', orgId: 'other', roles: ['admin'] },
    })
    expect([who().names, who().tenant, who().roles]).toEqual([
      ['7906', 'alice@shop.example'],
      'acme',
      ['editor'],
    ])
  })
})
