import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { RecordingGuard } from '../recording-guard.ts'
import { DecisionApi } from './decision-api.ts'
import { type Asked, decisionPoint, ruled, token } from './fixture.ts'
import { ForwardAuth } from './forward-auth.ts'
import type { ForwardAuthOptions } from './forward-auth-options.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function started(options: Partial<ForwardAuthOptions> = {}): Promise<Asked> {
  const asked = await decisionPoint(options)
  closers.push(() => asked.point.close(0))
  return asked
}

interface Told {
  readonly status: number
  readonly headers: Headers
  readonly json: Record<string, unknown>
}

const api = async (
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Told> => {
  const answer = await fetch(url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  })
  return {
    status: answer.status,
    headers: answer.headers,
    json: (await answer.json()) as Record<string, unknown>,
  }
}

/** Hop-by-hop headers that Traefik leaves out of the request that it asks with. */
const hop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailers',
  'transfer-encoding',
  'upgrade',
])

/** Asks as Traefik's forwardAuth does: GET, the client's headers, and its own in place of what the client sent (trustForwardHeader false). */
async function traefik(
  url: string,
  client: { method: string; uri: string; headers: Record<string, string>; body?: string },
): Promise<Response> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(client.headers)) if (!hop.has(name)) headers.set(name, value)
  headers.set('X-Forwarded-For', '192.0.2.7')
  headers.set('X-Forwarded-Method', client.method)
  headers.set('X-Forwarded-Proto', 'http')
  headers.set('X-Forwarded-Host', 'shop.example')
  headers.set('X-Forwarded-Uri', client.uri)
  if (client.body === undefined) return fetch(`${url}/auth/traefik`, { headers })
  // forwardBody with preserveRequestMethod: fetch sends no body with GET.
  return fetch(`${url}/auth/traefik`, { method: 'POST', body: client.body, headers })
}

describe('Traefik', () => {
  it('is answered as its client is to be', async () => {
    const { url, guard } = await started()
    const asks = (uri: string, headers: Record<string, string> = {}) =>
      traefik(url, { method: 'GET', uri, headers })
    expect((await asks('/free')).status).toBe(204)
    const tagged = await asks('/tagged')
    expect([tagged.status, tagged.headers.get('x-risk')]).toEqual([204, 'high'])
    const rows: readonly (readonly [string, number])[] = [
      ['/blocked', 403],
      ['/cloaked', 404],
      ['/throttled', 429],
      ['/challenged', 401],
    ]
    for (const [uri, status] of rows) {
      const answer = await asks(uri)
      expect([uri, answer.status, answer.headers.get('content-type')]).toEqual([
        uri,
        status,
        'application/problem+json',
      ])
      expect(await answer.json()).toMatchObject({ status, decisionId: 'd-1' })
      if (status === 429) expect(answer.headers.get('retry-after')).toBe('7')
    }
    expect(rows).toHaveLength(4)
    await asks('/blocked', {
      'x-forwarded-uri': '/free',
      'x-forwarded-for': '198.51.100.1',
      'x-real-ip': '198.51.100.1',
    })
    expect(guard.admitted.at(-1)).toMatchObject({
      target: '/blocked',
      source: { ip: '192.0.2.7' },
      destination: { host: 'shop.example' },
    })
  })

  it('is told by the body, where it forwards it', async () => {
    const { url, guard } = await started({ bodyBytes: 1_024 })
    const post = (body: string) => traefik(url, { method: 'POST', uri: '/posted', headers: {}, body })
    expect((await post('an order')).status).toBe(204)
    expect((await post('an attack')).status).toBe(400)
    expect((await post(`${'x'.repeat(100_000)} attack`)).status).toBe(204)
    expect(
      guard.exchanges.map(({ request: { body } }) => [body?.size, body?.bytes.length, body?.truncated]),
    ).toEqual([
      [8, 8, false],
      [9, 9, false],
      [100_007, 1_024, true],
    ])
  })
})

