import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { blockVerdict, RecordingGuard, textOf } from '../gateway/fixture.ts'
import type { Admission, GuardedRequest } from '../guard.ts'
import { EnvoyFilter } from './envoy-filter.ts'
import {
  checkPath,
  checkRequest,
  checkResponse,
  headerMap,
  ProxyCall,
  processingRequest,
  processingResponse,
  processPath,
  requestHead,
  responseHead,
} from './filter-fixture.ts'
import type { EnvoyFilterOptions } from './filter-options.ts'
import { framed } from './fixture.ts'

const closing: EnvoyFilter[] = []
afterEach(async () => {
  for (const filter of closing.splice(0)) await filter.close(0)
})

async function started(
  answer: (request: GuardedRequest) => Partial<Admission> = () => ({}),
  options: Partial<EnvoyFilterOptions> = {},
) {
  const guard = new RecordingGuard(answer)
  const clock = new ManualClock(1_796_000_000_000)
  const counters = new CounterSet()
  const filter = await EnvoyFilter.start({ port: 0, ...options }, guard, clock, counters)
  closing.push(filter)
  const process = (): ProxyCall => new ProxyCall(filter.address, processPath)
  const check = (): ProxyCall => new ProxyCall(filter.address, checkPath)
  return { guard, clock, counters, filter, process, check }
}

const needs = (more: Partial<Admission['needs']>): Partial<Admission> => ({
  needs: { requestBody: false, response: false, responseBody: false, ...more },
})
const modes = (request: number, response: number) => ({
  protocol_config: { request_body_mode: request, response_body_mode: response },
})
const [none, streamed, , partial, duplex] = [0, 1, 2, 3, 4]
const body = (text: string, last = true) => ({ body: Buffer.from(text), end_of_stream: last })
const override = (answer: Buffer | undefined) => processingResponse(answer!).mode_override

