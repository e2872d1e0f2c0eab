import { describe, expect, test } from 'vitest'
import type { NodeKind } from '../../../src/graph/node.ts'
import type { GraphEdgeView, GraphNodeView } from '../../../src/server/api/graph.ts'
import type { ReachView } from '../../../src/server/api/reach.ts'
import { byEndpoint, dataSentence } from './data-ways.ts'
import { edgeVerb, nodeName, nodeParts, nodePath, nodePlace } from './graph-names.ts'
import { dayBack, daysBack, momentOf, questionFrom } from './graph-question.ts'
import { incidentWay, incidentWayWords } from './incident-way.ts'
import { answerSentence, happened, lastGone, wayState, wayWords } from './path-words.ts'
import { reachedSentence, reachSentence } from './reach-words.ts'

const node = (id: string): GraphNodeView => ({
  id,
  ...nodeParts(id),
  firstSeen: '2026-05-01T00:00:00.000Z',
  lastSeen: '2026-06-01T00:00:00.000Z',
  events: 0,
  facts: {},
})

const edge = (from: string, kind: GraphEdgeView['kind'], to: string, more: Partial<GraphEdgeView> = {}) => ({
  from,
  to,
  kind,
  count: 40,
  bytes: 0,
  rows: 0,
  firstSeen: '2026-05-01T00:00:00.000Z',
  lastSeen: '2026-06-01T00:00:00.000Z',
  did: true,
  could: false,
  sources: [],
  refused: 0,
  ...more,
})

const way = (...edges: readonly GraphEdgeView[]) => ({
  nodes: [edges[0]?.from ?? '', ...edges.map(({ to }) => to)].map(node),
  edges,
  did: edges.every(({ did }) => did),
  sentence: '',
})

const pay = 'endpoint:POST pay.example/payments'
const cards = 'store:postgresql://cards-db/pay/cards'
const used = way(
  edge('internet', 'calls', pay),
  edge(pay, 'reads', cards, { count: 7, lastSeen: '2026-05-20T00:00:00.000Z' }),
  edge(cards, 'carries', 'data:payment-card'),
)
const unused = { did: false, count: 0 }
const granted = way(
  edge('internet', 'exposes', 'workload:admin', unused),
  edge('workload:admin', 'runs-as', 'identity:k8s:admin'),
)
const refused = way(edge('internet', 'calls', pay, { refused: 40 }), edge(pay, 'carries', 'data:email'))

describe('nodes', () => {
  const rows = [
    ['internet', 'internet', 'the internet', 'anyone', '/graph?focus=internet'],
    [pay, 'endpoint', 'POST /payments', 'pay.example', '/apis/POST%20pay.example%2Fpayments/'],
    ['workload:shop/orders', 'workload', 'shop/orders', 'workload', '/workloads/shop%2Forders/'],
    ['principal:user:anna', 'principal', 'anna', 'principal', '/principals/user%3Aanna/'],
    [
      cards,
      'store',
      'postgresql pay/cards',
      'postgresql on cards-db',
      '/graph?focus=store%3Apostgresql%3A%2F%2Fcards-db%2Fpay%2Fcards',
    ],
    ['store:s3://bucket', 'store', 's3 bucket', 's3', '/graph?focus=store%3As3%3A%2F%2Fbucket'],
    ['data:payment-card', 'data', 'payment card data', 'class of data', '/graph/data?class=payment-card'],
    [
      'host:api.bank.example',
      'host',
      'api.bank.example',
      'outside host',
      '/graph?focus=host%3Aapi.bank.example',
    ],
  ] as const
  test.each(rows)('%s', (id, kind, name, place, path) => {
    expect([nodeParts(id).kind, nodeName(id), nodePlace(id), nodePath(id)]).toEqual([kind, name, place, path])
  })
  test('any of a kind', () => {
    expect([nodeName('store:*'), nodeName('data:*')]).toEqual(['any store', 'any class of data'])
  })
})

test('endpoints give data out, stores hold it; what never happened may', () => {
  expect(
    [
      edge(pay, 'carries', 'data:email'),
      edge(cards, 'carries', 'data:email'),
      edge(cards, 'carries', 'data:email', unused),
      edge('identity:a', 'may', cards, unused),
    ].map(edgeVerb),
  ).toEqual(['gives out', 'holds', 'may hold', 'is granted'])
})

