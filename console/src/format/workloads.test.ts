import { describe, expect, test } from 'vitest'
import type { EntitlementView } from '../../../src/server/api/entitlement.ts'
import type { GraphEdgeView } from '../../../src/server/api/graph.ts'
import type { WorkloadDetailView } from '../../../src/server/api/workload.ts'
import { coverageSentence, heardSince, lagText, sampledText, seesText } from './sensors.ts'
import {
  exposureWhy,
  grantsOf,
  grantsSentence,
  versionsOf,
  workloadSentence,
  workloadsSentence,
} from './workloads.ts'

const edge = (from: string, kind: GraphEdgeView['kind'], to: string, more: Partial<GraphEdgeView> = {}) => ({
  from,
  to,
  kind,
  count: 3,
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

const me = 'workload:shop/orders'
const orders: WorkloadDetailView = {
  id: 'shop/orders',
  name: 'orders',
  namespace: 'shop',
  version: '1.2.0',
  events: 9,
  firstSeen: '2026-05-01T00:00:00.000Z',
  lastSeen: '2026-06-01T00:00:00.000Z',
  callers: [],
  serves: [edge('endpoint:GET a/b', 'serves', me)],
  calls: [
    edge(me, 'calls', 'workload:pay', { version: '1.1.0', lastSeen: '2026-05-20T00:00:00.000Z' }),
    edge(me, 'calls', 'endpoint:GET pay/x', { version: '1.2.0' }),
  ],
  stores: [edge(me, 'reads', 'store:pg://h/t'), edge(me, 'writes', 'store:pg://h/t')],
  identities: [edge(me, 'runs-as', 'identity:k8s:shop/orders')],
}

const grant = (identity: string, target: string, used: boolean): EntitlementView => ({
  identity,
  workloads: [],
  target,
  used,
  uses: used ? 4 : 0,
})

describe('a workload', () => {
  test('is told by what it does', () => {
    expect(workloadSentence(orders)).toBe(
      'orders answers 1 endpoint, calls 1 other, uses 1 store and runs as k8s:shop/orders.',
    )
    expect(workloadSentence({ ...orders, serves: [], calls: [], stores: [], identities: [] })).toBe(
      'orders was seen to do nothing yet.',
    )
  })

  test('is exposed for a reason', () => {
    const way = { did: true, edges: [] }
    const open = { ...orders, callers: [edge('internet', 'exposes', me, { did: false })] }
    expect([
      exposureWhy(orders, []),
      exposureWhy({ ...orders, exposure: 'cluster' }, []),
      exposureWhy(orders, [way]),
      exposureWhy(orders, [{ ...way, did: false }]),
      exposureWhy(open, []),
      exposureWhy(open, [way]),
    ]).toEqual([
      'Nothing is known to let the internet in.',
      'Only from within the cluster, as far as is known.',
      'Calls from the internet come to it.',
      'The internet may come to it, but never did.',
      'An ingress, route or load balancer lets the internet in; no call came that way yet.',
      'An ingress, route or load balancer lets the internet in, and calls came that way.',
    ])
  })

  test('has the versions that were seen, newest first', () => {
    expect(versionsOf(orders).map(({ version }) => version)).toEqual(['1.2.0', '1.1.0'])
  })

  test('is granted what it runs as and what that takes on are granted, unused first', () => {
    const all = [
      grant('identity:k8s:shop/orders', 'store:a', true),
      grant('identity:aws:role/x', 'store:b', false),
      grant('identity:other', 'store:c', false),
    ]
    const found = grantsOf(orders, ['identity:aws:role/x'], all)
    expect(found.map(({ target }) => target)).toEqual(['store:b', 'store:a'])
    expect([found, found.slice(1), []].map(grantsSentence)).toEqual([
      '1 of 2 grants was not used in the last 30 days: it can be taken away.',
      'Its grant was used in the last 30 days.',
      'No grant is known of what it runs as.',
    ])
  })

  test('is one of many', () => {
    const open = { ...orders, id: 'admin/reports', namespace: 'admin', exposure: 'internet' }
    expect([
      workloadsSentence([], '', false),
      workloadsSentence([], 'x', false),
      workloadsSentence([orders], '', false),
      workloadsSentence([orders, open], '', true),
    ]).toEqual([
      'No workload was seen yet.',
      'No workload is called “x”.',
      '1 workload; none is known to be reachable from the internet.',
      'More than 2 workloads in 2 namespaces; the internet can reach admin/reports.',
    ])
  })
})

describe('a sensor', () => {
  const otlp = { id: 'otlp', kind: 'traces', state: 'running', events: 10, dropped: 0, rejected: 0 }
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString()

  test('says what it sees, how much and how late', () => {
    expect([
      seesText({ sees: 'head' }),
      seesText({}),
      sampledText({ sampledShare: 0.1 }),
      sampledText({ sampledShare: 1 }),
      lagText({ lagMs: 80 }),
      lagText({ lagMs: 65_000 }),
    ]).toEqual([
      'calls without their bodies',
      undefined,
      'its sources keep only 10 % of what happens',
      undefined,
      undefined,
      '1 minute behind',
    ])
  })

  test('that is off is no trouble; one whose sources fall silent is', () => {
    const off = { ...otlp, id: 'kubernetes', state: 'stopped' }
    const silent = { name: 'shop/billing', events: 4, lastEventAt: at(0), silent: true }
    expect(coverageSentence([otlp, off])).toBe('The one sensor is well; nothing was dropped.')
    expect(coverageSentence([off])).toContain('nothing is being seen')
    expect(coverageSentence([{ ...otlp, sources: [silent] }])).toBe(
      'The one sensor is well; nothing was dropped. shop/billing has fallen silent.',
    )
  })

  test('has heard the first event since a moment, from whom it came', () => {
    const source = (name: string, seconds: number) => ({
      name,
      events: 1,
      lastEventAt: at(seconds),
      silent: false,
    })
    const sensor = { ...otlp, lastEventAt: at(100), sources: [source('old', 10), source('new', 100)] }
    expect(heardSince(undefined, 0)).toBeUndefined()
    expect(heardSince(otlp, 0)).toBeUndefined()
    expect(heardSince(sensor, 101_000)).toBeUndefined()
    expect(heardSince(sensor, 50_000)).toEqual({ from: 'new', at: at(100) })
    expect(heardSince({ ...sensor, sources: [] }, 50_000)).toEqual({ from: undefined, at: at(100) })
  })
})
