import type { GraphEdge } from './edge.ts'
import type { EdgeView, Graph } from './graph.ts'
import { groupOf, type NodeGroup } from './group.ts'
import type { GraphNode } from './node.ts'

export interface NeighbourhoodQuestion extends EdgeView {
  /** Steps from the focus, in both directions; 2 when absent. */
  readonly depth?: number
  /** Nodes told at most; 150 when absent. */
  readonly limit?: number
}

/** What lies around some nodes. */
export interface Neighbourhood {
  /** The focus first, then the nearest; of as near ones each group in turn, its busiest first. */
  readonly nodes: readonly GraphNode[]
  /** Edges between the nodes told, by their ends. */
  readonly edges: readonly GraphEdge[]
  /** Groups of at least two, the largest first. */
  readonly groups: readonly NodeGroup[]
  /** There is more than was told. */
  readonly truncated: boolean
}

/** Nodes that are looked at before the walk ends: hubs have many neighbours. */
const maxVisited = 20_000
/** Edges told at most. */
const maxEdges = 2_000

/**
 * The nodes within some steps of the focus and what joins them; without a focus the whole graph from its beginnings: the internet, else
 * all workloads.
 */
export function neighbourhood(
  graph: Graph,
  focus: readonly number[],
  question: NeighbourhoodQuestion = {},
): Neighbourhood {
  const { depth = 2, limit = 150 } = question
  const { nodes, edges } = graph
  const wanted = graph.inView(question)
  const steps = new Map<number, number>()
  /** How much went over the edges by which a node was come to. */
  const busy = new Map<number, number>()
  const order: number[] = []
  const visit = (node: number, distance: number, count: number): void => {
    busy.set(node, (busy.get(node) ?? 0) + count)
    if (steps.has(node) || order.length >= maxVisited) return
    steps.set(node, distance)
    order.push(node)
  }
  for (const node of focus) visit(node, 0, 0)
  for (let index = 0; index < order.length; index += 1) {
    const node = order[index]!
    const distance = steps.get(node)!
    if (distance === depth) break
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!)
      if (wanted(edge)) visit(edges.to[edge]!, distance + 1, edges.count[edge]!)
    for (let edge = edges.firstIn(node); edge >= 0; edge = edges.nextIn[edge]!)
      if (wanted(edge)) visit(edges.from[edge]!, distance + 1, edges.count[edge]!)
  }
  const members = order.map(node => {
    const told = graph.nodeAt(node)
    return { node, told, group: `${told.kind} ${groupOf(told)}` }
  })
  const chosen = choose(members, limit, steps, busy)
  const ids = new Set(chosen.map(({ node }) => node))
  const found: number[] = []
  for (const { node } of chosen)
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!)
      if (ids.has(edges.to[edge]!) && wanted(edge)) found.push(edge)
  const told = found.map(edge => graph.edgeAt(edge)).sort(byEnds)
  return {
    nodes: chosen.map(({ told }) => told),
    edges: told.slice(0, maxEdges),
    groups: groupsOf(members, ids),
    truncated: chosen.length < members.length || order.length >= maxVisited || told.length > maxEdges,
  }

  function choose(
    all: readonly Member[],
    most: number,
    distances: ReadonlyMap<number, number>,
    busyness: ReadonlyMap<number, number>,
  ): readonly Member[] {
    if (all.length <= most) return all
    // The rank of each within its group and distance: first every group's busiest, then every group's second.
    const ranked = [...all].sort(
      (a, b) =>
        distances.get(a.node)! - distances.get(b.node)! ||
        busyness.get(b.node)! - busyness.get(a.node)! ||
        (a.told.id < b.told.id ? -1 : 1),
    )
    const seen = new Map<string, number>()
    const ranks = new Map<Member, number>()
    for (const member of ranked) {
      const key = `${distances.get(member.node)} ${member.group}`
      const rank = seen.get(key) ?? 0
      seen.set(key, rank + 1)
      ranks.set(member, rank)
    }
    return ranked
      .sort(
        (a, b) =>
          distances.get(a.node)! - distances.get(b.node)! ||
          ranks.get(a)! - ranks.get(b)! ||
          busyness.get(b.node)! - busyness.get(a.node)! ||
          (a.told.id < b.told.id ? -1 : 1),
      )
      .slice(0, most)
  }

  function groupsOf(all: readonly Member[], shown: ReadonlySet<number>): readonly NodeGroup[] {
    const groups = new Map<string, { told: GraphNode; count: number; nodes: string[] }>()
    for (const { node, told: member, group } of all) {
      const known = groups.get(group) ?? { told: member, count: 0, nodes: [] }
      known.count += 1
      if (shown.has(node)) known.nodes.push(nodes.ids[node]!)
      groups.set(group, known)
    }
    return [...groups]
      .filter(([, { count }]) => count > 1)
      .map(([id, { told: first, count, nodes: ids }]) => ({
        id,
        label: groupOf(first),
        kind: first.kind,
        count,
        nodes: ids.sort(),
      }))
      .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
  }
}

interface Member {
  readonly node: number
  readonly told: GraphNode
  readonly group: string
}

const byEnds = (a: GraphEdge, b: GraphEdge): number =>
  a.from < b.from ? -1 : a.from > b.from ? 1 : a.to < b.to ? -1 : a.to > b.to ? 1 : a.kind < b.kind ? -1 : 1

/** Where a look at the whole graph begins: what is outside, and every workload. */
export function beginnings(graph: Graph): readonly number[] {
  const internet = graph.nodes.numberOf('internet')
  const found: number[] = internet === undefined ? [] : [internet]
  for (const number of graph.nodes.numbers()) {
    if (found.length >= maxVisited) break
    if (graph.nodes.kindOf(number) === 'workload') found.push(number)
  }
  return found
}
