import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { batchOf } from '../../../test/bench/graph/trace-proto.ts'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { type Clock, ManualClock, systemClock } from '../../kit/clock.ts'
import { OtlpSensor } from './otlp-sensor.ts'

const service = join(import.meta.dirname, '../../../test/fixtures/otel/service.cjs')
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function started(token?: string, clock: Clock = systemClock) {
  const calls: RawExchange[] = []
  const events: ContextEvent[] = []
  const sensor = await OtlpSensor.start(
    { call: call => calls.push(call), event: event => events.push(event) },
    clock,
    {
      httpPort: 0,
      grpcPort: 0,
      maxBodyBytes: 100_000,
      ...(token === undefined ? {} : { token }),
    },
  )
  let open = true
  const close = async (): Promise<void> => {
    if (open) await sensor.close()
    open = false
  }
  closing.push(close)
  const [http = '', grpc = ''] = sensor.addresses
  return { sensor, calls, events, http: `http://${http}`, grpc: `http://${grpc}`, close }
}

async function run(args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(service, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  closing.push(() => child.kill())
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { child, port }
}

const stop = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit')
  child.send('stop')
  await gone
}

describe('services under the OpenTelemetry SDK', () => {
  it.each(['http/protobuf', 'http/json', 'grpc'])(
    'are seen with their calls and stores through %s',
    async protocol => {
      const { sensor, calls, events, http, grpc, close } = await started()
      const url = protocol === 'grpc' ? grpc : http
      const orders = await run(['orders', '0', url, protocol])
      const web = await run(['web', '0', url, protocol, `http://127.0.0.1:${orders.port}`])
      for (const path of ['/orders/7', '/orders/8?expand=items'])
        expect(await (await fetch(`http://127.0.0.1:${web.port}${path}`)).json()).toEqual({ id: 7 })
      await stop(web.child)
      await stop(orders.child)
      await close()
      const told = calls.map(
        ({ source, destination, request, response }) =>
          `${source.workload?.name ?? '?'} → ${destination.workload?.name} ${request.method} ${request.target} ${response?.status}`,
      )
      expect(told.sort()).toEqual([
        '? → web GET /orders/7 200',
        '? → web GET /orders/8?expand=items 200',
        'web → orders GET /orders/7 200',
        'web → orders GET /orders/8?expand=items 200',
      ])
      expect(
        events.map(event => event.type === 'access' && `${event.workload.name} ${event.store.collection}`),
      ).toEqual(['orders orders', 'orders orders'])
      const health = sensor.health(Date.now())
      expect([health.rejected, health.events, health.sources?.map(source => source.name).sort()]).toEqual([
        0,
        6,
        ['orders', 'web'],
      ])
    },
  )
})

