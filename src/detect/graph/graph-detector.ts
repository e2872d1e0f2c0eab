import type { Observation } from '../../baseline/observation.ts'
import type { SallyportEvent } from '../../call/event.ts'
import type { Graph, NewEdge } from '../../graph/graph.ts'
import type { NodeId } from '../../graph/node.ts'
import type { DetectorFacts, Finding } from '../detector.ts'
import type { Happening } from './happening.ts'
import type { Roster } from './roster.ts'

/** What detection is told beside an event: the graph once the event is in it, and the edges that began with it. */
export interface GraphBeside {
  readonly graph: Graph
  readonly began: readonly NewEdge[]
}

/** One event in its surroundings. */
export interface Moment extends GraphBeside {
  /** The event's own time, ms since the epoch. */
  readonly time: number
  readonly event: SallyportEvent
  /** Of a call: what the rooms to the left know about it. */
  readonly observation?: Observation
  /** What the event amounts to, in the terms that detectors share. */
  readonly happenings: readonly Happening[]
  /** True while history is read: learn from it, raise nothing. */
  readonly learning: boolean
}

/**
 * What a graph detector says. Signals are tied into one incident by the nodes that acted (`subjects`), by the trace and by the caller;
 * never by an address, a host or a store, which many have in common.
 */
export interface GraphFinding extends Finding {
  /** When what it tells of happened; the time of the event at hand when absent. */
  readonly at?: number
  /** Workloads and identities that acted. */
  readonly subjects: readonly NodeId[]
  /** Workloads and identities that were come to: what they do next belongs to it. */
  readonly reached?: readonly NodeId[]
  readonly traces?: readonly string[]
  /** The nodes it is about in the order in which access went, for the way that the incident tells. */
  readonly way: readonly NodeId[]
  /** In place of the detector's techniques. */
  readonly attack?: readonly string[]
}

/** What graph detectors may read besides the moment. Read-only for them. */
export interface GraphContext {
  readonly roster: Roster
  /** The option's value after configuration. */
  option(name: string): number
  /** Whether one of the names was declared an exception of the detector. A star at an exception's end stands for any text. */
  excepted(...names: readonly (string | undefined)[]): boolean
}

/** One running graph detector. Deterministic: the same moments in the same order give the same findings. */
export interface GraphDetectorRun {
  /** Called for every event as it comes, at most some seconds out of order; also while learning. */
  observe(moment: Moment): readonly GraphFinding[]
  /** A call that was observed without a trace is known to be of one now: `o` is the same observation, with it. */
  traced?(o: Observation, graph: Graph): readonly GraphFinding[]
  /** What waited for a moment that has come; `moment` is the latest time seen. */
  due?(moment: number, graph: Graph): readonly GraphFinding[]
  /** Number of entries of state held, for the bound's counter. */
  size(): number
  /** What it had no room for and did not judge, since the start. */
  readonly refused?: number
  /** All it has learned, and back into a fresh run: see `kit/snapshot.ts`. */
  save?(): unknown
  load?(saved: unknown): void
}

export interface GraphDetectorDefinition extends DetectorFacts {
  /** What an exception names, where there can be any: shown in the reference. */
  readonly exceptions?: string
  create(context: GraphContext): GraphDetectorRun
}

/** Declares a graph detector: the identity function that checks its shape. */
export const defineGraphDetector = (definition: GraphDetectorDefinition): GraphDetectorDefinition =>
  definition
