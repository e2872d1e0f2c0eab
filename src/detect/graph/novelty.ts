import type { Graph, NewEdge } from '../../graph/graph.ts'
import { type NodeId, readNodeId } from '../../graph/node.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { dayMs, namespaceOf } from './node-age.ts'
import { graveBehind, neighbours } from './sensitive.ts'

/** Days after which more of them say no more. */
const mostDays = 28

interface Gains {
  days: number
  lastDay: number
}

/** On how many days each node gained edges, its first day apart: how much one more is to be expected. Bounded. */
export class EdgeGains {
  readonly #gains: BoundedMap<string, Gains>

  constructor(capacity: number) {
    this.#gains = new BoundedMap(capacity)
  }

  get size(): number {
    return this.#gains.size
  }

  note(graph: Graph, { from, to, time }: NewEdge): void {
    this.#note(graph, from, 'out', time)
    this.#note(graph, to, 'in', time)
  }

  /** −ln of the chance, smoothed, that the node gains an edge on a day: (days with one + 1) / (days known + 2). */
  surprise(graph: Graph, node: NodeId, way: 'in' | 'out', time: number): number {
    const number = graph.nodes.numberOf(node)
    const known = number === undefined ? 0 : Math.max(0, (time - graph.nodes.first[number]!) / dayMs)
    const gained = this.#gains.peek(`${way} ${node}`)?.days ?? 0
    const days = Math.min(mostDays, Math.floor(known))
    return -Math.log(Math.min(1, (Math.min(gained, days) + 1) / (days + 2)))
  }

  #note(graph: Graph, node: NodeId, way: 'in' | 'out', time: number): void {
    const number = graph.nodes.numberOf(node)
    if (number === undefined || time - graph.nodes.first[number]! < dayMs) return
    const day = Math.floor(time / dayMs)
    const gains = this.#gains.ensure(`${way} ${node}`, () => ({ days: 0, lastDay: -1 }))
    if (gains.lastDay === day) return
    gains.lastDay = day
    gains.days += 1
  }
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
