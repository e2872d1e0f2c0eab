import type { Graph } from '../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../graph/node.ts'
import type { PrincipalId } from '../../kit/id.ts'

export const dayMs = 86_400_000

/** Has the node been known for so long that what it does for the first time means something? Its own time counts. */
export function isSettled(graph: Graph, id: NodeId, time: number, days: number): boolean {
  const number = graph.nodes.numberOf(id)
  return number !== undefined && time - graph.nodes.first[number]! >= days * dayMs
}

/** How a sentence names a node. */
export function nodeName(id: NodeId): string {
  const read = readNodeId(id)
  if (read === undefined) return id
  if (read.kind === 'internet') return 'the internet'
  return read.kind === 'identity' ? read.name : `${read.kind} ${read.name}`
}

/** Whom a signal names where no caller is known: the workload or identity that acted. */
export const actorId = (id: NodeId): PrincipalId => id as string as PrincipalId

/** `shop` of `workload:shop/orders`: all but the name. */
export function namespaceOf(id: NodeId): string | undefined {
  const name = readNodeId(id)?.name ?? ''
  const slash = name.lastIndexOf('/')
  return slash < 0 ? undefined : name.slice(0, slash)
}
