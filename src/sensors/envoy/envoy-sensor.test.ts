import { once } from 'node:events'
import { connect } from 'node:http2'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { ManualClock } from '../../kit/clock.ts'
import { decodeAccessLogs } from './decode-access-logs.ts'
import { EnvoySensor } from './envoy-sensor.ts'
import { encoded, framed } from './fixture.ts'
import { BrokenMessage } from './protobuf-reader.ts'

const address = (text: string) => {
  const [ip, port] = text.split(':')
  return { socket: { address: ip, port: Number(port) } }
}
const common = {
  remote: address('192.0.2.7:5000'),
  local: address('10.0.0.1:443'),
  upstream: address('10.0.0.5:8080'),
  start: { seconds: 1_796_000_000, nanos: 125_000_000 },
  duration: { nanos: 16_500_000 },
  cluster: 'orders',
  route: 'r',
}
const http = (more: object = {}, commonMore: object = {}) => ({
  common: { ...common, ...commonMore },
  version: 3,
  request: {
    method: 2,
    authority: 'shop.example',
    path: '/rewritten',
    original_path: '/orders/7?a=b',
    agent: 'agent/1',
    bytes: 7,
    request_id: 'i',
    headers: { Authorization: 'Bearer abc', ':path': '/x', 'user-agent': 'agent/1' },
  },
  response: {
    code: { value: 404 },
    bytes: 512,
    headers: { 'content-type': 'text/plain' },
    trailers: { 'grpc-status': '5' },
  },
  ...more,
})
const plain = { identifier: { node: { id: 'edge-1', cluster: 'edge' }, log_name: 'l' } }
const sidecar = (side: string) => ({
  identifier: {
    node: {
      id: 'sidecar~10.0.0.9~web-5d4f-x2x.shop~shop.svc.cluster.local',
      cluster: 'web.shop',
      metadata: {
        fields: { WORKLOAD_NAME: { text: 'web' }, CLUSTER_ID: { text: 'east' }, SOME: { number: 1 } },
      },
    },
    log_name: side,
  },
})

async function started(options: { readonly token?: string; readonly maxMessageBytes?: number } = {}) {
  const calls: RawExchange[] = []
  const events: ContextEvent[] = []
  const sensor = await EnvoySensor.start(
    { call: call => calls.push(call), event: event => events.push(event) },
    new ManualClock(1_796_000_001_000),
    options,
  )
  return { sensor, calls, events }
}

/** @returns The gRPC status. */
async function send(
  sensor: EnvoySensor,
  chunks: readonly Uint8Array[],
  headers: Record<string, string> = {},
): Promise<string> {
  const session = connect(`http://${sensor.address}`)
  session.on('error', () => {})
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs',
    'content-type': 'application/grpc',
    ...headers,
  })
  stream.on('error', () => {})
  let status = ''
  stream.on('response', head => {
    status = String(head['grpc-status'] ?? status)
  })
  stream.on('trailers', trailers => {
    status = String(trailers['grpc-status'] ?? status)
  })
  stream.resume()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await once(stream, 'close')
  session.destroy()
  return status
}

