import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContextEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { packedId, resourceNamed, spanOf } from './fixture.ts'
import { sampledShare } from './sampling.ts'
import { type AttributeValue, hexOf, type Span, type SpanKind } from './span.ts'
import { SpanIntake } from './span-intake.ts'

function told(spans: readonly Span[]): { calls: RawExchange[]; events: ContextEvent[]; intake: SpanIntake } {
  const calls: RawExchange[] = []
  const events: ContextEvent[] = []
  const intake = new SpanIntake({ call: call => calls.push(call), event: event => events.push(event) })
  for (const span of spans) intake.add(span)
  intake.flush()
  return { calls, events, intake }
}

const web = resourceNamed('web')
const orders = resourceNamed('orders', {
  'k8s.namespace.name': 'shop',
  'k8s.deployment.name': 'orders-api',
  'service.version': '2',
})
const get = { 'http.request.method': 'GET', 'url.path': '/orders/7', 'http.response.status_code': 200 }

const sides: readonly Span[] = [
  spanOf(1, 0, 'server', web, {
    attributes: {
      ...get,
      'url.path': '/cart',
      'server.address': 'shop.example',
      'client.address': '203.0.113.9',
    },
  }),
  spanOf(2, 1, 'client', web, {
    attributes: { ...get, 'url.full': 'http://orders:8080/orders/7?expand=items' },
  }),
  spanOf(3, 2, 'server', orders, { attributes: { ...get, 'http.route': '/orders/:id', 'user.id': 'alice' } }),
  spanOf(4, 3, 'client', orders, {
    name: 'SELECT',
    attributes: {
      'db.system': 'postgresql',
      'db.name': 'shop',
      'db.statement': "SELECT * FROM orders WHERE email = 'x@y.z'",
      'server.address': 'db',
    },
  }),
  spanOf(5, 3, 'internal', orders, { name: 'render' }),
]

