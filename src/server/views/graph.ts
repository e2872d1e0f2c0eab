import type { ToldPath } from '../../engine/graph-questions.ts'
import type { GraphEdge } from '../../graph/edge.ts'
import type { Neighbourhood } from '../../graph/neighbourhood.ts'
import type { GraphNode } from '../../graph/node.ts'
import type { GraphEdgeView, GraphNodeView, GraphPathView, GraphView } from '../api/graph.ts'
import { stamp } from './stamp.ts'

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
