import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoreAccess } from '../call/access.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { Workload } from '../call/workload.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { CallId, EndpointId } from '../kit/id.ts'
import { GraphBuilder } from './graph-builder.ts'

const empty = Object.freeze({ kind: 'empty' as const })

const call = (
  time: number,
  from: Workload | undefined,
  to: Workload | undefined,
  host = 'orders',
): ApiCall => ({
  type: 'call',
  id: `c-${time}` as CallId,
  time,
  source: from === undefined ? { ip: '203.0.113.7' } : { workload: from },
  destination: { host, ...(to === undefined ? {} : { workload: to }) },
  request: {
    method: 'GET',
    target: '/orders/7',
    path: '/orders/7',
    query: [],
    httpVersion: '1.1',
    headers: [],
    content: empty,
    bodySize: 0,
    bodyTruncated: false,
  },
  response: { status: 200, headers: [], content: empty, bodySize: 10, bodyTruncated: false },
  credentials: [],
  trace: { traceId: 't1' },
})

const place = {
  endpoint: 'GET orders/orders/{orderId}',
  external: false,
  refused: false,
  source: 'otlp' as const,
}

const access: StoreAccess = {
  type: 'access',
  id: 'a',
  time: 4,
  workload: { namespace: 'shop', name: 'orders' },
  store: { system: 'postgresql', host: 'db', namespace: 'shop', collection: 'orders' },
  operation: 'SELECT',
  rows: 3,
  trace: { traceId: 't1' },
}

const told = (builder: GraphBuilder): readonly string[] =>
  [...builder.graph.allEdges()].map(edge => `${edge.from} ${edge.kind} ${edge.to}`).sort()

