import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ApiCall } from '../../src/call/api-call.ts'
import type { ContextEvent } from '../../src/call/event.ts'
import type { RawExchange } from '../../src/call/raw-exchange.ts'
import { Redactor } from '../../src/call/redactor.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { EnvoySensor } from '../../src/sensors/envoy/envoy-sensor.ts'
import { readEvents } from '../../src/sensors/files/index.ts'
import { MirrorSensor } from '../../src/sensors/mirror/mirror-sensor.ts'
import { noEnvoy, startEnvoy } from '../support/envoy.ts'
import { cluster, listener, portOf, type } from '../support/envoy-config.ts'
import { freePort } from '../support/started-process.ts'

const grpcLog = (kind: string, more: object = {}): object => ({
  name: kind,
  typed_config: {
    '@type': type(`extensions.access_loggers.grpc.v3.${kind}`),
    common_config: {
      log_name: 'sallyport',
      transport_api_version: 'V3',
      buffer_flush_interval: '0.05s',
      grpc_service: {
        envoy_grpc: { cluster_name: 'sallyport-logs' },
        initial_metadata: [{ key: 'authorization', value: 'Bearer of-the-proxy' }],
      },
    },
    ...more,
  },
})

const fileLog = (path: string, format: object = {}): object => ({
  name: path,
  typed_config: { '@type': type('extensions.access_loggers.file.v3.FileAccessLog'), path, ...format },
})

const until = (happened: () => boolean | Promise<boolean>): Promise<void> =>
  vi.waitFor(async () => expect(await happened()).toBe(true), { timeout: 15_000, interval: 20 })

