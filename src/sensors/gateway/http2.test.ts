import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { type Admission, pass, type Verdict } from '../guard.ts'
import {
  blockVerdict,
  closeAll,
  httpUpstream,
  RecordingGuard,
  rawUpstream,
  type Site,
  siteBefore,
  textOf,
} from './fixture.ts'
import { readHttp2Head } from './http2-head.ts'
import { RefusedHead } from './request-head.ts'

const sessions: ClientHttp2Session[] = []
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy()
  await closeAll()
})

const fixture = (name: string): string =>
  new URL(`../../../test/fixtures/tls/${name}`, import.meta.url).pathname
const ca = readFileSync(fixture('authority.pem'))
const tls = { certificates: [{ certificate: fixture('shop.pem'), key: fixture('shop.key.pem') }] }

type Listener = Parameters<typeof httpUpstream>[0]
const echo: Listener = (request, response) => {
  request.on('error', () => undefined)
  if (request.headers['content-length'] !== undefined)
    response.setHeader('content-length', request.headers['content-length'])
  request.pipe(response)
}

async function site(
  listener: Listener = echo,
  answer: Partial<Admission> = {},
  options: Parameters<typeof siteBefore>[1] = {},
): Promise<Site> {
  const { url } = await httpUpstream(listener)
  return siteBefore(url, { tls, ...options }, new RecordingGuard(() => answer))
}

function session(port: number): ClientHttp2Session {
  const made = connect(`https://localhost:${port}`, { ca })
  made.on('error', () => undefined)
  sessions.push(made)
  return made
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly trailers: IncomingHttpHeaders
  readonly code: number
}

/** What comes back on a stream, once it is closed. */
const answerOf = (stream: ClientHttp2Stream): Promise<Answer> =>
  new Promise(resolve => {
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    const pieces: Buffer[] = []
    stream.on('response', got => {
      headers = got
    })
    stream.on('trailers', got => {
      trailers = got
    })
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('error', () => undefined)
    stream.on('close', () =>
      resolve({ headers, trailers, body: Buffer.concat(pieces), code: stream.rstCode ?? 0 }),
    )
  })

const get = (client: ClientHttp2Session, path = '/', headers: OutgoingHttpHeaders = {}): Promise<Answer> =>
  answerOf(client.request({ ':path': path, ...headers }))

test('a request goes on as HTTP/1.1 and its answer comes back', async () => {
  let seen: { url: string | undefined; headers: Record<string, unknown> } = { url: undefined, headers: {} }
  const { port, guard, gateway } = await site((request, response) => {
    seen = { url: request.url, headers: request.headers }
    response.writeHead(201, [
      'Content-Type',
      'text/plain',
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
      'Connection',
      'keep-alive',
    ])
    response.end('made')
  })
  const { headers, body, code } = await get(session(port), '/orders?a=1', {
    cookie: ['c=1', 'd=2'],
    'x-forwarded-for': '192.0.2.1',
    te: 'trailers',
  })
  expect([headers[':status'], headers['content-type'], headers['set-cookie'], String(body), code]).toEqual([
    201,
    'text/plain',
    ['a=1', 'b=2'],
    'made',
    0,
  ])
  expect(headers).not.toHaveProperty('connection')
  expect(headers.date).toBeDefined()
  expect(seen.url).toBe('/orders?a=1')
  expect(seen.headers).toMatchObject({
    host: `localhost:${port}`,
    cookie: 'c=1; d=2',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
    te: 'trailers',
  })
  expect(JSON.stringify(seen.headers)).not.toContain('192.0.2.1')
  const [exchange] = await guard.seen(1)
  expect(exchange).toMatchObject({
    source: { ip: '127.0.0.1', ja4: expect.stringMatching(/^t13d\d{4}h2_/) },
    destination: { host: `localhost:${port}` },
    request: { method: 'GET', target: '/orders?a=1', httpVersion: '2' },
    response: { status: 201, body: { size: 4, truncated: false } },
  })
  expect(exchange?.extra).toBeUndefined()
  expect(gateway.counters.get('sallyport_gateway_tls_connections_total{protocol="h2"}')).toBe(1)
})

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

