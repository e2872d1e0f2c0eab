import { type ApiCall, isRefusal } from '../call/api-call.ts'
import type { Content } from '../call/content.ts'
import { readParts } from '../call/protocols/index.ts'
import type { Workload } from '../call/workload.ts'
import type { Identity } from '../identity/identity.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { type EndpointId, endpointId } from '../kit/id.ts'
import { type CatalogOptions, defaultCatalogOptions } from './catalog-options.ts'
import type { MergeReview } from './directions/merge-review.ts'
import { PinGuides } from './directions/pin-guide.ts'
import { reviewHosts } from './directions/review-hosts.ts'
import { ordered, reviewPlaces } from './directions/review-places.ts'
import type { TemplatePin } from './directions/template-pin.ts'
import type { Endpoint, Match } from './endpoint.ts'
import { EndpointRecord } from './endpoint-record.ts'
import { HostDirectory } from './hosts/host-directory.ts'
import { type HostFamily, hostFamilies } from './hosts/host-families.ts'
import {
  carrierOf,
  divides,
  hasOwnPath,
  OperationDirectory,
  withObjects,
} from './operations/operation-directory.ts'
import type { EndpointLabeller } from './ownership/labeller.ts'
import { paramsOf, templateSegments } from './placeholders.ts'
import type { RouteTable } from './route-table.ts'
import { type RouteShape, RouteShapes } from './routes/route-shapes.ts'
import { FieldBudget } from './schema/field-budget.ts'
import type { BoundOperation } from './spec/match.ts'
import type { Specification } from './spec/specification.ts'
import { type Orphan, SpecifiedEndpoints } from './spec/specified-endpoints.ts'
import { likenessOf } from './templates/context.ts'
import { splitPath } from './templates/path.ts'
import type { PathNode } from './templates/path-node.ts'
import { blankTemplate, PathTree, valuesTaken } from './templates/path-tree.ts'
import { ResponseShape } from './templates/response-shape.ts'
import { ValueBudget } from './templates/value-profiles.ts'
import type { ValueUse } from './templates/value-use.ts'
import { valueLeaning } from './templates/vocabulary.ts'

/** Visits of a place at which only half of the extra evidence is asked for. */
const patience = 40

/** Calls that room for hosts is not looked for after there was none. */
const restAfterNone = 256

/** Reviews told at once. */
const maxReviews = 500

/** Passes over a tree that keeps changing. */
const maxRounds = 4

interface Held {
  readonly record: EndpointRecord
  readonly node: PathNode
}

/** A call, or one operation's part of it, and where it belongs. */
export interface Place {
  readonly call: ApiCall
  readonly match: Match
}

type MergeListener = (from: EndpointId, to: EndpointId) => void
type SplitListener = (from: EndpointId, to: EndpointId) => void

/**
 * What exists, learned from traffic: hosts, path templates, and for each operation its schema, data, authentication,
 * exposure and risk. Deterministic: the same calls in the same order give the same catalog.
 */
export class Catalog {
  #options: CatalogOptions
  #trees = new Map<string, PathTree>()
  #records = new Map<EndpointId, Held>()
  #merged: BoundedMap<EndpointId, EndpointId>
  readonly #listeners: MergeListener[] = []
  readonly #splitListeners: SplitListener[] = []
  #pins: PinGuides
  #hosts = new HostDirectory()
  /** Hosts that traffic showed to be one API, by their pattern. */
  #families = new Map<string, HostFamily>()
  /** Version at which hosts were last compared, and the call at which they are again. */
  #hostsAt = -1
  #hostsDue = 1_024
  #words: ValueBudget
  #routeShapes = new RouteShapes()
  #reviews:
    | {
        readonly directed: number
        readonly version: number
        readonly calls: number
        readonly reviews: readonly MergeReview[]
      }
    | undefined
  /** How often people or specifications said how paths are read. */
  #directed = 0
  /** Operations of GraphQL, gRPC, JSON-RPC, SOAP, MCP and language models. */
  operations: OperationDirectory
  #specified = new SpecifiedEndpoints()
  #labeller: EndpointLabeller | undefined
  #calls = 0
  /** Number of the call until which room for hosts is not looked for: there was none. */
  #hostsFullUntil = 0
  #evicted = 0
  #routes: { readonly version: number; readonly table: RouteTable } | undefined
  /** Rises whenever an endpoint is admitted, merged or dropped. */
  #version = 0

  constructor(options: Partial<CatalogOptions> = {}) {
    const all = { ...defaultCatalogOptions, ...options }
    this.#options = {
      ...all,
      budget: all.budget ?? new FieldBudget({ fields: all.fields, idleAfter: all.fieldsIdleMs }),
    }
    this.#merged = new BoundedMap(this.#options.merges)
    this.#words = new ValueBudget(this.#options.words)
    this.operations = new OperationDirectory(this.#options.operations)
    this.#pins = new PinGuides([], this.#options.pins)
  }

