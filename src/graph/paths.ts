import type { GraphEdge } from './edge.ts'
import type { EdgeView, Graph } from './graph.ts'
import type { GraphNode, NodeId } from './node.ts'
import { Reach } from './reach.ts'

export interface PathQuestion extends EdgeView {
  /** Steps of a path at most; 8 when absent. */
  readonly within?: number
  /** Paths told at most; 10 when absent. */
  readonly limit?: number
}

/** A way from one node to another. */
export interface GraphPath {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Every step has happened; otherwise some are only granted. */
  readonly did: boolean
}

/** Steps tried while ways are listed, so that a graph built for it cannot cost more. */
const maxTries = 200_000

/**
 * Shortest ways from any of the first nodes to any of the last, one after the other in length, then by the most used; ways of the same
 * length all, longer ones only where a target has none as short.
 */
export function findPaths(
  graph: Graph,
  from: readonly number[],
  to: readonly number[],
  question: PathQuestion = {},
): readonly GraphPath[] {
  const { within = 8, limit = 10 } = question
  const wanted = graph.inView(question)
  const reach = new Reach(graph, from, question, within)
  const targets = [...new Set(to)]
    .flatMap(node => {
      const steps = reach.stepsTo(node)
      return steps === undefined || steps === 0 ? [] : [{ node, steps }]
    })
    .sort((a, b) => a.steps - b.steps || compare(graph, a.node, b.node))
  const ways: number[][] = []
  let tries = maxTries
  for (const { node } of targets) {
    if (ways.length >= limit) break
    const here: number[][] = []
    walkBack(graph, reach, node, [], way => {
      here.push(way)
      return here.length < limit * 4
    })
    here.sort((a, b) => busyness(graph, b) - busyness(graph, a))
    ways.push(...here.slice(0, Math.max(1, Math.ceil((limit - ways.length) / Math.max(1, targets.length)))))
  }
  return ways.slice(0, limit).map(way => pathAlong(graph, way))

  /** Every way back to a beginning along which each step comes one nearer. */
  function walkBack(
    graph: Graph,
    reach: Reach,
    node: number,
    behind: readonly number[],
    take: (way: number[]) => boolean,
  ): boolean {
    const steps = reach.stepsTo(node) ?? 0
    if (steps === 0) return take([...behind].reverse())
    for (let edge = graph.edges.firstIn(node); edge >= 0; edge = graph.edges.nextIn[edge]!) {
      tries -= 1
      if (tries < 0) return false
      const before = graph.edges.from[edge]!
      if (reach.stepsTo(before) !== steps - 1 || !wanted(edge)) continue
      if (!walkBack(graph, reach, before, [...behind, edge], take)) return false
    }
    return true
  }
}

const compare = (graph: Graph, a: number, b: number): number => {
  const first: NodeId = graph.nodes.ids[a]!
  const second: NodeId = graph.nodes.ids[b]!
  return first < second ? -1 : first > second ? 1 : 0
}

/** A way is as busy as its least used step. */
export const busyness = (graph: Graph, way: readonly number[]): number =>
  way.reduce((least, edge) => Math.min(least, graph.edges.count[edge]!), Number.POSITIVE_INFINITY)

/** A way of at least one edge, told with its nodes. */
export function pathAlong(graph: Graph, way: readonly number[]): GraphPath {
  const edges = way.map(edge => graph.edgeAt(edge))
  const first = graph.edges.from[way[0]!]!
  return {
    nodes: [first, ...way.map(edge => graph.edges.to[edge]!)].map(node => graph.nodeAt(node)),
    edges,
    did: edges.every(edge => edge.did),
  }
}