describe('a proxy that is asked of', () => {
  it('is believed from trusted addresses alone', async () => {
    const { url } = await started({ trustedProxies: ['10.0.0.0/8'] })
    const answer = await traefik(url, { method: 'GET', uri: '/free', headers: {} })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({
      where: '127.0.0.1',
      mend: expect.stringContaining('trustedProxies'),
    })
  })

  it('has to tell the whole request, once', async () => {
    const { point, url, guard } = await started()
    const whole = { 'X-Original-Method': 'GET', 'X-Original-URI': '/free', 'X-Original-Host': 'shop.example' }
    expect((await fetch(`${url}/auth/nginx`, { headers: whole })).status).toBe(204)
    const rows: Record<string, string | string[]>[] = [
      ...Object.keys(whole).map(missing =>
        Object.fromEntries(Object.entries(whole).filter(([name]) => name !== missing)),
      ),
      { ...whole, 'X-Original-URI': 'http://shop.example/free' },
      { ...whole, 'X-Original-URI': '/a b' },
      { ...whole, 'X-Original-Method': 'GET /' },
      { ...whole, 'X-Original-Host': 'shop.example/path' },
      { ...whole, 'X-Original-URI': ['/free', '/blocked'] },
    ]
    for (const headers of rows) {
      const asked = request({
        host: '127.0.0.1',
        port: point.address.split(':')[1],
        path: '/auth/nginx',
        headers,
      }).end()
      const [answer] = await once(asked, 'response')
      answer.resume()
      expect([headers, answer.statusCode]).toEqual([headers, 400])
    }
    expect(rows).toHaveLength(8)
    expect(guard.admitted).toHaveLength(1)
  })

  it('keeps the length of a body that it does not send', async () => {
    const { url, guard, counters } = await started()
    const headers = {
      'x-original-method': 'POST',
      'x-original-uri': '/posted',
      'x-original-host': 'shop.example',
      'x-original-content-length': '12',
    }
    expect((await fetch(`${url}/auth/nginx`, { headers })).status).toBe(204)
    expect(new Map(guard.admitted[0]?.headers).get('content-length')).toBe('12')
    expect(guard.exchanges[0]?.request.body).toMatchObject({ size: 12, truncated: true })
    expect(counters.get('sallyport_forward_auth_undone_total{part="request-body"}')).toBe(1)
    await fetch(`${url}/auth/nginx`, { headers: { ...headers, 'x-original-uri': '/answered' } })
    expect(counters.get('sallyport_forward_auth_undone_total{part="response"}')).toBe(1)
  })

  it('gets an answer to whatever its client brings about', async () => {
    const { point, guard } = await started()
    const head = 'GET /auth/nginx HTTP/1.1\r\nHost: a\r\n'
    const rows: readonly (readonly [string, number])[] = [
      [`${head}X: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
      [`${head}X\x01: y\r\n\r\n`, 400],
      [`${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
      [`${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 400],
      ['CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
      ['nonsense\r\n\r\n', 400],
      [`${head}X\x01: y\r\n${'a: b\r\n'.repeat(40_000)}\r\n`, 400],
      ['GET /else HTTP/1.1\r\nHost: a\r\n\r\n', 404],
      [
        `${head}${'a: b\r\n'.repeat(3_000)}X-Original-Method: GET\r\nX-Original-URI: /blocked\r\nX-Original-Host: a\r\n\r\n`,
        403,
      ],
    ]
    for (const [bytes, status] of rows) {
      const socket = connect(Number(point.address.split(':')[1]), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(bytes, 'latin1')
      const [first] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      expect([bytes.slice(0, 80), first.toString('latin1').slice(9, 12)]).toEqual([
        bytes.slice(0, 80),
        String(status),
      ])
    }
    expect(rows).toHaveLength(9)
    // Not one header was left out.
    expect(guard.admitted[0]?.headers.length).toBe(3_001)
    expect(point.health(0).rejected).toBeGreaterThanOrEqual(7)
  })

  it('is observed as the options say', async () => {
    for (const [observe, targets] of [
      ['all', ['/free', '/blocked']],
      ['refused', ['/blocked']],
      ['none', []],
    ] as const) {
      const { url, guard } = await started({ observe })
      for (const uri of ['/free', '/blocked']) await traefik(url, { method: 'GET', uri, headers: {} })
      expect(guard.exchanges.map(exchange => exchange.request.target)).toEqual(targets)
    }
  })
})

const question = (target: string, more: object = {}) => ({
  source: { ip: '192.0.2.7' },
  destination: { host: 'Shop.example:443' },
  request: { method: 'POST', target, headers: { 'Content-Type': 'text/plain' }, ...more },
})

describe('the decision API', () => {
  it('decides on heads, bodies and answers', async () => {
    const { url, guard } = await started()
    const free = await api(url, '/v1/decide', question('/free'))
    expect([free.status, free.json]).toEqual([
      200,
      {
        action: 'pass',
        id: expect.any(String),
        needs: { requestBody: false, response: false, responseBody: false },
      },
    ])
    expect(guard.admitted[0]).toMatchObject({
      destination: { host: 'shop.example' },
      headers: [['content-type', 'text/plain']],
    })
    expect((await api(url, '/v1/decide', question('/throttled'))).json).toMatchObject({
      action: 'throttle',
      decisionId: 'd-1',
      policy: 'p',
      status: 429,
      reason: 'Slow down.',
      retryAfterSeconds: 7,
    })
    expect((await api(url, '/v1/decide', question('/tagged'))).json).toMatchObject({
      action: 'amend',
      headers: [['x-risk', 'high']],
    })
    expect((await api(url, '/v1/decide', question('/posted', { body: 'an attack' }))).json.action).toBe(
      'block',
    )

    const head = (await api(url, '/v1/decide', question('/posted'))).json
    expect(head).toMatchObject({ action: 'pass', handle: head.id, needs: { requestBody: true } })
    const body = {
      handle: head.handle,
      request: { body: Buffer.from('an attack').toString('base64'), bodyEncoding: 'base64' },
    }
    expect((await api(url, '/v1/decide/body', body)).json.action).toBe('block')
    expect((await api(url, '/v1/decide/body', body)).status).toBe(404)

    for (const [text, action] of [
      ['fine', 'pass'],
      ['the secret', 'block'],
    ] as const) {
      const { handle, needs } = (await api(url, '/v1/decide', question('/answered'))).json
      expect(needs).toEqual({ requestBody: false, response: true, responseBody: true })
      const response = { status: 200, headers: [], body: text }
      expect((await api(url, '/v1/decide/response', { handle, response })).json.action).toBe(action)
    }
    // Who asks hands the finished exchange on.
    expect(guard.exchanges).toEqual([])
  })

  it('takes finished exchanges, as an array or a line each', async () => {
    const { url, guard, point } = await started()
    const call = (target: string) => ({
      id: 'c-1',
      time: new Date().toISOString(),
      ...question(target),
      response: { status: 200, headers: [['X-A', 'b']], body: 'ok' },
    })
    expect(await api(url, '/v1/observe', [call('/a'), { request: 7 }, call('/b')])).toMatchObject({
      status: 202,
      json: { accepted: 2, rejected: 1, rejections: [{ position: 2, reason: expect.stringContaining('`') }] },
    })
    const lines = `${JSON.stringify(call('/c'))}\n\nnonsense\n${JSON.stringify({ ...call('/d'), time: Date.now() + 900_000 })}\n`
    const { json } = await api(url, '/v1/observe', lines, { 'content-type': 'application/x-ndjson' })
    expect(json).toMatchObject({ accepted: 1, rejected: 2 })
    expect(guard.exchanges.map(({ request: { target } }) => target)).toEqual(['/a', '/b', '/c'])
    expect(guard.exchanges[0]).toMatchObject({
      id: 'c-1',
      response: { status: 200, headers: [['x-a', 'b']] },
    })
    expect(point.health(0)).toMatchObject({ events: 3, rejected: 3 })
  })

  it('says what is wrong with a question, where, and how to mend it', async () => {
    const { url } = await started({ maxMessageBytes: 2_000 })
    const rows: readonly (readonly [string, unknown, Record<string, string>, number])[] = [
      ['/v1/decide', question('/free'), { authorization: '' }, 401],
      ['/v1/decide', question('/free'), { authorization: 'Bearer another' }, 401],
      ['/v1/decide', 'nonsense', {}, 400],
      ['/v1/decide', [], {}, 400],
      ['/v1/decide', {}, {}, 400],
      ['/v1/decide', question('no path'), {}, 400],
      ['/v1/decide', { request: { method: 'GET', target: '/', headers: [['a']] } }, {}, 400],
      ['/v1/decide', question('/free', { body: 'x'.repeat(3_000) }), {}, 413],
      ['/v1/decide/response', { handle: 'none', response: { status: 200 } }, {}, 404],
      ['/v1/decide/response', { response: { status: 200 } }, {}, 400],
      ['/v1/decide/response', { handle: 'none', response: {} }, {}, 400],
      ['/v1/else', {}, {}, 404],
    ]
    for (const [path, body, headers, status] of rows) {
      const told = await api(url, path, body, headers)
      expect([path, body, told.status]).toEqual([path, body, status])
      expect(told.headers.get('content-type')).toBe('application/problem+json')
      expect(told.json).toMatchObject({
        title: expect.any(String),
        where: expect.any(String),
        mend: expect.any(String),
      })
    }
    expect(rows).toHaveLength(12)
    expect((await fetch(`${url}/v1/decide`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      400,
    )
  })

  it('is off without a token', async () => {
    const point = await ForwardAuth.start({}, new RecordingGuard(), systemClock, new CounterSet())
    closers.push(() => point.close(0))
    expect((await api(`http://${point.address}`, '/v1/decide', question('/free'))).status).toBe(403)
    expect(point.health(0).detail).toContain('off')
  })

  it('gives up what waits too long, and the oldest where too many wait', async () => {
    const clock = new ManualClock(1_796_000_000_000)
    const counters = new CounterSet()
    const decisions = new DecisionApi(new RecordingGuard(ruled), counters, { maxOpen: 3, openMs: 1_000 })
    const handles: (string | undefined)[] = []
    for (let index = 0; index < 5; index += 1)
      handles.push((await decisions.decide(question('/answered'), clock.now())).handle)
    expect(decisions.open).toBe(3)
    expect(counters.get('sallyport_decision_api_given_up_total{why="evicted"}')).toBe(2)
    const answer = (handle: string | undefined) =>
      decisions.decideResponse({ handle, response: { status: 200 } }, clock.now()).action
    expect(() => answer(handles[0])).toThrow('No decision is open')
    expect(answer(handles[4])).toBe('pass')
    clock.advance(1_000)
    expect(() => answer(handles[3])).toThrow('No decision is open')
    expect(decisions.open).toBe(0)
    expect(counters.get('sallyport_decision_api_given_up_total{why="expired"}')).toBe(2)
  })
})

describe('its port', () => {
  it('gives up heads and bodies that do not go on', async () => {
    const { point, guard } = await started({ idleMs: 200 })
    const head = `POST /auth/traefik HTTP/1.1\r\nHost: a\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /free\r\nX-Forwarded-Host: a\r\n`
    const rows: readonly (readonly [string, string])[] = [
      ['', ''],
      ['GET /auth/nginx HTTP/1.1\r\nHost: a\r\n', '408'],
      [`${head}Content-Length: 10\r\n\r\nhalf`, '408'],
    ]
    for (const [bytes, status] of rows) {
      const socket = connect(Number(point.address.split(':')[1]), '127.0.0.1')
      let read = ''
      socket
        .on('error', () => {})
        .on('data', chunk => {
          read += chunk
        })
      if (bytes !== '') socket.write(bytes)
      await once(socket, 'close')
      expect([bytes, read.slice(9, 12)]).toEqual([bytes, status])
    }
    expect(rows).toHaveLength(3)
    expect(guard.exchanges).toEqual([])
  })

  it('survives what is no protocol of its own', async () => {
    const { point, url } = await started()
    const port = Number(point.address.split(':')[1])
    const hello = (pairs: Buffer) => Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 0, 0]), pairs])
    const framed = (body: Buffer) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(body.length)
      return Buffer.concat([length, body])
    }
    const rows: Buffer[] = [
      Buffer.from([0]),
      Buffer.from([0, 255, 255, 255]),
      framed(Buffer.from([3, 0, 0, 0, 1, 0, 0])),
      framed(hello(Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]))),
      framed(hello(Buffer.from([3, 97, 98, 99, 14]))),
      framed(Buffer.alloc(0)),
      Buffer.from('\x16\x03\x01', 'latin1'),
    ]
    for (const bytes of rows) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.end(bytes)
      await once(socket, 'close')
    }
    expect(rows).toHaveLength(7)
    expect((await traefik(url, { method: 'GET', uri: '/free', headers: {} })).status).toBe(204)
  })
})
