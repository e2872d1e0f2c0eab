import type { Workload } from '../call/workload.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { Clusters } from './cluster/clusters.ts'
import { type EdgeKind, edgeKinds, type GraphEdge } from './edge.ts'
import { couldFlag, didFlag, EdgeTable, type Sighting } from './edge-table.ts'
import { defaultGraphOptions, type GraphOptions } from './graph-options.ts'
import {
  type GraphNode,
  type NodeFacts,
  type NodeId,
  type NodeKind,
  readNodeId,
  workloadNode,
} from './node.ts'
import { NodeTable } from './node-table.ts'
import { UseTable } from './uses/use-table.ts'
import { WorkloadNames, workloadName } from './workload-names.ts'

/** An edge that began: it was not there before, or was only declared. */
export interface NewEdge {
  readonly from: NodeId
  readonly to: NodeId
  readonly kind: EdgeKind
  readonly time: number
  /** A grant spoke of it before. */
  readonly declaredBefore: boolean
}

/** Which edges a question is about. */
export interface EdgeView {
  /** As it was known at this moment, ms since the epoch; as it is now when absent. */
  readonly asOf?: number
  /** Days before that moment in which an edge must have been seen; 64 at most, all that is known when absent. */
  readonly days?: number
  /** Grants that were never used count too. */
  readonly declared?: boolean
  /** What was refused every time counts too: it is known, and no way to anywhere. */
  readonly tried?: boolean
  /** Only edges of these kinds. */
  readonly kinds?: readonly EdgeKind[]
}

/**
 * Workloads, identities, endpoints, stores, classes of data and outside hosts, and the edges between them over time. Bounded, see
 * `GraphOptions`. Deterministic: the same sightings in the same order give the same graph.
 */
export class Graph {
  readonly options: GraphOptions
  readonly nodes = new NodeTable()
  /** Which names of workloads mean the same one. */
  readonly names: WorkloadNames
  /** What was used on which days, finer than edges tell. */
  readonly uses: UseTable
  /** What orchestrators say is there; set by whoever reads their objects. */
  clusters: Clusters | undefined
  private readonly _edges = new EdgeTable()
  /** Nodes that are others by now; their edges go over when somebody looks, all at once. */
  private readonly merged = new Map<number, number>()
  /** Nodes and edges dropped for room since the start. */
  evictedNodes = 0
  evictedEdges = 0
  /** Edges that began while too many others waited for `drainBegan`. */
  untoldEdges = 0
  private _version = 0
  private began: NewEdge[] = []
  /** Edges without flags, and numbers of nodes that went with them. */
  private retracted = 0
  private swept: number[] = []

  constructor(options: Partial<GraphOptions> = {}) {
    this.options = { ...defaultGraphOptions, ...options }
    this.names = new WorkloadNames(this.options.nodes)
    this.uses = new UseTable(this.options.uses)
  }

  /** Rises whenever a node or an edge begins, goes or is renamed; counts do not matter. */
  get version(): number {
    return this._version
  }

  get edges(): EdgeTable {
    if (this.merged.size > 0) this.settle()
    return this._edges
  }

  /** The number of a node, made where it is new. */
  node(id: NodeId, time: number): number {
    const known = this.nodes.numberOf(id)
    if (known !== undefined) {
      this.nodes.touch(known, time)
      this.nodes.declared[known] = 0
      return known
    }
    const kind = readNodeId(id)?.kind ?? 'host'
    const bound =
      kind === 'principal' ? this.options.principals : kind === 'host' ? this.options.hosts : undefined
    if (bound !== undefined && this.nodes.countOf(kind) >= bound) this.dropNodes(kind)
    if (this.nodes.size >= this.options.nodes) this.dropNodes(undefined)
    this._version += 1
    return this.nodes.ensure(id, kind, time)
  }

  /** One more event named the node, which is there. */
  count(id: NodeId): void {
    const number = this.nodes.numberOf(id)
    if (number !== undefined) this.nodes.events[number] = this.nodes.events[number]! + 1
  }

  /** Adds to what is known of a node; what is undefined stays as it was. */
  describe(id: NodeId, time: number, facts: NodeFacts): void {
    const number = this.node(id, time)
    const before = this.nodes.facts[number]!
    let changed: NodeFacts | undefined
    for (const [key, value] of Object.entries(facts) as [keyof NodeFacts, unknown][]) {
      if (value === undefined || same(before[key], value)) continue
      changed = { ...(changed ?? before), [key]: value }
    }
    if (changed !== undefined) {
      this.nodes.facts[number] = changed
      this._version += 1
    }
  }