  /** All that was learned and said of paths and hosts; see `kit/snapshot.ts`. Listeners and the labeller are the holder's. */
  save() {
    return {
      budget: this.#options.budget,
      trees: this.#trees,
      records: this.#records,
      merged: this.#merged,
      pins: this.#pins,
      hosts: this.#hosts,
      families: this.#families,
      hostsAt: this.#hostsAt,
      hostsDue: this.#hostsDue,
      words: this.#words,
      routeShapes: this.#routeShapes,
      directed: this.#directed,
      operations: this.operations,
      specified: this.#specified,
      calls: this.#calls,
      hostsFullUntil: this.#hostsFullUntil,
      evicted: this.#evicted,
      version: this.#version,
    }
  }

  /** Into a catalog of the same options. */
  load(saved: ReturnType<Catalog['save']>): void {
    const { budget } = saved
    this.#options = { ...this.#options, ...(budget === undefined ? {} : { budget }) }
    this.#trees = saved.trees
    this.#records = saved.records
    this.#merged = saved.merged
    this.#pins = saved.pins
    this.#hosts = saved.hosts
    const { version } = saved.hosts
    this.#hosts.keep(host => saved.pins.names(host))
    this.#hosts.version = version
    this.#families = saved.families
    this.#hostsAt = saved.hostsAt
    this.#hostsDue = saved.hostsDue
    this.#words = saved.words
    this.#routeShapes = saved.routeShapes
    this.#directed = saved.directed
    this.operations = saved.operations
    this.#specified = saved.specified
    this.#calls = saved.calls
    this.#hostsFullUntil = saved.hostsFullUntil
    this.#evicted = saved.evicted
    this.#version = saved.version
  }

  /** Learns from one call and says where it belongs. A call that proves nothing (404 on an unknown path) only gets a name. */
  observe(call: ApiCall, identity: Identity): Match {
    return this.observeAll(call, identity)[0].match
  }

  /**
   * The same for each operation that the call carries, in order: a batch is at several places. The first names the call. A call
   * without operations is at the one place of its path.
   */
  observeAll(call: ApiCall, identity: Identity): readonly [Place, ...Place[]] {
    if (this.#calls >= this.#hostsDue) {
      this.#hostsDue = Math.ceil(this.#calls * 1.5)
      this.#learnHosts()
    }
    const name = this.#hosts.nameOf(call.destination.host)
    if (name === undefined) return this.#observeAll(call, identity)
    const { destination } = call
    const renamed: ApiCall = { ...call, destination: { ...destination, host: name.host } }
    const told = (place: Place): Place => ({
      call: place.call === renamed ? call : { ...place.call, destination },
      match: { ...place.match, params: [...name.params, ...place.match.params] },
    })
    const [first, ...others] = this.#observeAll(renamed, identity)
    return [told(first), ...others.map(told)]
  }

