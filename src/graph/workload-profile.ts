import type { GraphEdge } from './edge.ts'
import type { EdgeView, Graph } from './graph.ts'
import type { GraphNode, NodeId } from './node.ts'

/** A workload by who calls it and what it reaches. */
export interface WorkloadProfile {
  readonly node: GraphNode
  /** Workloads, principals and hosts that call it, and the internet where it is let in; busiest first. */
  readonly callers: readonly GraphEdge[]
  /** Endpoints that it answers. */
  readonly serves: readonly GraphEdge[]
  readonly calls: readonly GraphEdge[]
  /** Reads and writes. */
  readonly stores: readonly GraphEdge[]
  readonly identities: readonly GraphEdge[]
}

const listed = 200

/** Undefined where there is no such workload. Each list holds 200 at most. */
export function workloadProfile(graph: Graph, id: NodeId, view: EdgeView = {}): WorkloadProfile | undefined {
  const node = graph.get(id)
  if (node === undefined || node.kind !== 'workload') return undefined
  const out = graph.outOf(id, { declared: true, tried: true, ...view })
  const into = graph.into(id, { declared: true, tried: true, ...view })
  const of = (edges: readonly GraphEdge[], ...kinds: readonly GraphEdge['kind'][]) =>
    edges
      .filter(edge => kinds.includes(edge.kind))
      .sort((a, b) => b.count - a.count || (a.from + a.to < b.from + b.to ? -1 : 1))
      .slice(0, listed)
  return {
    node,
    callers: of(into, 'calls', 'exposes'),
    serves: of(into, 'serves'),
    calls: of(out, 'calls'),
    stores: of(out, 'reads', 'writes'),
    identities: of(out, 'runs-as'),
  }
}