describe('the access log service', () => {
  it('gives calls as they were logged, over any number of messages', async () => {
    const { sensor, calls } = await started()
    const bytes = Buffer.concat([
      framed(encoded({ ...plain, http: { entry: [http()] } })),
      framed(encoded({ http: { entry: [http(), http()] } })),
      framed(gzipSync(encoded({ http: { entry: [http()] } })), 1),
    ])
    const pieces = Array.from({ length: Math.ceil(bytes.length / 50) }, (_, index) =>
      bytes.subarray(index * 50, index * 50 + 50),
    )
    expect(await send(sensor, pieces, { 'grpc-encoding': 'gzip' })).toBe('0')
    expect(calls).toHaveLength(4)
    expect(calls[0]).toEqual({
      id: expect.any(String),
      time: 1_796_000_000_125,
      durationMs: 16.5,
      source: { ip: '192.0.2.7', port: 5_000 },
      destination: { host: 'shop.example', ip: '10.0.0.5', port: 8_080 },
      request: {
        method: 'HEAD',
        target: '/orders/7?a=b',
        httpVersion: '2',
        headers: [
          ['authorization', 'Bearer abc'],
          ['user-agent', 'agent/1'],
        ],
        body: { bytes: new Uint8Array(0), size: 7, truncated: false },
      },
      response: {
        status: 404,
        headers: [
          ['content-type', 'text/plain'],
          ['grpc-status', '5'],
        ],
        body: { bytes: new Uint8Array(0), size: 512, truncated: false },
      },
      extra: { envoy: { node: 'edge-1', upstreamCluster: 'orders', route: 'r', requestId: 'i' } },
    })
    expect(sensor.health(0)).toMatchObject({
      events: 4,
      rejected: 0,
      lagMs: 875,
      sees: 'head',
      sources: [{ name: 'edge-1', events: 4 }],
    })
    await sensor.close()
  })

  it('knows the workloads on both sides of a sidecar, and the peer by its certificate', async () => {
    const { sensor, calls } = await started()
    const peer = {
      tls: {
        version: 4,
        server_name: 's',
        peer: { names: [{ uri: 'spiffe://cluster.local/ns/shop/sa/web' }] },
      },
    }
    await send(sensor, [
      framed(
        encoded({ ...sidecar('in'), http: { entry: [http({}, { cluster: 'inbound|8080||', ...peer })] } }),
      ),
      framed(
        encoded({
          ...sidecar('out'),
          http: {
            entry: [
              http(
                {},
                {
                  cluster: 'outbound|80||orders.shop.svc.cluster.local',
                  flags: { no_route: true, unauthorized: { reason: 1 } },
                },
              ),
            ],
          },
        }),
      ),
    ])
    const own = { cluster: 'east', namespace: 'shop', name: 'web', pod: 'web-5d4f-x2x' }
    expect(
      calls.map(({ source, destination }) => [source.workload, destination.workload, destination.tls]),
    ).toEqual([
      [{ namespace: 'shop', serviceAccount: 'web' }, own, 'TLSv1.3'],
      [own, undefined, undefined],
    ])
    expect(calls[1]?.extra).toMatchObject({ envoy: { flags: ['NR', 'UAEX'] } })
    await sensor.close()
  })

  it('gives connections as flows, the way they went', async () => {
    const { sensor, events } = await started()
    const tcp = (commonMore: object) => ({
      common: { ...common, ...commonMore },
      bytes: { received: 10, sent: 20 },
    })
    await send(sensor, [
      framed(
        encoded({
          ...sidecar('x'),
          tcp: {
            entry: [
              tcp({ cluster: 'outbound|5432||db.shop.svc.cluster.local' }),
              tcp({ cluster: 'inbound|9000||', flags: { unauthorized: {} } }),
            ],
          },
        }),
      ),
      framed(encoded({ ...plain, tcp: { entry: [tcp({}), tcp({ intermediate: true })] } })),
    ])
    expect(events).toMatchObject([
      {
        type: 'flow',
        workload: { name: 'web' },
        direction: 'egress',
        peer: { host: 'db.shop.svc.cluster.local', ip: '10.0.0.5', port: 8_080 },
        bytes: 30,
      },
      {
        type: 'flow',
        workload: { name: 'web' },
        direction: 'ingress',
        peer: { ip: '192.0.2.7', port: 5_000 },
        outcome: 'blocked',
      },
      { type: 'flow', workload: { name: 'edge' }, direction: 'egress' },
    ])
    expect(events).toHaveLength(3)
    await sensor.close()
  })

  const rows: readonly (readonly [string, readonly Uint8Array[], Record<string, string>, string])[] = [
    ['another method', [], { ':path': '/a.B/C' }, '12'],
    ['no token', [], { authorization: 'Bearer wrong' }, '16'],
    ['4 GB of one message', [Buffer.from('00fffffff0', 'hex')], {}, '8'],
    ['broken bytes', [framed(Buffer.from('127f', 'hex'))], {}, '3'],
    ['a coding that is none', [framed(Buffer.from('abc'), 1)], {}, '3'],
    ['a bomb', [framed(gzipSync(Buffer.alloc(5_000_000)), 1)], {}, '3'],
    ['half a message', [framed(encoded(plain)).subarray(0, 9)], {}, '0'],
  ]
  it.each(rows)('answers %s', async (_, chunks, headers, status) => {
    const { sensor, calls } = await started({ token: 't', maxMessageBytes: 100_000 })
    expect(await send(sensor, chunks, { authorization: 'Bearer t', ...headers })).toBe(status)
    expect([calls.length, sensor.health(0).rejected]).toEqual([0, status === '0' ? 0 : 1])
    await sensor.close()
  })
  it('answered all of the table', () => expect(rows).toHaveLength(7))

  it('counts entries that say too little', async () => {
    const { sensor, calls, events } = await started()
    await send(sensor, [
      framed(encoded({ ...plain, http: { entry: [{}, { common }] }, tcp: { entry: [{}] } })),
    ])
    expect([calls.length, events.length, sensor.health(0).rejected]).toEqual([0, 0, 3])
    expect(sensor.health(0).detail).toContain('3 entries have no time, method or address.')
    await sensor.close()
  })

  it('says that its port is taken', async () => {
    const { sensor } = await started()
    const port = Number(sensor.address.split(':').at(-1))
    await expect(
      EnvoySensor.start({ call: () => {}, event: () => {} }, new ManualClock(), { port }),
    ).rejects.toThrow(`Envoy's access log service cannot listen on 127.0.0.1:${port}.`)
    await sensor.close()
    expect(sensor.health(0).state).toBe('stopped')
  })
})

it('reads or breaks, whatever a message is', () => {
  const known = encoded({
    ...sidecar('x'),
    http: { entry: [http(), http()] },
    tcp: { entry: [{ common, bytes: { sent: 1 } }] },
  })
  let entries = 0
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }).map(Buffer.from),
        fc
          .tuple(
            fc.array(fc.tuple(fc.nat(known.length - 1), fc.nat(255)), { maxLength: 4 }),
            fc.nat(known.length),
          )
          .map(([changes, end]) => {
            const bytes = Buffer.from(known)
            for (const [place, value] of changes) bytes[place] = value
            return bytes.subarray(0, end)
          }),
      ),
      bytes => {
        try {
          decodeAccessLogs(bytes, { node: () => {}, http: () => (entries += 1), tcp: () => (entries += 1) })
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(BrokenMessage)
        }
      },
    ),
    { numRuns: 1_000 },
  )
  expect(entries).toBeGreaterThan(50)
})
