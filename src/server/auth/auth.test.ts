import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, type Sample, sample, tokens } from '../../../test/support/sample-server.ts'
import { ManualClock } from '../../kit/clock.ts'
import { SqliteStateStore } from '../../store/sqlite/state-store.ts'
import { ensureAdminToken } from '../admin-token.ts'
import { ApiServer } from '../server.ts'
import { Authenticator, cookieName, cookieValue } from './authenticator.ts'
import { AllowedHosts, checkSameOrigin } from './origin.ts'
import { SignInCodes } from './sign-in-codes.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const post = (payload: object, headers: Record<string, string> = {}) =>
  running.app.inject({ method: 'POST', url: '/api/v1/session', payload, headers })

async function signedIn(proof: object): Promise<string> {
  const answer = await post(proof)
  expect(answer.statusCode).toBe(200)
  const cookie = answer.cookies.find(one => one.name === cookieName)
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 12 * 3_600 })
  return `${cookieName}=${cookie?.value}`
}

const whoIs = (cookie: string) => running.app.inject({ url: '/api/v1/session', headers: { cookie } })

describe('signing in', () => {
  it('takes a code once, within five minutes', async () => {
    const code = running.server.issueSignInCode()
    expect((await whoIs(await signedIn({ code }))).json()).toEqual({ name: 'console', role: 'admin' })
    expect((await post({ code })).statusCode).toBe(401)
    const late = running.server.issueSignInCode()
    running.backend.clock.advance(5 * 60_000)
    expect((await post({ code: late })).statusCode).toBe(401)
  })

  it('does not use a code up when the page is merely loaded', async () => {
    const code = running.server.issueSignInCode()
    expect((await running.app.inject(`/sign-in?code=${code}`)).statusCode).toBe(200)
    expect((await post({ code })).statusCode).toBe(200)
  })

  it('takes an API token, with that role, and ends with the token', async () => {
    const cookie = await signedIn({ token: tokens.analyst })
    expect((await whoIs(cookie)).json()).toEqual({ name: 'analyst', role: 'analyst' })
    const revoked = await running.app.inject({
      method: 'DELETE',
      url: '/api/v1/tokens/t-analyst',
      headers: bearer('admin'),
    })
    expect(revoked.statusCode).toBe(204)
    expect((await whoIs(cookie)).statusCode).toBe(401)
    expect(
      (await running.app.inject({ url: '/api/v1/session', headers: bearer('analyst') })).statusCode,
    ).toBe(401)
  })

  it('ends after twelve hours and on signing out', async () => {
    const first = await signedIn({ token: tokens.viewer })
    const out = await running.app.inject({
      method: 'DELETE',
      url: '/api/v1/session',
      headers: { cookie: first, 'sec-fetch-site': 'same-origin' },
    })
    expect(out.statusCode).toBe(204)
    expect((await whoIs(first)).statusCode).toBe(401)
    const second = await signedIn({ token: tokens.viewer })
    running.backend.clock.advance(12 * 3_600_000 - 1)
    expect((await whoIs(second)).statusCode).toBe(200)
    running.backend.clock.advance(1)
    expect((await whoIs(second)).statusCode).toBe(401)
  })

  it('outlives a restart, and nothing that is stored would sign anybody in', async () => {
    const cookie = await signedIn({ token: tokens.viewer })
    const again = new ApiServer({ host: '127.0.0.1', port: 0, backend: running.backend })
    const app = await again.app()
    expect((await app.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode).toBe(200)
    const stored = await running.backend.state.getSetting('server.sessions')
    expect(stored).toBeDefined()
    expect(stored).not.toContain(cookie.split('=')[1])
    await again.close()
  })

  it('slows guessing by peer, and lets the rest through again', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await post({ code: `guess-${guess}` })).statusCode)
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
    expect((await running.app.inject({ url: '/api/v1/session', headers: bearer('viewer') })).statusCode).toBe(
      200,
    )
    running.backend.clock.advance(6_000)
    expect((await post({ code: running.server.issueSignInCode() })).statusCode).toBe(200)
  })
})

describe('a change under a cookie', () => {
  const own = 'http://localhost:80'
  const cases: readonly [headers: Record<string, string>, status: number][] = [
    [{}, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: own }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: 'http://localhost:81' }, 403],
    [{ origin: own }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'same-origin', origin: own }, 200],
  ]

  it('must come from our own page', async () => {
    const cookie = await signedIn({ token: tokens.admin })
    let ran = 0
    for (const [headers, status] of cases) {
      const answer = await running.app.inject({
        method: 'PUT',
        url: '/api/v1/bypass',
        payload: { on: false },
        headers: { cookie, ...headers },
      })
      expect([headers, answer.statusCode]).toEqual([headers, status])
      ran += 1
    }
    expect(ran).toBe(10)
  })

  it('may come from anywhere under a bearer token, which no page can send by accident', async () => {
    const answer = await running.app.inject({
      method: 'PUT',
      url: '/api/v1/bypass',
      payload: { on: true },
      headers: { ...bearer('admin'), origin: 'https://elsewhere.example' },
    })
    expect(answer.statusCode).toBe(200)
    expect(running.backend.bypass()).toBe(true)
  })

  it('signs nobody in from a page elsewhere', async () => {
    const answer = await post({ token: tokens.admin }, { origin: 'https://evil.example' })
    expect(answer.statusCode).toBe(403)
    expect(() => checkSameOrigin({}, false)).not.toThrow()
  })
})

