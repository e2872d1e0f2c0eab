import { Baseline, type BaselineOptions } from '../baseline/baseline.ts'
import { FieldUse } from '../baseline/field-use.ts'
import { FlowOrder } from '../baseline/flow-order.ts'
import { GrantedIds } from '../baseline/granted-ids.ts'
import type { Observation } from '../baseline/observation.ts'
import { OwnerBindings, type OwnerBindingsOptions } from '../baseline/owner-bindings.ts'
import { isWrite, RoleMatrix } from '../baseline/role-matrix.ts'
import type { ContextEvent, SallyportEvent } from '../call/event.ts'
import type { Graph, NewEdge } from '../graph/graph.ts'
import type { AddressTable } from '../identity/address-table.ts'
import { IdentityLinks, type IdentityLinksOptions } from '../identity/links.ts'
import { Places } from '../identity/place.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointId, IncidentId, SignalId } from '../kit/id.ts'
import { become, type Component } from '../kit/snapshot.ts'
import type { Asset } from './asset.ts'
import { Correlator, type CorrelatorOptions } from './correlate.ts'
import type { Concern, DetectorDefinition, DetectorFacts, DetectorRun, Finding } from './detector.ts'
import { detectors as registry } from './detectors/index.ts'
import { graphDetectors as graphRegistry } from './graph/detectors/index.ts'
import type { GraphBeside, GraphDetectorDefinition, GraphDetectorRun } from './graph/graph-detector.ts'
import { happeningsOf } from './graph/happening.ts'
import { Roster } from './graph/roster.ts'
import type { Incident } from './incident.ts'
import { LoginBook, type LoginBookOptions } from './logins/login-book.ts'
import type { Signal } from './signal.ts'
import { SignalLedger, type SignalLedgerOptions } from './signal-ledger.ts'
import { TokenBook, type TokenBookOptions, type TokenUse } from './tokens/token-book.ts'
import { DetectorSettings } from './tuning/detector-settings.ts'
import { generalWhy } from './tuning/general-why.ts'
import type { NoiseBudgetOptions } from './tuning/noise-budget.ts'
import type { TuningStanding } from './tuning/standing.ts'
import { Tuner } from './tuning/tuner.ts'
import type { Tuning } from './tuning/tuning.ts'
import type { DetectorWhy } from './tuning/why.ts'

export interface DetectionOptions {
  /** Detector id → option name → value, over the detectors' defaults. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Ids of detectors that do not run. */
  readonly disabled?: readonly string[]
  readonly owners?: Partial<OwnerBindingsOptions>
  readonly links?: Partial<IdentityLinksOptions>
  readonly logins?: Partial<LoginBookOptions>
  readonly tokens?: Partial<TokenBookOptions>
  /** Where addresses are; without it, what the edge in front of an application tells. */
  readonly addresses?: AddressTable
  readonly baseline?: Partial<BaselineOptions>
  readonly ledger?: Partial<SignalLedgerOptions>
  readonly correlator?: Partial<CorrelatorOptions>
  readonly budget?: Partial<NoiseBudgetOptions>
  /** Endpoints there are, for the noise budget; none are known when absent. */
  readonly endpoints?: () => number
  /** What an endpoint is worth; all are alike when absent. */
  readonly assets?: (endpoint: EndpointId) => Asset | undefined
  /** The detectors to run instead of the registered ones. */
  readonly detectors?: readonly DetectorDefinition[]
  readonly graphDetectors?: readonly GraphDetectorDefinition[]
  /** Detector id → names (principals, workloads, fingerprints of credentials …) it does not speak of; a star at the end stands for any text. */
  readonly exceptions?: Readonly<Record<string, readonly string[]>>
}

export interface DetectionResult {
  /** New or grown by this call. */
  readonly signals: readonly Signal[]
  /** New or changed by this call; `incident` tells them. */
  readonly incidents: readonly IncidentId[]
}