describe('spans', () => {
  it('become one call for its two sides, whatever order they come in, and accesses without their query', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...sides], { minLength: sides.length }), shuffled => {
        const { calls, events } = told(shuffled)
        const byTime = [...calls].sort((a, b) => a.time - b.time)
        expect(
          byTime.map(({ source, destination, request, response, principal }) => [
            source.workload?.name ?? source.ip,
            destination.host,
            destination.workload?.name,
            `${request.method} ${request.target}`,
            request.route,
            response?.status,
            principal?.id,
          ]),
        ).toEqual([
          ['203.0.113.9', 'shop.example', 'web', 'GET /cart', undefined, 200, undefined],
          ['web', 'orders:8080', 'orders-api', 'GET /orders/7', '/orders/:id', 200, 'alice'],
        ])
        expect(events).toHaveLength(1)
        expect(events[0]).toMatchObject({
          type: 'access',
          workload: { namespace: 'shop', name: 'orders-api', kind: 'Deployment', version: '2' },
          store: { system: 'postgresql', host: 'db', namespace: 'shop', collection: 'orders' },
          operation: 'SELECT',
        })
        expect(JSON.stringify(events)).not.toContain('x@y.z')
        expect(events[0]).toMatchObject({ trace: { withinSpanId: hexOf(packedId(3, 8)) } })
      }),
    )
  })

  const rows: readonly (readonly [
    what: string,
    kind: SpanKind,
    name: string,
    attributes: Record<string, AttributeValue>,
    outcome: string,
  ])[] = [
    [
      'gRPC',
      'server',
      '',
      {
        'rpc.system': 'grpc',
        'rpc.service': 'shop.Cart',
        'rpc.method': 'AddItem',
        'rpc.grpc.status_code': 5,
      },
      'POST /shop.Cart/AddItem 200 grpc-status 5',
    ],
    [
      'gRPC, present names',
      'server',
      '',
      {
        'rpc.system.name': 'grpc',
        'rpc.method': 'shop.Cart/AddItem',
        'rpc.response.status_code': 'NOT_FOUND',
      },
      'POST /shop.Cart/AddItem 200 grpc-status 5',
    ],
    [
      'gRPC by its name alone',
      'server',
      'grpc.shop.Cart/AddItem',
      {},
      'POST /shop.Cart/AddItem 200 grpc-status 0',
    ],
    ['HTTP by its name alone', 'server', 'GET /orders/{orderId}', {}, 'GET /orders/{orderId} -'],
    [
      'older HTTP',
      'server',
      '',
      {
        'http.method': 'POST',
        'http.target': '/a?b=c',
        'http.status_code': 201,
        'http.host': 'shop.example:80',
      },
      'POST /a?b=c 201',
    ],
    [
      'a call outside',
      'client',
      '',
      {
        'http.request.method': 'GET',
        'url.full': 'https://pay.example/v1/charges?x=1#y',
        'http.response.status_code': 200,
      },
      'GET /v1/charges?x=1 200',
    ],
    [
      'Redis',
      'client',
      'GET',
      { 'db.system.name': 'redis', 'db.operation.name': 'GET', 'server.address': 'cache' },
      'access redis cache - - GET',
    ],
    [
      'MongoDB',
      'client',
      '',
      { 'db.system': 'mongodb', 'db.name': 'shop', 'db.mongodb.collection': 'users', 'db.operation': 'find' },
      'access mongodb - shop users find',
    ],
    [
      'an update',
      'client',
      '',
      { 'db.system.name': 'mysql', 'db.query.text': 'UPDATE `orders` SET a = 1' },
      'access mysql - - orders UPDATE',
    ],
    [
      "a bucket, by its provider's SDK",
      'client',
      'S3.GetObject',
      { 'rpc.system': 'aws-api', 'rpc.method': 'GetObject', 'aws.s3.bucket': 'receipts', ...get },
      'access aws.s3 - - receipts GetObject',
    ],
    [
      'a summary',
      'client',
      '',
      { 'db.system.name': 'postgresql', 'db.query.summary': 'SELECT shop.orders' },
      'access postgresql - - shop.orders SELECT',
    ],
    [
      'Kafka',
      'producer',
      '',
      { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
      'access kafka - - orders publish',
    ],
    [
      'a model',
      'client',
      'chat',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'openai',
        'gen_ai.request.model': 'gpt-x',
        'server.address': 'api.openai.example',
      },
      'access openai api.openai.example - gpt-x chat',
    ],
    [
      'a tool of an agent',
      'internal',
      'execute_tool refund',
      { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'refund' },
      'access tool - - refund execute_tool',
    ],
    [
      'MCP',
      'client',
      'tools/call refund',
      { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'refund' },
      'access mcp - - refund tools/call',
    ],
    ['a step within', 'internal', 'render', {}, ''],
    ['a client that names nobody', 'client', 'work', {}, ''],
  ]
  it.each(rows)('read %s', (_, kind, name, attributes, outcome) => {
    const { calls, events } = told([spanOf(1, 0, kind, orders, { name, attributes })])
    const lines = [
      ...calls.map(({ request, response }) =>
        [request.method, request.target, response?.status ?? '-', ...(response?.headers.flat() ?? [])].join(
          ' ',
        ),
      ),
      ...events.map(event =>
        event.type === 'access'
          ? [
              'access',
              event.store.system,
              event.store.host ?? '-',
              event.store.namespace ?? '-',
              event.store.collection ?? '-',
              event.operation,
            ].join(' ')
          : event.type,
      ),
    ]
    expect(lines.join('; ')).toBe(outcome)
  })
  it('were all of the table', () => expect(rows).toHaveLength(17))

  it.each([
    ['127.0.0.1', 'orders-api'],
    ['10.0.0.7:8080', 'orders-api'],
    ['[fd00::7]', 'orders-api'],
    ['orders.shop.svc', 'orders.shop.svc'],
  ])('of a service called as %s are at %s', (address, host) => {
    const { calls } = told([
      spanOf(1, 0, 'server', orders, { attributes: { ...get, 'server.address': address } }),
    ])
    expect(calls.map(({ destination }) => destination.host)).toEqual([host])
  })

  it('say who called whom where they say nothing else', () => {
    const { events } = told([
      spanOf(1, 0, 'internal', web, { name: 'work' }),
      spanOf(2, 1, 'server', orders, { name: 'work' }),
    ])
    expect(events).toMatchObject([
      {
        type: 'flow',
        workload: { name: 'orders-api' },
        peer: { workload: { name: 'web' } },
        direction: 'ingress',
      },
    ])
  })

  it('are counted and refused without ids or time, and told once however they loop', () => {
    const loop = [
      spanOf(1, 2, 'server', web, { attributes: get }),
      spanOf(2, 1, 'server', orders, { attributes: get }),
      spanOf(3, 3, 'server', web, { attributes: get }),
    ]
    const { calls, intake } = told([...loop, { ...loop[0]!, spanId: '' }, { ...loop[0]!, start: Number.NaN }])
    expect([calls.length, intake.counts.rejected, intake.counts.spans]).toEqual([3, 2, 5])
  })

  it('say what share of them is kept', () => {
    expect([
      sampledShare('ot=th:c'),
      sampledShare('x=y,ot=p:3;r:2'),
      sampledShare('ot=th:0'),
      sampledShare('a=b'),
    ]).toEqual([0.25, 0.125, 1, undefined])
    expect(told([spanOf(1, 0, 'server', web, { attributes: get, traceState: 'ot=th:8' })]).intake.share).toBe(
      0.5,
    )
  })

  it('wait no longer than said, and no more of them than said', () => {
    const calls: RawExchange[] = []
    const intake = new SpanIntake(
      { call: call => calls.push(call), event: () => {} },
      { spans: 10, waitMs: 100 },
    )
    const late = (id: number, start: number) =>
      spanOf(id, id + 1000, 'server', orders, { attributes: get, start })
    for (let id = 1; id <= 20; id += 1) intake.add(late(id, 5_000))
    expect([calls.length, intake.waiting]).toEqual([10, 10])
    intake.add(late(30, 6_000))
    expect([calls.length, intake.waiting]).toEqual([20, 1])
  })
})