  factsOf(id: NodeId): NodeFacts | undefined {
    const number = this.nodes.numberOf(id)
    return number === undefined ? undefined : this.nodes.facts[number]
  }

  /** Adds a sighting of an edge; its ends are made where they are new. */
  see(from: NodeId, to: NodeId, kind: EdgeKind, sighting: Sighting): void {
    if (from === to) return
    const { time } = sighting
    let source = this.node(from, time)
    const target = this.node(to, time)
    // Making room for the second may have cost the first.
    if (this.nodes.ids[source] !== from) source = this.node(from, time)
    const had = this._edges.find(source, target, kind)
    const declaredBefore = had >= 0 && this._edges.flags[had] !== 0
    if (had >= 0 ? !this._edges.again(had, sighting) : this._edges.add(source, target, kind, sighting) >= 0)
      return
    this._version += 1
    if (sighting.declared !== true) {
      if (this.began.length < maxBegan) this.began.push({ from, to, kind, time, declaredBefore })
      else this.untoldEdges += 1
    }
    if (this._edges.length > this.options.edges) this.dropEdges()
  }

  /** Edges that began since the last time this was asked, in order. */
  drainBegan(): readonly NewEdge[] {
    if (this.began.length === 0) return nothing
    const began = this.began
    this.began = []
    return began
  }

  /** `from` is `to` under another name: its edges and times go over. */
  merge(from: NodeId, to: NodeId, time: number): void {
    const old = this.nodes.numberOf(from)
    if (old === undefined || from === to) return
    const into = this.node(to, time)
    const facts = this.nodes.facts[old]!
    this.nodes.facts[into] = { ...facts, ...this.nodes.facts[into] }
    this.nodes.touch(into, this.nodes.first[old]!)
    this.nodes.touch(into, this.nodes.last[old]!)
    this.nodes.events[into] = this.nodes.events[into]! + this.nodes.events[old]!
    this.nodes.detach(old)
    this.merged.set(old, into)
    this._version += 1
  }

  /** Something grants an edge. Nodes that are made by it alone go again with `retract`. */
  declare(from: NodeId, to: NodeId, kind: EdgeKind, sighting: Sighting): void {
    const source = this.declareNode(from, sighting.time)
    this.declareNode(to, sighting.time)
    const target = this.nodes.numberOf(to)!
    const first = this.nodes.ids[source] === from ? source : this.declareNode(from, sighting.time)
    const had = this._edges.find(first, target, kind)
    if (had >= 0 && this._edges.flags[had] === 0) {
      this.retracted -= 1
      this._edges.first[had] = sighting.time
      this._edges.last[had] = sighting.time
      this._version += 1
    }
    if (this._edges.add(first, target, kind, { ...sighting, count: 0, declared: true }) >= 0) return
    this._version += 1
    if (this._edges.length > this.options.edges) this.dropEdges()
  }

  /** The number of a node that something declares. */
  declareNode(id: NodeId, time: number): number {
    const known = this.nodes.numberOf(id)
    const number = known ?? this.node(id, time)
    if (known === undefined) this.nodes.declared[number] = 1
    else this.nodes.touch(known, time)
    return number
  }

  /** Takes back one edge that `source` declared; what happened stays. */
  retract(from: NodeId, to: NodeId, kind: EdgeKind, source: Sighting['source']): void {
    const first = this.nodes.numberOf(from)
    const target = this.nodes.numberOf(to)
    const edge = first === undefined || target === undefined ? -1 : this.edges.find(first, target, kind)
    if (edge < 0) return
    this._version += 1
    if (this._edges.retract(edge, source)) this.retracted += 1
  }

  /** Sets facts that were declared, and takes back those that are `undefined`; makes the node where it is new. */
  declareFacts(
    id: NodeId,
    time: number,
    facts: { readonly [Fact in keyof NodeFacts]: NodeFacts[Fact] | undefined },
  ): void {
    const number = this.declareNode(id, time)
    const entries = Object.entries(facts) as [keyof NodeFacts, unknown][]
    const before = this.nodes.facts[number]!
    if (entries.every(([key, value]) => same(before[key], value))) return
    const after = Object.entries({ ...before, ...facts }).filter(([, value]) => value !== undefined)
    this.nodes.facts[number] = Object.fromEntries(after) as NodeFacts
    this._version += 1
  }

