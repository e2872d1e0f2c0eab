import type { Observation } from '../baseline/observation.ts'
import { type FlowValue, flowValueOf } from '../catalog/ownership/flow-value.ts'
import type { Graph } from '../graph/graph.ts'
import { type NodeId, readNodeId } from '../graph/node.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { stableHash } from '../kit/hash.ts'
import type { CallId, EndpointId, Fingerprint, IncidentId, PrincipalId, SignalId } from '../kit/id.ts'
import { severityRank } from '../kit/severity.ts'
import type { Asset } from './asset.ts'
import { hubNeighbours, isHub } from './graph/hub.ts'
import { stageOf, stagesInOrder } from './graph/tactics.ts'
import type { Incident } from './incident.ts'
import type { Signal } from './signal.ts'
import { isNode, type SignalRecord } from './signal-ledger.ts'
import { tell } from './story.ts'

export interface CorrelatorOptions {
  readonly incidents: number
  readonly signalsPerIncident: number
  /** Signals of one actor further apart than this are different incidents, in milliseconds. */
  readonly windowMs: number
  /** Evidence, 0 to 100, at which signals open an incident where none does so alone. */
  readonly threshold: number
  /** The same where they are of two families and two stages of an intrusion at least. */
  readonly joint: number
  /** An attack on a workload's interface and what the workload does this soon before or after belong together, in milliseconds. */
  readonly entryMs: number
  /** Nodes with more neighbours than this are what everybody shares: nothing is tied by them. */
  readonly hub: number
  /** Principals whose calls are counted for the effect of an action. */
  readonly principals: number
}

export const defaultCorrelatorOptions: CorrelatorOptions = {
  incidents: 5_000,
  signalsPerIncident: 60,
  windowMs: 86_400_000,
  threshold: 40,
  joint: 30,
  entryMs: 3_600_000,
  hub: hubNeighbours,
  principals: 50_000,
}

/** What is known of one caller's traffic, for the effect of an action and for the story. */
export interface Presence {
  readonly first: number
  calls: number
}

/** Signals of one actor that belong together; an incident once it is open. */
export interface Group {
  readonly id: IncidentId
  readonly signals: Map<SignalId, SignalRecord>
  readonly actors: Set<string>
  readonly workloads: Set<string>
  readonly presence: Map<PrincipalId, Presence>
  readonly tokens: Map<Fingerprint, number>
  /** Calls whose worth is counted, and the sum by currency. */
  readonly paid: Set<CallId>
  readonly stakes: Map<string, number>
  /** Highest of the endpoints it is about. */
  asset: number
  revision: number
  changed: number
  worse: number
  /** As it was at the last revision. */
  was: { risk: number; severity: number; size: number }
  updated: number
  opened: number | undefined
  unverified: boolean
  dropped: number
}

const weights = [0.1, 0.25, 0.5, 0.8, 0.95] as const

/** How much one signal says by itself, 0 to 1: severity times confidence, less where it was refused; nothing while it is held back. */
export const weightOf = (signal: Signal): number =>
  signal.held !== undefined
    ? 0
    : (weights[severityRank(signal.severity)] ?? 0) * signal.confidence * (signal.attempt ? 0.6 : 1)

/** A success of high severity with a confidence that needs no second witness. */
const isDeterministic = (signal: Signal): boolean =>
  !signal.attempt &&
  signal.held === undefined &&
  severityRank(signal.severity) >= 3 &&
  signal.confidence >= 0.85

/** Counts a revision where somebody who looks again should notice: worse, another signal, or twice as much of it. */
function revise(group: Group, time: number): void {
  let severity = 0
  let size = group.signals.size
  for (const { signal } of group.signals.values()) {
    if (!signal.attempt) severity = Math.max(severity, severityRank(signal.severity))
    size += Math.floor(Math.log2(1 + signal.evidence.length + signal.objects.length))
  }
  const risk = riskOf(group.signals.values(), group.asset)
  const { was } = group
  const first = group.revision === 0
  const isWorse = severity > was.severity || risk >= was.risk + 5
  if (!first && !isWorse && size <= was.size) return
  group.revision += 1
  group.changed = Math.max(group.changed, time)
  if (first || isWorse) {
    group.worse = group.changed
    group.was = { risk, severity, size }
  } else group.was = { ...was, size }
}

