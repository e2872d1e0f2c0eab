import type { EdgeView, Graph } from './graph.ts'
import { type GraphNode, type NodeId, type NodeKind, nodeKinds } from './node.ts'
import type { GraphPath } from './paths.ts'
import { Reach } from './reach.ts'

export interface BlastRadius {
  readonly of: GraphNode
  /** Nodes that can be reached, by kind: those that were in fact, and those that only a grant lets it reach. */
  readonly reached: Readonly<Record<NodeKind, number>>
  readonly reachable: Readonly<Record<NodeKind, number>>
  /** Classes of data in reach, the nearest first, each with a shortest way there. */
  readonly data: readonly { readonly dataClass: string; readonly did: boolean; readonly path: GraphPath }[]
  /** Stores in reach, the nearest first; bounded. */
  readonly stores: readonly { readonly node: GraphNode; readonly steps: number; readonly did: boolean }[]
  /** Endpoints in reach, the nearest first; bounded. */
  readonly endpoints: readonly { readonly node: GraphNode; readonly steps: number; readonly did: boolean }[]
  readonly identities: readonly { readonly node: GraphNode; readonly steps: number; readonly did: boolean }[]
}

const maxListed = 100

/**
 * What somebody who holds this node can reach: what it did reach, and with grants what it could.
 * @param within Steps at most.
 * @returns undefined where there is no such node.
 */
export function blastRadius(
  graph: Graph,
  id: NodeId,
  view: EdgeView & { readonly within?: number } = {},
): BlastRadius | undefined {
  const number = graph.nodes.numberOf(id)
  if (number === undefined) return undefined
  const within = view.within ?? 6
  const did = new Reach(graph, [number], { ...view, declared: false }, within)
  const could = new Reach(graph, [number], { ...view, declared: true }, within)
  const told = (kind: NodeKind) =>
    could.order
      .filter(node => node !== number && graph.nodes.kindOf(node) === kind)
      .map(node => ({ node, steps: could.stepsTo(node) ?? 0, did: did.stepsTo(node) !== undefined }))
  const listed = (kind: NodeKind) =>
    told(kind)
      .slice(0, maxListed)
      .map(({ node, ...rest }) => ({ node: graph.nodeAt(node), ...rest }))
  return {
    of: graph.nodeAt(number),
    reached: counted(graph, did.order, number),
    reachable: counted(graph, could.order, number),
    data: told('data').map(one => {
      const way = (one.did ? did : could).wayTo(graph, one.node)
      const edges = way.map(edge => graph.edgeAt(edge))
      return {
        dataClass: graph.nodeAt(one.node).name,
        did: one.did,
        path: {
          nodes: [number, ...way.map(edge => graph.edges.to[edge]!)].map(node => graph.nodeAt(node)),
          edges,
          did: edges.every(edge => edge.did),
        },
      }
    }),
    stores: listed('store'),
    endpoints: listed('endpoint'),
    identities: listed('identity'),
  }
}

function counted(
  graph: Graph,
  order: readonly number[],
  without: number,
): Readonly<Record<NodeKind, number>> {
  const counts = Object.fromEntries(nodeKinds.map(kind => [kind, 0])) as Record<NodeKind, number>
  for (const node of order) if (node !== without) counts[graph.nodes.kindOf(node)] += 1
  return counts
}
