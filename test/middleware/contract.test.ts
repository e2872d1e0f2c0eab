import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Guard as MiddlewareGuard, Options } from '../../middleware/src/types.d.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { CounterSet } from '../../src/kit/counters.ts'
import { ForwardAuth } from '../../src/sensors/forward-auth/forward-auth.ts'
import type { Admission, GuardedRequest, RefusalVerdict } from '../../src/sensors/guard.ts'
import { pass } from '../../src/sensors/guard.ts'
import { needsNothing, RecordingGuard } from '../../src/sensors/recording-guard.ts'
import { type Application, applications, gate, largeBytes } from './applications.ts'

/** One contract for every integration, in process and against a real decision API. */

const refusal = (over: Partial<RefusalVerdict> = {}): RefusalVerdict => ({
  action: 'block',
  decisionId: 'd-1',
  policy: 'p',
  status: 403,
  reason: 'Not allowed.',
  ...over,
})
const throttle = refusal({ action: 'throttle', status: 429, retryAfterSeconds: 7 })
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()
const needsBody = { ...needsNothing, requestBody: true }
const needsAnswer = { ...needsNothing, response: true, responseBody: true }
const amendment = { action: 'amend', decisionId: 'd-2', policy: 'q' } as const

function ruled({ target }: GuardedRequest): Partial<Admission> {
  switch (target.split('?', 1)[0]) {
    case '/blocked':
      return { verdict: refusal() }
    case '/throttled':
      // By a budget that answers later.
      return { settle: () => new Promise(resolve => setImmediate(resolve, throttle)) }
    case '/tagged':
      return { verdict: { ...amendment, headers: [['x-risk', 'high']] } }
    case '/posted':
      return {
        needs: needsBody,
        decideBody: ({ bytes }) => (text(bytes).includes('attack') ? refusal() : pass),
      }
    case '/rewritten':
      return { needs: needsBody, decideBody: () => ({ ...amendment, body: Buffer.from('{"a":"stripped"}') }) }
    case '/answered':
    case '/held-large':
    case '/held-events':
    case '/held-slow':
    case '/broken':
    case '/endless':
      return {
        needs: needsAnswer,
        decideResponse: (_, body) => (text(body?.bytes).includes('secret') ? refusal() : pass),
      }
    case '/masked':
      return {
        needs: needsAnswer,
        decideResponse: (_, body) => ({
          ...amendment,
          headers: [['x-masked', 'yes']],
          body: Buffer.from(text(body?.bytes).replace('secret', '***')),
        }),
      }
    case '/gzip':
      return {
        needs: needsAnswer,
        decideResponse: ({ headers }, body) => {
          const coded = headers.some(([name, value]) => name === 'content-encoding' && value === 'gzip')
          return coded &&
            gunzipSync(body?.bytes ?? new Uint8Array())
              .toString()
              .includes('compressed')
            ? pass
            : refusal()
        },
      }
    case '/status':
      return {
        needs: { ...needsNothing, response: true },
        decideResponse: ({ status }) => (status === 500 ? refusal({ status: 503 }) : pass),
      }
  }
  return {}
}

const token = 'a-token-of-the-decision-api'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Site extends Application {
  readonly guard: RecordingGuard
}

async function site(name: string, mode: string, more: Partial<Options> = {}): Promise<Site> {
  const guard = new RecordingGuard(ruled)
  let options: Options = { guard: guard as MiddlewareGuard, ...more }
  if (mode === 'over the decision API') {
    const point = await ForwardAuth.start({ token }, guard, systemClock, new CounterSet())
    closers.push(() => point.close(0))
    options = { decisionApi: { url: `http://${point.address}`, token, timeoutMs: 5_000 }, ...more }
  }
  const application = await applications[name]!(options)
  closers.push(async () => {
    await application.running.close()
    await application.close()
  })
  return { ...application, guard }
}

const postJson = (url: string, value: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(value), headers: { 'content-type': 'application/json' } })

const modes = ['in process', 'over the decision API']

