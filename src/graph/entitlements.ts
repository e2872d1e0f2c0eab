import type { Graph } from './graph.ts'
import type { GraphNode, NodeId } from './node.ts'

/** Something a grant lets an identity reach, and whether it did. */
export interface Entitlement {
  readonly identity: GraphNode
  /** Workloads that run as it. */
  readonly workloads: readonly NodeId[]
  readonly target: GraphNode
  /** When the grant was seen first, ms since the epoch; 0 where it has no time. */
  readonly since: number
  readonly used: boolean
  /** Times it was used, by the identity or by a workload that runs as it. */
  readonly uses: number
  /** When it was used last, ms since the epoch; absent where it never was. */
  readonly lastUsed?: number
}

export interface EntitlementQuestion {
  /** Only those that were not used in the days before `asOf`. */
  readonly unused?: boolean
  /** 1 to 64; all that is known when absent. */
  readonly days?: number
  readonly asOf?: number
}

/**
 * What identities are granted, each with what was made of it, by identity and target. A use is an edge that happened from the identity,
 * or from a workload that runs as it, to what the grant names.
 */
export function entitlements(graph: Graph, question: EntitlementQuestion = {}): readonly Entitlement[] {
  const { nodes, edges } = graph
  const { days, asOf } = question
  const recent = graph.inView({
    ...(days === undefined ? {} : { days }),
    ...(asOf === undefined ? {} : { asOf }),
  })
  const found: Entitlement[] = []
  for (const identity of nodes.numbers()) {
    if (nodes.kindOf(identity) !== 'identity') continue
    const granted: number[] = []
    for (let edge = edges.firstOut(identity); edge >= 0; edge = edges.nextOut[edge]!)
      if (edges.kindOf(edge) === 'may') granted.push(edge)
    if (granted.length === 0) continue
    const workloads: number[] = []
    for (let edge = edges.firstIn(identity); edge >= 0; edge = edges.nextIn[edge]!)
      if (edges.kindOf(edge) === 'runs-as') workloads.push(edges.from[edge]!)
    const acts = actsOf(graph, [identity, ...workloads])
    for (const grant of granted) {
      if (asOf !== undefined && edges.first[grant]! > asOf) continue
      const target = edges.to[grant]!
      const own = (edges.flags[grant]! & 1) === 0 ? [] : [grant]
      const uses = [...own, ...(acts.get(target) ?? [])]
      const used = uses.some(recent)
      if (question.unused === true && used) continue
      const count = uses.reduce((sum, edge) => sum + edges.count[edge]!, 0)
      found.push({
        identity: graph.nodeAt(identity),
        workloads: workloads.map(node => nodes.ids[node]!).sort(),
        target: graph.nodeAt(target),
        since: edges.first[grant]!,
        used,
        uses: count,
        ...(uses.length === 0 ? {} : { lastUsed: Math.max(...uses.map(edge => edges.last[edge]!)) }),
      })
    }
  }
  return found.sort((a, b) =>
    a.identity.id !== b.identity.id
      ? a.identity.id < b.identity.id
        ? -1
        : 1
      : a.target.id < b.target.id
        ? -1
        : 1,
  )
}

/** What some nodes did, other than by a grant, by whom it was done to. */
function actsOf(graph: Graph, from: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const { edges } = graph
  const acts = new Map<number, number[]>()
  for (const node of from)
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!) {
      if (edges.kindOf(edge) === 'may' || (edges.flags[edge]! & 1) === 0) continue
      const target = edges.to[edge]!
      const known = acts.get(target)
      if (known === undefined) acts.set(target, [edge])
      else known.push(edge)
    }
  return acts
}
