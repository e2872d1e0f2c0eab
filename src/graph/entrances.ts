import type { EdgeView, Graph } from './graph.ts'
import { busyness, type GraphPath, pathAlong } from './paths.ts'

export interface EntranceQuestion extends EdgeView {
  /** Steps of a path at most; 8 when absent. */
  readonly within?: number
  /** Paths told at most; 100 when absent. */
  readonly limit?: number
}

/**
 * By each endpoint that the first nodes call, a shortest way on to any of the last ones: one that happened where there is such a way,
 * else, where grants count, one that is granted. Those that happened first, then the shortest, then the most used.
 */
export function pathsByEndpoint(
  graph: Graph,
  from: readonly number[],
  to: readonly number[],
  question: EntranceQuestion = {},
): readonly GraphPath[] {
  const { within = 8, limit = 100, declared = false } = question
  const ways = new Map<number, readonly number[]>()
  for (const counted of declared ? [false, true] : [false]) {
    const wanted = graph.inView({ ...question, declared: counted })
    const near = stepsTo(graph, to, wanted, within - 1)
    for (const [endpoint, first] of entrances(graph, from, wanted)) {
      if (ways.has(endpoint) || !near.has(endpoint)) continue
      ways.set(endpoint, [first, ...onward(graph, endpoint, near, wanted)])
    }
  }
  return [...ways.values()]
    .map(way => ({ way, path: pathAlong(graph, way) }))
    .sort(
      (a, b) =>
        Number(b.path.did) - Number(a.path.did) ||
        a.way.length - b.way.length ||
        busyness(graph, b.way) - busyness(graph, a.way) ||
        (a.path.nodes[1]!.id < b.path.nodes[1]!.id ? -1 : 1),
    )
    .slice(0, limit)
    .map(({ path }) => path)
}

type Wanted = (edge: number) => boolean

/** Endpoints one step away, each with the busiest edge there. */
function entrances(graph: Graph, from: readonly number[], wanted: Wanted): ReadonlyMap<number, number> {
  const { nodes, edges } = graph
  const found = new Map<number, number>()
  for (const node of from)
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!) {
      const endpoint = edges.to[edge]!
      if (nodes.kindOf(endpoint) !== 'endpoint' || !wanted(edge)) continue
      const known = found.get(endpoint)
      if (known === undefined || edges.count[edge]! > edges.count[known]!) found.set(endpoint, edge)
    }
  return found
}

/** How many steps each node is away from the nearest of the last ones. */
function stepsTo(
  graph: Graph,
  to: readonly number[],
  wanted: Wanted,
  within: number,
): ReadonlyMap<number, number> {
  const { edges } = graph
  const steps = new Map(to.map(node => [node, 0]))
  const order = [...steps.keys()]
  for (let index = 0; index < order.length; index += 1) {
    const node = order[index]!
    const distance = steps.get(node)!
    if (distance === within) break
    for (let edge = edges.firstIn(node); edge >= 0; edge = edges.nextIn[edge]!) {
      const before = edges.from[edge]!
      if (steps.has(before) || !wanted(edge)) continue
      steps.set(before, distance + 1)
      order.push(before)
    }
  }
  return steps
}

/** The way on from a node, by the busiest edge of those that come one step nearer. */
function onward(
  graph: Graph,
  start: number,
  near: ReadonlyMap<number, number>,
  wanted: Wanted,
): readonly number[] {
  const { edges } = graph
  const way: number[] = []
  for (let node = start, left = near.get(start) ?? 0; left > 0; left -= 1) {
    let best = -1
    for (let edge = edges.firstOut(node); edge >= 0; edge = edges.nextOut[edge]!) {
      if (near.get(edges.to[edge]!) !== left - 1 || !wanted(edge)) continue
      if (best < 0 || edges.count[edge]! > edges.count[best]!) best = edge
    }
    way.push(best)
    node = edges.to[best]!
  }
  return way
}
