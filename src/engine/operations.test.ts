import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { exampleCall } from '../call/protocols/example-call.ts'
import { callId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'

const start = Date.UTC(2026, 2, 2, 9)
let count = 0

const owners = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']
/** Orders 1 to 120 belong to the six in turn. */
const ownerOf = (id: number): string => owners[id % owners.length]!

function post(
  as: string,
  body: unknown,
  answer: unknown,
  target = '/graphql',
  type = 'application/json',
): ApiCall {
  count += 1
  const made = exampleCall({
    request: { method: 'POST', target, headers: { 'content-type': type }, body },
    response: { status: 200, headers: { 'content-type': type }, body: answer },
  })
  return {
    ...made,
    id: callId(`c-${String(count).padStart(5, '0')}`),
    time: start + count * 5_000,
    principal: { id: `user:${as}`, kind: 'user' },
  }
}

const soap = (as: string, body: string, answer: string): ApiCall => {
  const envelope = (text: string): string =>
    `<s:Envelope xmlns:s="urn:s"><s:Body>${text}</s:Body></s:Envelope>`
  return post(as, envelope(body), envelope(answer), '/services', 'text/xml')
}

const order = (id: number) => ({ id, owner: ownerOf(id), total: 10 + id })

const read = (as: string, id: number): ApiCall =>
  post(
    as,
    { query: 'query One($id: ID!) { order(id: $id) { id owner total } }', variables: { id } },
    { data: { order: order(id) } },
  )

/** Everybody reads their own orders. */
function ordinary(analysis: Analysis): void {
  for (let turn = 0; turn < 8; turn += 1)
    for (let id = 1 + turn * 6; id <= 6 + turn * 6; id += 1) analysis.observe(read(ownerOf(id), id))
}

describe('operations through the whole analysis', () => {
  it('is quiet while everybody reads their own', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    expect(analysis.signals()).toEqual([])
    expect(analysis.catalog.endpoints().map(({ id }) => id)).toEqual([
      'POST api.shop.example/graphql#query:order',
    ])
  })

  it("finds somebody reading others' objects through GraphQL", () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const foreign = [2, 3, 4].map(id => read('alice', id))
    for (const call of foreign) analysis.observe(call)
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      principal: 'user:alice',
      endpoint: 'POST api.shop.example/graphql#query:order',
      attempt: false,
      message: 'user:alice read 3 orders that belong to 3 other users.',
      objects: ['order:2', 'order:3', 'order:4'],
      evidence: foreign.map(({ id }) => id),
    })
  })

  it('finds it behind aliases of the fields and many aliases in one call', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const asked = [13, 14, 15, 16]
    const call = post(
      'alice',
      {
        query: `{ ${asked.map((id, index) => `x${index}: order(id: ${id}) { i: id o: owner }`).join(' ')} }`,
      },
      { data: Object.fromEntries(asked.map((id, index) => [`x${index}`, { i: id, o: ownerOf(id) }])) },
    )
    analysis.observe(call)
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]?.objects).toEqual(['order:13', 'order:14', 'order:15', 'order:16'])
    expect(found[0]?.evidence).toEqual([call.id])
  })

  it('finds it beside another field that nobody asks for with it', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const foreign = [13, 14].map(id =>
      post(
        'alice',
        { query: `{ version order(id: ${id}) { owner } __typename }` },
        { data: { version: '1', order: { owner: ownerOf(id) } } },
      ),
    )
    for (const call of foreign) analysis.observe(call)
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      endpoint: 'POST api.shop.example/graphql#query:order',
      evidence: foreign.map(({ id }) => id),
    })
  })

  it('finds a walk through ids that GraphQL answers name no owner of', () => {
    const analysis = new Analysis()
    for (let id = 500; id < 540; id += 1)
      analysis.observe(
        post('mallory', { query: `{ invoice(id: ${id}) { total } }` }, { data: { invoice: { total: id } } }),
      )
    const found = analysis.signals().filter(({ detector }) => detector === 'object-enumeration')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      principal: 'user:mallory',
      endpoint: 'POST api.shop.example/graphql#query:invoice',
    })
    expect(found[0]?.objects[0]).toBe('invoice:500')
  })

  const others: readonly (readonly [
    what: string,
    make: (as: string, id: number) => ApiCall,
    endpoint: string,
  ])[] = [
    [
      'JSON-RPC',
      (as, id) =>
        post(
          as,
          { jsonrpc: '2.0', id: 1, method: 'order.get', params: { orderId: id } },
          { jsonrpc: '2.0', id: 1, result: order(id) },
          '/rpc',
        ),
      '/rpc#order.get',
    ],
    [
      'MCP, the object in the text of a tool',
      (as, id) =>
        post(
          as,
          {
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/call',
            params: { name: 'get_order', arguments: { order_id: id } },
          },
          { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: JSON.stringify(order(id)) }] } },
          '/mcp',
        ),
      '/mcp#tools/call:get_order',
    ],
    [
      'SOAP',
      (as, id) =>
        soap(
          as,
          `<GetOrder><orderId>${id}</orderId></GetOrder>`,
          `<GetOrderResponse><order><id>${id}</id><owner>${ownerOf(id)}</owner></order></GetOrderResponse>`,
        ),
      '/services#GetOrder',
    ],
  ]
  for (const [what, make, endpoint] of others) {
    it(`finds somebody reading others' objects through ${what}`, () => {
      const analysis = new Analysis()
      for (let turn = 0; turn < 8; turn += 1)
        for (let id = 1 + turn * 6; id <= 6 + turn * 6; id += 1) analysis.observe(make(ownerOf(id), id))
      expect(analysis.signals()).toEqual([])
      const foreign = [2, 3, 4].map(id => make('alice', id))
      for (const call of foreign) analysis.observe(call)
      const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
      expect(found).toHaveLength(1)
      expect(found[0]).toMatchObject({
        endpoint: `POST api.shop.example${endpoint}`,
        objects: ['order:2', 'order:3', 'order:4'],
        evidence: foreign.map(({ id }) => id),
      })
    })
  }

  it('finds a walk through ids over gRPC, without a descriptor', () => {
    const analysis = new Analysis()
    for (let id = 20; id < 60; id += 1)
      analysis.observe(
        post(
          'mallory',
          Uint8Array.of(0, 0, 0, 0, 2, 0x08, id),
          Uint8Array.of(0, 0, 0, 0, 2, 0x10, id),
          '/shop.Orders/GetOrder',
          'application/grpc',
        ),
      )
    const found = analysis.signals().filter(({ detector }) => detector === 'object-enumeration')
    expect(found).toHaveLength(1)
    expect(found[0]?.endpoint).toBe('POST api.shop.example/shop.Orders/GetOrder')
    expect(found[0]?.objects[0]).toBe('order:20')
  })

  it('counts a batch once and judges each of it', () => {
    const analysis = new Analysis()
    ordinary(analysis)
    const batch = [13, 14, 15].map(id => ({ query: `{ order(id: ${id}) { id owner total } }` }))
    const call = post(
      'alice',
      batch,
      [13, 14, 15].map(id => ({ data: { order: order(id) } })),
    )
    const before = analysis.calls
    const result = analysis.observe(call)
    expect(analysis.calls).toBe(before + 1)
    expect(result.stored?.endpoint).toBe('POST api.shop.example/graphql#query:order')
    const found = analysis.signals().filter(({ detector }) => detector === 'owner-binding')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ objects: ['order:13', 'order:14', 'order:15'], evidence: [call.id] })
    expect(result.signals.map(({ id }) => id)).toEqual([...new Set(result.signals.map(({ id }) => id))])
  })
})