const stepBonus = 10
const mostBonus = 30

const halfLifeMs = 86_400_000

/**
 * What the signals say together, whatever they are about: noisy-or over detector families, only the strongest signal of each, and ten for
 * every further stage of an intrusion that was gone through in order where the graph shows one: 0 to 100.
 */
export function evidenceOf(given: Iterable<SignalRecord>): number {
  const records = [...given]
  const steps = records.some(({ place }) => place !== undefined) ? bonusOf(records) : 0
  return Math.min(100, Math.round(100 * suspicionOf(records)) + steps)
}

/**
 * How urgent it is: noisy-or over families, each of whose signals lose half their weight with every day before the newest, times what is
 * at risk, and ten for every further stage that was gone through in order: 0 to 100.
 *
 * @param asset 0.5 to 2, see `Asset`.
 */
export function riskOf(given: Iterable<SignalRecord>, asset = 1): number {
  const records = [...given]
  const newest = Math.max(...records.map(({ updated }) => updated))
  const suspicion = suspicionOf(records, ({ updated }) => 2 ** ((updated - newest) / halfLifeMs))
  return Math.min(100, Math.min(100, Math.round(100 * suspicion * asset)) + bonusOf(records))
}

function suspicionOf(records: readonly SignalRecord[], decay = (_: SignalRecord): number => 1): number {
  const families = new Map<string, number>()
  for (const record of records) {
    const weight = weightOf(record.signal) * decay(record)
    families.set(record.family, Math.max(families.get(record.family) ?? 0, weight))
  }
  let innocent = 1
  for (const weight of families.values()) innocent *= 1 - weight
  return 1 - innocent
}

/** Two families of detectors, at two stages of an intrusion. */
function isJoint(given: Iterable<SignalRecord>): boolean {
  const raised = [...given].filter(({ signal }) => signal.held === undefined)
  return (
    new Set(raised.map(({ family }) => family)).size >= 2 &&
    new Set(raised.flatMap(({ signal }) => stageOf(signal.attack) ?? [])).size >= 2
  )
}

/** An incident is not open over what is held back alone, nor over what says less than the rules ask for. */
function opens(group: Group, { threshold, joint }: CorrelatorOptions): boolean {
  const evidence = evidenceOf(group.signals.values())
  return (
    evidence >= threshold ||
    (evidence >= joint && isJoint(group.signals.values())) ||
    [...group.signals.values()].some(({ signal }) => isDeterministic(signal))
  )
}

function bonusOf(given: readonly SignalRecord[]): number {
  const records = given.filter(({ signal }) => signal.held === undefined)
  if (records.length < 2) return 0
  const stages = [...records]
    .sort((a, b) => a.signal.time - b.signal.time || (a.signal.id < b.signal.id ? -1 : 1))
    .flatMap(({ signal }) => stageOf(signal.attack) ?? [])
  return Math.min(mostBonus, stepBonus * Math.max(0, stagesInOrder(stages) - 1))
}

/** By what a signal is tied to others. */
interface Ties {
  /** Whoever has one of them belongs together. */
  readonly shared: readonly string[]
  /** What others offered and this one takes up, if it is not longer ago than `entryMs` where `soon`. */
  readonly takes: readonly { readonly key: string; readonly soon: boolean }[]
  readonly offers: readonly string[]
}

/**
 * Ties signals of one strong actor within a day into one incident: a principal, a token, the key a detector names for a hidden one, a
 * workload, an identity, a trace. Never an address, nor a node that more than `hub` others have to do with.
 */
export class Correlator {
  readonly #options: CorrelatorOptions
  readonly #groups: BoundedMap<IncidentId, Group>
  #byActor: BoundedMap<string, IncidentId>
  #bySignal: BoundedMap<SignalId, IncidentId>
  #presence: BoundedMap<PrincipalId, Presence>
  #tokens: BoundedMap<Fingerprint, number>
  /** Of the latest calls that moved money. */
  #worth: BoundedMap<CallId, FlowValue>
  readonly #assets: ((endpoint: EndpointId) => Asset | undefined) | undefined
  /** Incidents as last told; undefined where something changed since. */
  #told = new Map<IncidentId, Incident | undefined>()
  #folded: IncidentId[] = []
  #graph: Graph | undefined
  evicted = 0

