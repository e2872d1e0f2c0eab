import type { GraphEdgeView } from './graph.ts'

/** Running software. */
export interface WorkloadView {
  /** `cluster/namespace/name`, or as much of it as is known. */
  readonly id: string
  readonly name: string
  readonly cluster?: string
  readonly namespace?: string
  readonly kind?: string
  readonly version?: string
  readonly environment?: string
  readonly exposure?: string
  readonly rolledOutAt?: string
  /** Events that named it. */
  readonly events: number
  readonly firstSeen: string
  readonly lastSeen: string
}

/** Edges by how much went over them; each list holds 200 at most. */
export interface WorkloadDetailView extends WorkloadView {
  readonly callers: readonly GraphEdgeView[]
  readonly serves: readonly GraphEdgeView[]
  readonly calls: readonly GraphEdgeView[]
  readonly stores: readonly GraphEdgeView[]
  readonly identities: readonly GraphEdgeView[]
}