  /** Removes nodes that were only declared and that nothing leads to or from any more. */
  sweep(ids: Iterable<NodeId>): void {
    const { nodes, edges } = this
    for (const id of ids) {
      const number = nodes.numberOf(id)
      if (number === undefined || nodes.declared[number] === 0) continue
      let held = false
      for (let edge = edges.firstOut(number); edge >= 0 && !held; edge = edges.nextOut[edge]!)
        held = edges.flags[edge] !== 0
      for (let edge = edges.firstIn(number); edge >= 0 && !held; edge = edges.nextIn[edge]!)
        held = edges.flags[edge] !== 0
      if (held) continue
      nodes.detach(number)
      this.swept.push(number)
      this._version += 1
    }
    // Taking single edges out costs as much as taking out many.
    if (this.retracted + this.swept.length > Math.max(1024, edges.length >> 3)) {
      edges.rebuild(() => true)
      this.freeSwept()
    }
  }

  /** Numbers may be given out again once no edge knows them. */
  private freeSwept(): void {
    for (const number of this.swept) this.nodes.free(number)
    this.swept = []
    this.retracted = 0
  }

  private settle(): void {
    const ends = (node: number): number => {
      let at = node
      for (let next = this.merged.get(at); next !== undefined; next = this.merged.get(at)) at = next
      return at
    }
    const edges = this._edges
    edges.rebuild(edge => ends(edges.from[edge]!) !== ends(edges.to[edge]!), ends)
    this.freeSwept()
    for (const old of this.merged.keys()) this.nodes.free(old)
    this.merged.clear()
  }

  /** Takes back what was only declared by `source`, e.g. before a cluster's objects are read again. Edges that happened stay. */
  withdraw(source: Sighting['source']): void {
    const { edges } = this
    const only = (edge: number): boolean => edges.sourcesOf(edge).every(one => one === source)
    edges.rebuild(edge => !((edges.flags[edge]! & didFlag) === 0 && only(edge)))
    this.freeSwept()
    for (let edge = 0; edge < edges.length; edge += 1)
      if ((edges.flags[edge]! & didFlag) !== 0 && edges.sourcesOf(edge).includes(source))
        edges.flags[edge] = edges.flags[edge]! & ~couldFlag
    this._version += 1
  }

  // — questions —

  /** The id of a workload's node under the fullest name it is known by; undefined without a name. */
  workloadId(workload: Workload | undefined): NodeId | undefined {
    const said = workload === undefined ? undefined : workloadName(workload)
    return said === undefined ? undefined : workloadNode(this.names.lookup(said))
  }

  /** What a workload's node is called now; other nodes keep their names. */
  named(id: NodeId): NodeId {
    return id.startsWith('workload:') ? workloadNode(this.names.lookup(id.slice('workload:'.length))) : id
  }

  get(id: NodeId): GraphNode | undefined {
    const number = this.nodes.numberOf(id)
    return number === undefined ? undefined : this.nodeAt(number)
  }

  nodeAt(number: number): GraphNode {
    const { nodes } = this
    const id = nodes.ids[number]!
    return {
      id,
      kind: nodes.kindOf(number),
      name: readNodeId(id)?.name ?? id,
      firstSeen: nodes.first[number]!,
      lastSeen: nodes.last[number]!,
      events: nodes.events[number]!,
      facts: nodes.facts[number]!,
    }
  }

  edgeAt(edge: number): GraphEdge {
    const { edges, nodes } = this
    const protocol = edges.text(edges.protocol[edge]!)
    const version = edges.text(edges.version[edge]!)
    const flags = edges.flags[edge]!
    return {
      from: nodes.ids[edges.from[edge]!]!,
      to: nodes.ids[edges.to[edge]!]!,
      kind: edges.kindOf(edge),
      count: edges.count[edge]!,
      bytes: edges.bytes[edge]!,
      rows: edges.rows[edge]!,
      firstSeen: edges.first[edge]!,
      lastSeen: edges.last[edge]!,
      did: this.happened(edge),
      could: (flags & couldFlag) !== 0,
      ...(protocol === undefined ? {} : { protocol }),
      ...(version === undefined ? {} : { version }),
      sources: edges.sourcesOf(edge),
      refused: edges.refused[edge]!,
    }
  }

