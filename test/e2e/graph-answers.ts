import { answerFrom } from '../../src/engine/graph-questions.ts'
import type { EdgeView, Graph } from '../../src/graph/graph.ts'
import type { NodeKind } from '../../src/graph/node.ts'
import { SallyportError } from '../../src/kit/error.ts'
import {
  entitlementViewOf,
  graphViewOf,
  nodeViewOf,
  pathViewOf,
  reachViewOf,
  workloadDetailViewOf,
  workloadViewOf,
} from '../../src/server/views/graph.ts'

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