describe('the name a server is called by', () => {
  it('is one of ours', () => {
    const hosts = new AllowedHosts(['Console.Example'])
    const rows: readonly [string | undefined, boolean][] = [
      ['localhost', true],
      ['localhost:4600', true],
      ['127.0.0.1:4600', true],
      ['[::1]:4600', true],
      ['console.example', true],
      ['evil.example', false],
      ['localhost.evil.example', false],
      ['localhost:4600@evil.example', false],
      ['', false],
      [undefined, false],
    ]
    let ran = 0
    for (const [host, allowed] of rows) {
      const check = () => hosts.check(host)
      if (allowed) expect(check).not.toThrow()
      else expect(check, String(host)).toThrow('not known under that name')
      ran += 1
    }
    expect(ran).toBe(10)
  })

  it('is checked before anything else, on every address', async () => {
    for (const url of ['/api/v1/health', '/', '/metrics', '/nowhere']) {
      expect((await running.app.inject({ url, headers: { host: 'rebound.example' } })).statusCode).toBe(403)
    }
  })
})

describe('credentials', () => {
  it('are refused when they are malformed, revoked or doubled', async () => {
    const rows = ['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer  x', `Bearer ${'x'.repeat(600)}`, 'Bearer wrong']
    for (const authorization of rows) {
      const answer = await running.app.inject({ url: '/api/v1/session', headers: { authorization } })
      expect([authorization, answer.statusCode]).toEqual([authorization, 401])
    }
    expect(cookieValue(`${cookieName}=a; ${cookieName}=b`)).toBeUndefined()
    expect(cookieValue(`x=1; ${cookieName}=a`)).toBe('a')
  })

  it('write their last use at most once a minute', async () => {
    const { state, clock } = running.backend
    const authenticator = new Authenticator(state, clock)
    const presented = { authorization: `Bearer ${tokens.viewer}`, cookie: undefined }
    const lastUse = async () => (await state.tokens()).find(token => token.name === 'viewer')?.lastUsedAt
    await authenticator.authenticate(presented)
    const first = await lastUse()
    expect(first).toBe(clock.now())
    clock.advance(59_999)
    await authenticator.authenticate(presented)
    expect(await lastUse()).toBe(first)
    clock.advance(1)
    await authenticator.authenticate(presented)
    expect(await lastUse()).toBe(clock.now())
  })

  it('as codes: only the newest 32 are kept', () => {
    const codes = new SignInCodes(new ManualClock(1))
    const issued = Array.from({ length: 33 }, () => codes.issue())
    expect(codes.redeem(issued[0] ?? '')).toBe(false)
    expect(codes.redeem(issued[1] ?? '')).toBe(true)
  })
})

describe('the first admin token', () => {
  it('is created once, and given out only then', async () => {
    const state = await SqliteStateStore.open({ file: ':memory:' })
    const clock = new ManualClock(1_000)
    const first = await ensureAdminToken(state, clock, {})
    expect(first.created).toBe(true)
    expect(first.token).toMatch(/^sp_[\w-]{43}$/)
    expect(await ensureAdminToken(state, clock, {})).toEqual({ created: false })
    expect(JSON.stringify(await state.tokens())).not.toContain(first.token)
    await state.close()
  })

  it('is the one of the environment, where there is one; another replaces it', async () => {
    const state = await SqliteStateStore.open({ file: ':memory:' })
    const clock = new ManualClock(1_000)
    const authenticator = new Authenticator(state, clock)
    const role = async (token: string) =>
      (await authenticator.authenticate({ authorization: `Bearer ${token}`, cookie: undefined })).role
    expect(await ensureAdminToken(state, clock, { SALLYPORT_TOKEN: 'first-token' })).toEqual({
      created: false,
    })
    await ensureAdminToken(state, clock, { SALLYPORT_TOKEN: 'first-token' })
    expect(await state.tokens()).toHaveLength(1)
    expect(await role('first-token')).toBe('admin')
    await ensureAdminToken(state, clock, { SALLYPORT_TOKEN: 'second-token' })
    expect(await role('second-token')).toBe('admin')
    await expect(role('first-token')).rejects.toMatchObject({ code: 'auth/invalid' })
    await expect(ensureAdminToken(state, clock, { SALLYPORT_TOKEN: 'first-token' })).rejects.toMatchObject({
      code: 'config/invalid',
    })
    await expect(ensureAdminToken(state, clock, { SALLYPORT_TOKEN: 'short' })).rejects.toMatchObject({
      code: 'config/invalid',
    })
    await state.close()
  })
})