describe('an exchange by ext_proc', () => {
  it('answers every message by one of its kind, and hands the exchange on once', async () => {
    const { guard, process, clock } = await started()
    const call = process().send(
      processingRequest({
        ...requestHead({ 'content-length': '3', 'x-a': 'b' }, false),
        ...modes(partial, partial),
        attributes: {
          'envoy.filters.http.ext_proc': {
            fields: {
              'source.address': { text: '[2001:db8::7]:5000' },
              'destination.address': { text: '10.0.0.5:443' },
              'request.protocol': { text: 'HTTP/2' },
              'connection.tls_version': { text: 'TLSv1.3' },
              'connection.uri_san_peer_certificate': { text: 'spiffe://cluster.local/ns/shop/sa/web' },
            },
          },
        },
      }),
      processingRequest({ request_body: body('abc', false) }),
      processingRequest({ request_trailers: { trailers: headerMap({ 'x-t': '1' }) } }),
    )
    await call.answered(3)
    clock.advance(40)
    call.send(
      processingRequest(responseHead({ 'content-type': 'text/plain' })),
      processingRequest({ response_body: body('defg', false) }),
      processingRequest({ response_trailers: {} }),
    )
    const answers = await call.answered(6)
    expect(answers.map(answer => Object.keys(processingResponse(answer))[0])).toEqual([
      'request_headers',
      'request_body',
      'request_trailers',
      'response_headers',
      'response_body',
      'response_trailers',
    ])
    expect((await call.end()).status).toBe('0')
    expect(guard.exchanges).toEqual([
      {
        id: expect.any(String),
        time: 1_796_000_000_000,
        durationMs: 40,
        source: {
          ip: '2001:db8::7',
          port: 5000,
          workload: { namespace: 'shop', serviceAccount: 'web' },
        },
        destination: { host: 'shop.example', ip: '10.0.0.5', port: 443, tls: 'TLSv1.3' },
        request: {
          method: 'POST',
          target: '/orders/7',
          httpVersion: '2',
          headers: [
            ['host', 'shop.example'],
            ['content-length', '3'],
            ['x-a', 'b'],
          ],
          body: { bytes: Buffer.from('abc'), size: 3, truncated: false },
        },
        response: {
          status: 200,
          headers: [['content-type', 'text/plain']],
          body: { bytes: Buffer.from('defg'), size: 4, truncated: false },
        },
        extra: { envoy: { filter: 'ext_proc' } },
      },
    ])
  })

  it('asks for the bodies that policies read, and with bodies: needed for no other', async () => {
    const rows = [
      { asks: 'all', set: [none, none], reads: {}, wanted: undefined },
      { asks: 'all', set: [partial, partial], reads: {}, wanted: undefined },
      { asks: 'all', set: [none, none], reads: { requestBody: true }, wanted: [partial, none] },
      { asks: 'all', set: [streamed, streamed], reads: { requestBody: true }, wanted: [partial, streamed] },
      {
        asks: 'all',
        set: [none, none],
        reads: { response: true, responseBody: true },
        wanted: [none, partial],
      },
      { asks: 'all', set: [duplex, duplex], reads: { requestBody: true }, wanted: undefined },
      { asks: 'needed', set: [partial, partial], reads: {}, wanted: [none, none] },
      { asks: 'needed', set: [partial, partial], reads: { requestBody: true }, wanted: [partial, none] },
      { asks: 'needed', set: [none, none], reads: {}, wanted: undefined },
    ] as const
    for (const { asks, set, reads, wanted } of rows) {
      const { process } = await started(() => needs(reads), { bodies: asks })
      const call = process().send(
        processingRequest({ ...requestHead({}, false), ...modes(set[0]!, set[1]!) }),
      )
      const [answer] = await call.answered(1)
      expect(override(answer), JSON.stringify({ asks, set, reads })).toEqual(
        wanted === undefined
          ? undefined
          : {
              request_header_mode: 1,
              response_header_mode: 1,
              ...(wanted[0] === none ? {} : { request_body_mode: wanted[0] }),
              ...(wanted[1] === none ? {} : { response_body_mode: wanted[1] }),
            },
      )
      await call.end()
    }
    expect(rows).toHaveLength(9)
  })

  it('tells the guard of a body that no header announces', async () => {
    const { guard, process } = await started()
    await process()
      .send(processingRequest(requestHead({}, false)))
      .end()
    await process()
      .send(processingRequest(requestHead({}, true)))
      .end()
    const announced = guard.admitted.map(({ headers }) =>
      headers.some(([name]) => name === 'transfer-encoding'),
    )
    expect(announced).toEqual([true, false])
    expect(guard.exchanges[0]?.request.headers).not.toContainEqual(['transfer-encoding', 'chunked'])
  })

  it('answers callers that speak gRPC by a status of gRPC, too', async () => {
    const { process } = await started(() => ({ verdict: blockVerdict }))
    const call = process().send(processingRequest(requestHead({ 'content-type': 'application/grpc' }, false)))
    const [answer] = await call.answered(1)
    expect(processingResponse(answer!)).toMatchObject({
      immediate_response: { status: { code: 403 }, grpc_status: { code: 7 }, details: 'sallyport' },
    })
    await call.end()
  })

  it('sets headers that Envoy takes, whatever a policy makes of a request', async () => {
    const { process } = await started(() => ({
      verdict: { action: 'amend', decisionId: 'd', policy: 'p', headers: [['x-a', 'b\r\nx-c: \u0000d é']] },
    }))
    const call = process().send(processingRequest(requestHead()))
    const [answer] = await call.answered(1)
    const set = [
      { header: { key: 'x-a', raw_value: Buffer.from('b  x-c:  d é').toString('base64') }, append_action: 2 },
    ]
    expect(processingResponse(answer!)).toMatchObject({
      request_headers: { response: { header_mutation: { set_headers: set } } },
    })
    await call.end()
  })

  it('asks nothing more about an exchange that it answered', async () => {
    let asked = 0
    const { process, guard } = await started(() => ({
      verdict: blockVerdict,
      ...needs({ requestBody: true }),
      decideBody: () => {
        asked += 1
        return blockVerdict
      },
    }))
    const call = process().send(
      processingRequest({ ...requestHead({}, false), ...modes(streamed, streamed) }),
      processingRequest({ request_body: body('a', false) }),
      processingRequest({ request_body: body('b') }),
    )
    await call.end()
    expect([call.answers.length, asked, guard.exchanges.length]).toEqual([1, 0, 1])
  })

  it('gives pieces back where Envoy sends on only those', async () => {
    const { process, guard } = await started()
    const call = process().send(
      processingRequest({ ...requestHead({}, false), ...modes(duplex, duplex) }),
      processingRequest({ request_body: body('ab', false) }),
      processingRequest({ request_body: body('c') }),
    )
    const answers = await call.answered(3)
    expect(answers.slice(1).map(answer => processingResponse(answer).request_body)).toEqual([
      { response: { body_mutation: { streamed: { body: Buffer.from('ab').toString('base64') } } } },
      { response: { body_mutation: { streamed: { body: 'Yw==', end_of_stream: true } } } },
    ])
    await call.end()
    expect(textOf(guard.exchanges[0]?.request.body?.bytes)).toBe('abc')
  })

  it('is given up when nothing is heard for long', async () => {
    const { process, filter, clock, guard, counters } = await started(() => ({}), { idleMs: 60_000 })
    const call = process().send(processingRequest(requestHead({}, false)))
    await call.answered(1)
    clock.advance(60_000)
    filter.sweep()
    expect(guard.exchanges).toEqual([])
    clock.advance(1)
    filter.sweep()
    expect((await call.end()).status).toBe('0')
    expect(guard.exchanges).toMatchObject([{ extra: { envoy: { outcome: 'idle' } } }])
    expect(counters.get('sallyport_envoy_streams_idle_total')).toBe(1)
  })

  it('keeps a few headers of very many, and counts the others', async () => {
    const { process, guard, counters } = await started()
    const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`x-${index}`, 'v']))
    await process()
      .send(processingRequest(requestHead(many)))
      .end()
    expect(guard.admitted[0]?.headers).toHaveLength(1_001)
    expect(counters.get('sallyport_envoy_headers_left_out_total')).toBe(500)
  })
})

