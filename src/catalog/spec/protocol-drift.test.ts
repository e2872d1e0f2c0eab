import { describe, expect, it } from 'vitest'
import { descriptorBytes, inner, number, ordersFile, text } from '../../../test/support/descriptor-bytes.ts'
import { exampleCall } from '../../call/protocols/example-call.ts'
import { evidenceOf, identify } from '../../identity/identify.ts'
import { SessionDirectory } from '../../identity/session-directory.ts'
import { callId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'
import { compareSpecifications } from './compare-specifications.ts'
import { Drift } from './drift.ts'
import { parseSpecification } from './parse.ts'
import { specificationText } from './source.ts'
import type { Specification } from './specification.ts'

interface Asked {
  readonly target: string
  readonly type?: string
  readonly body: unknown
  readonly answer: unknown
  readonly headers?: Readonly<Record<string, string>>
}

function readAll(...sources: readonly (string | Uint8Array)[]): readonly Specification[] {
  return sources.map((source, index) => {
    const { specification, problems } = parseSpecification(source, `given-${index}`)
    if (specification === undefined) throw new Error(problems[0]?.message)
    return specification
  })
}

function compared(specifications: readonly Specification[], asked: readonly Asked[]) {
  const catalog = new Catalog()
  catalog.specify(specifications)
  const drift = new Drift()
  catalog.onMerge((from, to) => drift.merged(from, to))
  const sessions = new SessionDirectory()
  for (const [index, { target, type = 'application/json', body, answer, headers = {} }] of asked.entries()) {
    const sealed = exampleCall({
      request: {
        method: 'POST',
        target,
        headers: { 'content-type': type, authorization: `Bearer ${'t0ken'.repeat(8)}` },
        body,
      },
      response: { status: 200, headers: { 'content-type': type, ...headers }, body: answer },
    })
    const heard = { ...sealed, id: callId(`c-${index}`), time: sealed.time + index * 1000 }
    const identity = identify(evidenceOf(heard), sessions)
    for (const { call, match } of catalog.observeAll(heard, identity))
      drift.observe(call, match, catalog.boundOf(match.endpoint))
  }
  const endpoints = catalog.endpoints()
  return {
    inventory: Object.fromEntries(
      endpoints.map(({ id, inventory }) => [id.slice(id.indexOf('/')), inventory]),
    ),
    findings: drift
      .findings(endpoints, id => catalog.boundOf(id))
      .map(
        ({ rule, title, endpoint }) =>
          `${rule} ${title.split(': ').slice(1).join(': ')} @${endpoint.slice(endpoint.indexOf('/'))}`,
      )
      .sort(),
    orphans: catalog.orphans().map(({ bound, host }) => `${host} ${bound.operation.path}`),
  }
}

const times = (count: number, asked: Asked): readonly Asked[] => Array.from({ length: count }, () => asked)

describe('GraphQL beside its schema', () => {
  const schema = `
type Query {
  order(id: ID!): Order
  orders(first: Int, filter: Filter): [Order!]!
  find(word: String!): [Found!]
  old: Int @deprecated(reason: "Use orders.")
  never: Int
}
input Filter { state: State }
enum State { OPEN PAID }
interface Node { id: ID! }
type Order implements Node { id: ID! total: Float state: State parts: [Order!] oldTotal: Float @deprecated note(long: Boolean): String }
type Customer implements Node { id: ID! name: String }
union Found = Order | Customer
`
  const specifications = readAll(schema)
  const ask = (query: string, data: unknown, variables?: object): Asked => ({
    target: '/graphql',
    body: { query, ...(variables === undefined ? {} : { variables }) },
    answer: { data },
  })

  it('finds nothing where both agree, and binds operations to root fields', () => {
    const { findings, inventory, orphans } = compared(specifications, [
      ...times(
        6,
        ask('{ order(id: 1) { id total parts { id parts { id } } __typename } }', {
          order: { id: '1', total: 12.5, parts: [{ id: '2', parts: [] }], __typename: 'Order' },
        }),
      ),
      ...times(
        6,
        ask(
          'query All($f: Filter) { orders(first: 5, filter: $f) { n: note(long: true) m: note state } }',
          {
            orders: [{ n: 'a', m: null, state: 'OPEN' }],
          },
          { f: { state: 'PAID' } },
        ),
      ),
      ...times(
        6,
        ask('{ find(word: "a") { ...On ... on Customer { name } } } fragment On on Order { total }', {
          find: [{ total: 1 }, { name: 'Ada' }],
        }),
      ),
      ...times(6, ask('{ order(id: 1) { id } orders { id } }', { order: null, orders: [] })),
    ])
    expect(findings).toEqual([])
    expect(inventory).toEqual({
      '/graphql#query:find': 'documented',
      '/graphql#query:order': 'documented',
      '/graphql#query:order,orders': 'documented',
      '/graphql#query:orders': 'documented',
    })
    expect(orphans).toEqual(['api.shop.example #query:old', 'api.shop.example #query:never'])
  })

  const rows: readonly (readonly [string, readonly Asked[], readonly string[]])[] = [
    [
      'a root field in no schema',
      times(6, ask('{ debugUsers { id } }', { debugUsers: [] })),
      ['undocumented-endpoint  @/graphql#query:debugUsers'],
    ],
    [
      'a root field in no schema beside one that is',
      times(6, ask('{ order(id: 1) { id } secret }', { order: null, secret: 1 })),
      ['undocumented-response-field field:Query.secret @/graphql#query:order,secret'],
    ],
    [
      'a deprecated root field',
      times(6, ask('{ old }', { old: 1 })),
      ['deprecated-in-use  @/graphql#query:old'],
    ],
    [
      'a deprecated field below',
      [ask('{ order(id: 1) { oldTotal } }', { order: { oldTotal: 1 } })],
      ['deprecated-in-use field:Order.oldTotal @/graphql#query:order'],
    ],
    [
      'an argument in no schema',
      [ask('{ order(id: 1, debug: true) { id } }', { order: { id: '1' } })],
      ['undocumented-parameter argument:Query.order.debug @/graphql#query:order'],
    ],
    [
      'a field of an input in no schema',
      [ask('{ orders(filter: {admin: true}) { id } }', { orders: [] })],
      ['undocumented-parameter argument:Query.orders.filter.admin @/graphql#query:orders'],
    ],
    [
      'a field in no schema, under an alias',
      [ask('{ order(id: 1) { x: cardNumber } }', { order: { x: null } })],
      ['undocumented-response-field field:Order.cardNumber @/graphql#query:order'],
    ],
    [
      'an answer of another type',
      [ask('{ order(id: 1) { total parts { id } } }', { order: { total: 'much', parts: 'none' } })],
      [
        'type-drift response:data.order.parts @/graphql#query:order',
        'type-drift response:data.order.total @/graphql#query:order',
      ],
    ],
    [
      'a value that is none of its enumeration',
      [ask('{ order(id: 1) { state } }', { order: { state: 'LOST' } })],
      ['value-violation response:data.order.state @/graphql#query:order'],
    ],
    [
      'nothing of what the server refused',
      [
        {
          target: '/graphql',
          body: { query: '{ order(id: 1, debug: 1) { secret } }' },
          answer: { errors: [{ message: 'no' }] },
        },
      ],
      [],
    ],
  ]
  let ran = 0
  it.each(rows)('finds %s', (_, asked, expected) => {
    ran += 1
    expect(compared(specifications, asked).findings).toEqual(expected)
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('tells breaking, risky and safe changes of two versions', () => {
    const [before, after] = readAll(
      schema,
      schema
        .replace('order(id: ID!): Order', 'order(id: ID!, by: ID!, in: Int): Order!')
        .replace('first: Int, ', '')
        .replace('enum State { OPEN PAID }', 'enum State { OPEN SENT }')
        .replace('total: Float state', 'total: Float! @deprecated state')
        .replace('  never: Int\n', '')
        .replace('old: Int @deprecated(reason: "Use orders.")', 'fresh: Int')
        .replace('input Filter { state: State }', 'input Filter { state: State! since: Int }')
        .replace('| Customer', '')
        .replace('type Customer implements Node {', 'type Customer {'),
    )
    expect(
      compareSpecifications(before!, after!).map(
        ({ kind, operation, at, what }) => `${kind} ${operation} ${at} ${what}`,
      ),
    ).toEqual([
      'breaking Customer  no longer implements Node',
      'breaking Filter.state  type State became State!',
      'breaking Found  no longer has Customer',
      'breaking Query.never  is gone',
      'breaking Query.order argument:by is new and required',
      'breaking Query.orders argument:first is gone',
      'breaking State.PAID  is gone',
      'risky Order.total  is deprecated now',
      'risky Query.old  is gone, as announced',
      'risky State.SENT  is a new value: clients may not know it',
      'safe Filter.since  is new',
      'safe Order.total  type Float became Float!',
      'safe Query.fresh  is new',
      'safe Query.order  type Order became Order!',
      'safe Query.order argument:in is new',
    ])
    expect(compareSpecifications(before!, before!)).toEqual([])
  })
})

describe('gRPC beside its descriptors', () => {
  const bytes = descriptorBytes([ordersFile])
  const specifications = readAll(specificationText(bytes))
  const frame = (message: readonly number[]): Uint8Array =>
    Uint8Array.from([0, 0, 0, 0, message.length, ...message])
  const call = (
    path: string,
    request: readonly number[],
    answer: readonly number[],
    status = '0',
  ): Asked => ({
    target: path,
    type: 'application/grpc',
    body: frame(request),
    answer: frame(answer),
    headers: { 'grpc-status': status },
  })
  const order = [...number(1, 7), ...text(2, 'as ordered'), ...number(3, 1)]

  it('reads bytes, and bytes marked as text, as the same', () => {
    expect(readAll(bytes)[0]?.operations.map(({ path }) => path)).toEqual(
      specifications[0]?.operations.map(({ path }) => path),
    )
    expect(specificationText(Buffer.from('openapi: 3.1.0'))).toBe('openapi: 3.1.0')
  })

  it('finds nothing where both agree, and binds methods, also behind a prefix', () => {
    const nested = [...order, ...inner(4, order), ...inner(4, [...number(1, 9), ...inner(4, order)])]
    const labelled = [...order, ...inner(5, [...text(1, 'a'), ...text(2, 'b')])]
    const { findings, inventory, orphans } = compared(specifications, [
      ...times(6, call('/shop.Orders/Get', number(1, 7), nested)),
      ...times(6, call('/api/shop.Orders/Watch', number(1, 7), labelled)),
      ...times(6, call('/shop.Orders/Get', [], [])),
    ])
    expect(findings).toEqual([])
    expect(inventory).toEqual({ '/api/shop.Orders/Watch': 'documented', '/shop.Orders/Get': 'documented' })
    expect(orphans).toEqual(['api.shop.example /shop.Orders/Find'])
  })

  const rows: readonly (readonly [string, readonly Asked[], readonly string[]])[] = [
    [
      'a method in no descriptor',
      times(6, call('/shop.Orders/Dump', number(1, 7), order)),
      ['undocumented-endpoint  @/shop.Orders/Dump'],
    ],
    [
      'a deprecated method',
      [call('/shop.Orders/Find', number(1, 7), order)],
      ['deprecated-in-use  @/shop.Orders/Find'],
    ],
    [
      'a field of the request in no message',
      [call('/shop.Orders/Get', [...number(1, 7), ...number(9, 1)], order)],
      ['undocumented-parameter request:9 @/shop.Orders/Get'],
    ],
    [
      'a field of the answer in no message',
      [call('/shop.Orders/Get', number(1, 7), [...order, ...text(12, 'ada@shop.example')])],
      ['undocumented-response-field response:12 @/shop.Orders/Get'],
    ],
    [
      'a field of another type on the wire',
      [call('/shop.Orders/Get', number(1, 7), [...number(1, 7), ...number(2, 5)])],
      ['type-drift response:note @/shop.Orders/Get'],
    ],
    ['nothing of what failed', [call('/shop.Orders/Get', number(9, 7), [], '3')], []],
  ]
  let ran = 0
  it.each(rows)('finds %s', (_, asked, expected) => {
    ran += 1
    expect(compared(specifications, asked).findings).toEqual(expected)
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('tells breaking, risky and safe changes of two versions', () => {
    const [request, message] = ordersFile.messages!
    const [service] = ordersFile.services!
    const [get, watch] = service!.methods
    const [, after] = readAll(
      bytes,
      descriptorBytes([
        {
          ...ordersFile,
          enums: [
            {
              name: 'State',
              values: [
                ['OPEN', 0],
                ['SENT', 2],
              ],
            },
          ],
          messages: [
            { ...request!, fields: [{ number: 1, name: 'order_id', type: 9 }] },
            {
              ...message!,
              fields: [
                { number: 1, name: 'number', type: 5 },
                { number: 2, name: 'note', type: 9, repeated: true },
                { number: 7, name: 'fresh', type: 9 },
                ...message!.fields!.slice(2, 5),
              ],
            },
          ],
          services: [
            {
              name: 'Orders',
              methods: [
                { ...get!, deprecated: true },
                { ...watch!, serverStreaming: false },
              ],
            },
          ],
        },
      ]),
    )
    expect(
      compareSpecifications(specifications[0]!, after!).map(
        ({ kind, operation, at, what }) => `${kind} ${operation} ${at} ${what}`,
      ),
    ).toEqual([
      'breaking shop.GetOrderRequest.order_id  type int64 became string',
      'breaking shop.Order.note  is a list now',
      'breaking shop.Orders/Watch response is no stream any more',
      'breaking shop.State.PAID  is gone',
      'risky shop.Order.id  is called number now: the same on the wire, another name in JSON and in code',
      'risky shop.Order.id  type int64 became int32, which the wire writes alike',
      'risky shop.Order.old_total  is gone, as announced',
      'risky shop.Orders/Find  is gone, as announced',
      'risky shop.Orders/Get  is deprecated now',
      'risky shop.State.SENT  is a new value: clients may not know it',
      'safe shop.Order.fresh  is new',
    ])
  })
})
