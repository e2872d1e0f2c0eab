import { keptWhole } from '../../kit/snapshot.ts'
import type { Graph } from '../graph.ts'
import type { NodeFacts, NodeId } from '../node.ts'
import type { Declared, DeclaredEdge } from './declared.ts'

type SomeFacts = { -readonly [Fact in keyof NodeFacts]?: NodeFacts[Fact] | undefined }

/** A node's id in the graph: a workload may be known by a fuller name there. */
export interface NodeNames {
  known(id: NodeId, time: number): NodeId
}

/** What is written to the graph for each part of a cluster, so that what is no longer declared can be taken back to the letter. */
export class ClusterLedger {
  private readonly graph: Graph
  private readonly names: NodeNames
  private readonly units = new Map<string, Declared>()
  /** How many parts declare an edge. */
  private readonly counts = new Map<string, number>()
  /** Which parts say something of a node. */
  private readonly speakers = new Map<NodeId, Set<string>>()
  /** As it was written. */
  private readonly written = new Map<NodeId, NodeFacts>()

  constructor(graph: Graph, names: NodeNames) {
    this.graph = graph
    this.names = names
  }

  /** Takes what a part declares now in place of what it declared before. */
  take(unit: string, now: Declared, time: number): void {
    const before = this.units.get(unit)
    if (now.edges.size === 0 && now.nodes.size === 0) this.units.delete(unit)
    else this.units.set(unit, now)
    for (const [key, edge] of now.edges) {
      const known = before?.edges.get(key)
      if (known !== undefined && known.verbs === edge.verbs) continue
      if (known !== undefined) this.retract(known, time)
      else this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
      this.graph.declare(this.names.known(edge.from, time), this.names.known(edge.to, time), edge.kind, {
        time,
        source: 'kubernetes',
        count: 0,
        declared: true,
        ...(edge.verbs === undefined ? {} : { protocol: edge.verbs }),
      })
    }
    const left = new Set<NodeId>()
    for (const [key, edge] of before?.edges ?? []) {
      if (now.edges.has(key)) continue
      left.add(this.names.known(edge.from, time))
      left.add(this.names.known(edge.to, time))
      const count = (this.counts.get(key) ?? 1) - 1
      if (count > 0) this.counts.set(key, count)
      else {
        this.counts.delete(key)
        this.retract(edge, time)
      }
    }
    for (const id of new Set([...(before?.nodes.keys() ?? []), ...now.nodes.keys()])) {
      this.speak(unit, id, now.nodes.has(id))
      if (this.describe(id, time)) left.add(this.names.known(id, time))
    }
    // A node of which something is said stays, though nothing leads to it.
    this.graph.sweep([...left].filter(id => !this.speakers.has(id)))
  }

  private retract(edge: DeclaredEdge, time: number): void {
    this.graph.retract(
      this.names.known(edge.from, time),
      this.names.known(edge.to, time),
      edge.kind,
      'kubernetes',
    )
  }

  private speak(unit: string, id: NodeId, speaks: boolean): void {
    const speakers = this.speakers.get(id) ?? new Set<string>()
    if (speaks) speakers.add(unit)
    else speakers.delete(unit)
    if (speakers.size === 0) this.speakers.delete(id)
    else this.speakers.set(id, speakers)
  }

  /** @returns Whether nobody says anything of it any more. */
  private describe(id: NodeId, time: number): boolean {
    const into = this.names.known(id, time)
    const before = this.written.get(id) ?? nothing
    const said = this.saidOf(id)
    const there = this.graph.factsOf(into)
    const facts: SomeFacts = { ...said }
    // What traffic said of it in the meantime is not taken back.
    for (const key of Object.keys(before) as (keyof NodeFacts)[])
      if (!(key in said) && same(there?.[key], before[key])) facts[key] = undefined as never
    if (there?.version !== undefined && said.version !== undefined && there.version !== said.version)
      facts.rolledOutAt = time
    if (Object.keys(said).length === 0 && there === undefined) {
      this.written.delete(id)
      return true
    }
    this.graph.declareFacts(into, time, facts as never)
    const gone = !this.speakers.has(id)
    if (gone) this.written.delete(id)
    else
      this.written.set(
        id,
        facts.rolledOutAt === undefined ? said : { ...said, rolledOutAt: facts.rolledOutAt },
      )
    return gone
  }

  /** What all parts say of a node together: lists are joined, of others the first part's counts. */
  private saidOf(id: NodeId): NodeFacts {
    const said: Record<string, unknown> = {}
    for (const unit of [...(this.speakers.get(id) ?? [])].sort())
      for (const [key, value] of Object.entries(this.units.get(unit)?.nodes.get(id) ?? {})) {
        const known = said[key]
        if (known === undefined) said[key] = value
        else if (Array.isArray(known) && Array.isArray(value))
          said[key] = [...new Set([...(known as unknown[]), ...(value as unknown[])])].sort()
      }
    return said as NodeFacts
  }

  static {
    keptWhole(ClusterLedger, 'graph/cluster-ledger', 1)
  }
}

const nothing: NodeFacts = Object.freeze({})

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)
