import type { NodeKind } from '../../graph/node.ts'
import type { GraphNodeView, GraphPathView } from './graph.ts'

/** A node that was reached, or could be, in so many `steps`. */
export interface ReachedView {
  readonly node: GraphNodeView
  readonly steps: number
  readonly did: boolean
}

/** What whoever holds the node did reach, and with its grants could. */
export interface ReachView {
  readonly of: GraphNodeView
  readonly reached: Readonly<Record<NodeKind, number>>
  readonly reachable: Readonly<Record<NodeKind, number>>
  readonly data: readonly {
    readonly dataClass: string
    readonly did: boolean
    readonly path: GraphPathView
  }[]
  readonly stores: readonly ReachedView[]
  readonly endpoints: readonly ReachedView[]
  readonly identities: readonly ReachedView[]
}
