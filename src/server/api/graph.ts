import type { GraphEdge } from '../../graph/edge.ts'
import type { NodeGroup } from '../../graph/group.ts'
import type { NodeFacts, NodeKind } from '../../graph/node.ts'

/** A workload, an identity, an endpoint, a store, a class of data or an outside host. */
export interface GraphNodeView {
  readonly id: string
  readonly kind: NodeKind
  readonly name: string
  readonly firstSeen: string
  readonly lastSeen: string
  /** Of a workload: events that named it. */
  readonly events: number
  readonly facts: NodeFacts
}

/** `from` and `to` are ids of nodes. */
export interface GraphEdgeView extends Omit<GraphEdge, 'from' | 'to' | 'firstSeen' | 'lastSeen'> {
  readonly from: string
  readonly to: string
  readonly firstSeen: string
  readonly lastSeen: string
}

/** What lies around a node. */
export interface GraphView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  readonly groups: readonly NodeGroup[]
  /** There is more than was asked for. */
  readonly truncated: boolean
}

/** A way through the graph. */
export interface GraphPathView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  /** Every step happened. */
  readonly did: boolean
  readonly sentence: string
}