describe.each(Object.keys(applications))('%s', name => {
  const parsesFirst = name.includes('behind its body parser')

  describe.each(modes)('%s', mode => {
    it('lets pass, refuses and tags', async () => {
      const { url, guard, reached, running } = await site(name, mode)
      const free = await fetch(`${url}/free?a=b`, {
        headers: { 'x-forwarded-client-cert': 'Subject="CN=admin"' },
      })
      expect([free.status, await free.text()]).toEqual([200, 'free'])
      expect(guard.admitted[0]).toMatchObject({
        method: 'GET',
        target: '/free?a=b',
        source: { ip: '127.0.0.1' },
        destination: { host: url.slice(7) },
      })
      expect(guard.admitted[0]?.headers.some(([header]) => header === 'x-forwarded-client-cert')).toBe(false)
      const blocked = await fetch(`${url}/blocked`)
      expect([blocked.status, blocked.headers.get('content-type')]).toEqual([403, 'application/problem+json'])
      expect(await blocked.json()).toEqual({
        type: 'urn:sallyport:error:request:blocked',
        title: 'Not allowed.',
        status: 403,
        decisionId: 'd-1',
      })
      const throttled = await postJson(`${url}/throttled`, { a: 'x'.repeat(100_000) })
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7'])
      await throttled.text()
      const tagged = await fetch(`${url}/tagged`, { headers: { 'x-risk': 'low' } })
      expect([tagged.status, await tagged.text()]).toEqual([200, 'high'])
      expect((await fetch(`${url}/nowhere`)).status).toBe(404)
      expect((await fetch(`${url}/free`, { method: 'HEAD' })).status).toBe(200)
      expect(reached.filter(line => /blocked|throttled/.test(line))).toEqual([])
      const seen = await guard.seen(6)
      expect(seen.map(({ response, verdict }) => [response?.status, verdict?.action])).toEqual([
        [200, undefined],
        [403, 'block'],
        [429, 'throttle'],
        [200, 'amend'],
        [404, undefined],
        [200, undefined],
      ])
      expect(seen[0]).toMatchObject({ request: { target: '/free?a=b' }, durationMs: expect.any(Number) })
      expect(text(seen[0]?.response?.body?.bytes)).toBe('free')
      expect(running.counts()).toMatchObject({ requests: 6, refused: 2, amended: 1, failures: 0, dropped: 0 })
    })

    it('decides on bodies, and leaves them to the application', async () => {
      const { url, guard, reached } = await site(name, mode)
      const order = await postJson(`${url}/posted`, { a: 'order' })
      expect([order.status, await order.json()]).toEqual([200, { got: { a: 'order' } }])
      expect((await postJson(`${url}/posted`, { a: 'attack' })).status).toBe(403)
      const plain = await postJson(`${url}/orders`, { a: 1 })
      expect(await plain.json()).toEqual({ got: { a: 1 } })
      const chunked = await fetch(`${url}/posted`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: new ReadableStream({
          start(controller) {
            for (const piece of ['{"a":', '"in ', 'pieces"}']) controller.enqueue(Buffer.from(piece))
            controller.close()
          },
        }),
        duplex: 'half',
      } as RequestInit)
      expect([chunked.status, await chunked.json()]).toEqual([200, { got: { a: 'in pieces' } }])
      const rewritten = await postJson(`${url}/rewritten`, { a: 'more than was asked for' })
      expect([rewritten.status, await rewritten.json()]).toEqual([200, { got: { a: 'stripped' } }])
      expect(reached.length).toBe(4)
      const seen = await guard.seen(5)
      expect(seen.map(({ request: { body } }) => text(body?.bytes))).toEqual([
        '{"a":"order"}',
        '{"a":"attack"}',
        '{"a":1}',
        '{"a":"in pieces"}',
        '{"a":"more than was asked for"}',
      ])
    })

    it('decides on the beginning of a long body', async () => {
      const { url, guard } = await site(name, mode, { bodyBytes: 1_000 })
      const value = { a: 'x'.repeat(90_000) }
      const answer = await postJson(`${url}/posted`, value)
      expect([answer.status, await answer.json()]).toEqual([200, { got: value }])
      const [seen] = await guard.seen(1)
      const body = seen?.request.body
      expect([body?.bytes.length, body?.truncated, (body?.size ?? 0) > 1_000]).toEqual([1_000, true, true])
      expect(parsesFirst || body?.size === 90_008).toBe(true)
    })

    it('replaces no body of which it saw the beginning alone', async () => {
      const { url, running } = await site(name, mode, { bodyBytes: 10 })
      const masked = await fetch(`${url}/masked?say=secret`)
      expect([masked.headers.get('x-masked'), await masked.json()]).toEqual(['yes', { said: 'secret' }])
      const value = { a: 'more than was asked for' }
      const sent = await postJson(`${url}/rewritten`, value)
      expect(await sent.json()).toEqual({ got: value })
      expect(running.counts().undone).toBe(2)
    })

    it('decides on answers: withholds them, masks them, lets them go', async () => {
      const { url, guard } = await site(name, mode)
      const fine = await fetch(`${url}/answered?say=fine`)
      expect([fine.status, await fine.json()]).toEqual([200, { said: 'fine' }])
      const withheld = await fetch(`${url}/answered?say=secret`)
      expect([withheld.status, await withheld.json()]).toEqual([
        403,
        expect.objectContaining({ decisionId: 'd-1' }),
      ])
      expect(withheld.headers.get('etag')).toBe(null)
      const masked = await fetch(`${url}/masked?say=secret`)
      expect([masked.status, masked.headers.get('x-masked'), await masked.json()]).toEqual([
        200,
        'yes',
        { said: '***' },
      ])
      const gzip = await fetch(`${url}/gzip`)
      expect([gzip.status, await gzip.json()]).toEqual([200, { said: 'compressed' }])
      const failed = await fetch(`${url}/status`)
      expect([failed.status, failed.headers.get('set-cookie'), await failed.text()]).toEqual([
        503,
        null,
        expect.stringContaining('urn:sallyport'),
      ])
      const seen = await guard.seen(5)
      expect(seen.map(({ response, verdict }) => [response?.status, verdict?.action])).toEqual([
        [200, undefined],
        [200, 'block'],
        [200, 'amend'],
        [200, undefined],
        [500, 'block'],
      ])
      // What the application said is kept, not what became of it.
      expect(text(seen[2]?.response?.body?.bytes)).toBe('{"said":"secret"}')
    })

    it('breaks no stream', async () => {
      const { url, guard } = await site(name, mode)
      for (const path of ['/events', '/held-events']) {
        const answer = await fetch(url + path)
        expect([path, answer.headers.get('content-type')?.slice(0, 17)]).toEqual([path, 'text/event-stream'])
        expect(await answer.text()).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n')
      }
      for (const path of ['/large', '/held-large'])
        expect((await (await fetch(url + path)).arrayBuffer()).byteLength).toBe(largeBytes)
      const aborted = new AbortController()
      const endless = await fetch(`${url}/endless`, { signal: aborted.signal })
      const first = await endless.body?.getReader().read()
      expect(text(first?.value)).toBe('data: first\n\n')
      aborted.abort()
      const seen = await guard.seen(5)
      expect(seen.map(({ response }) => response?.body?.size)).toEqual([27, 27, largeBytes, largeBytes, 13])
      expect(seen[2]?.response?.body).toMatchObject({ truncated: true })
      expect(seen[2]?.response?.body?.bytes.length).toBe(65_536)
      expect(seen[4]?.response?.body?.truncated).toBe(true)
    })
  })

  it('holds an answer back no longer than it may, and survives who goes away meanwhile', async () => {
    const { url, guard } = await site(name, 'in process', { holdMs: 30 })
    const opened = Promise.withResolvers<void>()
    gate.opens = opened.promise
    const answer = await fetch(`${url}/held-slow`)
    const reader = answer.body?.getReader()
    expect(text((await reader?.read())?.value)).toBe('first half, ')
    opened.resolve()
    expect(text((await reader?.read())?.value)).toBe('second half')
    expect((await guard.seen(1))[0]?.response?.body).toMatchObject({ size: 23, truncated: false })

    const patient = await site(name, 'in process', { holdMs: 60_000 })
    const never = Promise.withResolvers<void>()
    gate.opens = never.promise
    const aborted = new AbortController()
    const lost = fetch(`${patient.url}/held-slow`, { signal: aborted.signal }).catch(() => 'gone')
    await vi.waitFor(() => expect(patient.reached).toHaveLength(1))
    aborted.abort()
    expect(await lost).toBe('gone')
    never.resolve()
    expect((await fetch(`${patient.url}/free`)).status).toBe(200)
    // Of the one that was lost it is known that it was asked for.
    await vi.waitFor(() =>
      expect(patient.guard.exchanges.map(({ request: { target } }) => target).toSorted()).toEqual([
        '/free',
        '/held-slow',
      ]),
    )
  })

  it('does as it is told when nobody decides', async () => {
    const absent = { url: 'http://127.0.0.1:1', token, timeoutMs: 1_000 }
    const faults: string[] = []
    const open = await site(name, 'in process', {})
    await open.running.close()
    const start = applications[name]!
    const allowing = await start({ decisionApi: absent, onFault: fault => faults.push(fault) })
    closers.push(() => allowing.close())
    expect(await (await fetch(`${allowing.url}/blocked`)).text()).toBe('nothing here')
    expect(allowing.running.counts().failures).toBe(1)
    expect(faults[0]).toContain('No decision')
    const denying = await start({ decisionApi: { ...absent, onFailure: 'deny' } })
    closers.push(() => denying.close())
    const denied = await fetch(`${denying.url}/free`)
    expect([denied.status, denying.reached]).toEqual([503, []])
    expect(await denied.json()).toMatchObject({ type: 'urn:sallyport:error:server:busy' })
  })
})

it('ends an answer whose head cannot be written, not the process', async () => {
  const { url } = await site('node:http', 'over the decision API')
  await expect(fetch(`${url}/broken`)).rejects.toThrow('fetch failed')
  expect((await fetch(`${url}/free`)).status).toBe(200)
})

it('was held to by six frameworks', () =>
  expect(Object.keys(applications).filter(name => !name.includes('behind'))).toHaveLength(6))