describe('time', () => {
  const now = 1_796_000_000_000
  /** A client's span, which waits for that of the server it called. */
  const span = (id: number, end: number): object => ({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                spanId: `00f067aa0ba902b${id}`,
                name: 'GET',
                kind: 3,
                startTimeUnixNano: String(BigInt(end - 5) * 1_000_000n),
                endTimeUnixNano: String(BigInt(end) * 1_000_000n),
                attributes: [
                  { key: 'http.request.method', value: { stringValue: 'GET' } },
                  { key: 'url.full', value: { stringValue: `http://orders.example/orders/${id}` } },
                  { key: 'http.response.status_code', value: { intValue: '200' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  })
  const send = async (http: string, body: object): Promise<number> => {
    const answer = await fetch(`${http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.status
  }

  it('tells what waits once nothing more has come for as long', async () => {
    const clock = new ManualClock(now)
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    closing.push(() => vi.useRealTimers())
    const { sensor, calls, events, http } = await started(undefined, clock)
    expect(await send(http, span(1, now))).toBe(200)
    const told = (): number => calls.length + events.length
    vi.advanceTimersByTime(10_000)
    // The sensor's clock stands still: nothing is over yet.
    expect([told(), sensor.health(now).detail]).toEqual([0, expect.stringContaining('1 waiting')])
    clock.advance(5_000)
    vi.advanceTimersByTime(1_000)
    expect(told()).toBe(0)
    clock.advance(600_000)
    vi.advanceTimersByTime(1_000)
    expect([told(), sensor.health(clock.now()).detail]).toEqual([1, expect.stringContaining('0 waiting')])
  })

  it('refuses what is of a time to come, by its own clock', async () => {
    const clock = new ManualClock(now)
    const { sensor, http } = await started(undefined, clock)
    expect(await send(http, span(1, now + 300_000))).toBe(200)
    expect([sensor.health(now).rejected, sensor.health(now).detail]).toEqual([
      0,
      expect.stringContaining('1 waiting'),
    ])
    expect(await send(http, span(2, now + 300_001))).toBe(200)
    expect(sensor.health(now)).toMatchObject({
      rejected: 1,
      detail: expect.stringContaining('1 spans were of a time to come: check the clocks.'),
    })
    clock.advance(1)
    expect(await send(http, span(2, now + 300_001))).toBe(200)
    expect(sensor.health(now)).toMatchObject({ rejected: 1, detail: expect.stringContaining('2 waiting') })
  })
})

describe('the receiver over HTTP', () => {
  const rows: readonly (readonly [
    what: string,
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | string,
    status: number,
    text: string,
  ])[] = [
    ['a batch', '/v1/traces', { 'content-type': 'application/x-protobuf' }, batchOf(3), 200, ''],
    [
      'a batch in gzip',
      '/v1/traces',
      { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      gzipSync(batchOf(3)),
      200,
      '',
    ],
    [
      'JSON',
      '/v1/traces',
      { 'content-type': 'application/json; charset=utf-8' },
      '{"resourceSpans":[]}',
      200,
      '{}',
    ],
    ['logs', '/v1/logs', { 'content-type': 'application/json' }, '{}', 200, 'Only traces are read here.'],
    ['no JSON', '/v1/traces', { 'content-type': 'application/json' }, '{', 400, 'The body is not JSON.'],
    [
      'a cut batch',
      '/v1/traces',
      { 'content-type': 'application/x-protobuf' },
      batchOf(3).subarray(0, 500),
      400,
      'goes beyond what holds it',
    ],
    [
      'gzip that was cut',
      '/v1/traces',
      { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      gzipSync(batchOf(3)).subarray(0, 300),
      400,
      'goes beyond what holds it',
    ],
    [
      'a bomb',
      '/v1/traces',
      { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(5_000_000)),
      413,
      'inflates beyond 100000 bytes',
    ],
    [
      'too much',
      '/v1/traces',
      { 'content-type': 'application/json' },
      'x'.repeat(100_001),
      413,
      'has more than 100000 bytes',
    ],
    [
      'another type',
      '/v1/traces',
      { 'content-type': 'text/plain' },
      '{}',
      415,
      'Send application/x-protobuf',
    ],
    [
      'another path',
      '/traces',
      { 'content-type': 'application/json' },
      '{}',
      404,
      'Traces go to /v1/traces.',
    ],
    [
      'a browser',
      '/v1/traces',
      { 'content-type': 'application/json', origin: 'https://evil.example' },
      '{}',
      403,
      'Browsers do not',
    ],
  ]
  it.each(rows)('answers %s', async (_, path, headers, body, status, text) => {
    const { http } = await started()
    const response = await fetch(`${http}${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : Buffer.from(body),
    })
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
  })
  it('answered all of the table', () => expect(rows).toHaveLength(12))

  it('asks for the token where there is one', async () => {
    const { http } = await started('s3cret')
    const send = (authorization: string) =>
      fetch(`${http}/v1/traces`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{"resourceSpans":[]}',
      })
    expect([(await send('Bearer other')).status, (await send('Bearer s3cret')).status]).toEqual([401, 200])
  })
})

describe('the receiver over gRPC', () => {
  const framed = (message: Uint8Array, flag = 0): Buffer => {
    const head = Buffer.alloc(5)
    head[0] = flag
    head.writeUInt32BE(message.length, 1)
    return Buffer.concat([head, message])
  }
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const rows: readonly (readonly [
    what: string,
    headers: Record<string, string>,
    body: Buffer,
    status: string,
  ])[] = [
    ['a batch', { ':path': path }, framed(batchOf(2)), '0'],
    ['a batch in gzip', { ':path': path, 'grpc-encoding': 'gzip' }, framed(gzipSync(batchOf(2)), 1), '0'],
    ['another method', { ':path': '/a.B/C' }, framed(new Uint8Array(0)), '12'],
    ['a cut frame', { ':path': path }, framed(batchOf(2)).subarray(0, 40), '3'],
    ['broken bytes', { ':path': path }, framed(Uint8Array.from([0x0a, 0x7f])), '3'],
    ['too much', { ':path': path }, framed(new Uint8Array(200_000)), '8'],
    ['a bomb', { ':path': path, 'grpc-encoding': 'gzip' }, framed(gzipSync(Buffer.alloc(5_000_000)), 1), '8'],
  ]
  it.each(rows)('answers %s', async (_, headers, body, status) => {
    const { grpc, calls, close } = await started()
    const session = connect(grpc)
    session.on('error', () => {})
    const stream = session.request({
      ':method': 'POST',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    stream.on('error', () => {})
    const seen: string[] = []
    stream.on('response', head => seen.push(...[head['grpc-status'] ?? []].flat()))
    stream.on('trailers', trailers => seen.push(...[trailers['grpc-status'] ?? []].flat()))
    stream.resume()
    stream.end(body)
    await once(stream, 'close')
    session.destroy()
    await close()
    expect([seen, calls.length]).toEqual([[status], status === '0' ? 2 : 0])
  })
  it('answered all of the table', () => expect(rows).toHaveLength(7))
})

it('says that its port is taken', async () => {
  const { http } = await started()
  const port = Number(new URL(http).port)
  await expect(
    OtlpSensor.start({ call: () => {}, event: () => {} }, systemClock, { httpPort: port }),
  ).rejects.toThrow(`OTLP over HTTP cannot listen on 127.0.0.1:${port}.`)
})
