import type { Graph } from './graph.ts'
import type { GraphNode, NodeKind } from './node.ts'

export interface NodeQuery {
  /** Part of the id, any case. */
  readonly q?: string
  readonly kind?: NodeKind
  /** Ids after this one. */
  readonly after?: string
  readonly limit: number
}

/** Nodes by id; `more` where there are others after them. */
export function searchNodes(
  graph: Graph,
  { q, kind, after, limit }: NodeQuery,
): { readonly nodes: readonly GraphNode[]; readonly more: boolean } {
  const text = q?.toLowerCase()
  const found: number[] = []
  for (const number of graph.nodes.numbers()) {
    if (kind !== undefined && graph.nodes.kindOf(number) !== kind) continue
    const id = graph.nodes.ids[number]!
    if (after !== undefined && id <= after) continue
    if (text === undefined || id.toLowerCase().includes(text)) found.push(number)
  }
  found.sort((a, b) => (graph.nodes.ids[a]! < graph.nodes.ids[b]! ? -1 : 1))
  return { nodes: found.slice(0, limit).map(number => graph.nodeAt(number)), more: found.length > limit }
}
