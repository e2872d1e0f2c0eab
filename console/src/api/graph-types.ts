export type { EdgeKind, EdgeSource } from '../../../src/graph/edge.ts'
export type { NodeGroup } from '../../../src/graph/group.ts'
export type { NodeFacts, NodeKind } from '../../../src/graph/node.ts'
export type {
  EntitlementView,
  GraphEdgeView,
  GraphNodeView,
  GraphPathView,
  GraphView,
  ReachedView,
  ReachView,
  WorkloadDetailView,
  WorkloadView,
} from '../../../src/server/api.ts'
