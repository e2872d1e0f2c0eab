import type { EdgeKind } from '../../graph/edge.ts'
import type { Graph } from '../../graph/graph.ts'
import { internet, type NodeId, readNodeId } from '../../graph/node.ts'
import { findPaths } from '../../graph/paths.ts'
import type { PathStep } from '../incident.ts'
import { dataBehind, neighbours } from './sensitive.ts'

const stepsTold = 24
const gapSteps = 3
const endpointsTried = 50

/**
 * The way an incident took, from where it came in to what it came to: the nodes that its signals name, one after the other, with the
 * nodes of the graph between them where there is a way of at most three steps.
 * @param ways Of each signal, in the order in which it is told.
 */
export function pathOf(graph: Graph, ways: readonly (readonly NodeId[])[]): readonly PathStep[] {
  const points = inOrder(ways)
  const [first] = points
  if (first === undefined) return []
  const all = [...entryTo(graph, first, new Set(points)), ...points]
  const steps: PathStep[] = []
  for (const [index, node] of all.entries()) {
    const before = all[index - 1]
    if (before === undefined) steps.push(step(node, startOf(node)))
    else for (const one of between(graph, before, node)) steps.push(one)
  }
  return steps.slice(0, stepsTold)
}

/** Classes of data on the way; what can be reached from its nodes is the blast radius's to say. */
export function dataOn(graph: Graph, path: readonly PathStep[]): readonly string[] {
  const classes = new Set<string>()
  for (const { node } of path) {
    const kind = readNodeId(node as NodeId)?.kind
    if (kind === 'store') for (const one of dataBehind(graph, node as NodeId)) classes.add(one)
  }
  return [...classes].sort()
}

/** Each node once; an order that two ways agree on is kept. */
function inOrder(ways: readonly (readonly NodeId[])[]): readonly NodeId[] {
  const points: NodeId[] = []
  for (const way of ways) {
    let at = -1
    for (const [index, node] of way.entries()) {
      const known = points.indexOf(node)
      if (known >= 0) {
        at = Math.max(at, known)
        continue
      }
      // Before what follows it in its own way; else after what it follows, and the ends that were come to from there.
      const next = way.slice(index + 1).flatMap(later => {
        const place = points.indexOf(later)
        return place > at ? [place] : []
      })
      let place = next.length > 0 ? Math.min(...next) : at < 0 ? points.length : at + 1
      if (next.length === 0) while (place < points.length && isEnd(points[place]!)) place += 1
      points.splice(place, 0, node)
      at = place
    }
  }
  return points
}

const isEnd = (node: NodeId): boolean => /^(?:store|host|data|identity):/.test(node)

/** How the internet comes to a workload that is called from outside; nothing where the way begins elsewhere. */
function entryTo(graph: Graph, first: NodeId, named: ReadonlySet<NodeId>): readonly NodeId[] {
  const kind = readNodeId(first)?.kind
  if (kind === 'endpoint') {
    const outside = neighbours(graph, first, 'in', 'calls').includes(internet)
    return outside ? [internet] : []
  }
  if (kind !== 'workload') return []
  const endpoints = neighbours(graph, first, 'in', 'serves').slice(0, endpointsTried)
  if (endpoints.some(endpoint => named.has(endpoint))) return []
  const entry = endpoints.find(endpoint => neighbours(graph, endpoint, 'in', 'calls').includes(internet))
  if (entry !== undefined) return [internet, entry]
  return neighbours(graph, first, 'in', 'exposes').includes(internet) ? [internet] : []
}

function between(graph: Graph, from: NodeId, to: NodeId): readonly PathStep[] {
  const [start, end] = [graph.nodes.numberOf(from), graph.nodes.numberOf(to)]
  const path =
    start === undefined || end === undefined
      ? undefined
      : findPaths(graph, [start], [end], { within: gapSteps, limit: 1 })[0]
  if (path === undefined) return [step(to, 'then')]
  return path.edges.map(edge => step(edge.to, words[edge.kind]))
}

const words: Readonly<Record<EdgeKind, string>> = {
  calls: 'calls',
  serves: 'is served by',
  reads: 'reads',
  writes: 'writes to',
  carries: 'holds',
  'runs-as': 'acts as',
  assumes: 'takes on',
  may: 'is granted',
  exposes: 'is exposed as',
}

const startOf = (node: NodeId): string => (node === internet ? 'comes from' : 'begins at')

function step(node: NodeId, how: string): PathStep {
  const read = readNodeId(node)
  return { node, kind: read?.kind ?? 'host', name: read?.name ?? node, how }
}
