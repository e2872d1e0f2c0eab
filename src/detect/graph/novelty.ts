import type { EdgeKind } from '../../graph/edge.ts'
import type { Graph, NewEdge } from '../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../graph/node.ts'
import { dayMs, namespaceOf } from './node-age.ts'
import { graveBehind, neighbours } from './sensitive.ts'

/** Days after which more of them say no more. */
const mostDays = 28
const edgesLooked = 200

/** Edges that say nothing of what a node turns to. */
const inherent: ReadonlySet<EdgeKind> = new Set(['carries', 'serves', 'runs-as', 'may', 'exposes'])

/**
 * −ln of the chance, smoothed, that the node gains an edge on a day: (days with one + 1) / (days known + 2), of the last 28 days before
 * today, its first day apart. Read from the graph, so that it outlives whoever asks; the latest 200 edges are looked at.
 */
export function surpriseOf(graph: Graph, node: NodeId, way: 'in' | 'out', time: number): number {
  const number = graph.nodes.numberOf(node)
  if (number === undefined) return Math.LN2
  const since = graph.nodes.first[number]!
  const days = Math.min(mostDays, Math.max(0, Math.floor((time - since) / dayMs)))
  const today = Math.floor(time / dayMs)
  const gained = new Set<number>()
  const { edges } = graph
  let edge = way === 'out' ? edges.firstOut(number) : edges.firstIn(number)
  for (let looked = 0; edge >= 0 && looked < edgesLooked; looked += 1) {
    const first = edges.first[edge]!
    const day = Math.floor(first / dayMs)
    if (first >= since + dayMs && day < today && day >= today - mostDays && !inherent.has(edges.kindOf(edge)))
      gained.add(day)
    edge = way === 'out' ? edges.nextOut[edge]! : edges.nextIn[edge]!
  }
  return -Math.log((Math.min(gained.size, days) + 1) / (days + 2))
}

/** One reason for a score, with its points. */
export interface Reason {
  readonly points: number
  readonly why: string
}

export interface NoveltyQuestion {
  readonly graph: Graph
  readonly gains: { readonly out: number; readonly in: number }
  readonly edge: NewEdge
  /** The workload took on an identity for the first time a short while ago. */
  readonly newIdentity: boolean
  /** Pods that ran lately, of which `withEdge` have the edge; absent where pods are not known. */
  readonly pods?: { readonly running: number; readonly withEdge: number }
  /** A rollout that the edge came with: most pods of the new version have it. */
  readonly rollout: boolean
}

/**
 * How little a new edge was to be expected: the surprise of either end, and what speaks for a compromise or for a release. After the
 * login-graph work of Ho et al., "Hopper", USENIX Security 2021, with the weights of a workload graph.
 */
export function noveltyOf({ graph, gains, edge, newIdentity, pods, rollout }: NoveltyQuestion): {
  readonly score: number
  readonly reasons: readonly Reason[]
  readonly dataClasses: readonly string[]
} {
  const dataClasses = graveBehind(graph, edge.to)
  const reasons: Reason[] = [
    { points: gains.out, why: 'it rarely turns to anything new' },
    { points: gains.in, why: 'what it turned to is rarely turned to by anything new' },
  ]
  const add = (points: number, why: string): void => void reasons.push({ points, why })
  if (dataClasses.length > 0) add(2, `behind it is ${dataClasses.slice(0, 3).join(', ')}`)
  if (isForeign(graph, edge)) add(2, 'nobody in its namespace ever turned to that host')
  if (newIdentity) add(2, 'the identity it used is new for it')
  if (pods !== undefined && pods.running >= 3 && pods.withEdge === 1)
    add(2, `only one of its ${pods.running} pods does it`)
  if (rollout) add(-3, 'it came with a rollout')
  if (edge.declaredBefore) add(-1, 'a grant spoke of it')
  return { score: reasons.reduce((sum, { points }) => sum + points, 0), reasons, dataClasses }
}

function isForeign(graph: Graph, { from, to }: NewEdge): boolean {
  if (readNodeId(to)?.kind !== 'host') return false
  const namespace = namespaceOf(from)
  return !neighbours(graph, to, 'in', 'calls').some(
    other => other !== from && namespaceOf(other) === namespace && other.startsWith('workload:'),
  )
}
