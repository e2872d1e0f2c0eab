import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changeRecord } from '../../../test/support/change-record.ts'
import { asLines, readContent } from '../../../test/support/line-file.ts'
import type { JsonRecord } from '../../call/field-reader.ts'
import { accessShapes } from './access-shapes/index.ts'
import { jsonAccessLog } from './formats/json-access-log.ts'

const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const iso = '2026-01-02T03:04:05Z'
const expected = {
  time: at,
  durationMs: 12,
  source: { ip: '192.0.2.7' },
  destination: { host: 'api.shop.example' },
  request: { method: 'GET', target: '/orders/7?expand=items', path: '/orders/7' },
  response: { status: 200, bodySize: 512 },
}

type Row = readonly [shape: string, record: object, expected: object]
const rows: readonly Row[] = [
  [
    'kong',
    {
      started_at: at,
      client_ip: '192.0.2.7',
      latencies: { request: 12, proxy: 10, kong: 2 },
      request: {
        method: 'GET',
        uri: '/orders/7?expand=items',
        size: 99,
        headers: { host: 'api.shop.example', authorization: 'Bearer hunter2' },
      },
      response: { status: 200, size: 512, headers: { 'content-type': 'application/json' } },
      consumer: { username: 'alice' },
      service: { name: 'orders', host: 'orders.internal' },
      route: { name: 'orders-route' },
    },
    {
      ...expected,
      principal: { id: 'alice', kind: 'user' },
      extra: { service: 'orders', router: 'orders-route' },
    },
  ],
  [
    'azure-api-management',
    {
      time: iso,
      category: 'GatewayLogs',
      operationName: 'Microsoft.ApiManagement/GatewayLogs',
      durationMs: 12,
      callerIpAddress: '192.0.2.7',
      properties: {
        method: 'GET',
        url: 'https://api.shop.example/orders/7?expand=items',
        responseCode: 200,
        responseSize: 512,
        requestSize: 9,
        userId: 'alice',
        apiId: 'orders-api',
        operationId: 'get-order',
      },
    },
    { ...expected, principal: { id: 'alice' }, extra: { api: 'orders-api', operation: 'get-order' } },
  ],
  [
    'azure-api-management',
    {
      TimeGenerated: iso,
      Category: 'GatewayLogs',
      CallerIpAddress: '192.0.2.7',
      Method: 'GET',
      Url: 'https://api.shop.example/orders/7?expand=items',
      ResponseCode: 200,
      ResponseSize: 512,
      TotalTime: 12,
      ApimSubscriptionId: 'sub-1',
    },
    { ...expected, principal: { id: 'sub-1' } },
  ],
  [
    'traefik',
    {
      StartUTC: '2026-01-02T03:04:05.000000000Z',
      ClientHost: '192.0.2.7',
      ClientUsername: 'alice',
      RequestHost: 'api.shop.example',
      RequestMethod: 'GET',
      RequestPath: '/orders/7?expand=items',
      RequestProtocol: 'HTTP/2.0',
      DownstreamStatus: 200,
      DownstreamContentSize: 512,
      Duration: 12_000_000,
      ServiceName: 'orders@docker',
      'request_User-Agent': 'agent/1',
      request_Authorization: 'Bearer hunter2',
    },
    { ...expected, principal: { id: 'alice' }, extra: { service: 'orders@docker' } },
  ],
  [
    'caddy',
    {
      ts: at / 1_000,
      logger: 'http.log.access',
      request: {
        remote_ip: '192.0.2.7',
        remote_port: '5000',
        proto: 'HTTP/2.0',
        method: 'GET',
        host: 'api.shop.example',
        uri: '/orders/7?expand=items',
        headers: { Cookie: ['session=hunter2'] },
      },
      duration: 0.012,
      size: 512,
      status: 200,
      user_id: 'alice',
      resp_headers: { 'Content-Type': ['application/json'] },
    },
    { ...expected, source: { ip: '192.0.2.7', port: 5000 }, principal: { id: 'alice' } },
  ],
  [
    'apigee',
    {
      apiproxy: 'orders',
      environment: 'prod',
      client_received_start_timestamp: at,
      request_verb: 'GET',
      request_uri: '/orders/7?expand=items',
      response_status_code: 200,
      response_size: 512,
      client_ip: '192.0.2.7',
      virtual_host: 'api.shop.example',
      total_response_time: 12,
      developer_email: 'alice@example.com',
      client_id: 'hunter2',
      access_token: 'hunter2',
    },
    { ...expected, principal: { id: 'alice@example.com' }, extra: { api: 'orders', environment: 'prod' } },
  ],
  [
    'apigee',
    {
      'apiproxy.name': 'orders',
      'system.timestamp': at,
      'request.verb': 'GET',
      'request.uri': '/orders/7?expand=items',
      'response.status.code': '200',
      'client.ip': '192.0.2.7',
      'request.header.host': 'api.shop.example',
      totalResponseTime: 12,
      responseSize: 512,
    },
    expected,
  ],
  [
    'aws-api-gateway',
    {
      requestId: 'r-1',
      ip: '192.0.2.7',
      caller: '-',
      user: '-',
      requestTime: '02/Jan/2026:03:04:05 +0000',
      httpMethod: 'GET',
      resourcePath: '/orders/{id}',
      path: '/orders/7?expand=items',
      domainName: 'api.shop.example',
      status: '200',
      protocol: 'HTTP/1.1',
      responseLength: '512',
      responseLatency: '12',
      authorizer: { principalId: 'alice' },
      apiId: 'a1',
      stage: 'prod',
    },
    {
      ...expected,
      request: { ...expected.request, route: '/orders/{id}' },
      principal: { id: 'alice' },
      extra: { api: 'a1', stage: 'prod' },
    },
  ],
  [
    'aws-api-gateway',
    {
      requestId: 'r-1',
      ip: '192.0.2.7',
      requestTime: '02/Jan/2026:03:04:05 +0000',
      httpMethod: 'GET',
      routeKey: 'GET /orders/{id}',
      path: '/orders/7',
      status: 200,
      protocol: 'HTTP/1.1',
      responseLength: 512,
    },
    { time: at, destination: { host: 'unknown' }, request: { target: '/orders/7', route: '/orders/{id}' } },
  ],
  [
    'cloudfront-json',
    {
      'timestamp(ms)': String(at),
      'c-ip': '192.0.2.7',
      'cs-method': 'GET',
      'cs-uri-stem': '/orders/7',
      'cs-uri-query': 'expand=items',
      'sc-status': '200',
      'sc-bytes': '512',
      'x-host-header': 'api.shop.example',
      'time-taken': '0.012',
    },
    expected,
  ],
  [
    'nginx-ingress',
    {
      time: '2026-01-02T03:04:05+00:00',
      remote_addr: '192.0.2.7',
      bytes_sent: 512,
      request_time: 0.012,
      status: 200,
      vhost: 'api.shop.example',
      request_proto: 'HTTP/1.1',
      path: '/orders/7',
      request_query: 'expand=items',
      request_length: 99,
      duration: 0.012,
      method: 'GET',
      http_user_agent: 'agent/1',
      ingress_name: 'shop',
      service_name: 'orders',
    },
    { ...expected, extra: { ingress: 'shop', service: 'orders' } },
  ],
  [
    'common',
    {
      time: iso,
      request_method: 'GET',
      request_uri: '/orders/7?expand=items',
      server_protocol: 'HTTP/2.0',
      status: 200,
      request_time: 0.012,
      body_bytes_sent: 512,
      remote_addr: '192.0.2.7',
      host: 'api.shop.example',
    },
    { ...expected, source: { ip: '192.0.2.7' } },
  ],
  [
    'envoy',
    {
      start_time: iso,
      method: 'GET',
      path: '/orders/7?expand=items',
      protocol: 'HTTP/2',
      response_code: 200,
      duration: 12,
      bytes_sent: 512,
      downstream_remote_address: '192.0.2.7:5000',
      authority: 'api.shop.example',
      route_name: 'r',
      response_flags: 'UAEX',
      upstream_cluster: 'outbound|80||orders.shop.svc.cluster.local',
    },
    {
      ...expected,
      source: { ip: '192.0.2.7', port: 5000 },
      extra: {
        flags: 'UAEX',
        upstreamCluster: 'outbound|80||orders.shop.svc.cluster.local',
        routeName: 'r',
      },
    },
  ],
]

