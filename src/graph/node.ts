import { memo } from '../kit/memo.ts'

/**
 * What the graph joins. `internet` is everybody outside, one node. A node's id is its kind, a colon and its name: `workload:shop/orders`,
 * `store:postgresql://orders-db/shop/orders`, `endpoint:GET api.shop.example/orders/{orderId}`, `data:payment-card`.
 */
export const nodeKinds = [
  'internet',
  'principal',
  'identity',
  'workload',
  'endpoint',
  'store',
  'data',
  'host',
] as const
export type NodeKind = (typeof nodeKinds)[number]

export type NodeId = `${NodeKind}:${string}` | 'internet'

export const internet: NodeId = 'internet'

export const nodeId = (kind: Exclude<NodeKind, 'internet'>, name: string): NodeId => `${kind}:${name}`

/** `nodeId` of a workload, remembered: there are few, and every event names some. */
export const workloadNode: (name: string) => NodeId = memo(name => nodeId('workload', name))

/** Kind and name of an id; undefined for what is none. */
export function readNodeId(id: string): { readonly kind: NodeKind; readonly name: string } | undefined {
  if (id === internet) return { kind: 'internet', name: internet }
  const colon = id.indexOf(':')
  if (colon <= 0 || colon === id.length - 1) return undefined
  const kind = nodeKinds.find(known => known === id.slice(0, colon))
  return kind === undefined || kind === 'internet' ? undefined : { kind, name: id.slice(colon + 1) }
}

/** What is known of a node besides its edges; only what was said. */
export interface NodeFacts {
  /** Of a workload: `Deployment`, `StatefulSet` …, as its orchestrator calls it. */
  readonly kind?: string
  /** `production`, `staging` …: of a workload from its labels or namespace, of an identity from where it was used first. */
  readonly environment?: string
  readonly cluster?: string
  readonly namespace?: string
  /** Deploy version in use, the newest seen. */
  readonly version?: string
  /** Who can reach it: `internet`, `cluster`, `namespace`. */
  readonly exposure?: string
  /** Of a workload: why, the strongest reason first. */
  readonly exposureWhy?: readonly string[]
  /** Of an identity: what it may, a sentence each, as far as an orchestrator grants it. */
  readonly entitlements?: readonly string[]
  /** Classes of data that an endpoint answers with or a store is known to hold. */
  readonly dataClasses?: readonly string[]
  readonly criticality?: string
  readonly owner?: string
  /** Of an external host: nobody of ours. */
  readonly external?: boolean
  /** Of a workload: when its version changed last, ms since the epoch. */
  readonly rolledOutAt?: number
}

/** A node as it is told. Times in ms since the epoch. */
export interface GraphNode {
  readonly id: NodeId
  readonly kind: NodeKind
  readonly name: string
  readonly firstSeen: number
  readonly lastSeen: number
  /** Of a workload: events that named it. */
  readonly events: number
  readonly facts: NodeFacts
}
