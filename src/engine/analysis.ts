import { DayBook } from '../baseline/day-book.ts'
import type { Observation } from '../baseline/observation.ts'
import { outcomeOf } from '../baseline/outcome.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { SallyportEvent } from '../call/event.ts'
import { Catalog } from '../catalog/catalog.ts'
import type { CatalogOptions } from '../catalog/catalog-options.ts'
import { criticalityOf } from '../catalog/criticality.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import { standardClasses } from '../catalog/data-classes/registry/standard.ts'
import type { Endpoint } from '../catalog/endpoint.ts'
import type { Finding } from '../catalog/finding.ts'
import { Findings } from '../catalog/findings/findings.ts'
import { findingRules } from '../catalog/findings/rules/index.ts'
import { carrierOf } from '../catalog/operations/operation-directory.ts'
import { CatalogLabeller } from '../catalog/ownership/catalog-labeller.ts'
import type { EndpointLabeller } from '../catalog/ownership/labeller.ts'
import type { EndpointOverride } from '../catalog/ownership/labels.ts'
import { RouteMatcher } from '../catalog/route-matcher.ts'
import { Drift } from '../catalog/spec/drift.ts'
import { driftRules } from '../catalog/spec/rules/index.ts'
import type { Specification } from '../catalog/spec/specification.ts'
import { Detection, type DetectionOptions, type DetectionResult } from '../detect/detection.ts'
import type { GraphBeside } from '../detect/graph/graph-detector.ts'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import type { DetectorWhy } from '../detect/tuning/why.ts'
import { objectOf } from '../detect/words.ts'
import type { Graph } from '../graph/graph.ts'
import type { GraphOptions } from '../graph/graph-options.ts'
import type { AddressTable } from '../identity/address-table.ts'
import { evidenceOf, identify } from '../identity/identify.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { type CallId, type EndpointId, endpointId, type IncidentId, type PrincipalId } from '../kit/id.ts'
import { severityRank } from '../kit/severity.ts'
import { become, type Externals } from '../kit/snapshot.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import { Assets } from './assets.ts'
import { CountedCalls, type CountedState } from './counted-calls.ts'
import { type Directions, noDirections } from './directions.ts'
import type { BesideGraph } from './graph-questions.ts'
import { RuntimeGraph } from './runtime-graph.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import { ToldCalls } from './told-calls.ts'
import { type PrincipalFacts, Usage } from './usage.ts'

export interface AnalysisOptions {
  readonly catalog?: Partial<CatalogOptions>
  /** Detector options by detector id. */
  readonly detectors?: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly disabled?: readonly string[]
  /** Detector id → names it does not speak of. */
  readonly exceptions?: Readonly<Record<string, readonly string[]>>
  /** Where addresses are; without it, what the edge in front of an application tells. */
  readonly addresses?: AddressTable
  /** Keeps each call's endpoint for the document's `assignments`. Grows with the calls: for files, not for live traffic. */
  readonly assignments?: boolean
  /** The detectors to run instead of the registered ones. */
  readonly only?: Pick<DetectionOptions, 'detectors' | 'graphDetectors'>
  /** Bounds of the runtime graph. */
  readonly graph?: Partial<GraphOptions>
}

/** What one event taught. */
export interface AnalysisResult {
  /** The call and its place; absent of what is no call, and of a call that was told before. */
  readonly stored?: StoredCall
  readonly signals: readonly Signal[]
  /** New or changed; `incident` tells them. */
  readonly incidents: readonly IncidentId[]
}

const nothing: readonly never[] = []
const nothingLearned: AnalysisResult = Object.freeze({ signals: nothing, incidents: nothing })
const nothingFound: DetectionResult = Object.freeze({ signals: nothing, incidents: nothing })

/**
 * `observe`: the second of the two questions. Wires identity, catalog, baselines and detection over one stream of
 * events in order of time. Synchronous, deterministic, in memory; the same in a worker and in `analyze`.
 */
export class Analysis {
  readonly sessions = new SessionDirectory()
  readonly catalog: Catalog
  readonly detection: Detection
  readonly drift = new Drift()
  readonly conditions = new Findings()
  readonly usage = new Usage()
  readonly days = new DayBook()
  readonly graph: RuntimeGraph
  #told = new ToldCalls()
  readonly #counted = new CountedCalls()
  /** Calls that were told without a trace, which their spans may name yet; without bodies. */
  #untraced = new BoundedMap<CallId, Observation>(untracedKept)
  #assignments: [CallId, EndpointId][] | undefined
  #dirtyEndpoints = new Set<EndpointId>()
  readonly #classes: ClassRegistry
  readonly #assets: Assets
  #directions = noDirections
  #labeller: EndpointLabeller
  #calls = 0
  #from: number | undefined
  #to: number | undefined
  #describedAt = Number.NEGATIVE_INFINITY

