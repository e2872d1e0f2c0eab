import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats } from '@nats-io/transport-node'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  ProxyCall,
  processingRequest,
  processPath,
  requestHead,
  responseHead,
} from '../../src/sensors/envoy/filter-fixture.ts'
import { encoded, framed } from '../../src/sensors/envoy/fixture.ts'
import { ApiServer } from '../../src/sensors/kubernetes/fixture.ts'
import { type SensorId, sensorIds } from '../../src/sensors/sensor-id.ts'
import type { CallView } from '../../src/server/api/call.ts'
import type { GraphNodeView } from '../../src/server/api/graph.ts'
import type { SensorView } from '../../src/server/api/sensor.ts'
import { KafkaBroker, noKafka } from '../support/kafka-broker.ts'
import { NatsServer, noNats } from '../support/nats-server.ts'
import { consoleOf, gatewayOf, type Started, start, temporaryFolder } from './started.ts'

const token = 'a-token-of-the-test-that-is-long-enough'
const folder = temporaryFolder()
const closing: (() => unknown)[] = [() => folder.remove()]
const withoutKafka = noKafka()
const withoutTcpdump =
  spawnSync('tcpdump', ['--version']).error !== undefined
    ? 'tcpdump is not installed'
    : process.getuid?.() === 0
      ? undefined
      : 'only root may capture'

const pods = '/api/v1/pods'
const cluster = new ApiServer(['/api/v1/services', pods])
const upstream = createServer((request, response) => {
  request.resume()
  request.on('end', () => response.end('{}'))
})
let nats: NatsServer | undefined
let kafka: KafkaBroker | undefined
let sallyport: Started
let url: string
let gateway: string

const portOf = (server: typeof upstream): number => (server.address() as AddressInfo).port
const line = (target: string): string =>
  JSON.stringify({ time: Date.now(), request: { method: 'GET', target, host: 'lines.example' } })

async function ask<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as Answer
}

async function rowOf(id: SensorId): Promise<SensorView> {
  const { items } = await ask<{ readonly items: readonly SensorView[] }>('/sensors')
  const row = items.find(one => one.id === id)
  if (row === undefined) throw new Error(`there is no row of ${id}`)
  return row
}

const callTo = async (target: string): Promise<boolean> => {
  const { items } = await ask<{ readonly items: readonly CallView[] }>('/calls?limit=200')
  return items.some(call => call.target === target)
}
const nodeNamed = async (text: string): Promise<boolean> => {
  const { items } = await ask<{ readonly items: readonly GraphNodeView[] }>(
    `/graph/nodes?q=${encodeURIComponent(text)}`,
  )
  return items.length > 0
}

async function post(address: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`http://${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBeLessThan(300)
}

/** A stream of Envoy's access log service, as a proxy sends it. */
async function sendAccessLog(address: string, path: string): Promise<void> {
  const session = connectHttp2(`http://${address}`)
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs',
    'content-type': 'application/grpc',
  })
  stream.resume()
  const seconds = Math.floor(Date.now() / 1_000)
  const entry = {
    common: { start: { seconds }, duration: { nanos: 1_000_000 } },
    version: 2,
    request: { method: 1, authority: 'envoy.example', path },
    response: { code: { value: 200 } },
  }
  stream.end(framed(encoded({ identifier: { node: { id: 'edge' } }, http: { entry: [entry] } })))
  await once(stream, 'close')
  session.close()
}

const nano = (ms: number): string => String(BigInt(ms) * 1_000_000n)
const spans = (path: string): object => {
  const attribute = (key: string, value: object): object => ({ key, value })
  const now = Date.now()
  return {
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', { stringValue: 'orders' })] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
                spanId: '00f067aa0ba902b7',
                name: 'GET',
                kind: 2,
                startTimeUnixNano: nano(now - 5),
                endTimeUnixNano: nano(now),
                attributes: [
                  attribute('http.request.method', { stringValue: 'GET' }),
                  attribute('url.path', { stringValue: path }),
                  attribute('server.address', { stringValue: 'otlp.example' }),
                  attribute('http.response.status_code', { intValue: '200' }),
                ],
              },
            ],
          },
        ],
      },
    ],
  }
}

interface Row {
  readonly id: SensorId
  /** Of a call; absent where that is as the lines say. */
  readonly sees?: NonNullable<SensorView['sees']>
  /** Why it cannot run here. */
  readonly skip?: string | undefined
  /** Lets it happen. @param address Where the sensor says that it listens. */
  readonly send: (address: string) => Promise<unknown>
  /** Did analysis learn of it? */
  readonly seen: () => Promise<boolean>
}

