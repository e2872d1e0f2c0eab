import { request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import {
  closeAll,
  httpUpstream,
  RawClient,
  RecordingGuard,
  rawUpstream,
  scripted,
  siteBefore,
  textOf,
} from './fixture.ts'
import { Gateway } from './gateway.ts'

afterEach(closeAll)

const get = (path = '/', headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n${headers}\r\n`
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

test('an upstream that is not there gives 502, and three in a row a degraded sensor', async () => {
  const { server, url } = await rawUpstream(() => undefined)
  await new Promise(resolve => server.close(resolve))
  const { url: site, guard, gateway } = await siteBefore(url)
  for (let turn = 0; turn < 3; turn += 1) {
    const response = await fetch(site)
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      type: 'urn:sallyport:error:upstream:unreachable',
      title: 'The service behind the gateway cannot be reached.',
      status: 502,
    })
  }
  const exchanges = await guard.seen(3)
  expect(exchanges[0]).toMatchObject({
    response: { status: 502 },
    extra: { gateway: { outcome: 'upstream/unreachable' } },
  })
  expect(gateway.health().state).toBe('degraded')
})

const faults: readonly (readonly [what: string, answer: string])[] = [
  ['closes without a word', ''],
  ['stops within the head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n'],
  [
    'length and coding',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
  ['a coding other than chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok'],
  ['folded header', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n'],
  ['blank before the colon', 'HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n'],
  ['bare CR in a value', 'HTTP/1.1 200 OK\r\nX-A: b\rSet-Cookie: a=1\r\n\r\n'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n'],
  ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(40_000)}`],
  ['a thousand headers', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(1_000)}\r\n`],
]

test('an upstream that does not speak HTTP strictly gives 502', async () => {
  let rows = 0
  for (const [what, answer] of faults) {
    const { url } = await rawUpstream(scripted(socket => socket.end(answer, 'latin1')))
    const { port, guard } = await siteBefore(url)
    const text = await new RawClient(port).send(get()).until('"status"')
    expect(text, what).toMatch(/^HTTP\/1.1 502 /)
    expect(text, what).not.toContain('Set-Cookie')
    const [exchange] = await guard.seen(1)
    expect(exchange?.extra, what).toEqual({ gateway: { outcome: 'upstream/reset' } })
    rows += 1
  }
  expect(rows).toBe(14)
})

const halves: readonly (readonly [what: string, answer: string])[] = [
  ['fewer bytes than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
  ['a chunk cut short', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf'],
  ['no last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  [
    'trailers without end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX-A: b\r\n',
  ],
  ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n'],
  [
    'a chunk line ended by LF',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n4\nmore\r\n',
  ],
]

test('half a response ends the client connection, so that nobody takes it for a whole one', async () => {
  let rows = 0
  for (const [what, answer] of halves) {
    const { url } = await rawUpstream(
      scripted(socket => {
        socket.write(answer)
        setImmediate(() => socket.end())
      }),
    )
    const { port, guard, gateway } = await siteBefore(url)
    const text = await new RawClient(port).send(get()).untilClosed()
    expect(text, what).not.toContain('\r\n0\r\n\r\n')
    const [exchange] = await guard.seen(1)
    expect(exchange, what).toMatchObject({
      response: { status: 200, body: { size: 4, truncated: true } },
      extra: { gateway: { outcome: 'upstream/reset' } },
    })
    expect(
      gateway.counters.get('sallyport_gateway_upstream_failures_total{code="upstream/reset"}'),
      what,
    ).toBe(1)
    rows += 1
  }
  expect(rows).toBe(6)
})

test('bytes behind a response never become the next one', async () => {
  const { url } = await rawUpstream(
    scripted(
      `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`,
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue',
    ),
  )
  const { url: site } = await siteBefore(url)
  expect(await (await fetch(site)).text()).toBe('ok')
  expect(await (await fetch(site)).text()).toBe('true')
})

test('an upstream that says nothing gives 504', async () => {
  const { url } = await rawUpstream(() => undefined)
  const { port, guard, gateway } = await siteBefore(url, { responseTimeoutMs: 40 })
  expect(await new RawClient(port).send(get()).until('"status"')).toMatch(
    /^HTTP\/1.1 504 [\s\S]*upstream:timeout/,
  )
  const [exchange] = await guard.seen(1)
  expect(exchange).toMatchObject({
    response: { status: 504 },
    extra: { gateway: { outcome: 'upstream/timeout' } },
  })
  expect(gateway.pool.size).toBe(0)
})

test('an upstream that stops within a body ends the client connection', async () => {
  const { url } = await rawUpstream(scripted('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'))
  const { port, guard } = await siteBefore(url, { idleTimeoutMs: 40 })
  expect(await new RawClient(port).send(get()).untilClosed()).toMatch(/half$/)
  expect((await guard.seen(1))[0]?.extra).toEqual({ gateway: { outcome: 'upstream/timeout' } })
})

test('a stale connection is tried again once, for requests that can be', async () => {
  let connections = 0
  const { url } = await rawUpstream(socket => {
    connections += 1
    let requests = 0
    socket.on('data', () => {
      requests += 1
      // The second request on any connection meets an upstream that has just given it up.
      if (requests === 1) socket.write(ok)
      else socket.destroy()
    })
  })
  const { url: site, gateway } = await siteBefore(url)
  expect((await fetch(site)).status).toBe(200)
  expect((await fetch(site)).status).toBe(200)
  expect(connections).toBe(2)
  expect(gateway.counters.get('sallyport_gateway_upstream_retries_total')).toBe(1)
  expect((await fetch(site, { method: 'POST', body: 'x' })).status).toBe(502)
  expect((await fetch(site)).status).toBe(200)
  expect((await fetch(site, { method: 'PATCH' })).status).toBe(502)
  expect(gateway.counters.get('sallyport_gateway_upstream_retries_total')).toBe(1)
})

test('a fresh connection that breaks is not tried again', async () => {
  let connections = 0
  const { url } = await rawUpstream(socket => {
    connections += 1
    socket.on('data', () => socket.destroy())
  })
  const { url: site } = await siteBefore(url)
  expect((await fetch(site)).status).toBe(502)
  expect(connections).toBe(1)
})

test('a client that leaves is recorded, and its upstream request dropped', async () => {
  let upstreamClosed: () => void = () => undefined
  const whenClosed = new Promise<void>(resolve => {
    upstreamClosed = resolve
  })
  let arrived: () => void = () => undefined
  const whenArrived = new Promise<void>(resolve => {
    arrived = resolve
  })
  const { url } = await httpUpstream((request, response) => {
    response.on('close', () => upstreamClosed())
    request.on('error', () => undefined)
    request.once('data', () => arrived())
  })
  const { port, guard, gateway } = await siteBefore(url)
  const client = new RawClient(port).send('POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart')
  await whenArrived
  client.socket.destroy()
  await whenClosed
  const [exchange] = await guard.seen(1)
  expect(exchange?.response).toBeUndefined()
  expect(exchange).toMatchObject({
    request: { target: '/up', body: { size: 4, truncated: true } },
    extra: { gateway: { outcome: 'client-aborted' } },
  })
  expect(gateway.counters.get('sallyport_gateway_client_aborts_total')).toBe(1)
  expect(gateway.pool.size).toBe(0)
})

test('a client that leaves within a response is recorded with what came', async () => {
  const { url } = await httpUpstream((_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('part')
  })
  const { port, guard } = await siteBefore(url)
  const client = new RawClient(port).send(get())
  await client.until('part')
  client.socket.destroy()
  expect((await guard.seen(1))[0]).toMatchObject({
    response: { status: 200, body: { size: 4, truncated: true } },
    extra: { gateway: { outcome: 'client-aborted' } },
  })
})

test('a client that is slow with its head gets 408, and one that stops within its body too', async () => {
  const { url } = await httpUpstream(() => undefined)
  const { port, guard, gateway } = await siteBefore(url, {
    headerTimeoutMs: 40,
    idleTimeoutMs: 80,
    requestTimeoutMs: 5_000,
  })
  const head = new RawClient(port).send('GET / HTTP/1.1\r\nHost')
  expect(await head.untilClosed()).toMatch(/^HTTP\/1.1 408 /)
  expect(gateway.counters.get('sallyport_gateway_refused_total{shape="slow-request"}')).toBe(1)
  const body = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
  expect(await body.until('"status"')).toMatch(/^HTTP\/1.1 408 /)
  expect((await guard.seen(1))[0]).toMatchObject({
    response: { status: 408 },
    extra: { gateway: { outcome: 'client-timeout' } },
  })
})

test('connections beyond the bound are closed on arrival and counted', async () => {
  const { url } = await httpUpstream((_request, response) => response.end('ok'))
  const { port, gateway } = await siteBefore(url, { maxConnections: 1 })
  const first = new RawClient(port).send(get())
  await first.until('ok')
  expect(await new RawClient(port).send(get()).untilClosed()).toBe('')
  expect(gateway.counters.get('sallyport_gateway_connections_dropped_total')).toBe(1)
})

test('a port in use is said with where and mend', async () => {
  const { url } = await httpUpstream(() => undefined)
  const { port } = await siteBefore(url)
  const second = new Gateway({ host: '127.0.0.1', port, upstream: url }, new RecordingGuard(), systemClock)
  const error = await second.listen().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(SallyportError)
  expect(error).toMatchObject({ code: 'listen/in-use', where: `127.0.0.1:${port}` })
  expect((error as SallyportError).mend).toMatch(/another port/)
})

test('options that cannot work are refused', () => {
  const guard = new RecordingGuard()
  const base = { host: '127.0.0.1', port: 0, upstream: new URL('http://127.0.0.1:1') }
  const wrong = [
    { upstream: new URL('ftp://127.0.0.1:1') },
    { upstream: new URL('https://127.0.0.1:1'), upstreamCa: '/nowhere.pem' },
    { windowBytes: -1 },
    { trustedProxies: ['10.0.0.0/33'] },
  ]
  for (const options of wrong) {
    expect(() => new Gateway({ ...base, ...options }, guard, systemClock)).toThrow(
      expect.objectContaining({ code: 'config/invalid' }),
    )
  }
})

test('closing lets what is under way finish', async () => {
  let finish: () => void = () => undefined
  let arrived: () => void = () => undefined
  const whenArrived = new Promise<void>(resolve => {
    arrived = resolve
  })
  const { url } = await httpUpstream((_request, response) => {
    finish = () => response.end('late')
    arrived()
  })
  const { port, guard, gateway } = await siteBefore(url)
  const client = new RawClient(port).send(get())
  await whenArrived
  const closed = gateway.close(10_000)
  const refused = new RawClient(port)
  expect(await refused.untilClosed()).toBe('')
  finish()
  expect(await client.untilClosed()).toMatch(/Connection: close[\s\S]*late/i)
  await closed
  expect(gateway.health().state).toBe('stopped')
  expect(guard.exchanges).toHaveLength(1)
})

test('closing cuts off what does not finish in time', async () => {
  const { url } = await httpUpstream((_request, response) => {
    response.writeHead(200, { 'content-length': 10 })
    response.write('half')
  })
  const { port, guard, gateway } = await siteBefore(url)
  const client = new RawClient(port).send(get())
  await client.until('half')
  await gateway.close(20)
  await client.untilClosed()
  expect((await guard.seen(1))[0]?.extra).toEqual({ gateway: { outcome: 'client-aborted' } })
})

test('an answer that comes before the request is complete goes through', async () => {
  const { url } = await rawUpstream((socket: Socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig'),
    )
  })
  const { port, guard } = await siteBefore(url)
  const response = await new Promise<string>((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      headers: { 'content-length': 10_000_000 },
    })
    request.on('response', message => {
      let text = `${message.statusCode} `
      message.on('data', chunk => {
        text += chunk
      })
      message.on('end', () => {
        request.destroy()
        resolve(text)
      })
    })
    request.on('error', reject)
    request.write('x'.repeat(100_000))
  })
  expect(response).toBe('413 big')
  const [exchange] = await guard.seen(1)
  expect(exchange?.response?.status).toBe(413)
  expect(textOf(exchange?.response?.body?.bytes)).toBe('big')
})