describe.skipIf(noEnvoy !== '')(`a real Envoy${noEnvoy === '' ? '' : ` (skipped: ${noEnvoy})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'envoy-'))
  const logged: RawExchange[] = []
  const connections: ContextEvent[] = []
  const mirrored: RawExchange[] = []
  let close: () => Promise<void> = async () => {}
  let http = 0
  let tcp = 0

  beforeAll(async () => {
    const logs = await EnvoySensor.start(
      { call: call => logged.push(call), event: event => connections.push(event) },
      systemClock,
      { token: 'of-the-proxy' },
    )
    const mirror = await MirrorSensor.start(
      { call: call => mirrored.push(call), event: () => {} },
      systemClock,
    )
    const upstream = createServer((request, response) => {
      request.resume()
      request.on('end', () => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ path: request.url }))
      })
    }).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    http = await freePort()
    tcp = await freePort()
    const stop = await startEnvoy(
      {
        node: { id: 'edge-1', cluster: 'edge' },
        static_resources: {
          clusters: [
            cluster('shop', (upstream.address() as AddressInfo).port),
            cluster('sallyport-logs', portOf(logs.address), true),
            cluster('sallyport-mirror', portOf(mirror.address)),
          ],
          listeners: [
            listener(http, {
              name: 'http',
              typed_config: {
                '@type': type('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
                stat_prefix: 'http',
                route_config: {
                  virtual_hosts: [
                    {
                      name: 'all',
                      domains: ['*'],
                      routes: [
                        {
                          name: 'orders',
                          match: { prefix: '/' },
                          route: {
                            cluster: 'shop',
                            request_mirror_policies: [{ cluster: 'sallyport-mirror' }],
                          },
                        },
                      ],
                    },
                  ],
                },
                http_filters: [
                  {
                    name: 'tap',
                    typed_config: {
                      '@type': type('extensions.filters.http.tap.v3.Tap'),
                      common_config: {
                        static_config: {
                          match: { any_match: true },
                          output_config: {
                            sinks: [
                              {
                                format: 'JSON_BODY_AS_BYTES',
                                file_per_tap: { path_prefix: join(folder, 'tap') },
                              },
                            ],
                          },
                        },
                      },
                      record_headers_received_time: true,
                      record_downstream_connection: true,
                    },
                  },
                  {
                    name: 'router',
                    typed_config: { '@type': type('extensions.filters.http.router.v3.Router') },
                  },
                ],
                access_log: [
                  grpcLog('HttpGrpcAccessLogConfig', {
                    additional_request_headers_to_log: ['content-type', 'traceparent'],
                    additional_response_headers_to_log: ['content-type'],
                  }),
                  fileLog(join(folder, 'default.log')),
                  fileLog(join(folder, 'json.log'), {
                    log_format: {
                      json_format: {
                        start_time: '%START_TIME%',
                        method: '%REQ(:METHOD)%',
                        path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
                        protocol: '%PROTOCOL%',
                        response_code: '%RESPONSE_CODE%',
                        response_flags: '%RESPONSE_FLAGS%',
                        bytes_received: '%BYTES_RECEIVED%',
                        bytes_sent: '%BYTES_SENT%',
                        duration: '%DURATION%',
                        authority: '%REQ(:AUTHORITY)%',
                        upstream_host: '%UPSTREAM_HOST%',
                        upstream_cluster: '%UPSTREAM_CLUSTER%',
                        downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
                      },
                    },
                  }),
                ],
              },
            }),
            listener(tcp, {
              name: 'tcp',
              typed_config: {
                '@type': type('extensions.filters.network.tcp_proxy.v3.TcpProxy'),
                stat_prefix: 'tcp',
                cluster: 'shop',
                access_log: [grpcLog('TcpGrpcAccessLogConfig')],
              },
            }),
          ],
        },
      },
      folder,
    )
    close = async () => {
      await stop()
      await Promise.all([logs.close(), mirror.close()])
      upstream.close()
      upstream.closeAllConnections()
    }
    await until(() =>
      fetch(`http://127.0.0.1:${tcp}/`, { headers: { connection: 'close' } }).then(
        () => true,
        () => false,
      ),
    )
    const answer = await fetch(`http://127.0.0.1:${http}/orders/7?expand=lines`, {
      method: 'POST',
      body: '{"a":1}',
      headers: {
        'content-type': 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    })
    await answer.text()
    await until(() => logged.length > 0 && connections.length > 0 && mirrored.length > 0)
    await until(() => readdirSync(folder).some(name => name.startsWith('tap')))
  }, 60_000)

  afterAll(async () => {
    await close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('sends its calls to the access log service', () => {
    expect(logged).toEqual([
      expect.objectContaining({
        durationMs: expect.any(Number),
        source: { ip: '127.0.0.1', port: expect.any(Number) },
        destination: { host: `127.0.0.1:${http}`, ip: '127.0.0.1', port: http },
        request: {
          method: 'POST',
          target: '/orders/7?expand=lines',
          httpVersion: '1.1',
          headers: expect.arrayContaining([['content-type', 'application/json']]),
          body: { bytes: new Uint8Array(0), size: 7, truncated: false },
        },
        response: expect.objectContaining({ status: 200, headers: [['content-type', 'application/json']] }),
        trace: { traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331' },
        extra: {
          envoy: expect.objectContaining({ node: 'edge-1', upstreamCluster: 'shop', route: 'orders' }),
        },
      }),
    ])
  })

  it('sends its TCP connections there, too', () => {
    expect(connections[0]).toMatchObject({
      type: 'flow',
      workload: { name: 'edge' },
      direction: 'egress',
      protocol: 'tcp',
      source: 'envoy',
    })
  })

  it('sends copies of requests to the mirror receiver', () => {
    expect(
      mirrored.map(({ request, destination }) => [
        request.method,
        request.target,
        Buffer.from(request.body?.bytes ?? []).toString(),
        destination.host,
      ]),
    ).toEqual([['POST', '/orders/7?expand=lines', '{"a":1}', `127.0.0.1:${http}`]])
  })

  it('writes logs and taps that are read as files', async () => {
    const names = ['default.log', 'json.log', ...readdirSync(folder).filter(name => name.startsWith('tap'))]
    expect(names).toHaveLength(3)
    const found: (readonly unknown[])[] = []
    // Envoy writes its log files every ten seconds, and when it is asked to end.
    await until(async () => {
      found.length = 0
      for (const name of names) {
        const events = readEvents([join(folder, name)], {
          redactor: new Redactor({ key: new Uint8Array(32) }),
          onRejection: () => {},
        })
        for await (const event of events) {
          const { request, response, destination } = event as ApiCall
          found.push([name.slice(0, 4), request.method, request.target, response?.status, destination.host])
        }
      }
      return found.length >= 3
    })
    expect(found).toEqual(
      ['defa', 'json', 'tap_'].map(name => [
        name,
        'POST',
        '/orders/7?expand=lines',
        200,
        `127.0.0.1:${http}`,
      ]),
    )
  }, 40_000)
})
