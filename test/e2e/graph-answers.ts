import { blastRadius } from '../../src/graph/blast-radius.ts'
import type { GraphEdge } from '../../src/graph/edge.ts'
import type { EdgeView, Graph } from '../../src/graph/graph.ts'
import type { GraphNode, NodeId } from '../../src/graph/node.ts'
import { findPaths, type GraphPath } from '../../src/graph/paths.ts'
import { selectNodes } from '../../src/graph/selector.ts'

type Answer = readonly [status: number, body: unknown]

const told = <Timed extends GraphNode | GraphEdge>(one: Timed) => ({
  ...one,
  firstSeen: new Date(one.firstSeen).toISOString(),
  lastSeen: new Date(one.lastSeen).toISOString(),
})

const wayOf = ({ nodes, edges, did }: GraphPath) => ({
  nodes: nodes.map(told),
  edges: edges.map(told),
  did,
  sentence: nodes.map(({ name }) => name).join(' → '),
})

/** The graph's part of the REST API over a graph that is really one. */
export function graphAnswer(graph: Graph, path: string, query: URLSearchParams): Answer | undefined {
  const view: EdgeView = {
    ...(query.has('asOf') ? { asOf: Date.parse(query.get('asOf') ?? '') } : {}),
    ...(query.has('days') ? { days: Number(query.get('days')) } : {}),
    declared: query.get('declared') !== 'false',
  }
  switch (path) {
    case '/graph':
      return [200, around(graph, query.get('focus') as NodeId, Number(query.get('depth')), view)]
    case '/graph/nodes': {
      const q = query.get('q') ?? ''
      const kind = query.get('kind')
      const items = [...graph.allNodes()]
        .filter(node => node.id.includes(q) && (kind === null || node.kind === kind))
        .slice(0, Number(query.get('limit')))
      return [200, { items: items.map(told) }]
    }
    case '/graph/paths': {
      const select = (selector: string): readonly number[] => {
        try {
          return selectNodes(graph, selector)
        } catch {
          return []
        }
      }
      const from = select(query.get('from') ?? '')
      const to = select(query.get('to') ?? '')
      const ways = findPaths(graph, from, to, { ...view, limit: Number(query.get('limit')) })
      return [200, { paths: ways.map(wayOf) }]
    }
    case '/graph/reach': {
      const reach = blastRadius(graph, query.get('node') as NodeId, view)
      if (reach === undefined) return [404, { title: 'The graph knows no such node.', status: 404 }]
      const list = (all: typeof reach.stores) =>
        all.map(({ node, ...rest }) => ({ node: told(node), ...rest }))
      return [
        200,
        {
          of: told(reach.of),
          reached: reach.reached,
          reachable: reach.reachable,
          data: reach.data.map(({ path, ...rest }) => ({ ...rest, path: wayOf(path) })),
          stores: list(reach.stores),
          endpoints: list(reach.endpoints),
          identities: list(reach.identities),
        },
      ]
    }
    default:
      return undefined
  }
}

/** Nodes so many steps around, in both directions, and the edges between them. */
function around(graph: Graph, focus: NodeId, depth: number, view: EdgeView) {
  const ids = new Set<NodeId>([focus])
  let edge: readonly NodeId[] = [focus]
  for (let step = 0; step < depth && ids.size < 150; step += 1) {
    const next = edge.flatMap(id => [
      ...graph.outOf(id, view).map(({ to }) => to),
      ...graph.into(id, view).map(({ from }) => from),
    ])
    edge = [...new Set(next)].filter(id => !ids.has(id))
    for (const id of edge) if (ids.size < 150) ids.add(id)
  }
  const nodes = [...ids].flatMap(id => graph.get(id) ?? [])
  const groups = new Map<string, { id: string; label: string; kind: string; nodes: string[] }>()
  for (const { id, kind, name } of nodes) {
    const area = kind === 'workload' ? (name.split('/')[0] ?? '') : kind
    const group = groups.get(`${kind} ${area}`) ?? { id: `${kind} ${area}`, label: area, kind, nodes: [] }
    group.nodes.push(id)
    groups.set(group.id, group)
  }
  return {
    nodes: nodes.map(told),
    edges: [...graph.allEdges(view)].filter(({ from, to }) => ids.has(from) && ids.has(to)).map(told),
    groups: [...groups.values()]
      .filter(group => group.nodes.length > 1)
      .map(group => ({ ...group, count: group.nodes.length })),
    truncated: ids.size === 150,
  }
}