export interface DetectionStats {
  readonly calls: number
  /** Other events. */
  readonly events: number
  readonly findings: number
  readonly signals: number
  readonly signalsEvicted: number
  readonly incidents: number
  readonly incidentsEvicted: number
  /** Entries of state by detector. */
  readonly state: Readonly<Record<string, number>>
  /** What a detector had no room for and did not judge, by detector that has such a bound. */
  readonly refused: Readonly<Record<string, number>>
  /** What was forgotten for room, by what it was. */
  readonly evicted: Readonly<Record<'links' | 'logins' | 'tokens', number>>
}

const nothing: DetectionResult = Object.freeze({ signals: Object.freeze([]), incidents: Object.freeze([]) })

/** What one event raised. A signal that grew twice comes once, as it is now. */
class Found {
  #signals: Map<SignalId, Signal> | undefined
  #incidents: Set<IncidentId> | undefined

  add(signal: Signal, incident: IncidentId | undefined): void {
    this.#signals ??= new Map()
    this.#signals.set(signal.id, signal)
    if (incident === undefined) return
    this.#incidents ??= new Set()
    this.#incidents.add(incident)
  }

  result(): DetectionResult {
    return this.#signals === undefined
      ? nothing
      : { signals: [...this.#signals.values()], incidents: [...(this.#incidents ?? [])] }
  }
}

interface CallRun {
  readonly definition: DetectorDefinition
  readonly run: DetectorRun
}

interface GraphRun {
  readonly definition: GraphDetectorDefinition
  readonly run: GraphDetectorRun
}

/** One that judges uses of tokens. */
interface UseRun {
  readonly definition: DetectorDefinition
  readonly use: (use: TokenUse) => readonly Finding[]
}

/** One that judges calls. */
interface Asked {
  readonly definition: DetectorDefinition
  readonly run: DetectorRun & Required<Pick<DetectorRun, 'observe'>>
}

/** One bit each. */
const concernBits: Readonly<Record<Concern, number>> = { operations: 1, logins: 2, writes: 4 }
const mostConcerns = 8

interface Active {
  /** By the concerns that a call has, as bits: the detectors that it is shown to. */
  readonly asked: readonly (readonly Asked[])[]
  readonly useRuns: readonly UseRun[]
  readonly graphRuns: readonly GraphRun[]
}

/** Calls and the events around them in, signals and incidents out. Deterministic: the same observations in the same order give the same answer. */
export class Detection {
  readonly owners: OwnerBindings
  readonly links: IdentityLinks
  readonly #logins: LoginBook
  readonly #places: Places
  readonly #tokens: TokenBook
  readonly baseline: Baseline
  readonly roles = new RoleMatrix()
  readonly fields = new FieldUse()
  readonly grants: GrantedIds
  readonly flows: FlowOrder
  readonly #runs: readonly CallRun[]
  readonly #settings: DetectorSettings
  readonly #tuner: Tuner
  readonly #endpoints: () => number
  #ledger: SignalLedger
  readonly #correlator: Correlator
  readonly #graphRuns: readonly GraphRun[]
  /** Those that are not off, until people's settings change. */
  #active: Active | undefined
  readonly #roster = new Roster()
  #now = Number.NEGATIVE_INFINITY
  #calls = 0
  #events = 0
  #findings = 0

  /** @throws SallyportError `config/invalid` for an unknown detector or option */
  constructor(options: DetectionOptions = {}) {
    const definitions = options.detectors ?? registry
    const graphDefinitions = options.graphDetectors ?? graphRegistry
    check([...definitions, ...graphDefinitions], options)
    this.owners = new OwnerBindings(options.owners)
    this.links = new IdentityLinks(options.links)
    this.#logins = new LoginBook(options.logins)
    this.#places = new Places(options.addresses)
    this.#tokens = new TokenBook(this.#places, options.tokens)
    this.baseline = new Baseline(options.baseline)
    this.grants = new GrantedIds(this.baseline)
    this.flows = new FlowOrder(this.baseline)
    this.#ledger = new SignalLedger(options.ledger)
    this.#correlator = new Correlator(options.correlator, options.assets)
    this.#settings = new DetectorSettings([...definitions, ...graphDefinitions], options)
    this.#tuner = new Tuner(options.budget)
    this.#endpoints = options.endpoints ?? (() => 0)
    this.#runs = definitions.map(definition => ({
      definition,
      run: definition.create({
        owners: this.owners,
        baseline: this.baseline,
        roles: this.roles,
        fields: this.fields,
        grants: this.grants,
        flows: this.flows,
        links: this.links,
        logins: this.#logins,
        option: this.#settings.of(definition.id),
      }),
    }))
    this.#graphRuns = graphDefinitions.map(definition => ({
      definition,
      run: definition.create({
        roster: this.#roster,
        option: this.#settings.of(definition.id),
        excepted: exceptionsOf(options.exceptions?.[definition.id] ?? []),
      }),
    }))
  }

  /**
   * Judges the call, then learns from it: a call is never evidence for its own normality.
   * @param beside The graph once the call is in it; without one, detectors of the graph are not asked.
   */
  observe(o: Observation, beside?: GraphBeside): DetectionResult {
    this.#calls += 1
    const found = new Found()
    this.#obey(o.call.time)
    this.baseline.enter(o)
    this.#logins.observe(o)
    this.#correlator.value(o)
    for (const { definition, run } of this.#running().asked[this.#concernsOf(o)] ?? []) {
      const findings = run.observe(o)
      if (findings.length === 0 || o.learning) continue
      for (const finding of findings) this.#raise(found, definition, finding, o.call.time, o, beside?.graph)
    }
    this.#tokens.observe(o, use => this.#judgeUse(found, use, false, beside?.graph))
    if (beside !== undefined) this.#observeAround(found, o.call, o, beside, o.learning)
    this.#correlator.count(o)
    this.owners.observe(o)
    this.#logins.learn()
    this.links.observe(o.call, o.identity)
    this.baseline.observe(o)
    this.roles.observe(o)
    this.fields.observe(o)
    this.grants.observe(o)
    this.flows.observe(o)
    this.#now = Math.max(this.#now, o.call.time)
    this.#dueOfCalls(found, beside?.graph)
    return found.result()
  }

  /**
   * A call that was observed before is known to be of a trace now: another sensor told it again.
   * @param o As it was observed, with its trace.
   */
  traced(o: Observation, graph: Graph): DetectionResult {
    const found = new Found()
    for (const { definition, run } of this.#running().graphRuns) {
      for (const finding of run.traced?.(o, graph) ?? [])
        if (!o.learning) this.#raise(found, definition, finding, finding.at ?? o.call.time, o, graph)
    }
    return found.result()
  }

  /**
   * Judges an event that is no call. Events may come some seconds later than their time says.
   * @param graph The graph once the event is in it.
   * @param began Edges that began with it.
   * @param learning History: learned from, nothing is raised.
   */
  observeEvent(
    event: ContextEvent,
    graph: Graph,
    began: readonly NewEdge[],
    learning = false,
  ): DetectionResult {
    this.#events += 1
    const found = new Found()
    if (event.type !== 'resource') this.#obey(event.time)
    this.#observeAround(found, event, undefined, { graph, began }, learning)
    return found.result()
  }

  /** What waited for time to pass, as of `now`: for the end of a recording, and for when nothing comes any more. */
  settle(graph: Graph, now: number): DetectionResult {
    const found = new Found()
    this.#now = Math.max(this.#now, now)
    this.#due(found, graph, false)
    this.#dueOfCalls(found, graph)
    return found.result()
  }

  #observeAround(
    found: Found,
    event: SallyportEvent,
    observation: Observation | undefined,
    { graph, began }: GraphBeside,
    learning: boolean,
  ): void {
    if (event.type === 'resource') return
    const { time } = event
    this.#now = Math.max(this.#now, time)
    this.#roster.observe(event, graph)
    const moment = {
      time,
      event,
      ...(observation === undefined ? {} : { observation }),
      graph,
      began,
      happenings: happeningsOf(event, graph, began),
      learning,
    }
    for (const { definition, run } of this.#running().graphRuns) {
      for (const finding of run.observe(moment))
        if (!learning) this.#raise(found, definition, finding, finding.at ?? time, observation, graph)
    }
    this.#due(found, graph, learning)
  }

  #due(found: Found, graph: Graph, learning: boolean): void {
    for (const { definition, run } of this.#running().graphRuns) {
      if (run.due === undefined) continue
      for (const finding of run.due(this.#now, graph))
        if (!learning) this.#raise(found, definition, finding, finding.at ?? this.#now, undefined, graph)
    }
  }

  #concernsOf(o: Observation): number {
    return (
      (o.match.operation === undefined ? 0 : concernBits.operations) |
      (this.#logins.moment === undefined ? 0 : concernBits.logins) |
      (isWrite(o) ? concernBits.writes : 0)
    )
  }

  /** Detectors that are not off. */
  #running(): Active {
    this.#active ??= this.#listActive()
    return this.#active
  }

  #listActive(): Active {
    const isOn = ({ definition }: { readonly definition: DetectorFacts }): boolean =>
      this.#settings.runs(definition.id)
    const runs = this.#runs.filter(isOn)
    const judges = runs.filter((one): one is Asked => one.run.observe !== undefined)
    return {
      asked: Array.from({ length: mostConcerns }, (_, concerns) =>
        judges.filter(
          ({ definition: { concern } }) => concern === undefined || (concerns & concernBits[concern]) !== 0,
        ),
      ),
      useRuns: runs.flatMap(({ definition, run }) =>
        run.use === undefined ? [] : [{ definition, use: run.use.bind(run) }],
      ),
      graphRuns: this.#graphRuns.filter(isOn),
    }
  }

  #judgeUse(found: Found, use: TokenUse, counted: boolean, graph: Graph | undefined): void {
    const { observation: o } = use
    for (const { definition, use: judge } of this.#running().useRuns) {
      for (const finding of judge(use))
        if (!o.learning) this.#raise(found, definition, finding, o.call.time, o, graph, counted)
    }
  }

  #dueOfCalls(found: Found, graph: Graph | undefined): void {
    this.#tokens.advance(this.#now, use => this.#judgeUse(found, use, true, graph))
  }

  #raise(
    found: Found,
    definition: DetectorFacts,
    finding: Finding,
    time: number,
    o: Observation | undefined,
    graph: Graph | undefined,
    counted = false,
  ): void {
    this.#findings += 1
    const judged = this.#tuner.judge(definition, finding, time, this.#endpoints())
    if ('suppressed' in judged) return
    const record = this.#ledger.apply(definition, finding, time, o?.identity, {
      ...judged,
      calibrate: raw => this.#tuner.calibrate(definition.id, raw, time),
    })
    const incident = this.#correlator.add(record, o, graph, counted)
    found.add(record.signal, incident)
    // Who is named in an incident does not teach what is normal.
    if (incident !== undefined)
      this.baseline.rate(finding.principal, this.#correlator.evidence(incident), time)
  }

  /** Incidents that were dismissed by now are over: what comes after them is judged anew. */
  #obey(time: number): void {
    for (const incident of this.#tuner.dismissed(time))
      for (const signal of this.#correlator.end(incident)) this.#ledger.dismiss(signal)
  }

  /** An endpoint was folded into another: everything learned moves along. */
  merged(from: EndpointId, to: EndpointId): void {
    this.#tuner.merged(from, to)
    this.owners.merged(from, to)
    this.baseline.merged(from, to)
    this.roles.merged(from, to)
    this.fields.merged(from, to)
    this.flows.merged(from, to)
    this.#tokens.merged(from, to)
    for (const { run } of this.#runs) run.merged?.(from, to)
    for (const record of this.#ledger.merged(from, to)) this.#correlator.replace(record)
  }

  /** All that was learned and raised; see `kit/snapshot.ts`. */
  save() {
    const states = (
      runs: readonly { readonly definition: DetectorFacts; readonly run: Partial<Component> }[],
    ) => new Map(runs.map(({ definition, run }) => [definition.id, run.save?.()] as const))
    return {
      owners: this.owners,
      links: this.links.save(),
      logins: this.#logins.save(),
      places: this.#places.save(),
      tokens: this.#tokens.save(),
      baseline: this.baseline.save(),
      roles: this.roles.save(),
      fields: this.fields.save(),
      grants: this.grants.save(),
      flows: this.flows.save(),
      runs: states(this.#runs),
      graphRuns: states(this.#graphRuns),
      ledger: this.#ledger,
      correlator: this.#correlator.save(),
      tuner: this.#tuner.save(),
      roster: this.#roster,
      now: this.#now,
      calls: this.#calls,
      events: this.#events,
      findings: this.#findings,
    }
  }

  /** Detectors that there were not then begin anew. */
  load(saved: ReturnType<Detection['save']>): void {
    become(this.owners, saved.owners)
    become(this.#roster, saved.roster)
    this.links.load(saved.links)
    this.#logins.load(saved.logins)
    this.#places.load(saved.places)
    this.#tokens.load(saved.tokens)
    this.baseline.load(saved.baseline)
    this.roles.load(saved.roles)
    this.fields.load(saved.fields)
    this.grants.load(saved.grants)
    this.flows.load(saved.flows)
    for (const { definition, run } of this.#runs)
      if (saved.runs.has(definition.id)) run.load?.(saved.runs.get(definition.id))
    for (const { definition, run } of this.#graphRuns)
      if (saved.graphRuns.has(definition.id)) run.load?.(saved.graphRuns.get(definition.id))
    this.#ledger = saved.ledger
    this.#correlator.load(saved.correlator)
    this.#tuner.load(saved.tuner)
    this.#now = saved.now
    this.#calls = saved.calls
    this.#events = saved.events
    this.#findings = saved.findings
  }

  /** What people say of detection, in place of what they said before. */
  tune(tuning: Tuning): void {
    this.#tuner.tune(tuning)
    this.#settings.set(tuning.settings)
    this.#active = undefined
  }

  /** How it stands with people's words and with the noise budget. */
  standing(): TuningStanding {
    return {
      detectors: [...this.#runs, ...this.#graphRuns].map(({ definition }) =>
        this.#tuner.standing(definition, this.#now),
      ),
      hits: this.#tuner.hits(),
    }
  }

  /**
   * What each detector says of a call that was observed before, with what is known now. Changes nothing.
   * @param only One detector's id.
   * @throws SallyportError `resource/not-found` for an unknown detector
   */
  why(o: Observation, only?: string): readonly DetectorWhy[] {
    const naming = new Map<string, Signal>()
    for (const signal of this.#ledger.signals())
      if (signal.evidence.includes(o.call.id)) naming.set(signal.detector, signal)
    const none: DetectorRun | undefined = undefined
    const asked = [...this.#runs, ...this.#graphRuns.map(({ definition }) => ({ definition, run: none }))]
      .filter(({ definition }) => only === undefined || definition.id === only)
      .sort((a, b) => (a.definition.id < b.definition.id ? -1 : 1))
    if (asked.length === 0)
      throw new SallyportError('resource/not-found', `There is no detector "${only}".`, {
        mend: 'List them with: sallyport detector list.',
      })
    return asked.map(({ definition, run }) => ({
      detector: definition.id,
      ...this.#whyOf(definition, run, naming.get(definition.id), o),
    }))
  }

  #whyOf(
    definition: DetectorFacts,
    run: DetectorRun | undefined,
    signal: Signal | undefined,
    o: Observation,
  ): Omit<DetectorWhy, 'detector'> {
    if (signal?.held !== undefined) {
      const { score, threshold } = signal.held
      const { why } = this.#tuner.standing(definition, this.#now).threshold
      return { state: 'held', text: `${signal.message} Held back. ${why}`, value: score, threshold }
    }
    if (signal !== undefined) return { state: 'raised', text: signal.message }
    if (!this.#settings.runs(definition.id)) return { state: 'off', text: 'It does not run.' }
    const { principal } = o.identity
    const { endpoint } = o.match
    const attempt = o.outcome !== 'success'
    const dismissed = this.#tuner.suppressedBy(definition.id, { principal, endpoint, attempt }, o.call.time)
    if (dismissed !== undefined)
      return {
        state: 'suppressed',
        text: `${dismissed.by} dismissed it (${dismissed.reason}) until ${new Date(dismissed.expiresAt).toISOString().slice(0, 10)}.`,
      }
    return run?.why?.(o) ?? generalWhy(definition, o, this.baseline)
  }

  signals(): readonly Signal[] {
    return this.#ledger.signals()
  }

  signal(id: SignalId): Signal | undefined {
    return this.#ledger.signal(id)
  }

  incident(id: IncidentId): Incident | undefined {
    return this.#correlator.incident(id)
  }

  /** Incidents that turned out to be part of another, since the last time this was asked. */
  drainFolded(): readonly IncidentId[] {
    return this.#correlator.drainFolded()
  }

  incidents(): readonly Incident[] {
    return this.#correlator.incidents()
  }

  get stats(): DetectionStats {
    return {
      calls: this.#calls,
      events: this.#events,
      findings: this.#findings,
      signals: this.#ledger.size,
      signalsEvicted: this.#ledger.evicted,
      incidents: this.#correlator.size,
      incidentsEvicted: this.#correlator.evicted,
      state: Object.fromEntries([
        ['owner-bindings', this.owners.size()],
        ['links', this.links.size],
        ['logins', this.#logins.size],
        ['tokens', this.#tokens.size],
        ['baseline', this.baseline.size()],
        ['role-matrix', this.roles.size],
        ['field-use', this.fields.size],
        ['flow-order', this.flows.size],
        ...[...this.#runs, ...this.#graphRuns].flatMap(({ definition: { id }, run }) =>
          this.#settings.runs(id) ? [[id, run.size()] as const] : [],
        ),
        ['roster', this.#roster.size],
      ]),
      evicted: {
        links: this.links.evicted,
        logins: this.#logins.evicted,
        tokens: this.#tokens.evicted,
      },
      refused: Object.fromEntries(
        this.#graphRuns.flatMap(({ definition, run }) =>
          run.refused === undefined ? [] : [[definition.id, run.refused] as const],
        ),
      ),
    }
  }
}

/** Names compare without regard to case. */
function exceptionsOf(declared: readonly string[]): (...names: readonly (string | undefined)[]) => boolean {
  const exact = new Set<string>()
  const beginnings: string[] = []
  for (const name of declared.map(one => one.trim().toLowerCase())) {
    if (name.endsWith('*') && name.length > 1) beginnings.push(name.slice(0, -1))
    else if (name !== '') exact.add(name)
  }
  return (...names) =>
    names.some(name => {
      const lower = name?.toLowerCase()
      return lower !== undefined && (exact.has(lower) || beginnings.some(start => lower.startsWith(start)))
    })
}

function check(definitions: readonly DetectorFacts[], options: DetectionOptions): void {
  const known = new Map(definitions.map(definition => [definition.id, definition]))
  for (const id of options.disabled ?? []) {
    if (!known.has(id))
      throw new SallyportError('config/invalid', `There is no detector "${id}".`, {
        mend: `Known: ${[...known.keys()].join(', ')}.`,
      })
  }
  for (const id of Object.keys(options.exceptions ?? {})) {
    if (!known.has(id))
      throw new SallyportError('config/invalid', `There is no detector "${id}".`, {
        mend: `Known: ${[...known.keys()].join(', ')}.`,
      })
  }
  for (const [id, values] of Object.entries(options.options ?? {})) {
    const definition = known.get(id)
    if (definition === undefined)
      throw new SallyportError('config/invalid', `There is no detector "${id}".`, {
        mend: `Known: ${[...known.keys()].join(', ')}.`,
      })
    for (const [name, value] of Object.entries(values)) {
      if (definition.options[name] === undefined) {
        throw new SallyportError('config/invalid', `The detector ${id} has no option "${name}".`, {
          mend: `Known: ${Object.keys(definition.options).join(', ')}.`,
        })
      }
      if (!Number.isFinite(value))
        throw new SallyportError('config/invalid', `Option ${name} of ${id} must be a number.`)
    }
  }
}