describe('a check by ext_authz', () => {
  const http = {
    method: 'POST',
    path: '/orders?a=b',
    host: 'shop.example:80',
    protocol: 'HTTP/1.1',
    size: 3,
    headers: { 'content-type': 'text/plain', 'content-length': '3' },
    body: 'abc',
  }
  const attributes = (more: object = {}) => ({
    attributes: {
      source: {
        address: { socket_address: { address: '192.0.2.7', port_value: 5000 } },
        principal: 'spiffe://cluster.local/ns/shop/sa/web',
      },
      destination: { address: { socket_address: { address: '10.0.0.5', port_value: 8080 } } },
      request: { http: { ...http, ...more } },
    },
  })

  it('reads headers as a map and as a list, bodies as text and as bytes', async () => {
    const rows = [
      {},
      { body: '', raw_body: Buffer.from('abc') },
      { headers: {}, header_map: headerMap({ 'content-type': 'text/plain', 'content-length': '3' }) },
      { path: '/orders', query: 'a=b' },
    ]
    for (const row of rows) {
      const { check, guard } = await started()
      const call = check().send(checkRequest(attributes(row)))
      const [answer] = await call.answered(1)
      expect(checkResponse(answer!)).toEqual({ status: {}, ok_response: {} })
      await call.end()
      expect(call.status).toBe('0')
      expect(guard.exchanges).toMatchObject([
        {
          source: {
            ip: '192.0.2.7',
            port: 5000,
            workload: { namespace: 'shop', serviceAccount: 'web' },
          },
          destination: { host: 'shop.example', ip: '10.0.0.5', port: 8080 },
          request: {
            method: 'POST',
            target: '/orders?a=b',
            headers: [
              ['host', 'shop.example:80'],
              ['content-type', 'text/plain'],
              ['content-length', '3'],
            ],
            body: { bytes: Buffer.from('abc'), size: 3, truncated: false },
          },
        },
      ])
    }
    expect(rows).toHaveLength(4)
  })

  it('decides without a body that was not sent, and says so of a part', async () => {
    const bodies: unknown[] = []
    const { check, counters } = await started(() => ({
      ...needs({ requestBody: true }),
      decideBody: given => {
        bodies.push({ ...given, bytes: textOf(given.bytes) })
        return blockVerdict
      },
    }))
    const partial = { 'content-length': '9', 'x-envoy-auth-partial-body': 'true' }
    for (const row of [
      { body: '', size: 3 },
      { size: 9, headers: partial },
    ]) {
      const call = check().send(checkRequest(attributes(row)))
      const [answer] = await call.answered(1)
      expect(checkResponse(answer!)).toMatchObject({
        status: { code: 7 },
        denied_response: { status: { code: 403 }, body: expect.stringContaining('not allowed') },
      })
      await call.end()
    }
    expect(bodies).toEqual([
      { bytes: '', size: 3, truncated: true },
      { bytes: 'abc', size: 9, truncated: true },
    ])
    expect(counters.get('sallyport_envoy_bodies_missing_total{side="request"}')).toBe(1)
  })

  it('is not handed on where other sensors tell of the same calls', async () => {
    const { check, guard, filter } = await started(() => ({}), { observeChecks: false })
    const call = check().send(checkRequest(attributes()))
    await call.end()
    expect([call.status, guard.admitted.length, guard.exchanges.length]).toEqual(['0', 1, 0])
    expect(filter.health(0).events).toBe(0)
  })
})