const rows: readonly Row[] = [
  {
    id: 'gateway',
    sees: 'full',
    send: () => fetch(`${gateway}/by-gateway`),
    seen: () => callTo('/by-gateway'),
  },
  {
    id: 'envoy-filter',
    sees: 'full',
    send: address =>
      new ProxyCall(address, processPath)
        .send(
          processingRequest(requestHead({ ':path': '/by-envoy-filter' })),
          processingRequest(responseHead({}, true)),
        )
        .end(),
    seen: () => callTo('/by-envoy-filter'),
  },
  {
    id: 'forward-auth',
    send: address =>
      fetch(`http://${address}/auth/traefik`, {
        headers: {
          'x-forwarded-method': 'GET',
          'x-forwarded-proto': 'http',
          'x-forwarded-host': 'shop.example',
          'x-forwarded-uri': '/by-forward-auth',
          'x-forwarded-for': '192.0.2.7',
        },
      }),
    seen: () => callTo('/by-forward-auth'),
  },
  {
    id: 'otlp',
    sees: 'head',
    send: address => post(address.split(' and ')[0] as string, '/v1/traces', spans('/by-otlp')),
    seen: () => callTo('/by-otlp'),
  },
  {
    id: 'kubernetes',
    sees: 'none',
    send: async () =>
      cluster.put(pods, 'Pod', 'by-kubernetes', {
        spec: { serviceAccountName: 'default', containers: [] },
        status: { podIP: '10.1.2.3', phase: 'Running' },
      }),
    seen: () => nodeNamed('by-kubernetes'),
  },
  {
    id: 'pcap',
    sees: 'full',
    skip: withoutTcpdump,
    send: () => fetch(`http://127.0.0.1:${portOf(upstream)}/by-pcap`),
    seen: () => callTo('/by-pcap'),
  },
  {
    id: 'mirror',
    sees: 'request',
    send: address => fetch(`http://${address}/by-mirror`),
    seen: () => callTo('/by-mirror'),
  },
  {
    id: 'envoy',
    sees: 'head',
    send: address => sendAccessLog(address, '/by-envoy'),
    seen: () => callTo('/by-envoy'),
  },
  {
    id: 'runtime',
    sees: 'none',
    send: address =>
      post(address, '/falco', {
        rule: 'Outbound connection',
        priority: 'Warning',
        time: new Date().toISOString(),
        output_fields: {
          'evt.type': 'connect',
          'proc.exepath': '/usr/bin/curl',
          'fd.name': '10.0.0.1:5000->203.0.113.77:443',
          'fd.sip': '203.0.113.77',
          'fd.sport': 443,
          'k8s.ns.name': 'shop',
          'k8s.pod.name': 'by-runtime-6f7d8c9b5-abcde',
        },
      }),
    seen: () => nodeNamed('by-runtime'),
  },
  {
    id: 'cloud',
    sees: 'none',
    send: address =>
      post(address, '/cloudtrail', {
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventVersion: '1.08',
          eventID: '11111111-2222-3333-4444-555555555555',
          eventTime: new Date().toISOString(),
          eventSource: 's3.amazonaws.com',
          eventName: 'GetObject',
          eventCategory: 'Data',
          awsRegion: 'eu-central-1',
          recipientAccountId: '123456789012',
          userIdentity: {
            type: 'AssumedRole',
            arn: 'arn:aws:sts::123456789012:assumed-role/by-cloud/s',
            accountId: '123456789012',
            sessionContext: {
              sessionIssuer: {
                type: 'Role',
                arn: 'arn:aws:iam::123456789012:role/by-cloud',
                userName: 'by-cloud',
              },
            },
          },
          requestParameters: { bucketName: 'by-cloud-bucket', key: 'a' },
        },
      }),
    seen: () => nodeNamed('by-cloud'),
  },
  {
    id: 'nats',
    skip: noNats,
    send: async () => {
      const connection = await connectNats({ servers: nats?.url as string })
      await jetstream(connection).publish('api.a', line('/by-nats'))
      await connection.close()
    },
    seen: () => callTo('/by-nats'),
  },
  {
    id: 'kafka',
    skip: withoutKafka,
    send: async () => {
      const producer = new Producer({
        clientId: 'test',
        bootstrapBrokers: [kafka?.address as string],
        serializers: stringSerializers,
      })
      await producer.send({ messages: [{ topic: 'api', value: line('/by-kafka') }] })
      await producer.close()
    },
    seen: () => callTo('/by-kafka'),
  },
]

