import type { NodeId } from './node.ts'

/**
 * How one node reaches the next; every edge points the way that access flows, so that what can be reached is what can be walked to.
 *
 * - `calls`: internet, principal, workload or endpoint (what answering it leads to) → endpoint, workload or host
 * - `serves`: endpoint → the workload that answers
 * - `reads`, `writes`: workload or endpoint → store
 * - `carries`: endpoint or store → class of data
 * - `runs-as`: workload → identity
 * - `assumes`: identity or principal → identity
 * - `may`: identity → what a grant lets it reach; workload → a secret that it is given
 * - `exposes`: internet → workload, by ingress, route or load balancer
 */
export const edgeKinds = [
  'calls',
  'serves',
  'reads',
  'writes',
  'carries',
  'runs-as',
  'assumes',
  'may',
  'exposes',
] as const
export type EdgeKind = (typeof edgeKinds)[number]

/** Where an edge was learned from. */
export const edgeSources = [
  'gateway',
  'file',
  'otlp',
  'mirror',
  'envoy',
  'kubernetes',
  'runtime',
  'cloud',
  'stream',
  'inferred',
] as const
export type EdgeSource = (typeof edgeSources)[number]

/** An edge as it is told. Times in ms since the epoch. */
export interface GraphEdge {
  readonly from: NodeId
  readonly to: NodeId
  readonly kind: EdgeKind
  /** It happened: how often, and how much was carried. All 0 for what was only declared. */
  readonly count: number
  readonly bytes: number
  readonly rows: number
  readonly firstSeen: number
  readonly lastSeen: number
  /** `did`: it was seen, and not refused every time; `could`: something grants it. Both may hold. */
  readonly did: boolean
  readonly could: boolean
  /** `http`, `grpc`, `postgresql` …, of the first call; of a grant its verbs. */
  readonly protocol?: string
  /** Deploy version of the node it comes from when it was seen last. */
  readonly version?: string
  readonly sources: readonly EdgeSource[]
  /** Attempts that were refused or blocked. */
  readonly refused: number
}