describe('events as edges', () => {
  it('go from who began a connection that a runtime sensor saw', () => {
    const builder = new GraphBuilder()
    const event = (id: string, object: string, direction: string): void =>
      builder.runtime({
        type: 'runtime',
        id,
        time: 5,
        workload: { namespace: 'shop', name: 'orders' },
        source: 'tetragon',
        action: 'network',
        object,
        extra: { direction },
      })
    event('r-1', '203.0.113.9:443', 'egress')
    event('r-2', '198.51.100.4:5000', 'ingress')
    expect(told(builder)).toEqual([
      'host:198.51.100.4 calls workload:shop/orders',
      'workload:shop/orders calls host:203.0.113.9',
    ])
  })

  it('tell writes of clouds from reads', () => {
    const operations = [
      'GetObject',
      'CopyObject',
      'UploadPart',
      'BatchWriteItem',
      'BatchGetItem',
      'CompleteMultipartUpload',
    ]
    const kinds = operations.map(operation => {
      const builder = new GraphBuilder()
      builder.access({ ...access, operation }, 'cloud')
      return [...builder.graph.allEdges()][0]?.kind
    })
    expect(kinds).toEqual(['reads', 'writes', 'writes', 'writes', 'reads', 'writes'])
  })

  it('join who calls, what answers and what it reaches in the same trace', () => {
    const builder = new GraphBuilder()
    builder.call(call(3, { name: 'web' }, { namespace: 'shop', name: 'orders' }), place)
    builder.access(access, 'otlp')
    expect(told(builder)).toEqual([
      'endpoint:GET orders/orders/{orderId} reads store:postgresql://db/shop/orders',
      'endpoint:GET orders/orders/{orderId} serves workload:shop/orders',
      'workload:shop/orders reads store:postgresql://db/shop/orders',
      'workload:web calls endpoint:GET orders/orders/{orderId}',
      'workload:web calls workload:shop/orders',
    ])
  })

  it('count an access for the request it belongs to alone, in whatever order they are told', () => {
    const orders = { namespace: 'shop', name: 'orders' }
    const served = (builder: GraphBuilder, endpoint: string, spanId: string) => (): void =>
      builder.call(
        { ...call(3, { name: 'web' }, orders), trace: { traceId: 't1', spanId } },
        { ...place, endpoint },
      )
    const read = (builder: GraphBuilder, collection: string, withinSpanId: string) => (): void =>
      builder.access(
        { ...access, store: { ...access.store, collection }, trace: { traceId: 't1', withinSpanId } },
        'otlp',
      )
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), order => {
        const builder = new GraphBuilder()
        const steps = [
          served(builder, 'GET orders/one', 's1'),
          served(builder, 'GET orders/two', 's2'),
          read(builder, 'first', 's1'),
          read(builder, 'first', 's1'),
          read(builder, 'second', 's2'),
          // Another sensor tells the same request again.
          served(builder, 'GET orders/two', 's2'),
        ]
        for (const step of order) steps[step]!()
        const counts = [...builder.graph.allEdges({ kinds: ['reads'] })]
          .filter(({ from }) => from.startsWith('endpoint:'))
          .map(({ from, to, count }) => `${from} ${to} ${count}`)
        expect(counts.sort()).toEqual([
          'endpoint:GET orders/one store:postgresql://db/shop/first 2',
          'endpoint:GET orders/two store:postgresql://db/shop/second 1',
        ])
      }),
    )
  })

  it('lead from the endpoint that was asked to those that answering it took', () => {
    const place1 = { ...place, endpoint: 'GET shop/cart' }
    for (const order of [0, 1]) {
      const builder = new GraphBuilder()
      const steps = [
        () => builder.call(call(1, undefined, { name: 'web' }), { ...place1, external: true }),
        () => builder.call(call(3, { name: 'web' }, { namespace: 'shop', name: 'orders' }), place),
      ]
      for (const step of order === 0 ? steps : steps.reverse()) step()
      builder.access(access, 'otlp')
      expect(told(builder)).toContain('endpoint:GET shop/cart calls endpoint:GET orders/orders/{orderId}')
    }
  })

  describe('of an endpoint that leads to others', () => {
    const front = { name: 'web' }
    const cart = { ...place, endpoint: 'GET shop/cart', external: true }
    const carries = (stores: readonly string[], lastSeen: number): readonly string[] => {
      const builder = new GraphBuilder()
      builder.call(call(1, undefined, front), cart)
      builder.call(call(3, front, { namespace: 'shop', name: 'orders' }), place)
      for (const collection of stores)
        builder.access({ ...access, store: { ...access.store, collection } }, 'otlp')
      builder.endpoint({
        ...({} as Endpoint),
        id: cart.endpoint as EndpointId,
        lastSeen,
        dataClasses: { request: [], response: ['payment-card'] },
        criticality: 'high',
        exposure: 'external',
      })
      return told(builder).filter(edge => edge.includes(' carries ') && edge.startsWith('store:'))
    }
    const minute = 60_001

    it('say where its data is from, where that is one store', () => {
      expect(carries(['cards'], minute)).toEqual([
        'store:postgresql://db/shop/cards carries data:payment-card',
      ])
    })

    it.each([
      ['of two it cannot be said which', ['cards', 'orders'], minute],
      ['at first its traces are still coming in', ['cards'], 10_000],
      ['nothing was read', [], minute],
    ] as const)('say nothing where %s', (_why, stores, lastSeen) => {
      expect(carries(stores, lastSeen)).toEqual([])
    })
  })

  it('know a workload again by its fuller name', () => {
    const builder = new GraphBuilder()
    builder.call(call(1, undefined, { name: 'orders' }), { ...place, external: true })
    builder.call(call(2, undefined, { namespace: 'shop', name: 'orders' }), { ...place, external: true })
    builder.call(call(3, undefined, { name: 'orders' }), { ...place, external: true })
    expect(told(builder)).toEqual([
      'endpoint:GET orders/orders/{orderId} serves workload:shop/orders',
      'internet calls endpoint:GET orders/orders/{orderId}',
    ])
  })

  it('keep two workloads of one name apart', () => {
    const builder = new GraphBuilder()
    for (const namespace of ['shop', 'bank', 'shop'])
      builder.call(call(1, { name: 'orders' }, { namespace, name: 'orders' }), place)
    expect(told(builder).filter(edge => edge.includes(' serves '))).toEqual([
      'endpoint:GET orders/orders/{orderId} serves workload:bank/orders',
      'endpoint:GET orders/orders/{orderId} serves workload:shop/orders',
    ])
  })

  it('call outside what nothing of ours answers for', () => {
    const builder = new GraphBuilder()
    builder.call(call(1, { name: 'web' }, undefined, 'api.pay.example'), place)
    expect(builder.graph.factsOf('host:api.pay.example')).toEqual({ external: true })
  })
})