test('bodies go both ways, with a length and without, large ones with bounded memory', async () => {
  const { port, guard } = await site()
  const client = session(port)
  const sizes = [0, 1, 100_000, 30_000_000]
  let rows = 0
  for (const size of sizes)
    for (const declared of [true, false]) {
      const bytes = randomBytes(size)
      const stream = client.request({
        ':method': 'POST',
        ':path': '/',
        ...(declared ? { 'content-length': size } : {}),
      })
      const answer = answerOf(stream)
      Readable.from(pieces(bytes)).pipe(stream)
      const { body, headers } = await answer
      expect(headers[':status'], String(size)).toBe(200)
      expect(createHash('sha256').update(body).digest('hex'), String(size)).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      )
      rows += 1
      expect((await guard.seen(rows)).at(-1)?.request.body?.size ?? 0).toBe(size)
    }
  expect(rows).toBe(8)
})

test('streams are exchanges side by side', async () => {
  let waiting: (() => void)[] = []
  const { port, guard } = await site((request, response) => {
    waiting.push(() => response.end(request.url))
    if (waiting.length < 20) return
    for (const answer of waiting.reverse()) answer()
    waiting = []
  })
  const client = session(port)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => get(client, `/${index}`)))
  expect(answers.map(({ body }) => String(body))).toEqual(
    Array.from({ length: 20 }, (_, index) => `/${index}`),
  )
  expect(await guard.seen(20)).toHaveLength(20)
})

test('HEAD, 204, early hints, 100-continue and trailers', async () => {
  const { port } = await site((request, response) => {
    if (request.url === '/none') response.writeHead(204).end()
    else if (request.url === '/trailers') {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        response.writeHead(200, { trailer: 'x-sum' })
        response.write(`${body}${request.trailers['x-in']}`)
        response.addTrailers({ 'X-Sum': '6', Authorization: 'forged' })
        response.end()
      })
    } else {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.setHeader('content-length', 5)
      response.end('whole')
    }
  })
  const client = session(port)
  const head = await get(client, '/head', { ':method': 'HEAD' })
  expect([head.headers[':status'], head.headers['content-length'], head.body.length]).toEqual([200, '5', 0])
  expect((await get(client, '/none')).headers[':status']).toBe(204)
  const hinted = client.request({ ':path': '/hints' })
  const hints = new Promise(resolve => hinted.once('headers', got => resolve(got.link)))
  expect(String((await answerOf(hinted)).body)).toBe('whole')
  expect(await hints).toBe('</style.css>; rel=preload')
  const trailing = client.request(
    { ':method': 'POST', ':path': '/trailers', te: 'trailers' },
    { waitForTrailers: true },
  )
  trailing.on('wantTrailers', () => trailing.sendTrailers({ 'x-in': 'yes', host: 'forged' }))
  const answer = answerOf(trailing)
  trailing.end('body-')
  const { body, trailers } = await answer
  expect([String(body), trailers['x-sum'], trailers.authorization]).toEqual(['body-yes', '6', undefined])
})

test('verdicts hold: a block before and after, and a masked answer', async () => {
  const blocked = await site(echo, { verdict: blockVerdict })
  const refused = await get(session(blocked.port))
  expect([refused.headers[':status'], JSON.parse(String(refused.body)).decisionId]).toEqual([403, 'd-1'])
  const stream = session(blocked.port).request({ ':method': 'POST', ':path': '/' })
  const early = answerOf(stream)
  stream.write(Buffer.alloc(100_000))
  expect((await early).headers[':status']).toBe(403)
  const needs = { requestBody: false, response: true, responseBody: true }
  const masked = await site(echo, {
    needs,
    decideResponse: (_response, body) =>
      textOf(body?.bytes) === 'secret'
        ? blockVerdict
        : {
            action: 'amend',
            decisionId: 'd-2',
            policy: 'mask',
            body: Buffer.from('***'),
            headers: [['x-masked', '1']],
          },
  })
  const client = session(masked.port)
  const post = (text: string): Promise<Answer> => {
    const sent = client.request({ ':method': 'POST', ':path': '/' })
    const answer = answerOf(sent)
    sent.end(text)
    return answer
  }
  expect((await post('secret')).headers[':status']).toBe(403)
  const open = await post('card')
  expect([open.headers['x-masked'], open.headers['content-length'], String(open.body)]).toEqual([
    '1',
    '3',
    '***',
  ])
  expect((await masked.guard.seen(2)).map(({ verdict }) => verdict?.action)).toEqual(['block', 'amend'])
})