  constructor(options: AnalysisOptions = {}) {
    this.catalog = new Catalog(options.catalog)
    this.#classes = options.catalog?.classes ?? standardClasses
    this.#assets = new Assets(this.catalog, this.#classes)
    this.detection = new Detection({
      options: options.detectors ?? {},
      disabled: options.disabled ?? [],
      exceptions: options.exceptions ?? {},
      ...(options.addresses === undefined ? {} : { addresses: options.addresses }),
      ...options.only,
      endpoints: () => this.catalog.stats.endpoints,
      assets: endpoint => this.#assets.of(endpoint, this.#to ?? 0),
    })
    this.graph = new RuntimeGraph(options.graph)
    this.#assignments = options.assignments === true ? [] : undefined
    this.catalog.onMerge((from, to) => {
      this.detection.merged(from, to)
      this.drift.merged(from, to)
      this.conditions.merged(from, to)
      this.usage.merged(from, to)
      this.graph.merged(from, to, this.#to ?? 0)
      this.#dirtyEndpoints.add(from)
      this.#dirtyEndpoints.add(to)
    })
    // Nothing moves: what was learned of many words stays with them, the word that stands alone now learns anew. Owner bindings,
    // callers and drift are kept by endpoint, so that those of `/users/{id}` say nothing of `/users/me`.
    this.catalog.onSplit((from, to) => {
      this.#dirtyEndpoints.add(from)
      this.#dirtyEndpoints.add(to)
    })
    this.#labeller = new CatalogLabeller(undefined, [])
    this.catalog.label(this.#labeller)
  }

  /**
   * @param options `learning`: history; everything is learned from it, nothing is raised.
   * @returns What to keep and what was found.
   */
  observe(event: SallyportEvent, options: { readonly learning?: boolean } = {}): AnalysisResult {
    // 0 is no time: of what manifests declare, and of records that tell none.
    if (event.time > 0) {
      this.#from = Math.min(this.#from ?? event.time, event.time)
      this.#to = Math.max(this.#to ?? event.time, event.time)
    }
    if (event.type !== 'call') {
      this.graph.event(event)
      const { graph, began } = this.#beside()
      return this.#result(this.detection.observeEvent(event, graph, began, options.learning === true))
    }
    if (!this.#counted.count(event)) return nothingLearned
    const told = this.#told.again(event)
    if (told !== undefined) {
      // The same call seen from beside: it says which workloads it joins, and counts once.
      const endpoint = this.catalog.resolve(told.endpoint)
      this.graph.callAgain(event, endpoint)
      const { workload } = event.destination
      if (workload !== undefined && this.catalog.servedBy(endpoint, workload))
        this.#dirtyEndpoints.add(endpoint)
      return this.#traced(told.call, event)
    }
    this.#calls += 1
    const identity = identify(evidenceOf(event), this.sessions)
    this.sessions.observe(event, identity)
    const [{ call, match }, ...others] = this.catalog.observeAll(event, identity)
    const observation: Observation = {
      call,
      identity,
      match,
      // What the gateway withheld did not reach the caller, whatever the upstream answered.
      outcome: event.verdict === undefined ? outcomeOf(call) : 'refused',
      learning: options.learning === true,
    }
    const answerer = this.graph.answererOf(event)
    if (answerer !== undefined) this.catalog.servedBy(match.endpoint, answerer)
    const again = this.#told.note(event, match.endpoint)
    if (again && call.trace?.traceId === undefined && call.source.workload === undefined)
      this.#untraced.set(event.id, { ...observation, call: withoutBodies(call) })
    this.usage.observe(observation)
    const object = objectOf(match)
    this.days.observe(observation, object === undefined ? undefined : `${object.type}:${object.id}`)
    this.#place(observation, false)
    if (!observation.learning) {
      for (const place of [{ call, match }, ...others]) {
        this.drift.observe(place.call, place.match, this.catalog.boundOf(place.match.endpoint))
        this.conditions.observe(place.call, place.match, identity)
      }
    }
    // Somebody who is shut out already is not judged again for knocking.
    const heard = event.verdict?.policy !== 'quarantine'
    const beside = this.#beside()
    let found = heard ? this.detection.observe(observation, beside) : nothingFound
    // The other operations of a batch: judged each at its own place.
    for (const place of heard ? others : nothing) {
      this.#dirtyEndpoints.add(place.match.endpoint)
      const outcome = event.verdict === undefined ? outcomeOf(place.call) : 'refused'
      const further = { ...observation, ...place, outcome }
      this.#place(further, true)
      found = joined(found, this.detection.observe(further, this.#beside()))
    }
    const result = this.#result(found)
    const { signals } = result
    this.#assignments?.push([event.id, match.endpoint])
    this.#dirtyEndpoints.add(match.endpoint)
    return {
      stored: {
        call: event,
        endpoint: match.endpoint,
        principal: identity.principal,
        ...(identity.tenant === undefined ? {} : { tenant: identity.tenant }),
        detectors: signals.length === 0 ? nothing : detectorsNaming(event, signals),
      },
      ...result,
    }
  }

  /** All that was learned and found; see `kit/snapshot.ts` and `externals`. */
  save() {
    return {
      catalog: this.catalog.save(),
      detection: this.detection.save(),
      graph: this.graph.save(),
      sessions: this.sessions,
      usage: this.usage,
      days: this.days,
      assets: this.#assets.save(),
      drift: this.drift,
      conditions: this.conditions,
      told: this.#told,
      untraced: this.#untraced,
      directions: this.#directions,
      dirtyEndpoints: this.#dirtyEndpoints,
      assignments: this.#assignments,
      calls: this.#calls,
      describedAt: this.#describedAt,
      from: this.#from,
      to: this.#to,
    }
  }

  /** Into one that was made with the same options and has not observed anything. */
  load(saved: ReturnType<Analysis['save']>): void {
    this.catalog.load(saved.catalog)
    this.detection.load(saved.detection)
    this.graph.load(saved.graph)
    become(this.sessions, saved.sessions)
    become(this.usage, saved.usage)
    become(this.days, saved.days)
    this.#assets.load(saved.assets)
    become(this.drift, saved.drift)
    become(this.conditions, saved.conditions)
    this.#told = saved.told
    this.#untraced = saved.untraced
    this.#directions = saved.directions
    this.#labeller = new CatalogLabeller(saved.directions.file, saved.directions.overrides)
    this.catalog.label(this.#labeller)
    this.#dirtyEndpoints = saved.dirtyEndpoints
    this.#assignments = saved.assignments
    this.#calls = saved.calls
    this.#describedAt = saved.describedAt
    this.#from = saved.from
    this.#to = saved.to
  }

  /** What the state refers to by name. */
  externals(): Externals {
    const rules = [
      ...driftRules.map(rule => [`drift-rule:${rule.id}`, rule] as const),
      ...findingRules.map(rule => [`finding-rule:${rule.id}`, rule] as const),
    ]
    return new Map([...this.#classes.externals(), ...rules])
  }

  /** What waited for time to pass, as of `now`, ms since the epoch: the end of a recording, or a time when nothing comes. */
  settle(now: number): AnalysisResult {
    return this.#result(this.detection.settle(this.graph.graph, now))
  }

  /** The span of a call that was told without its trace names it, and who answered. */
  #traced(id: CallId, { trace, destination }: ApiCall): AnalysisResult {
    const first = this.#untraced.peek(id)
    if (first === undefined || trace?.traceId === undefined) return nothingLearned
    this.#untraced.delete(id)
    const { workload } = destination
    const call = {
      ...first.call,
      trace,
      ...(workload === undefined ? {} : { destination: { ...first.call.destination, workload } }),
    }
    const endpoint = this.catalog.resolve(first.match.endpoint)
    const observation = { ...first, call, match: { ...first.match, endpoint } }
    return this.#result(this.detection.traced(observation, this.graph.graph))
  }

  /**
   * The graph for detection. Where a workload or an identity reached something new, what lies behind it matters: endpoints are described
   * as the catalog has them now; and once in an hour anyway, for what is reached again.
   */
  #beside(): GraphBeside {
    const began = this.graph.drainBegan()
    const now = this.#to ?? 0
    const matters =
      now - this.#describedAt >= describeEveryMs ||
      began.some(({ from }) => from.startsWith('workload:') || from.startsWith('identity:'))
    if (matters) this.#describedAt = now
    return { graph: matters ? this.graphNow() : this.graph.graph, began }
  }

  #result({ signals, incidents }: DetectionResult): AnalysisResult {
    return { signals: signals.map(signal => this.#withData(signal)), incidents }
  }

  #place({ call, identity, match, outcome }: Observation, further: boolean): void {
    this.graph.call(call, {
      endpoint: match.endpoint,
      ...(identity.kind === 'anonymous' ? {} : { principal: identity.principal }),
      refused: outcome === 'refused',
      further,
    })
  }

  /** The specifications to compare with, in place of those given before. */
  specify(specifications: readonly Specification[]): void {
    this.catalog.specify(specifications)
    for (const { id } of this.catalog.endpoints()) this.#dirtyEndpoints.add(id)
  }

  /**
   * What people say of the catalog, in place of what they said before. Endpoints that are told otherwise by it are among those
   * that changed, without new traffic.
   */
  direct(directions: Directions): void {
    const { pins, overrides, file } = directions
    const before = this.#directions
    this.#directions = directions
    if (!same(file?.hosts, before.file?.hosts)) this.catalog.hostPatterns(file?.hosts ?? [])
    if (!same(pins, before.pins) || !same(file?.pins, before.file?.pins))
      this.catalog.pin([...(file?.pins ?? []), ...pins])
    const rules = !same(file, before.file)
    if (!rules && same(overrides, before.overrides)) return
    this.#labeller = new CatalogLabeller(file, overrides)
    this.catalog.label(this.#labeller)
    this.#assets.forget()
    if (rules) for (const { id } of this.catalog.endpoints()) this.#dirtyEndpoints.add(id)
    // A rule may say something of any endpoint, a person's word is of one.
    else
      for (const { endpoint } of differing(overrides, before.overrides))
        this.#dirtyEndpoints.add(endpoint as EndpointId)
  }

  /** Specified operations that were never called, as endpoints that have no times yet. */
  orphans(): readonly Endpoint[] {
    const orphans = this.catalog.orphans()
    const carriers = orphans.length === 0 ? new Map<string, Carrier>() : this.#carriers()
    return orphans.map(({ bound, host }) => {
      const { operation } = bound
      const { method, protocol = 'rest' } = operation
      const none = { request: [], response: [] }
      const criticality = criticalityOf(method, bound.template, none)
      // An operation without a path of its own stands under the path that carries the others of its API.
      const carrier = bound.template.startsWith('#') ? carriers.get(`${protocol} ${host}`) : undefined
      const template = carrier?.template ?? bound.template
      const endpoint: Endpoint = {
        id:
          carrier === undefined
            ? endpointId(method, host, template)
            : (`${carrier.id}${bound.template}` as EndpointId),
        protocol,
        host,
        method,
        template,
        calls: 0,
        statuses: {},
        firstSeen: 0,
        lastSeen: 0,
        auth: [],
        dataClasses: none,
        fields: [],
        exposure: 'unknown',
        inventory: 'orphan',
        criticality: criticality.name,
        risk: { score: 0, factors: [] },
        responseSchemas: {},
      }
      return this.#labeller.label(endpoint, operation.tags ?? [], {
        ...(operation.labels === undefined ? {} : { specification: operation.labels }),
        workloads: [],
        criticality,
        riskAs: () => endpoint.risk,
      })
    })
  }

  /** What differs from the specifications, and what is wrong without any; most severe first. */
  findings(): readonly Finding[] {
    const endpoints = this.catalog.endpoints()
    const drift = this.drift.findings(endpoints, id => this.catalog.boundOf(id))
    const changes = this.catalog.operations.tools.changes()
    const others = this.conditions.findings(endpoints, changes, id => this.catalog.resolve(id))
    return [...drift, ...others].sort(
      (a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.id < b.id ? -1 : 1),
    )
  }

  /** Every signal, with the classes of data that were within its reach. */
  signals(): readonly Signal[] {
    return this.detection.signals().map(signal => this.#withData(signal))
  }

  /** One incident, with the classes of data that were within its reach. */
  incident(id: IncidentId): Incident | undefined {
    const incident = this.detection.incident(id)
    return incident === undefined ? undefined : this.#withReach(incident)
  }

  /** Every incident, with the classes of data that were within its reach. */
  incidents(): readonly Incident[] {
    return this.detection.incidents().map(incident => this.#withReach(incident))
  }

  /** What came back is what the endpoint is known to answer with; an attempt got nothing. */
  #withData(signal: Signal): Signal {
    if (signal.attempt || signal.endpoint === undefined) return signal
    const answered = this.catalog.endpoint(this.catalog.resolve(signal.endpoint))?.dataClasses.response ?? []
    return answered.length === 0 ? signal : { ...signal, dataClasses: union(signal.dataClasses, answered) }
  }

  #withReach(incident: Incident): Incident {
    const signals = incident.signals.flatMap(id => {
      const signal = this.detection.signal(id)
      return signal === undefined ? [] : [this.#withData(signal)]
    })
    const classes = signals.flatMap(({ dataClasses }) => dataClasses)
    const reached = signals.flatMap(({ attempt, dataClasses }) => (attempt ? [] : dataClasses))
    const { blastRadius } = incident
    return {
      ...incident,
      dataClasses: union(incident.dataClasses, classes),
      ...(blastRadius === undefined
        ? {}
        : { blastRadius: { ...blastRadius, dataClasses: union(blastRadius.dataClasses, reached) } }),
    }
  }

  /** By protocol and host, the path that carried the most calls with operations. */
  #carriers(): ReadonlyMap<string, Carrier> {
    const carriers = new Map<string, Carrier>()
    for (const { id, protocol, host, template, calls } of this.catalog.endpoints()) {
      const carrier = carrierOf(id)?.carrier
      const known = carriers.get(`${protocol} ${host}`)
      if (carrier !== undefined && (known === undefined || known.calls < calls))
        carriers.set(`${protocol} ${host}`, { id: carrier, template, calls })
    }
    return carriers
  }

  /** The data classes that are looked for. */
  get classes(): ClassRegistry {
    return this.#classes
  }

  get calls(): number {
    return this.#calls
  }

  /** First and last moment seen, ms since the epoch. */
  get span(): { readonly from: number; readonly to: number } | undefined {
    return this.#from === undefined || this.#to === undefined ? undefined : { from: this.#from, to: this.#to }
  }

  /** Endpoints that changed since the last time this was asked; ids that are no more come without one, merged ones with where they went. */
  drainEndpoints(): readonly {
    readonly id: EndpointId
    readonly endpoint?: Endpoint
    readonly into?: EndpointId
  }[] {
    const changed = [...this.#dirtyEndpoints].map(id => {
      const endpoint = this.catalog.endpoint(id)
      if (endpoint === undefined) return { id }
      this.graph.describe(endpoint)
      return endpoint.id === id ? { id, endpoint } : { id, into: endpoint.id }
    })
    this.#dirtyEndpoints.clear()
    return changed
  }

  /**
   * What detectors say of a call that was observed, as things are known now. Changes nothing.
   * @throws SallyportError `resource/not-found` for an unknown detector
   */
  why({ call, endpoint: stored }: StoredCall, detector?: string): readonly DetectorWhy[] {
    const identity = identify(evidenceOf(call), this.sessions)
    const endpoint = this.catalog.resolve(stored)
    const routes = new RouteMatcher(this.catalog.routes())
    const route = routes.match(call.destination.host, call.request.method, call.request.path)
    const template = this.catalog.endpoint(endpoint)?.template ?? call.request.path
    const match = route?.endpoint === endpoint ? route : { endpoint, template, params: route?.params ?? [] }
    const outcome = call.verdict === undefined ? outcomeOf(call) : 'refused'
    return this.detection.why({ call, identity, match, outcome, learning: false }, detector)
  }

  /** What questions to the graph are answered from besides. */
  get beside(): BesideGraph {
    const { recent } = this.graph
    return {
      recent,
      ownerOf: fingerprint => this.graph.ownerOf(fingerprint),
      tiesOf: principal => this.detection.links.ties(principal, this.#to ?? 0),
      habitsOf: principal => this.days.of(principal),
      tuning: () => this.detection.standing(),
      why: (call, detector) => this.why(call, detector),
    }
  }

  /** The graph as the catalog describes its endpoints now. */
  graphNow(): Graph {
    return this.graph.now(id => this.catalog.endpoint(id))
  }

  /**
   * Goes on from what an earlier process saved, see `load`: of the recorded calls that are read back from now on only those count that it
   * had not counted.
   */
  resume(saved: ReturnType<Analysis['save']>, counted: CountedState): void {
    this.load(saved)
    this.#counted.restore(counted)
    this.graph.undeclare()
    // Whoever listens has heard of nothing yet.
    for (const { id } of this.catalog.endpoints()) this.#dirtyEndpoints.add(id)
    this.usage.touchAll()
  }

  /** Which calls were counted, for `resume`. @param now Ms since the epoch. */
  counted(now: number): CountedState {
    return this.#counted.state(now)
  }

  /** The recorded calls have been read back: what comes now is new. */
  warmedUp(): void {
    this.#counted.end()
    // What began while they were read is not news.
    this.graph.drainBegan()
  }

  /** Each call's final endpoint, in the order of the calls; empty unless asked for. */
  assignments(): readonly (readonly [CallId, EndpointId])[] {
    return (this.#assignments ?? []).map(
      ([call, endpoint]) => [call, this.catalog.resolve(endpoint)] as const,
    )
  }

  /** Principals that changed since the last time this was asked. */
  drainPrincipals(): readonly PrincipalFacts[] {
    const risks = this.#risks()
    return this.usage.drainDirty().flatMap(id => this.usage.principal(id, risks.get(id) ?? 0) ?? [])
  }

  principals(): readonly PrincipalFacts[] {
    const risks = this.#risks()
    return this.usage.principals(id => risks.get(id) ?? 0)
  }

  /** The highest risk of the incidents each principal is named in. */
  #risks(): ReadonlyMap<PrincipalId, number> {
    const risks = new Map<PrincipalId, number>()
    for (const incident of this.detection.incidents()) {
      for (const principal of incident.principals) {
        risks.set(principal, Math.max(risks.get(principal) ?? 0, incident.risk))
      }
    }
    return risks
  }

  /** Differs when a new snapshot would tell a gateway something new. Counts that only grow matter by their magnitude. */
  snapshotState(): string {
    const owners = this.detection.owners
      .bindings()
      .map(({ endpoint, field, claim, seen, exemptRoles }) =>
        [endpoint, field, claim, Math.round(Math.log2(seen + 1)), ...exemptRoles].join('\0'),
      )
    const { persisted } = this.catalog.operations
    return `${this.catalog.routes().version} ${this.sessions.version} ${persisted.version} ${owners.join('\n')}`
  }

  snapshot(version: number): AnalysisSnapshot {
    return {
      version,
      routes: this.catalog.routes(),
      owners: this.detection.owners.bindings(),
      sessions: this.sessions.snapshot(),
      carriers: this.catalog.operations.carriers(),
      persisted: this.catalog.operations.persisted.entries(),
    }
  }
}

/** Of the events' own time. */
const describeEveryMs = 3_600_000

/** About one kilobyte each. */
const untracedKept = 10_000

const noContent = Object.freeze({ kind: 'empty' as const })
const withoutBodies = (call: ApiCall): ApiCall => ({
  ...call,
  request: { ...call.request, content: noContent },
  ...(call.response === undefined ? {} : { response: { ...call.response, content: noContent } }),
})

interface Carrier {
  readonly id: EndpointId
  readonly template: string
  readonly calls: number
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** Words that are in one list and not in the other. */
function differing(
  now: readonly EndpointOverride[],
  before: readonly EndpointOverride[],
): readonly EndpointOverride[] {
  const texts = (list: readonly EndpointOverride[]) => new Set(list.map(one => JSON.stringify(one)))
  const [told, knew] = [texts(now), texts(before)]
  return [
    ...now.filter(one => !knew.has(JSON.stringify(one))),
    ...before.filter(one => !told.has(JSON.stringify(one))),
  ]
}

/** Findings of two operations of one call: a signal that both continue comes once, as it is now. */
function joined(a: DetectionResult, b: DetectionResult): DetectionResult {
  if (b.signals.length === 0 && b.incidents.length === 0) return a
  const again = new Set(b.signals.map(({ id }) => id))
  return {
    signals: [...a.signals.filter(({ id }) => !again.has(id)), ...b.signals],
    incidents: [...new Set([...a.incidents, ...b.incidents])],
  }
}

function detectorsNaming(call: ApiCall, signals: readonly Signal[]): readonly string[] {
  return [
    ...new Set(signals.filter(signal => signal.evidence.includes(call.id)).map(signal => signal.detector)),
  ]
}

const union = (a: readonly string[], b: readonly string[]): readonly string[] =>
  [...new Set([...a, ...b])].sort()