const alb = (fields: string) =>
  `https 2026-01-02T03:04:05.500000Z app/shop/50dc 192.0.2.7:5000 10.0.0.1:80 0.001 0.010 0.001 200 200 99 512 ${fields}`
const texts: readonly (readonly [format: string, content: string, expected: object])[] = [
  [
    'an application load balancer of AWS',
    `${alb('"GET https://api.shop.example:443/orders/7?expand=items HTTP/2.0" "agent/1" TLS_AES TLSv1.3 arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/orders/73e2 "Root=1-5833" "api.shop.example" "arn" 1 2026-01-02T03:04:05.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"')}\n`,
    {
      ...expected,
      source: { ip: '192.0.2.7', port: 5000 },
      trace: { traceId: '1-5833' },
      extra: { targetGroup: 'orders' },
    },
  ],
  [
    'a classic load balancer of AWS',
    '2026-01-02T03:04:05.000000Z shop 192.0.2.7:5000 10.0.0.1:80 0.001 0.010 0.001 200 200 99 512 "GET http://api.shop.example:80/orders/7?expand=items HTTP/1.1" "agent/1" - -\n',
    { ...expected, source: { ip: '192.0.2.7', port: 5000 } },
  ],
  [
    'CloudFront',
    '#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken\n2026-01-02\t03:04:05\tLAX1\t512\t192.0.2.7\tGET\td1.cloudfront.net\t/orders/7\t200\t-\tagent%2520one\texpand=items\tsession=hunter2\tHit\tx\tapi.shop.example\thttps\t23\t0.012\n',
    expected,
  ],
  [
    'IIS',
    '#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs-host sc-status sc-bytes time-taken\n2026-01-02 03:04:05 10.0.0.1 GET /orders/7 expand=items 443 alice 192.0.2.7 agent+one api.shop.example 200 512 12\n',
    { ...expected, principal: { id: 'alice' } },
  ],
]

