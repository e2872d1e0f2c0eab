import type { Graph } from '../../graph/graph.ts'
import type { NodeId } from '../../graph/node.ts'
import { neighbours } from './sensitive.ts'

/** Neighbours beyond which a node is what everybody shares. */
export const hubNeighbours = 50

/**
 * Has a node so many neighbours that having it in common says nothing? Workloads, identities, stores and hosts count; how many endpoints a
 * workload serves says nothing about it.
 */
export function isHub(graph: Graph, node: NodeId, most = hubNeighbours): boolean {
  const others = new Set<NodeId>()
  for (const way of ['in', 'out'] as const)
    for (const other of neighbours(graph, node, way))
      if (/^(?:workload|identity|store|host):/.test(other)) others.add(other)
  return others.size > most
}