/** A listener of its own, or whatever else it reads from, as the configuration file says it. */
function configuration(kubeconfig: string): object {
  const listener = { port: 0 }
  return {
    dataDir: join(folder.path, 'data'),
    calls: { driver: 'memory' },
    server: { port: 0 },
    gateway: { port: 0, upstream: `http://127.0.0.1:${portOf(upstream)}` },
    decisionPoints: { envoy: { enabled: true, port: 0 }, forwardAuth: { enabled: true, port: 0 } },
    sensors: {
      otlp: { enabled: true, httpPort: 0, grpcPort: 0 },
      kubernetes: { enabled: true, kubeconfig },
      mirror: listener,
      envoy: listener,
      runtime: listener,
      cloud: listener,
      ...(withoutTcpdump === undefined
        ? { pcap: { interface: 'lo', filter: `tcp port ${portOf(upstream)}` } }
        : {}),
      ...(nats === undefined ? {} : { nats: { servers: [nats.url], stream: 'API' } }),
      ...(kafka === undefined ? {} : { kafka: { brokers: [kafka.address], topics: ['api'] } }),
    },
  }
}

async function startNats(): Promise<void> {
  if (noNats !== undefined) return
  nats = await NatsServer.start()
  closing.push(() => nats?.close())
  const connection = await connectNats({ servers: nats.url })
  await (await jetstreamManager(connection)).streams.add({ name: 'API', subjects: ['api.>'] })
  await connection.close()
}

async function startKafka(): Promise<void> {
  if (withoutKafka !== undefined) return
  kafka = await KafkaBroker.start()
  closing.push(() => kafka?.close())
  const admin = new Admin({
    clientId: 'test',
    bootstrapBrokers: [kafka.address],
    retries: 20,
    retryDelay: 250,
  })
  await vi.waitFor(() => admin.createTopics({ topics: ['api'], partitions: 1, replicas: 1 }), {
    timeout: 20_000,
  })
  await admin.close()
}

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  const [server] = await Promise.all([
    cluster.listen(),
    once(upstream, 'listening'),
    startNats(),
    startKafka(),
  ])
  closing.push(
    () => cluster.close(),
    () => upstream.closeAllConnections(),
    () => upstream.close(),
  )
  const kubeconfig = join(folder.path, 'kubeconfig')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      users: [{ name: 'test', user: { token: 'token' } }],
    }),
  )
  const file = join(folder.path, 'sallyport.yaml')
  writeFileSync(file, JSON.stringify(configuration(kubeconfig)))
  sallyport = start(['up', '--config', file], { SALLYPORT_TOKEN: token })
  closing.push(() => sallyport.stop())
  gateway = await gatewayOf(sallyport)
  url = await consoleOf(sallyport)
}, 60_000)

afterAll(async () => {
  for (const close of closing.reverse()) await close()
}, 30_000)

describe('a sensor of a running system', () => {
  it('is of a kind that is tried here, each of them', () => {
    expect(rows.map(({ id }) => id).sort()).toEqual([...sensorIds].sort())
  })

  for (const { id, sees, skip, send, seen } of rows)
    it.skipIf(skip !== undefined)(
      `tells, counts and hands on what it sees: ${id}${skip === undefined ? '' : ` (skipped: ${skip})`}`,
      async () => {
        const before = await vi.waitFor(
          async () => {
            const row = await rowOf(id)
            expect([row.state, row.detail]).toEqual(['running', row.detail])
            return row
          },
          { timeout: 20_000, interval: 200 },
        )
        expect(before.address, 'address').toBeTruthy()
        await send(before.address as string)
        await vi.waitFor(async () => expect(await seen()).toBe(true), { timeout: 15_000, interval: 200 })
        const after = await vi.waitFor(
          async () => {
            const row = await rowOf(id)
            expect(row.events).toBeGreaterThan(before.events)
            return row
          },
          { timeout: 10_000, interval: 200 },
        )
        expect(after).toMatchObject({
          state: 'running',
          ...(sees === undefined ? {} : { sees }),
          dropped: 0,
          rejected: 0,
          perSecond: expect.any(Number),
          lastEventAt: expect.any(String),
        })
      },
      40_000,
    )
})
