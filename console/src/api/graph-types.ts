import type { EdgeKind, GraphEdge } from '../../../src/graph/edge.ts'
import type { GraphNode, NodeKind } from '../../../src/graph/node.ts'

export type { EdgeKind, EdgeSource } from '../../../src/graph/edge.ts'
export type { NodeFacts, NodeKind } from '../../../src/graph/node.ts'

export interface GraphNodeView extends Omit<GraphNode, 'id' | 'firstSeen' | 'lastSeen'> {
  readonly id: string
  readonly firstSeen: string
  readonly lastSeen: string
}

export interface GraphEdgeView extends Omit<GraphEdge, 'from' | 'to' | 'firstSeen' | 'lastSeen'> {
  readonly from: string
  readonly to: string
  readonly firstSeen: string
  readonly lastSeen: string
}

/** Nodes that may be drawn as one. */
export interface GraphGroupView {
  readonly id: string
  readonly label: string
  readonly kind: NodeKind
  readonly count: number
  readonly nodes: readonly string[]
}

export interface GraphView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  readonly groups: readonly GraphGroupView[]
  /** There is more than was asked for at most. */
  readonly truncated: boolean
}

export interface GraphPathView {
  readonly nodes: readonly GraphNodeView[]
  readonly edges: readonly GraphEdgeView[]
  readonly did: boolean
  readonly sentence: string
}

export interface ReachedView {
  readonly node: GraphNodeView
  readonly steps: number
  readonly did: boolean
}

export interface ReachView {
  readonly of: GraphNodeView
  readonly reached: Readonly<Record<NodeKind, number>>
  readonly reachable: Readonly<Record<NodeKind, number>>
  readonly data: readonly {
    readonly dataClass: string
    readonly did: boolean
    readonly path: Omit<GraphPathView, 'sentence'>
  }[]
  readonly stores: readonly ReachedView[]
  readonly endpoints: readonly ReachedView[]
  readonly identities: readonly ReachedView[]
}

export type EdgeKindView = EdgeKind