  /** It was seen, and not refused every time: what was only tried is no way to anywhere. */
  private happened(edge: number): boolean {
    const edges = this._edges
    return (edges.flags[edge]! & didFlag) !== 0 && edges.refused[edge]! < edges.count[edge]!
  }

  /** Whether an edge belongs to a view. */
  inView(view: EdgeView): (edge: number) => boolean {
    const { edges } = this
    const kinds =
      view.kinds === undefined ? undefined : new Set(view.kinds.map(kind => edgeKinds.indexOf(kind)))
    const { asOf, days, declared = false, tried = false } = view
    const timed = asOf !== undefined || days !== undefined
    let moment = asOf
    if (timed && moment === undefined) {
      moment = Number.NEGATIVE_INFINITY
      for (let edge = 0; edge < edges.length; edge += 1) moment = Math.max(moment, edges.last[edge]!)
    }
    return edge => {
      if (kinds !== undefined && !kinds.has(edges.kinds[edge]!)) return false
      const did = this.happened(edge)
      if (!did) {
        const flags = edges.flags[edge]!
        if ((flags & couldFlag) !== 0) return declared
        if (!tried || (flags & didFlag) === 0) return false
      }
      if (!timed) return true
      return days === undefined ? edges.first[edge]! <= moment! : edges.activeAt(edge, moment!, days)
    }
  }

  *allNodes(): Generator<GraphNode> {
    for (const number of this.nodes.numbers()) yield this.nodeAt(number)
  }

  *allEdges(view: EdgeView = everything): Generator<GraphEdge> {
    const wanted = this.inView(view)
    for (let edge = 0; edge < this.edges.length; edge += 1) if (wanted(edge)) yield this.edgeAt(edge)
  }

  outOf(id: NodeId, view: EdgeView = everything): readonly GraphEdge[] {
    return this.around(
      id,
      view,
      node => this.edges.firstOut(node),
      edge => this.edges.nextOut[edge]!,
    )
  }

  into(id: NodeId, view: EdgeView = everything): readonly GraphEdge[] {
    return this.around(
      id,
      view,
      node => this.edges.firstIn(node),
      edge => this.edges.nextIn[edge]!,
    )
  }

  private around(
    id: NodeId,
    view: EdgeView,
    first: (node: number) => number,
    next: (edge: number) => number,
  ): readonly GraphEdge[] {
    const number = this.nodes.numberOf(id)
    if (number === undefined) return nothing
    const wanted = this.inView(view)
    const found: GraphEdge[] = []
    for (let edge = first(number); edge >= 0; edge = next(edge))
      if (wanted(edge)) found.push(this.edgeAt(edge))
    return found
  }

  // — room —

  /** A sixteenth of the nodes of a kind, or of all that callers can make up, the least recently seen, and their edges. */
  private dropNodes(kind: NodeKind | undefined): void {
    const { nodes, edges } = this
    const candidates = [...nodes.numbers()].filter(number =>
      kind === undefined ? nodes.kindOf(number) !== 'internet' : nodes.kindOf(number) === kind,
    )
    candidates.sort((a, b) => nodes.last[a]! - nodes.last[b]! || a - b)
    const leaving = new Set(candidates.slice(0, Math.max(1, candidates.length >> 4)))
    const before = edges.length
    edges.rebuild(edge => !leaving.has(edges.from[edge]!) && !leaving.has(edges.to[edge]!))
    this.freeSwept()
    this.evictedEdges += before - edges.length
    for (const number of leaving) nodes.remove(number)
    this.evictedNodes += leaving.size
    this._version += 1
  }

  /** A sixteenth of the edges, the least recently seen. */
  private dropEdges(): void {
    const { edges } = this
    const before = edges.length
    const sorted = edges.last.slice(0, before).sort()
    const limit = sorted[before >> 4]!
    let left = (before >> 4) + 1
    edges.rebuild(edge => {
      if (edges.last[edge]! > limit || left === 0) return true
      left -= 1
      return false
    })
    this.freeSwept()
    this.evictedEdges += before - edges.length
    this._version += 1
  }

  static {
    keptWhole(Graph, 'graph/graph', 1)
  }
}

const nothing: readonly never[] = []
const everything: EdgeView = { declared: true, tried: true }
/** Edges that wait to be asked for. */
const maxBegan = 100_000

const same = (a: unknown, b: unknown): boolean =>
  a === b ||
  (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => one === b[index]))