  #observeAll(call: ApiCall, identity: Identity): readonly [Place, ...Place[]] {
    const [first, ...others] = readParts(call, this.operations.context)
    if (first === undefined) return [{ call, match: this.#observePath(call, identity) }]
    const { operation } = first
    if (!divides(operation)) {
      const match = this.#observePath(call, identity)
      return [{ call, match: { ...match, params: withObjects(match.params, operation.objects), operation } }]
    }
    const carrier = hasOwnPath(operation) ? undefined : this.#observePath(withoutBodies(call), identity)
    if (carrier === undefined) this.#calls += 1
    const proves = provesSomething(call, identity)
    const segments = splitPath(call.request.path) ?? []
    const place = (part: typeof first): Place => {
      const heard = { call: part.call, identity, segments, proves, sequence: this.#calls }
      return {
        call: part.call,
        match: this.operations.observe(carrier, part.operation, heard, this.#options),
      }
    }
    const places: [Place, ...Place[]] = [place(first)]
    for (const part of others)
      if (part.within !== true || this.operations.knows(carrier, part)) places.push(place(part))
    if (carrier !== undefined) {
      const record = this.#records.get(carrier.endpoint)?.record
      if (record !== undefined) {
        record.carried += 1
        record.protocol = operation.protocol
      }
    }
    return places
  }

  #observePath(call: ApiCall, identity: Identity): Match {
    this.#calls += 1
    const { host } = call.destination
    const { method } = call.request
    const segments = splitPath(call.request.path)
    if (segments === undefined)
      return { endpoint: endpointId(method, host, '/{other}'), template: '/{other}', params: [] }
    const bound = this.#specified.match(host, method, segments)
    if (bound !== undefined) {
      const heard = {
        call,
        identity,
        segments,
        proves: provesSomething(call, identity),
        sequence: this.#calls,
      }
      return this.#specified.observe(bound, heard, this.#options)
    }
    const { route } = call.request
    const shape = route === undefined ? undefined : this.#routeShapes.of(route, segments)
    if (shape !== undefined && provesSomething(call, identity))
      return this.#observeRouted(call, identity, segments, shape)
    const tree = this.#trees.get(host)
    const known = tree?.find(segments, method)
    const record = known?.records?.get(method)
    if (known !== undefined && record !== undefined && tree !== undefined) {
      const stranger = tree.strangerAt(segments, known)
      if (stranger >= 0) {
        if (answersOtherwise(record, call, segments[stranger]!))
          return this.#add(call, identity, segments, tree, { literalAt: stranger, former: record.id })
        tree.welcome(segments, known)
      }
      this.#learn(tree, record, call, identity, segments)
      tree.heed(segments, known, record, call)
      const moved = this.#visit(tree, known)
      return (moved ? this.#matchAt(tree, segments, method) : undefined) ?? matchOf(record, segments)
    }
    if (!provesSomething(call, identity)) {
      if (tree !== undefined && call.response?.status === 404) tree.misses += 1
      return named(host, method, tree?.sketch(segments) ?? this.#blank(host, segments), segments)
    }
    return this.#add(call, identity, segments, tree ?? this.#plant(host))
  }

  #blank(host: string, segments: readonly string[]): string {
    const guide = this.#pins.of(host)
    return guide === undefined ? blankTemplate(segments) : new PathTree(0, [], guide).sketch(segments)
  }

  /**
   * From now on these say how paths are read, in place of those given before. They stand above what frameworks name and what was learned,
   * and below specifications. A pinned placeholder takes in the words beside it that no pin names, told as merges; a pinned literal that
   * had been a value begins anew at its next call, told as a split. Places that are no longer pinned go on as learned.
   */
  pin(pins: readonly TemplatePin[]): void {
    this.#directed += 1
    const guides = new PinGuides(pins, this.#options.pins)
    this.#pins = guides
    this.#hosts.keep(host => guides.names(host))
    this.#version += 1
    for (const [host, tree] of this.#trees)
      tree.shape(this.#pins.of(host), (record, home, into) => this.#move(tree, record, home, into))
  }

  /**
   * Hosts that are one API under many names, such as `{tenant}.example.com`, in place of those given before. An endpoint's host is then
   * the pattern, and the call's own host the first of its parameters. A name without a placeholder is an exception: it stays by itself.
   */
  hostPatterns(patterns: readonly string[]): void {
    this.#directed += 1
    this.#hosts.give(patterns)
    this.#version += 1
    this.#gatherHosts()
  }

  /** Looks for hosts that are one API, where enough has changed since. Never among the hosts of specifications and pins. */
  #learnHosts(): boolean {
    const { alikeHosts } = this.#options
    if (alikeHosts === 0 || this.#trees.size < alikeHosts || this.#hostsAt === this.#version) return false
    this.#hostsAt = this.#version
    const hosts = new Map<string, { host: string; operations: Map<string, ResponseShape> }>()
    for (const { record } of this.#records.values()) {
      const { host, method, template, shape } = record
      if (!record.admitted || host.includes('{') || this.#pins.names(host) || this.#hosts.isGiven(host))
        continue
      let facts = hosts.get(host)
      if (facts === undefined) {
        facts = { host, operations: new Map() }
        hosts.set(host, facts)
      }
      facts.operations.set(`${method} ${template.replace(/\{[^{}]*\}/g, '{}')}`, shape)
    }
    let learned = false
    for (const family of hostFamilies([...hosts.values()], alikeHosts)) {
      if (!this.#hosts.learn(family.pattern, family.apart)) continue
      this.#families.set(family.pattern, family)
      learned = true
    }
    if (learned) this.#gatherHosts()
    return learned
  }

  /** Hosts that a pattern takes now become one. */
  #gatherHosts(): void {
    for (const [host, tree] of [...this.#trees]) {
      const name = this.#hosts.nameOf(host)
      if (name === undefined) continue
      this.#trees.delete(host)
      const home = this.#trees.get(name.host) ?? this.#plant(name.host)
      if (home === undefined) this.#trees.set(host, tree)
      else
        home.adopt(tree, (record, at, into) => {
          record.host = name.host
          this.#move(home, record, at, into)
        })
    }
    for (const record of this.#specified.records()) {
      const name = this.#hosts.nameOf(record.host)
      if (name === undefined) continue
      this.#specified.release(record.id)
      const from = record.id
      record.host = name.host
      if (!this.#adopt(record)) this.#learnAgain(record)
      else if (record.id === from) this.#version += 1
    }
  }

  /**
   * Where words were taken for values, or might have been, for people to judge: merges by calls, then what is kept apart, nearest to
   * the threshold first, then what is pinned. At most 500, those with most calls. What people said counts at once; of traffic alone they
   * are worked out again after as many calls as a 32nd of what is held, so that asking often does not cost more the more there is.
   */
  reviews(): readonly MergeReview[] {
    const known = this.#reviews
    if (known?.directed === this.#directed) {
      const { version, calls } = known
      const changed = version !== this.#version || calls !== this.#calls
      if (!changed || this.#calls - calls < this.#records.size >> 5) return known.reviews
    }
    this.settle()
    const found: MergeReview[] = []
    for (const [host, tree] of this.#trees) found.push(...reviewPlaces(host, tree))
    for (const family of this.#families.values())
      found.push(reviewHosts(family, this.#trees.get(family.pattern)?.calls ?? 0))
    const reviews = ordered(found, maxReviews)
    this.#reviews = { directed: this.#directed, version: this.#version, calls: this.#calls, reviews }
    return reviews
  }

  /**
   * Tells when a word gets an endpoint of its own that a placeholder would have taken: because it is pinned as a literal, because the serving framework names it, or because its
   * answers are another operation's. Nothing is moved: `to` begins to learn, and what was learned of `from`, its owners and labels
   * among it, stays there.
   */
  onSplit(listener: SplitListener): void {
    this.#splitListeners.push(listener)
  }

  /**
   * From now on these say what exists: their templates name endpoints before anything learned, and what was learned of
   * their operations moves to them, told as merges. Replaces what was given before; an empty list takes it back.
   */
  specify(specifications: readonly Specification[]): void {
    this.#directed += 1
    const former = this.#specified.replace(specifications)
    this.#version += 1
    this.operations.describe(specifications.flatMap(({ descriptors }) => descriptors ?? []))
    for (const record of former) if (!this.#adopt(record)) this.#learnAgain(record)
    for (const { record, node } of [...this.#records.values()]) {
      const tree = this.#trees.get(record.host)
      const { calls } = record
      if (tree === undefined || !this.#adopt(record)) continue
      tree.calls -= calls
      tree.squares -= calls ** 2
      node.records?.delete(record.method)
      this.#trim(tree, node)
    }
  }

  /** The operation an endpoint is, where a specification has it. */
  boundOf(id: EndpointId): BoundOperation | undefined {
    return this.#specified.boundOf(id)
  }

  /** Specified operations without a call. */
  orphans(): readonly Orphan[] {
    return this.#specified.orphans(this.operations.records())
  }

  /** True where a specification has the operation of a record: it belongs there now. */
  #adopt(record: EndpointRecord): boolean {
    const { host, id, method, template } = record
    const bound = this.#specified.match(host, method, splitTemplate(template))
    if (bound === undefined) return false
    this.#records.delete(id)
    const to = this.#specified.adopt(record, bound, this.#options)
    if (to !== id) this.#tellMerge(id, to, this.#specified.get(to) ?? record)
    return true
  }

  /** No specification has it any more: back among what is learned. */
  #learnAgain(record: EndpointRecord): void {
    const tree = this.#trees.get(record.host) ?? this.#plant(record.host)
    if (tree === undefined) return
    const { node } = tree.place(splitTemplate(record.template), record.method)
    node.records ??= new Map()
    const known = node.records.get(record.method)
    if (known === undefined) node.records.set(record.method, record)
    tree.calls += record.calls
    tree.squares += record.calls ** 2
    this.#move(tree, record, node, known)
  }

  #plant(host: string): PathTree | undefined {
    if (this.#trees.size >= this.#options.hosts && !this.#makeHostRoom()) return undefined
    const tree = new PathTree(
      this.#options.mergeScore,
      this.#options.without,
      this.#pins.of(host),
      this.#words,
    )
    this.#trees.set(host, tree)
    return tree
  }

  #add(
    call: ApiCall,
    identity: Identity,
    segments: readonly string[],
    tree: PathTree | undefined,
    split: { readonly literalAt: number; readonly former: EndpointId } | undefined = undefined,
  ): Match {
    const { host } = call.destination
    const { method } = call.request
    if (tree === undefined) return named(host, method, this.#blank(host, segments), segments)
    const former = split?.former ?? tree.findUnpinned(segments, method)?.records?.get(method)?.id
    const { node } = tree.place(segments, method, split?.literalAt ?? -1)
    const record = this.#recordAt(node, host, method)
    if (former !== undefined) for (const listener of this.#splitListeners) listener(former, record.id)
    this.#learn(tree, record, call, identity, segments)
    tree.heed(segments, node, record, call)
    this.#visit(tree, node, true)
    if (this.#records.size > this.#options.endpoints || this.#nodes() > this.#options.nodes) this.#makeRoom()
    return this.#matchAt(tree, segments, method) ?? matchOf(record, segments)
  }

  /** A call whose framework names its route: below specifications and pins, above what was learned. */
  #observeRouted(call: ApiCall, identity: Identity, segments: readonly string[], shape: RouteShape): Match {
    const { host } = call.destination
    const { method } = call.request
    const tree = this.#trees.get(host) ?? this.#plant(host)
    if (tree === undefined) return named(host, method, this.#blank(host, segments), segments)
    const former = tree.find(segments, method)?.records?.get(method)
    const node = tree.placeRouted(segments, shape, (record, home, into) =>
      this.#move(tree, record, home, into),
    )
    const known = node.records?.get(method)
    if (known !== undefined) {
      this.#learn(tree, known, call, identity, segments)
      this.#visit(tree, node)
      return matchOf(known, segments)
    }
    const record = this.#recordAt(node, host, method)
    if (former !== undefined && former.id !== record.id)
      for (const listener of this.#splitListeners) listener(former.id, record.id)
    this.#learn(tree, record, call, identity, segments)
    this.#visit(tree, node, true)
    if (this.#records.size > this.#options.endpoints || this.#nodes() > this.#options.nodes) this.#makeRoom()
    return matchOf(record, segments)
  }

  /** A new endpoint at a place that has none for the method. */
  #recordAt(node: PathNode, host: string, method: string): EndpointRecord {
    const template = node.template()
    const record = new EndpointRecord(endpointId(method, host, template), host, method, template)
    node.records ??= new Map()
    node.records.set(method, record)
    this.#records.set(record.id, { record, node })
    this.#version += 1
    return record
  }

  #learn(
    tree: PathTree,
    record: EndpointRecord,
    call: ApiCall,
    identity: Identity,
    segments: readonly string[],
  ): void {
    tree.calls += 1
    tree.squares += 2 * record.calls + 1
    const { admitted, succeeded } = record
    record.lastUse = this.#calls
    record.learn(call, identity, segments, this.#options)
    this.#specified.watch(record, call)
    if (!record.admitted && tree.misses >= this.#options.selectiveMisses) record.reconsider(this.#options)
    if (record.admitted !== admitted || record.succeeded !== succeeded) this.#version += 1
  }

  /**
   * Counts a visit from the node to the root, and looks again at places that have grown or were visited
   * enough. True where something merged.
   */
  #visit(tree: PathTree, node: PathNode, fresh = false): boolean {
    let due: PathNode[] | undefined
    let heard: PathNode[] | undefined
    for (let at: PathNode | undefined = node; at !== undefined; at = at.parent) {
      at.visits += 1
      at.lastUse = this.#calls
      if (
        at.profiles !== undefined &&
        at.profiles.calls >= at.profiles.nextJudged &&
        at.parent !== undefined
      ) {
        heard ??= []
        heard.push(at.parent)
      }
      if (at.literals === undefined || at.literals.size === 0) continue
      if ((fresh && at.literals.size >= at.nextGrowth) || at.visits >= at.nextReview) {
        at.nextReview = Math.ceil(at.visits * 1.5)
        due ??= []
        due.push(at)
      }
    }
    if (due === undefined && heard === undefined) return false
    let changed = false
    // From the leaves up: what is a value below does not tell the words above apart.
    for (const at of due ?? []) {
      const margin = (this.#options.haste * patience) / (patience + at.visits)
      changed = this.#review(tree, at, margin) || changed
    }
    for (const at of heard ?? []) changed = this.#part(tree, at) || changed
    return changed
  }

  /** Gives words that are operations of their own a place beside their placeholder. True where there was one. */
  #part(tree: PathTree, node: PathNode): boolean {
    return tree.part(node, (use, from, home) => this.#give(tree, use, from, home))
  }

  /** What a word was called for at an operation is the word's own from now on: all of the record, or its part of it. */
  #give(tree: PathTree, use: ValueUse, from: PathNode, home: PathNode): EndpointRecord {
    const { record } = use
    const { calls, id, method, host } = record
    home.records ??= new Map()
    const known = home.records.get(method)
    if (use.calls >= calls) {
      from.records?.delete(method)
      if (known === undefined) home.records.set(method, record)
      this.#move(tree, record, home, known)
      this.#trim(tree, from)
      return known ?? record
    }
    const template = home.template()
    const own = record.part(endpointId(method, host, template), template, use)
    tree.squares += record.calls ** 2 - calls ** 2
    if (known === undefined) {
      home.records.set(method, own)
      this.#records.set(own.id, { record: own, node: home })
      tree.squares += own.calls ** 2
    } else {
      tree.squares += (known.calls + own.calls) ** 2 - known.calls ** 2
      known.absorb(own, this.#options)
    }
    this.#version += 1
    for (const listener of this.#splitListeners) listener(id, own.id)
    return known ?? own
  }

  #review(tree: PathTree, node: PathNode, margin: number): boolean {
    const changed = tree.review(node, (record, home, into) => this.#move(tree, record, home, into), margin)
    if (changed && node.param !== undefined) {
      // What was folded together may hold values one level down.
      for (const child of [...node.children()])
        if ((child.literals?.size ?? 0) > 1 && child.form !== 'literal') this.#review(tree, child, margin)
    }
    if ((node.literals?.size ?? 0) > this.#options.children) this.#prune(tree, node)
    const left = node.literals?.size ?? 0
    node.nextGrowth = left <= 16 ? 2 : left + (left >> 3)
    return changed
  }

  #move(tree: PathTree, record: EndpointRecord, home: PathNode, into: EndpointRecord | undefined): void {
    const from = record.id
    this.#records.delete(from)
    this.#version += 1
    if (into === undefined) {
      const template = home.template()
      record.rename(endpointId(record.method, record.host, template), template)
      this.#records.set(record.id, { record, node: home })
    } else {
      tree.squares += 2 * into.calls * record.calls
      into.absorb(record, this.#options)
      this.#specified.joined(record, into)
    }
    const to = into?.id ?? record.id
    if (from !== to) this.#tellMerge(from, to, into ?? record)
  }

  #tellMerge(from: EndpointId, to: EndpointId, record: EndpointRecord): void {
    this.#merged.set(from, to)
    this.#merged.delete(to)
    for (const listener of this.#listeners) listener(from, to)
    for (const [before, after] of this.operations.moved(from, record, this.#options))
      for (const listener of this.#listeners) listener(before, after)
  }

  /** Too many words under one node and not alike enough to merge: the rarest candidates go. */
  #prune(tree: PathTree, node: PathNode): void {
    const rare = [...(node.literals?.values() ?? [])].filter(child => child.isLeaf && !holdsAdmitted(child))
    rare.sort((a, b) => a.visits - b.visits || a.lastUse - b.lastUse)
    for (const child of rare.slice(0, Math.ceil(this.#options.children / 4))) this.#drop(tree, child)
  }

  /** Hosts without an admitted endpoint go, the least recently used first: names that a scanner made up do not shut out a real one. */
  #makeHostRoom(): boolean {
    if (this.#calls < this.#hostsFullUntil) return false
    const kept = new Set<string>()
    for (const { record } of this.#records.values()) if (record.admitted) kept.add(record.host)
    const leaving = [...this.#trees]
      .filter(([host]) => !kept.has(host))
      .sort(([, a], [, b]) => a.root.lastUse - b.root.lastUse)
      .slice(0, Math.max(1, this.#options.hosts >> 4))
    if (leaving.length === 0) {
      this.#hostsFullUntil = this.#calls + restAfterNone
      return false
    }
    const hosts = new Set(leaving.map(([host]) => host))
    for (const { record } of [...this.#records.values()]) {
      const tree = hosts.has(record.host) ? this.#trees.get(record.host) : undefined
      if (tree !== undefined) this.#forget(tree, record)
    }
    for (const host of hosts) {
      this.#trees.get(host)?.dispose()
      this.#trees.delete(host)
    }
    return true
  }

  /** Candidates go before what is admitted; never only a few, so that a full catalog does not sort itself at every call. */
  #makeRoom(): void {
    const oldest = (a: Held, b: Held): number => a.record.lastUse - b.record.lastUse
    const all = [...this.#records.values()]
    const candidates = all.filter(({ record }) => !record.admitted).sort(oldest)
    const few = Math.max(1, all.length >> 4)
    const leaving =
      candidates.length >= few
        ? candidates.slice(0, Math.max(few, candidates.length >> 2))
        : all.sort(oldest).slice(0, few)
    for (const { record, node } of leaving) {
      const tree = this.#trees.get(record.host)
      if (tree === undefined) continue
      node.records?.delete(record.method)
      this.#forget(tree, record)
      this.#trim(tree, node)
    }
  }

  #drop(tree: PathTree, node: PathNode): void {
    for (const record of node.records?.values() ?? []) this.#forget(tree, record)
    node.records = undefined
    this.#trim(tree, node)
  }

  #forget(tree: PathTree, record: EndpointRecord): void {
    tree.calls -= record.calls
    tree.squares -= record.calls ** 2
    this.#records.delete(record.id)
    this.operations.forget(record.id)
    record.dispose()
    this.#evicted += 1
    this.#version += 1
  }

  /** Removes a node that leads nowhere any more, and those above it that did only lead to it. */
  #trim(tree: PathTree, node: PathNode): void {
    let at = node
    while (at.parent !== undefined && at.isLeaf && (at.records?.size ?? 0) === 0) {
      const { parent } = at
      tree.remove(at)
      at = parent
    }
  }

  #matchAt(tree: PathTree, segments: readonly string[], method: string): Match | undefined {
    const record = tree.find(segments, method)?.records?.get(method)
    return record === undefined ? undefined : matchOf(record, segments)
  }

  /** Looks once more at every place that was visited since it was last looked at, from the leaves up. */
  settle(): void {
    this.#learnHosts()
    for (const tree of this.#trees.values()) {
      // What merges above brings words together below, and words known as values in one place are known in all.
      for (let round = 0; round < maxRounds && this.#settleAt(tree, tree.root, round > 0); round += 1);
    }
    for (const { record } of this.#records.values()) {
      if (record.admitted || (this.#trees.get(record.host)?.misses ?? 0) < this.#options.selectiveMisses)
        continue
      if (record.reconsider(this.#options)) this.#version += 1
    }
  }

  /** True where something merged at the node or under it. */
  #settleAt(tree: PathTree, node: PathNode, again: boolean): boolean {
    if (!again && node.visits === node.settledAt) return false
    let changed = false
    for (const child of [...node.children()]) changed = this.#settleAt(tree, child, again) || changed
    if ((node.literals?.size ?? 0) > 0) changed = this.#review(tree, node, 0) || changed
    changed = this.#part(tree, node) || changed
    node.settledAt = changed ? -1 : node.visits
    return changed
  }

  /** All that is known to exist, candidates that were answered with success among them; by id. */
  endpoints(): readonly Endpoint[] {
    this.settle()
    const endpoints: Endpoint[] = []
    for (const { record } of this.#records.values())
      if ((record.admitted || record.succeeded) && !this.operations.hides(record))
        endpoints.push(this.#told(record))
    for (const record of this.operations.records())
      if ((record.admitted || record.succeeded) && !this.#holds(record.id)) endpoints.push(this.#told(record))
    for (const record of this.#specified.records())
      if (!this.operations.hides(record)) endpoints.push(this.#told(record))
    return endpoints.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  endpoint(id: EndpointId): Endpoint | undefined {
    const known = this.resolve(id)
    const specified = this.#specified.get(known)
    if (specified !== undefined) return this.#told(specified)
    const record = this.#records.get(known)?.record ?? this.operations.get(known)
    return record === undefined || !(record.admitted || record.succeeded) ? undefined : this.#told(record)
  }

  /**
   * A workload that answers at an endpoint, as a sensor beside the calls tells: it is no further call.
   * @returns Whether that is news of an endpoint that is known.
   */
  servedBy(id: EndpointId, workload: Workload): boolean {
    return this.#recordOf(this.resolve(id))?.servedBy(workload) === true
  }

  #recordOf(known: EndpointId): EndpointRecord | undefined {
    return this.#specified.get(known) ?? this.#records.get(known)?.record ?? this.operations.get(known)
  }

  /** From now on endpoints are told with these labels; undefined takes them back. */
  label(labeller: EndpointLabeller | undefined): void {
    this.#labeller = labeller
  }

  /** An operation is documented where the path that carries it is. */
  #told(record: EndpointRecord): Endpoint {
    const carrier = carrierOf(record.id)?.carrier ?? record.id
    const told = this.#specified.told(record, carrier)
    if (this.#labeller === undefined) return told
    return record.labelled(told, this.#labeller, this.#specified.boundOf(carrier)?.operation)
  }

  #holds(id: EndpointId): boolean {
    return this.#records.has(id) || this.#specified.get(id) !== undefined
  }

  /** The id an endpoint goes by now, after all merges; an unknown id is given back as it is. */
  resolve(id: EndpointId): EndpointId {
    if (this.operations.get(id) !== undefined) return id
    const part = carrierOf(id)
    if (part !== undefined) return `${this.resolve(part.carrier)}#${part.name}` as EndpointId
    let at = id
    for (let hops = 0; hops < 64 && !this.#holds(at); hops += 1) {
      const next = this.#merged.peek(at)
      if (next === undefined) return this.#rematch(at)
      at = next
    }
    return at
  }

  /** An id whose merge is no longer remembered, or that named a path before it was learned: found by its template. */
  #rematch(id: EndpointId): EndpointId {
    const space = id.indexOf(' ')
    const slash = id.indexOf('/', space)
    if (space < 0 || slash < 0) return id
    const tree = this.#trees.get(id.slice(space + 1, slash))
    const segments = splitTemplate(id.slice(slash))
    const host = id.slice(space + 1, slash)
    const bound = this.#specified.match(host, id.slice(0, space), segments)
    if (bound !== undefined) return endpointId(id.slice(0, space), host, bound.template)
    return tree?.find(segments, id.slice(0, space))?.records?.get(id.slice(0, space))?.id ?? id
  }

  onMerge(listener: MergeListener): void {
    this.#listeners.push(listener)
  }

  /** The routes as they stand, in the order of their ids; the same object while nothing changed. */
  routes(): RouteTable {
    const version = this.#version + this.operations.version + this.#specified.version
    if (this.#routes?.version === version) return this.#routes.table
    const routes: RouteTable['routes'][number][] = []
    for (const { record, node } of this.#records.values()) {
      if (!record.admitted && !record.succeeded) continue
      const { id, host, method, template } = record
      const { typed, open } = valuesTaken(node)
      routes.push({
        endpoint: id,
        host,
        method,
        template,
        ...(typed.length === 0 ? {} : { typed }),
        ...(open.length === 0 ? {} : { open }),
      })
    }
    // A gateway sees the head of a request: it knows the carriers of operations, and operations that have a path of their own.
    for (const record of this.operations.records()) {
      if (record.operation !== record.template || !(record.admitted || record.succeeded)) continue
      if (this.#holds(record.id)) continue
      const { id, host, method, template } = record
      routes.push({ endpoint: id, host, method, template })
    }
    for (const { id, host, method, template } of this.#specified.records())
      routes.push({ endpoint: id, host, method, template })
    routes.sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1))
    const { learned } = this.#hosts
    const table: RouteTable = { version, routes, ...(learned.length === 0 ? {} : { learnedHosts: learned }) }
    this.#routes = { version, table }
    return table
  }

  get stats(): {
    readonly endpoints: number
    readonly candidates: number
    readonly nodes: number
    readonly evicted: number
    /** Fields of all schemas, those there was no room for, and the schemas forgotten to make some. */
    readonly fields: number
    readonly fieldsRefused: number
    readonly schemasForgotten: number
    /** Values of placeholders that are told apart, and those there was no room for. */
    readonly words: number
    readonly wordsRefused: number
  } {
    const { operations, admitted, evicted } = this.operations.stats
    let endpoints = admitted + this.#specified.size
    for (const { record } of this.#records.values()) if (record.admitted) endpoints += 1
    return {
      endpoints,
      candidates: this.#records.size + this.#specified.size + operations - endpoints,
      nodes: this.#nodes(),
      evicted: this.#evicted + evicted,
      fields: this.#options.budget?.used ?? 0,
      fieldsRefused: this.#options.budget?.refused ?? 0,
      schemasForgotten: this.#options.budget?.forgotten ?? 0,
      words: this.#words.used,
      wordsRefused: this.#words.refused,
    }
  }

  #nodes(): number {
    let nodes = 0
    for (const tree of this.#trees.values()) nodes += tree.size
    return nodes
  }
}

/**
 * False for answers that any unknown path would get: not found, not allowed, refused to a stranger, blocked before it
 * arrived. Such a call makes no candidate.
 */
function provesSomething(call: ApiCall, identity: Identity): boolean {
  if (call.verdict !== undefined && isRefusal(call.verdict)) return false
  const status = call.response?.status
  if (status === undefined) return true
  if (status === 404 || status === 405 || status === 501) return false
  if ((status === 401 || status === 403) && identity.kind === 'anonymous') return false
  return true
}

/** True where a successful answer says that the word is an operation of its own beside the placeholder. */
function answersOtherwise(record: EndpointRecord, call: ApiCall, word: string): boolean {
  const { response } = call
  if (response === undefined || response.status < 200 || response.status >= 300) return false
  if (record.shape.answers < 2) return false
  const shape = new ResponseShape()
  shape.learn(response.content)
  const nats = likenessOf(shape, record.shape) ?? 0
  return nats + 0.5 * valueLeaning(word) < -1.5
}

const noContent: Content = Object.freeze({ kind: 'empty' })

/** What the endpoint that carries operations learns: who calls and what came of it; the bodies are its operations'. */
const withoutBodies = (call: ApiCall): ApiCall => ({
  ...call,
  request: { ...call.request, content: noContent },
  ...(call.response === undefined ? {} : { response: { ...call.response, content: noContent } }),
})

function holdsAdmitted(node: PathNode): boolean {
  for (const record of node.records?.values() ?? []) if (record.admitted) return true
  return false
}

const matchOf = (record: EndpointRecord, segments: readonly string[]): Match => ({
  endpoint: record.id,
  template: record.template,
  params: paramsOf(record.segments, segments),
})

const named = (host: string, method: string, template: string, segments: readonly string[]): Match => ({
  endpoint: endpointId(method, host, template),
  template,
  params: template.includes('{') ? paramsOf(templateSegments(template), segments) : [],
})

/** A template's own segments stand for values: `{orderId}` fits where any number would. */
const splitTemplate = (template: string): string[] =>
  template
    .slice(1)
    .split('/')
    .map(segment => (segment.includes('{') ? segment.replace(/\{[^}]*\}/g, '0') : segment))
