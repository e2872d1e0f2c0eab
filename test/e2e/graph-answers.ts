import { answerFrom } from '../../src/engine/graph-questions.ts'
import { RecentEvents } from '../../src/engine/recent-events.ts'
import type { EdgeView, Graph } from '../../src/graph/graph.ts'
import { type NodeKind, nodeId } from '../../src/graph/node.ts'
import { SallyportError } from '../../src/kit/error.ts'
import { entitlementViewOf } from '../../src/server/views/entitlement.ts'
import { eventViewOf } from '../../src/server/views/event.ts'
import { graphViewOf, nodeViewOf, pathViewOf } from '../../src/server/views/graph.ts'
import { reachViewOf } from '../../src/server/views/reach.ts'
import { workloadDetailViewOf, workloadViewOf } from '../../src/server/views/workload.ts'

const events = new RecentEvents()
const orders = { namespace: 'shop', name: 'orders' }
const seen = { type: 'runtime', workload: orders, source: 'falco', outcome: 'allowed' } as const
const at = Date.UTC(2026, 5, 1, 10)
for (const event of [
  {
    ...seen,
    id: 'e-shell',
    time: at,
    action: 'process',
    object: '/bin/sh -c id',
    policy: 'Terminal shell in container',
  },
  {
    ...seen,
    id: 'e-file',
    time: at + 4_000,
    action: 'file',
    object: '/var/run/secrets/kubernetes.io/serviceaccount/token',
  },
  {
    ...seen,
    id: 'e-out',
    time: at + 9_000,
    action: 'network',
    object: '203.0.113.9:443',
    outcome: 'blocked',
  },
])
  events.note(nodeId('workload', 'shop/orders'), event)

type Answer = readonly [status: number, body: unknown]

/** The graph's part of the REST API over a graph that is really one, by the server's own questions and views. */
export function graphAnswer(graph: Graph, path: string, query: URLSearchParams): Answer | undefined {
  try {
    const body = answer(graph, path, query)
    return body === undefined ? undefined : [200, body]
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error
    return [404, { title: error.message, status: 404 }]
  }
}

function answer(graph: Graph, path: string, query: URLSearchParams): unknown {
  const text = (name: string): string => query.get(name) ?? ''
  const limit = Number(query.get('limit') ?? 1_000)
  const view: EdgeView = {
    ...(query.has('asOf') ? { asOf: Date.parse(text('asOf')) } : {}),
    ...(query.has('days') ? { days: Number(text('days')) } : {}),
    ...(query.has('declared') ? { declared: query.get('declared') === 'true' } : {}),
  }
  const nodes = (kind: string | null) =>
    answerFrom(graph, 'nodes', {
      q: text('q'),
      limit,
      ...(kind === null ? {} : { kind: kind as NodeKind }),
    }).items
  switch (path) {
    case '/graph':
      return graphViewOf(
        answerFrom(graph, 'around', { focus: text('focus'), depth: Number(text('depth')), limit, ...view }),
      )
    case '/graph/nodes':
      return { items: nodes(query.get('kind')).map(nodeViewOf) }
    case '/graph/paths':
      return {
        paths: answerFrom(graph, 'paths', {
          from: text('from'),
          to: text('to'),
          limit,
          ...(query.get('by') === 'endpoint' ? { by: 'endpoint' as const } : {}),
          ...view,
        }).map(pathViewOf),
      }
    case '/graph/reach':
      return reachViewOf(answerFrom(graph, 'reach', { node: text('node'), ...view }))
    case '/graph/entitlements':
      return {
        items: answerFrom(graph, 'entitlements', { limit, ...view }).items.map(entitlementViewOf),
        truncated: false,
      }
    case '/events': {
      const found = answerFrom(
        graph,
        'events',
        query.has('ids') ? { ids: text('ids').split(','), limit } : { workload: text('workload'), limit },
        { ownerOf: () => undefined, recent: events },
      )
      return { items: found.map(one => eventViewOf(one, one.event.id === 'e-shell' ? ['inc-role'] : [])) }
    }
    case '/workloads':
      return { items: nodes('workload').map(workloadViewOf) }
    default:
      return path.startsWith('/workloads/')
        ? workloadDetailViewOf(
            answerFrom(graph, 'workload', { id: decodeURIComponent(path.slice('/workloads/'.length)) }),
          )
        : undefined
  }
}
