import type { ToldPath, ToldReach } from '../../engine/graph-questions.ts'
import type { GraphEdge } from '../../graph/edge.ts'
import type { Entitlement } from '../../graph/entitlements.ts'
import type { Neighbourhood } from '../../graph/neighbourhood.ts'
import type { GraphNode } from '../../graph/node.ts'
import type { WorkloadProfile } from '../../graph/workload-profile.ts'
import type {
  EntitlementView,
  GraphEdgeView,
  GraphNodeView,
  GraphPathView,
  GraphView,
  ReachView,
  WorkloadDetailView,
  WorkloadView,
} from '../api.ts'
import { present } from './present.ts'
import { stamp } from './views.ts'

export const nodeViewOf = (node: GraphNode): GraphNodeView => ({
  ...node,
  firstSeen: stamp(node.firstSeen),
  lastSeen: stamp(node.lastSeen),
})

export const edgeViewOf = (edge: GraphEdge): GraphEdgeView => ({
  ...edge,
  firstSeen: stamp(edge.firstSeen),
  lastSeen: stamp(edge.lastSeen),
})

export const graphViewOf = ({ nodes, edges, groups, truncated }: Neighbourhood): GraphView => ({
  nodes: nodes.map(nodeViewOf),
  edges: edges.map(edgeViewOf),
  groups,
  truncated,
})

export const pathViewOf = ({ nodes, edges, did, sentence }: ToldPath): GraphPathView => ({
  nodes: nodes.map(nodeViewOf),
  edges: edges.map(edgeViewOf),
  did,
  sentence,
})

export function reachViewOf({ of, reached, reachable, data, ...lists }: ToldReach): ReachView {
  const list = (all: ToldReach['stores']) => all.map(one => ({ ...one, node: nodeViewOf(one.node) }))
  return {
    of: nodeViewOf(of),
    reached,
    reachable,
    data: data.map(one => ({ ...one, path: pathViewOf(one.path) })),
    stores: list(lists.stores),
    endpoints: list(lists.endpoints),
    identities: list(lists.identities),
  }
}

export const entitlementViewOf = ({
  identity,
  target,
  since,
  lastUsed,
  ...rest
}: Entitlement): EntitlementView => ({
  ...rest,
  identity: identity.id,
  target: target.id,
  ...(since === 0 ? {} : { since: stamp(since) }),
  ...(lastUsed === undefined ? {} : { lastUsed: stamp(lastUsed) }),
})

export function workloadViewOf({ name, firstSeen, lastSeen, events, facts }: GraphNode): WorkloadView {
  const { cluster, namespace, kind, version, environment, exposure, rolledOutAt } = facts
  return {
    id: name,
    name: name.slice(name.lastIndexOf('/') + 1),
    ...present({ cluster, namespace, kind, version, environment, exposure }),
    ...(rolledOutAt === undefined ? {} : { rolledOutAt: stamp(rolledOutAt) }),
    events,
    firstSeen: stamp(firstSeen),
    lastSeen: stamp(lastSeen),
  }
}

export const workloadDetailViewOf = ({ node, ...lists }: WorkloadProfile): WorkloadDetailView => ({
  ...workloadViewOf(node),
  callers: lists.callers.map(edgeViewOf),
  serves: lists.serves.map(edgeViewOf),
  calls: lists.calls.map(edgeViewOf),
  stores: lists.stores.map(edgeViewOf),
  identities: lists.identities.map(edgeViewOf),
})