test('a dead upstream is 502, one that breaks off resets the stream, a client that leaves is recorded', async () => {
  const { url } = await rawUpstream(socket =>
    socket.once('data', head => {
      if (head.includes('/half')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
      else if (head.includes('/dead')) socket.destroy()
    }),
  )
  const { promise: thirdAdmitted, resolve: admitted } = Promise.withResolvers<void>()
  const asked = new RecordingGuard(({ target }) => {
    if (target === '/left') admitted()
    return {}
  })
  const { port, guard, gateway } = await siteBefore(url, { tls }, asked)
  const client = session(port)
  expect((await get(client, '/dead')).headers[':status']).toBe(502)
  expect((await get(client, '/half')).code).not.toBe(0)
  const left = client.request({ ':path': '/left' })
  left.on('error', () => undefined)
  await thirdAdmitted
  left.close(constants.NGHTTP2_CANCEL)
  const outcomes = (await guard.seen(3)).map(({ extra }) => extra?.gateway)
  expect(outcomes).toEqual([
    { outcome: 'upstream/reset' },
    { outcome: 'upstream/reset' },
    { outcome: 'client-aborted' },
  ])
  expect(gateway.pool.size).toBe(0)
})

const ordinary = [':method', 'GET', ':scheme', 'https', ':path', '/a', ':authority', 'shop.example'] as const
const with_ = (...more: string[]): string[] => [...ordinary, ...more]
const without = (name: string, ...more: string[]): string[] => {
  const at = ordinary.indexOf(name as ':method')
  return [...ordinary.slice(0, at), ...ordinary.slice(at + 2), ...more]
}

const shapes: readonly (readonly [what: string, raw: readonly string[], shape: string])[] = [
  ['a path without a slash', without(':path', ':path', 'a'), 'bad-target'],
  ['an absolute path', without(':path', ':path', 'http://b/a'), 'bad-target'],
  ['an empty path', without(':path', ':path', ''), 'bad-target'],
  ['no path', without(':path'), 'bad-target'],
  [
    'a path with a request in it',
    without(':path', ':path', '/a HTTP/1.1\r\nHost: b\r\n\r\nGET /b'),
    'bad-header',
  ],
  ['a blank in the path', without(':path', ':path', '/a b'), 'bad-request'],
  ['a fragment', without(':path', ':path', '/a#b'), 'bad-target'],
  ['raw bytes in the path', without(':path', ':path', '/\xe9'), 'bad-target'],
  ['the asterisk with GET', without(':path', ':path', '*'), 'bad-target'],
  ['a method with a blank', without(':method', ':method', 'GET /b'), 'bad-request'],
  ['an unknown method', without(':method', ':method', 'FOO'), 'bad-request'],
  ['CONNECT', without(':method', ':method', 'CONNECT'), 'connect'],
  ['an unknown pseudo field', with_(':protocol', 'websocket'), 'bad-header'],
  ['no authority', without(':authority'), 'missing-host'],
  ['an authority that is none', without(':authority', ':authority', 'a/b'), 'bad-host'],
  ['another host', with_('host', 'other.example'), 'absolute-target-host'],
  ['two hosts', without(':authority', 'host', 'a', 'host', 'b'), 'duplicate-host'],
  ['a line end in a value', with_('x-a', 'b\r\nx-b: c'), 'bad-header'],
  ['LF in a value', with_('x-a', 'b\nc'), 'bad-header'],
  ['NUL in a value', with_('x-a', 'b\0'), 'bad-header'],
  ['a colon in a name', with_('x-a: b', 'c'), ''],
  ['a line end in a name', with_('x-a\r\nx-b', 'c'), 'bad-header'],
  ['a blank in a name', with_('x a', 'c'), 'bad-header'],
  ['a coding', with_('transfer-encoding', 'chunked'), 'bad-header'],
  ['connection', with_('connection', 'close'), 'bad-header'],
  ['upgrade', with_('upgrade', 'websocket'), 'bad-header'],
  ['two lengths', with_('content-length', '1', 'content-length', '2'), 'conflicting-length'],
  ['a signed length', with_('content-length', '+1'), 'conflicting-length'],
  [
    'too many',
    with_(...Array.from({ length: 600 }, (_, index) => (index % 2 === 0 ? 'x-a' : 'b'))),
    'header-count',
  ],
  ['too large', with_('x-a', 'b'.repeat(40_000)), 'header-size'],
]

test('what could be read otherwise as HTTP/1.1 is refused', () => {
  const limits = { maxHeaderBytes: 32_768, maxHeaderCount: 200, maxTargetBytes: 16_384 }
  let rows = 0
  for (const [what, raw, shape] of shapes) {
    const head = readHttp2Head(raw, true, limits)
    if (shape === '') {
      // Read as another name, and nothing else of the request with it.
      expect(head instanceof RefusedHead ? [] : head.headers, what).toEqual([
        ['host', 'shop.example'],
        ['x-a', 'b: c'],
      ])
    } else expect(head instanceof RefusedHead ? head.refusal.shape : 'let in', what).toBe(shape)
    rows += 1
  }
  expect(rows).toBe(30)
  const good = readHttp2Head(
    with_('cookie', 'a=1', 'x-a', 'b', 'cookie', 'c=2', 'content-length', '5'),
    false,
    limits,
  )
  expect(good).toMatchObject({
    method: 'GET',
    target: '/a',
    host: 'shop.example',
    httpVersion: '2',
    framing: { kind: 'length', length: 5 },
    headers: [
      ['host', 'shop.example'],
      ['x-a', 'b'],
      ['content-length', '5'],
      ['cookie', 'a=1; c=2'],
    ],
  })
})

test('a refused request is answered, counted and told of, and its connection goes on', async () => {
  const { port, guard, gateway } = await site()
  const client = session(port)
  expect((await get(client, '/a#b')).headers[':status']).toBe(400)
  expect((await get(client, '/b')).headers[':status']).toBe(200)
  expect(gateway.counters.get('sallyport_gateway_refused_total{shape="bad-target"}')).toBe(1)
  expect((await guard.seen(2))[0]).toMatchObject({
    extra: { gateway: { outcome: 'refused', shape: 'bad-target' } },
  })
})

const whenClosed = (client: ClientHttp2Session): Promise<void> =>
  new Promise(resolve => client.once('close', () => resolve()))

test('streams taken back one after the other end the connection, and the next client is served', async () => {
  const { port, guard, gateway } = await site((request, response) => {
    if (request.url === '/next') response.end('served')
  })
  const client = session(port)
  let left = 2_000
  const more = (): void => {
    for (let count = 0; count < 50 && left > 0 && !client.closed && !client.destroyed; count += 1) {
      left -= 1
      const stream = client.request({ ':path': '/' })
      stream.on('error', () => undefined)
      stream.close(constants.NGHTTP2_CANCEL)
    }
    if (left > 0 && !client.closed && !client.destroyed) setImmediate(more)
  }
  client.once('connect', more)
  // Two hundred may be; what was sent before the connection ended comes with them.
  await guard.seen(201)
  expect(gateway.counters.get('sallyport_gateway_http2_floods_total{kind="reset"}')).toBe(1)
  expect(String((await get(session(port), '/next')).body)).toBe('served')
  expect(guard.admitted.length).toBeLessThan(1_000)
})

test('floods of pings and of settings end the connection', async () => {
  const { port, gateway } = await site()
  const pinging = session(port)
  const pinged = whenClosed(pinging)
  let pings = 1_000
  const ping = (): void => {
    pings -= 1
    if (pings > 0 && !pinging.closed && !pinging.destroyed) pinging.ping(() => setImmediate(ping))
  }
  pinging.once('connect', ping)
  await pinged
  expect(gateway.counters.get('sallyport_gateway_http2_floods_total{kind="ping"}')).toBe(1)
  const setting = session(port)
  const set = whenClosed(setting)
  let size = 20_000
  const change = (): void => {
    size += 1
    if (size < 21_000 && !setting.closed && !setting.destroyed)
      setting.settings({ initialWindowSize: size }, () => setImmediate(change))
  }
  setting.once('connect', change)
  await set
  expect(gateway.counters.get('sallyport_gateway_http2_floods_total{kind="settings"}')).toBe(1)
})

test('a body without end is given up, a silent connection closed', async () => {
  const { port } = await site(echo, {}, { requestTimeoutMs: 80, keepAliveTimeoutMs: 60, headerTimeoutMs: 60 })
  const client = session(port)
  const closed = whenClosed(client)
  const stream = client.request({ ':method': 'POST', ':path': '/' })
  const answer = answerOf(stream)
  const dribble = (): void => {
    if (stream.destroyed || stream.closed) return
    stream.write('x')
    setImmediate(dribble)
  }
  dribble()
  const { headers, code } = await answer
  // The echo's answer had begun.
  expect([headers[':status'], code !== 0]).toEqual([200, true])
  await closed
  const fresh = session(port)
  await whenClosed(fresh)
})

test('closing lets streams finish and takes no new ones', async () => {
  let finish: () => void = () => undefined
  let arrived: () => void = () => undefined
  const whenArrived = new Promise<void>(resolve => {
    arrived = resolve
  })
  const { port, gateway, guard } = await site((_request, response) => {
    finish = () => response.end('late')
    arrived()
  })
  const client = session(port)
  const answer = get(client)
  await whenArrived
  const goaway = new Promise(resolve => client.once('goaway', resolve))
  const closed = gateway.close(10_000)
  await goaway
  finish()
  expect(String((await answer).body)).toBe('late')
  await closed
  expect(guard.exchanges).toHaveLength(1)
})

test('a guard that lets everything pass sees nothing twice', async () => {
  const { port, guard } = await site(echo, { verdict: pass })
  const client = session(port)
  await Promise.all(Array.from({ length: 50 }, () => get(client)))
  expect(new Set((await guard.seen(50)).map(({ id }) => id)).size).toBe(50)
})

test('a stream whose decision waits holds its body back and no other stream', async () => {
  const answers = new Map<string, (verdict: Verdict) => void>()
  const answered = new Set<string>()
  const { url } = await httpUpstream(echo)
  const guard = new RecordingGuard(({ target }) => ({
    settle: () => {
      if (!target.startsWith('/waits')) return undefined
      const { promise, resolve } = Promise.withResolvers<Verdict>()
      answers.set(target, resolve)
      return promise
    },
  }))
  const { port } = await siteBefore(url, { tls }, guard)
  const client = session(port)
  const body = randomBytes(1_000_000)
  const post = (path: string): Promise<Answer> => {
    const stream = client.request({ ':method': 'POST', ':path': path, 'content-length': body.length })
    stream.end(body)
    return answerOf(stream).then(answer => {
      answered.add(path)
      return answer
    })
  }
  const passes = post('/waits/1')
  const refused = post('/waits/2')
  expect((await post('/free')).body.equals(body)).toBe(true)
  expect([...answered]).toEqual(['/free'])
  answers.get('/waits/2')!({ ...blockVerdict, action: 'throttle', status: 429 } as Verdict)
  expect((await refused).headers[':status']).toBe(429)
  answers.get('/waits/1')!(pass)
  expect((await passes).body.equals(body)).toBe(true)
  expect(guard.admitted).toHaveLength(3)
})