describe('ways', () => {
  test('are sentences', () => {
    expect(wayWords(used)).toBe(
      'The internet calls POST /payments, which reads postgresql pay/cards, which holds payment card data',
    )
    expect(wayWords(granted)).toBe('The internet is let in to admin, which runs as k8s:admin')
  })

  test('say whether they were gone', () => {
    expect([used, granted, refused].map(wayState)).toEqual(['happened', 'granted', 'refused'])
    expect([used, granted, refused].map(happened)).toEqual([
      'Every step happened, the rarest of them 7 times.',
      'It never happened: one step is only granted.',
      'It was tried, and one step was always refused.',
    ])
    expect(happened(way(edge('workload:a', 'reads', cards, { count: 1 })))).toBe('It happened once.')
    expect([used, granted, refused].map(lastGone)).toEqual(['2026-05-20T00:00:00.000Z', undefined, undefined])
  })

  test('answer the question before any picture', () => {
    expect(answerSentence('internet', 'data:payment-card', [], 10)).toBe(
      'The internet has no way to payment card data: none was seen, and none is granted.',
    )
    expect(answerSentence('internet', 'data:payment-card', [used], 10)).toBe(
      'The internet can reach payment card data in one way of 3 steps; it was used.',
    )
    expect(answerSentence('internet', 'any:*', [used, granted, refused], 10)).toContain(
      'in 3 ways of 2 to 3 steps; 1 of them was used.',
    )
    expect(answerSentence('internet', 'store:*', [granted, granted], 2)).toBe(
      'The internet can reach any store in at least 2 ways of 2 steps; none of them ever happened.',
    )
  })

  test('are told by the endpoint through which they enter, those that happened first', () => {
    const groups = byEndpoint([granted, refused, used])
    expect(groups.map(({ endpoint, ways }) => [endpoint, ways.length])).toEqual([
      ['POST pay.example/payments', 2],
      [undefined, 1],
    ])
    expect(dataSentence('payment-card', groups)).toBe(
      'Payment card data can be reached from the internet through 2 ways; 1 of them was used.',
    )
    expect(dataSentence('email', [])).toBe(
      'Email data cannot be reached from the internet: no way was seen or is granted.',
    )
  })
})

describe('reach', () => {
  const none = Object.fromEntries(
    ['internet', 'principal', 'identity', 'workload', 'endpoint', 'store', 'data', 'host'].map(kind => [
      kind,
      0,
    ]),
  ) as Record<NodeKind, number>
  const reach: ReachView = {
    of: node('workload:shop/orders'),
    reached: { ...none, store: 2, data: 1 },
    reachable: { ...none, endpoint: 12, store: 3, data: 2 },
    data: [
      { dataClass: 'email', did: true, path: used },
      { dataClass: 'payment-card', did: false, path: used },
    ],
    stores: [],
    endpoints: [],
    identities: [],
  }
  test('is one sentence, the gravest data with what it is reached through', () => {
    expect(reachSentence(reach)).toBe(
      'Whoever holds shop/orders can reach 12 endpoints, 3 stores and payment card and email data (through postgresql pay/cards).',
    )
    expect(reachedSentence(reach)).toBe(
      'In fact it reached 2 stores and 1 of 2 classes of data; the rest is only granted.',
    )
  })
  test('is nothing where nothing leads out', () => {
    const alone = { ...reach, reached: none, reachable: none, data: [] }
    expect(reachSentence(alone, 'Whoever takes it over')).toBe(
      'Whoever takes it over can reach nothing else: no way out was seen, and none is granted.',
    )
    expect(reachedSentence(alone)).toBe('')
  })
})

test('an incident’s way is a sentence, broken where no edge is known', () => {
  const steps = [
    { node: 'internet', how: '' },
    { node: pay, how: 'calls' },
    { node: 'workload:pay', how: 'is served by' },
    { node: 'host:evil.example', how: 'then' },
  ]
  const told = incidentWay({ path: steps.map(step => ({ ...step, ...nodeParts(step.node) })) })
  expect(told.map(({ did }) => did)).toEqual([true, true, true, false])
  expect(incidentWayWords(told)).toBe(
    'The internet calls POST /payments, which is served by pay; then evil.example.',
  )
})

describe('the question in the address', () => {
  const now = Date.parse('2026-06-30T01:00:00Z')
  test('is read, and what makes no sense is left out', () => {
    const told = questionFrom(
      new URLSearchParams(
        'from=internet&to=data:*&depth=9&days=30&asOf=2026-02-31x&declared=no&sort=-to&open=a&open=b',
      ),
    )
    expect(told).toMatchObject({
      from: 'internet',
      to: 'data:*',
      depth: 2,
      days: 30,
      asOf: '',
      declared: false,
      sort: 'to',
      descending: true,
      open: ['a', 'b'],
    })
  })
  test('names days, and the API is asked for their last moment', () => {
    expect([dayBack(0, now), dayBack(10, now)]).toEqual(['', '2026-06-20'])
    expect([daysBack('', now), daysBack('2026-06-20', now), daysBack('2026-08-01', now)]).toEqual([0, 10, 0])
    expect([momentOf(''), momentOf('2026-06-20')]).toEqual([undefined, '2026-06-20T23:59:59.999Z'])
  })
})