describe('access logs of gateways', () => {
  it.each(rows)('%s', async (shape, record, call) => {
    expect(accessShapes.find(candidate => candidate.is(record as JsonRecord))?.id).toBe(shape)
    const { events, rejections } = await readContent(asLines(record))
    expect([events.length, rejections]).toEqual([1, []])
    expect(events[0]).toMatchObject(call)
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })
  it.each(texts)('%s', async (_, content, call) => {
    const { events, rejections } = await readContent(content)
    expect([events.length, rejections]).toEqual([1, []])
    expect(events[0]).toMatchObject(call)
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })
  it('read all of the tables', () => expect([rows.length, texts.length]).toEqual([13, 4]))

  it('lists every shape of its folder under the name of its file, each with a record above', () => {
    const files = readdirSync(join(import.meta.dirname, 'access-shapes')).filter(
      name => name !== 'index.ts' && name !== 'access-shape.ts',
    )
    expect(accessShapes.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
    expect(new Set(rows.map(([shape]) => shape)).size).toBe(files.length)
  })

  it('takes no name on trust that was refused', async () => {
    const [, kong] = rows[0]!
    const { events } = await readContent(asLines({ ...kong, response: { status: 401 } }))
    expect(events[0]).not.toHaveProperty('principal')
  })

  it('never throws, whatever a record holds', () => {
    const place = { id: 'x', source: 's', label: 'l', host: 'h', fallbackTime: 7 }
    fc.assert(
      fc.property(
        fc.constantFrom(...rows.map(row => row[1])),
        fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 6 }),
        (sample, changes) => {
          const record = structuredClone(sample) as Record<string, unknown>
          for (const [nth, value] of changes) changeRecord(record, nth, value)
          const { dialect } = jsonAccessLog
          dialect.timeOf(record)
          dialect.is(record)
          const reading = dialect.read(record, place)
          if (typeof reading !== 'string') expect(reading).toHaveLength(1)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('never throws, whatever a line says', async () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom(...texts.flatMap(([, content]) => content.split('\n'))),
        fc.string({ unit: 'binary', maxLength: 200 }),
      ),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...texts), noise, async ([, content], lines) => {
        const cut = lines.map((line, index) =>
          index % 2 === 0 ? line.slice(0, 1 + (line.length >> 1)) : line,
        )
        const { events } = await readContent(`${content}${cut.join('\n')}`)
        expect(events.length).toBeLessThanOrEqual(1 + cut.join('\n').split('\n').length)
      }),
      { numRuns: 60 },
    )
  })
})