describe('what no proxy sends', () => {
  const head = processingRequest(requestHead())
  const prefix = (length: number): Buffer => {
    const bytes = Buffer.alloc(5)
    bytes.writeUInt32BE(length, 1)
    return bytes
  }

  it('ends the call by its status, and no other', async () => {
    const rows: readonly { readonly bytes: Buffer; readonly status: string; readonly what: string }[] = [
      { what: 'a message cut short', bytes: framed(head.subarray(0, head.length - 3)), status: '3' },
      { what: 'a length beyond its message', bytes: framed(Buffer.from([0x12, 0x7f, 0x0a])), status: '3' },
      { what: 'a number without an end', bytes: framed(Buffer.alloc(12, 0xff)), status: '3' },
      { what: 'a group', bytes: framed(Buffer.from([0x13])), status: '3' },
      { what: 'four gigabytes announced', bytes: prefix(0xffffffff), status: '8' },
      { what: 'more than is taken', bytes: prefix(1_000_001), status: '8' },
      {
        what: 'a message of a later version',
        bytes: framed(processingRequest({ of_a_later_version: {} })),
        status: '12',
      },
      { what: 'nothing in a message', bytes: framed(Buffer.alloc(0)), status: '12' },
      { what: 'a coding it is not in', bytes: framed(head, 1), status: '3' },
      { what: 'a bomb', bytes: framed(gzipSync(Buffer.alloc(8_000_000)), 1), status: '3' },
    ]
    const { filter, process } = await started(() => ({}), { maxMessageBytes: 1_000_000 })
    for (const { what, bytes, status } of rows) {
      const call = new ProxyCall(filter.address, processPath)
      call.stream.write(bytes)
      await call.over
      expect([what, call.status]).toEqual([what, status])
    }
    expect(rows).toHaveLength(10)
    expect(filter.health(0)).toMatchObject({ state: 'running', rejected: 8 })
    const call = process().send(head)
    expect(await call.answered(1)).toHaveLength(1)
    expect((await call.end()).status).toBe('0')
  })

  it('is answered however it is ordered or repeated, and handed on once or not at all', async () => {
    const parts = [
      requestHead({}, false),
      { request_body: body('a', false) },
      responseHead(),
      { response_body: body('b', false) },
      { request_trailers: {} },
      { response_trailers: {} },
    ].map(processingRequest)
    const { guard, process } = await started(() => ({
      ...needs({ requestBody: true, response: true, responseBody: true }),
    }))
    const orders = [
      [2, 0, 0, 1, 1, 3, 2],
      [3, 1, 5, 4],
      [4, 0, 2, 2, 3, 3, 5, 5],
      [0, 0, 0],
    ]
    for (const order of orders) {
      const before = guard.exchanges.length
      const call = process().send(...order.map(index => parts[index]!))
      expect(await call.answered(order.length)).toHaveLength(order.length)
      expect((await call.end()).status).toBe('0')
      expect(guard.exchanges.length - before).toBe(order.includes(0) ? 1 : 0)
    }
  })

  it('is refused beyond the bounds of calls, held bytes and connections', async () => {
    const { filter, process } = await started(() => ({}), {
      maxCalls: 2,
      maxHeldBytes: 50_000,
      maxConnections: 4,
    })
    const first = process().send(head)
    const second = process().send(head)
    await first.answered(1)
    await second.answered(1)
    const third = process().send(head)
    await third.over
    expect([third.status, third.message]).toEqual(['8', 'There are 2 calls already.'])
    second.stream.write(prefix(900_000))
    second.stream.write(Buffer.alloc(60_000))
    await second.over
    expect([second.status, second.message]).toEqual(['8', 'Too much is held of unfinished messages.'])
    const sockets = Array.from({ length: 6 }, () =>
      connect(Number(filter.address.split(':').at(-1)), '127.0.0.1'),
    )
    await Promise.race(sockets.map(socket => once(socket, 'close')))
    for (const socket of sockets) socket.destroy()
    await first.end()
    expect(first.status).toBe('0')
  })

  it('is no method of ours, or has no token of ours', async () => {
    const { filter } = await started(() => ({}), { token: 'a-token-of-the-proxies' })
    const wrong = new ProxyCall(filter.address, processPath, {
      authorization: 'Bearer another-token-altogether',
    })
    await wrong.over
    const other = new ProxyCall(
      filter.address,
      '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit',
    )
    await other.over
    const empty = new ProxyCall(filter.address, checkPath, { authorization: 'Bearer a-token-of-the-proxies' })
    await empty.end()
    expect([wrong.status, other.status, empty.status]).toEqual(['16', '12', '13'])
  })

  it('is over HTTP/1.1 answered by its rules', async () => {
    const { filter, guard } = await started(() => ({}), { token: 'a-token-of-the-proxies' })
    const base = `http://${filter.address}`
    const token = { 'x-sallyport-token': 'a-token-of-the-proxies' }
    expect((await fetch(`${base}/orders`, { headers: token })).status).toBe(404)
    expect((await fetch(`${base}/ext-authz/orders`)).status).toBe(401)
    expect(
      (
        await fetch(`${base}/ext-authz/orders/7?a=b`, {
          headers: { ...token, 'x-forwarded-for': '10.9.9.9, 192.0.2.7' },
        })
      ).status,
    ).toBe(200)
    expect(guard.exchanges).toMatchObject([
      { source: { ip: '192.0.2.7' }, request: { method: 'GET', target: '/orders/7?a=b' } },
    ])
    expect(JSON.stringify(guard.exchanges)).not.toContain('a-token-of')
    const port = Number(filter.address.split(':').at(-1))
    for (const bytes of ['PR', 'PRIVATE', '\x16\x03\x01\x02\x00\x01', 'GET / HTTP/9\r\n\r\n']) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.resume()
      socket.end(bytes)
      await once(socket, 'close')
    }
    expect(filter.health(0).state).toBe('running')
  })
})