  /** @param assets What an endpoint is worth; nothing is known of it when absent. */
  constructor(
    options: Partial<CorrelatorOptions> = {},
    assets?: (endpoint: EndpointId) => Asset | undefined,
  ) {
    this.#assets = assets
    this.#options = { ...defaultCorrelatorOptions, ...options }
    this.#groups = new BoundedMap(this.#options.incidents, (id, group) => {
      this.#told.delete(id)
      if (group.opened !== undefined) this.evicted += 1
    })
    this.#byActor = new BoundedMap(4 * this.#options.incidents)
    this.#bySignal = new BoundedMap(8 * this.#options.incidents)
    this.#presence = new BoundedMap(this.#options.principals)
    this.#tokens = new BoundedMap(this.#options.principals)
    this.#worth = new BoundedMap(this.#options.principals)
  }

  get size(): number {
    return this.#told.size
  }

  /** What the call at hand moved, where it is a step of a flow that has a value: before it is judged. */
  value(o: Observation): void {
    if (o.outcome !== 'success' || o.learning) return
    for (const step of this.#assets?.(o.match.endpoint)?.flows ?? []) {
      const worth = flowValueOf(o.call, step)
      if (worth === undefined) continue
      this.#worth.set(o.call.id, worth)
      return
    }
  }

  /** Counts the call for the effect of actions. */
  count(o: Observation): void {
    const presence = this.#presence.get(o.identity.principal)
    if (presence === undefined) this.#presence.set(o.identity.principal, { first: o.call.time, calls: 1 })
    else presence.calls += 1
    const { token } = o.identity
    if (token !== undefined) this.#tokens.set(token, (this.#tokens.get(token) ?? 0) + 1)
  }

  /**
   * @param o The call that raised it; undefined where another event did.
   * @param graph To tell hubs, and the way an incident took.
   * @param counted The call is not the one at hand: `count` has heard of it.
   * @returns the id of the incident it now belongs to, when it makes one; `incident` tells it
   */
  add(
    record: SignalRecord,
    o: Observation | undefined,
    graph?: Graph,
    counted = false,
  ): IncidentId | undefined {
    if (graph !== undefined) this.#graph = graph
    const ties = this.#tiesOf(record, o)
    const group = this.#groupOf(record, ties)
    if (group.signals.has(record.signal.id) || group.signals.size < this.#options.signalsPerIncident)
      group.signals.set(record.signal.id, record)
    else group.dropped += 1
    this.#bySignal.set(record.signal.id, group.id)
    for (const key of [...ties.shared, ...ties.offers]) {
      if (group.actors.size < 128) group.actors.add(key)
      this.#byActor.set(key, group.id)
    }
    group.updated = Math.max(group.updated, record.updated)
    this.#noteWorkloads(group, record, o)
    const { principal } = record.signal
    if (!isNode(principal)) this.#notePresence(group, record, o, counted)
    this.#noteWorth(group, record)
    if (group.opened === undefined) {
      if (!opens(group, this.#options)) return undefined
      group.opened = record.updated
    }
    revise(group, record.updated)
    this.#told.set(group.id, undefined)
    return group.id
  }

  #noteWorth(group: Group, { signal }: SignalRecord): void {
    const { endpoint } = signal
    if (endpoint !== undefined)
      group.asset = Math.max(group.asset, this.#assets?.(endpoint)?.factor ?? group.asset)
    if (signal.attempt || this.#worth.size === 0) return
    for (const call of signal.evidence) {
      const worth = this.#worth.peek(call)
      if (worth === undefined || group.paid.has(call) || group.paid.size >= 2_000) continue
      group.paid.add(call)
      group.stakes.set(worth.currency, (group.stakes.get(worth.currency) ?? 0) + worth.amount)
    }
  }

  #noteWorkloads(group: Group, record: SignalRecord, o: Observation | undefined): void {
    const note = (name: string | undefined): void => {
      if (name !== undefined && group.workloads.size < 20) group.workloads.add(name)
    }
    const workload = o?.call.destination.workload
    if (workload?.name !== undefined && record.place === undefined) {
      const node = this.#graph?.workloadId(workload)
      const bare = workload.namespace === undefined ? workload.name : `${workload.namespace}/${workload.name}`
      note(node === undefined ? bare : readNodeId(node)?.name)
    }
    for (const node of [...(record.place?.subjects ?? []), ...(record.place?.reached ?? [])]) {
      const read = readNodeId(node)
      if (read?.kind === 'workload') note(read.name)
    }
  }

  #notePresence(group: Group, record: SignalRecord, o: Observation | undefined, counted: boolean): void {
    const { principal } = record.signal
    const presence = this.#presence.peek(principal)
    // The call at hand is counted after it was judged.
    const here = !counted && o?.identity.principal === principal ? 1 : 0
    if (group.presence.size < 64)
      group.presence.set(principal, {
        first: presence?.first ?? o?.call.time ?? record.signal.time,
        calls: (presence?.calls ?? 0) + here,
      })
    if (record.token !== undefined && group.tokens.size < 64) {
      group.tokens.set(
        record.token,
        (this.#tokens.peek(record.token) ?? 0) + (!counted && o?.identity.token === record.token ? 1 : 0),
      )
    }
    if (
      o !== undefined &&
      o.identity.principal === principal &&
      o.identity.kind !== 'anonymous' &&
      o.identity.confidence < 1
    )
      group.unverified = true
  }

  #tiesOf(record: SignalRecord, o: Observation | undefined): Ties {
    const { actors, place, family } = record
    const shared = [...actors]
    const takes: { readonly key: string; readonly soon: boolean }[] = []
    const offers: string[] = []
    const trace = o?.call.trace?.traceId
    if (trace !== undefined) shared.push(`trace:${trace}`)
    if (place === undefined) {
      const target =
        family === 'injection' ? this.#graph?.workloadId(o?.call.destination.workload) : undefined
      if (target !== undefined && !this.#isHub(target)) {
        takes.push({ key: `node:${target}`, soon: true })
        offers.push(`entered:${target}`)
      }
      return { shared, takes, offers }
    }
    for (const one of place.traces) shared.push(`trace:${one}`)
    for (const node of place.subjects) {
      if (this.#isHub(node)) continue
      shared.push(`node:${node}`)
      takes.push({ key: `reached:${node}`, soon: false }, { key: `entered:${node}`, soon: true })
    }
    for (const node of place.reached) if (!this.#isHub(node)) offers.push(`reached:${node}`)
    return { shared, takes, offers }
  }

  #isHub(node: NodeId): boolean {
    return this.#graph !== undefined && isHub(this.#graph, node, this.#options.hub)
  }

  /** What speaks against who is named in an incident, 0 to 100, whatever it was about; 0 of one that is gone. */
  evidence(id: IncidentId): number {
    const group = this.#groups.peek(id)
    return group === undefined ? 0 : evidenceOf(group.signals.values())
  }

  /** The incident as it now is. Its story is written when it is asked for, not with every call of an attack. */
  incident(id: IncidentId): Incident | undefined {
    if (!this.#told.has(id)) return undefined
    const told = this.#told.get(id)
    if (told !== undefined) return told
    const group = this.#groups.peek(id)
    if (group === undefined) return undefined
    const incident = tell(group, riskOf(group.signals.values(), group.asset), this.#graph)
    this.#told.set(id, incident)
    return incident
  }

  /** Incidents that turned out to be part of another, since the last time this was asked. */
  drainFolded(): readonly IncidentId[] {
    const folded = this.#folded
    this.#folded = []
    return folded
  }

  /** The incident is over: it stays as it is, and nothing more belongs to it. @returns its signals */
  end(id: IncidentId): readonly SignalId[] {
    const group = this.#groups.peek(id)
    if (group === undefined) return []
    for (const actor of group.actors) if (this.#byActor.peek(actor) === id) this.#byActor.delete(actor)
    const signals = [...group.signals.keys()]
    for (const signal of signals) this.#bySignal.delete(signal)
    return signals
  }

  /** A signal was renamed: its incident tells the new name. */
  replace(record: SignalRecord): void {
    const id = this.#bySignal.peek(record.signal.id)
    const group = id === undefined ? undefined : this.#groups.peek(id)
    if (group === undefined || !group.signals.has(record.signal.id)) return
    group.signals.set(record.signal.id, record)
    if (group.opened !== undefined) this.#told.set(group.id, undefined)
  }

  #groupOf(record: SignalRecord, ties: Ties): Group {
    const ids = new Set<IncidentId>()
    const same = this.#bySignal.get(record.signal.id)
    if (same !== undefined) ids.add(same)
    for (const key of ties.shared) {
      const id = this.#byActor.get(key)
      if (id !== undefined) ids.add(id)
    }
    for (const { key, soon } of ties.takes) {
      const id = this.#byActor.get(key)
      const group = id === undefined ? undefined : this.#groups.peek(id)
      if (group !== undefined && (!soon || Math.abs(record.updated - group.updated) <= this.#options.entryMs))
        ids.add(group.id)
    }
    const groups: Group[] = []
    for (const id of ids) {
      const group = this.#groups.get(id)
      if (group !== undefined && (id === same || record.updated - group.updated <= this.#options.windowMs))
        groups.push(group)
    }
    const [first, ...rest] = groups.sort(
      (a, b) =>
        (a.opened ?? Number.POSITIVE_INFINITY) - (b.opened ?? Number.POSITIVE_INFINITY) ||
        (a.id < b.id ? -1 : 1),
    )
    if (first === undefined) {
      const group: Group = {
        id: stableHash(['incident', record.signal.id, record.signal.time]) as IncidentId,
        signals: new Map(),
        actors: new Set(),
        workloads: new Set(),
        presence: new Map(),
        tokens: new Map(),
        paid: new Set(),
        stakes: new Map(),
        asset: 0.5,
        revision: 0,
        changed: record.updated,
        worse: record.updated,
        was: { risk: 0, severity: 0, size: 0 },
        updated: record.updated,
        opened: undefined,
        unverified: false,
        dropped: 0,
      }
      this.#groups.set(group.id, group)
      return group
    }
    for (const other of rest) this.#fold(other, first)
    return first
  }

  /** Two groups turn out to be one actor's. */
  #fold(from: Group, to: Group): void {
    for (const [id, record] of from.signals) {
      if (to.signals.size < this.#options.signalsPerIncident) to.signals.set(id, record)
      else to.dropped += 1
      this.#bySignal.set(id, to.id)
    }
    for (const actor of from.actors) {
      to.actors.add(actor)
      this.#byActor.set(actor, to.id)
    }
    for (const workload of from.workloads) to.workloads.add(workload)
    for (const [principal, presence] of from.presence) to.presence.set(principal, presence)
    for (const [token, calls] of from.tokens) to.tokens.set(token, calls)
    for (const call of from.paid) to.paid.add(call)
    for (const [currency, amount] of from.stakes)
      to.stakes.set(currency, (to.stakes.get(currency) ?? 0) + amount)
    to.asset = Math.max(to.asset, from.asset)
    to.revision = Math.max(to.revision, from.revision)
    to.changed = Math.max(to.changed, from.changed)
    to.worse = Math.max(to.worse, from.worse)
    to.updated = Math.max(to.updated, from.updated)
    to.opened = to.opened === undefined ? from.opened : Math.min(to.opened, from.opened ?? to.opened)
    to.unverified ||= from.unverified
    this.#groups.delete(from.id)
    if (this.#told.delete(from.id)) this.#folded.push(from.id)
    if (to.opened !== undefined) this.#told.set(to.id, undefined)
  }

  /** Open incidents, the highest risk first, and of one risk the most severe. */
  incidents(): readonly Incident[] {
    return [...this.#told.keys()]
      .flatMap(id => this.incident(id) ?? [])
      .sort(
        (a, b) =>
          b.risk - a.risk ||
          severityRank(b.severity) - severityRank(a.severity) ||
          a.opened - b.opened ||
          (a.id < b.id ? -1 : 1),
      )
  }

  save() {
    return {
      groups: this.#groups,
      evicted: this.evicted,
      byActor: this.#byActor,
      bySignal: this.#bySignal,
      presence: this.#presence,
      tokens: this.#tokens,
      worth: this.#worth,
      told: this.#told,
      folded: this.#folded,
      graph: this.#graph,
    }
  }

  load(saved: ReturnType<Correlator['save']>): void {
    this.#groups.adopt(saved.groups)
    this.evicted = saved.evicted
    this.#byActor = saved.byActor
    this.#bySignal = saved.bySignal
    this.#presence = saved.presence
    this.#tokens = saved.tokens
    this.#worth = saved.worth
    this.#told = saved.told
    this.#folded = saved.folded
    this.#graph = saved.graph
  }
}
