import type { GraphEdge } from './edge.ts'
import type { EdgeView, Graph } from './graph.ts'
import { groupOf, type NodeGroup } from './group.ts'
import { type GraphNode, type NodeId, type NodeKind, readNodeId } from './node.ts'

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
  const steps = new Int16Array(nodes.length).fill(-1)
  /** How much went over the edges by which a node was come to. */
  const busy = new Float64Array(nodes.length)
  const order: number[] = []
  const visit = (node: number, distance: number, count: number): void => {
    busy[node] = busy[node]! + count
    if (steps[node]! >= 0 || order.length >= maxVisited) return
    steps[node] = distance
    order.push(node)
  }
  for (const node of focus) visit(node, 0, 0)
  for (let index = 0; index < order.length; index += 1) {
    const node = order[index]!
    const distance = steps[node]!
    if (distance === depth) break
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!)
      if (wanted(edge)) visit(edges.to[edge]!, distance + 1, edges.count[edge]!)
    for (let edge = edges.firstIn(node); edge >= 0; edge = edges.nextIn[edge]!)
      if (wanted(edge)) visit(edges.from[edge]!, distance + 1, edges.count[edge]!)
  }
  const members = order.map(node => memberOf(graph, node, steps[node]!, busy[node]!))
  const chosen = choose(members, limit)
  const ids = new Set(chosen.map(({ node }) => node))
  const found: number[] = []
  for (const { node } of chosen)
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!)
      if (ids.has(edges.to[edge]!) && wanted(edge)) found.push(edge)
  const told = found.map(edge => graph.edgeAt(edge)).sort(byEnds)
  return {
    nodes: chosen.map(({ node }) => graph.nodeAt(node)),
    edges: told.slice(0, maxEdges),
    groups: groupsOf(members, ids),
    truncated: chosen.length < members.length || order.length >= maxVisited || told.length > maxEdges,
  }
}

interface Member {
  readonly node: number
  readonly id: NodeId
  readonly kind: NodeKind
  /** What it is grouped by, without its kind. */
  readonly label: string
  readonly group: string
  readonly distance: number
  readonly busy: number
}

function memberOf({ nodes }: Graph, node: number, distance: number, busy: number): Member {
  const id = nodes.ids[node]!
  const kind = nodes.kindOf(node)
  const label = groupOf({ kind, name: readNodeId(id)?.name ?? id })
  return { node, id, kind, label, group: `${kind} ${label}`, distance, busy }
}

/** The nearest; of as near ones first every group's busiest, then every group's second. All in the order they were come to, where there is room. */
function choose(all: readonly Member[], most: number): readonly Member[] {
  if (all.length <= most) return all
  const chosen: Member[] = []
  // They were come to by their distance: each stretch of one distance is put in order by itself, as far as there is room.
  for (let from = 0; from < all.length && chosen.length < most; ) {
    const { distance } = all[from]!
    let to = from + 1
    while (to < all.length && all[to]!.distance === distance) to += 1
    for (const member of inTurns(all.slice(from, to)).slice(0, most - chosen.length)) chosen.push(member)
    from = to
  }
  return chosen
}

/** Each group in turn, its busiest first. */
function inTurns(members: Member[]): readonly Member[] {
  members.sort(byBusy)
  const seen = new Map<string, number>()
  const turns = members.map(member => {
    const turn = seen.get(member.group) ?? 0
    seen.set(member.group, turn + 1)
    return { member, turn }
  })
  return turns.sort((a, b) => a.turn - b.turn || byBusy(a.member, b.member)).map(({ member }) => member)
}

const byBusy = (a: Member, b: Member): number => b.busy - a.busy || (a.id < b.id ? -1 : 1)

function groupsOf(all: readonly Member[], shown: ReadonlySet<number>): readonly NodeGroup[] {
  const groups = new Map<string, { first: Member; count: number; nodes: string[] }>()
  for (const member of all) {
    let known = groups.get(member.group)
    if (known === undefined) {
      known = { first: member, count: 0, nodes: [] }
      groups.set(member.group, known)
    }
    known.count += 1
    if (shown.has(member.node)) known.nodes.push(member.id)
  }
  return [...groups]
    .filter(([, { count }]) => count > 1)
    .map(([id, { first, count, nodes: ids }]) => ({
      id,
      label: first.label,
      kind: first.kind,
      count,
      nodes: ids.sort(),
    }))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
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
