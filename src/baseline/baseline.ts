import { headerOf } from '../call/api-call.ts'
import { familyOf, prefixOf } from '../identity/device.ts'
import type { Identity } from '../identity/identity.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId, PrincipalId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import { Customs, type CustomsOptions, defaultCustomsOptions } from './customs.ts'
import { Deploys } from './deploys.ts'
import { EndpointClusters } from './endpoint-clusters.ts'
import { EndpointProfile } from './endpoint-profile.ts'
import { Measure, type MeasureOptions } from './measure.ts'
import type { Observation } from './observation.ts'
import {
  defaultPeerGroupsOptions,
  type MeasuredPeers,
  type PeerGroup,
  PeerGroups,
  type PeerGroupsOptions,
} from './peer-groups.ts'
import {
  defaultPrincipalTableOptions,
  PrincipalTable,
  type PrincipalTableOptions,
} from './principal-table.ts'
import type { Profile } from './profile.ts'
import type { ColumnKind, SlotColumn } from './slot-column.ts'
import type { SlotMap } from './slot-map.ts'
import type { SlotSets, SlotSetsOptions } from './slot-sets.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A baseline is learned first, then judged by without raising anything, then judged by. */
export type Stage = 'learning' | 'shadow' | 'active'

export interface BaselineOptions extends PrincipalTableOptions, PeerGroupsOptions, CustomsOptions {
  /** Endpoints remembered; the longest unused is forgotten. */
  readonly endpoints: number
  /** What an endpoint needs before it is more than `learning`. */
  readonly stageDays: number
  readonly stageCalls: number
  readonly stagePrincipals: number
  /** Of everything that comes, so much may still be new, 0 to 1. */
  readonly stageUnseen: number
  /** The same of what was read as settled history, where days do not count. */
  readonly settledCalls: number
  readonly settledPrincipals: number
  /** Hours in `shadow` before `active`, at first and after a deploy. */
  readonly shadowHours: number
  /** Hours after which a new principal's calls teach. */
  readonly delayHours: number
  /** Risk, 0 to 100, from which a principal does not teach, and for how many days. */
  readonly distrust: number
  readonly distrustDays: number
}

export const defaultBaselineOptions: BaselineOptions = {
  ...defaultPrincipalTableOptions,
  ...defaultPeerGroupsOptions,
  ...defaultCustomsOptions,
  endpoints: 20_000,
  stageDays: 7,
  stageCalls: 500,
  stagePrincipals: 20,
  stageUnseen: 0.01,
  settledCalls: 100,
  settledPrincipals: 5,
  shadowHours: 24,
  delayHours: 24,
  distrust: 60,
  distrustDays: 28,
}

/** Calls of a principal without roles before it is put to its like, and again with each doubling. */
const clusterAfter = 32
const settledFlag = 1
const forgottenFlag = 2

/**
 * What is normal: for each principal, each endpoint and each group of peers. Detectors read it while they judge a call; afterwards
 * `observe` learns from the call, so that no call is evidence of its own normality. Calls that were refused, have no identity, or come
 * from principals that are new or under suspicion do not teach what is normal.
 *
 * Memory: everything by principal lies in columns of the one principal table (about 300 bytes each here). Detectors take `column`, `map`
 * and `sets` from it for their own state, and write to them only for calls that are of interest to them: all of it together is to stay
 * under 2 KB for an active principal.
 */
export class Baseline implements Component {
  readonly options: BaselineOptions
  readonly deploys = new Deploys()
  readonly #table: PrincipalTable
  readonly #groups: PeerGroups
  readonly #clusters = new EndpointClusters()
  readonly #customs: Customs
  #endpoints: BoundedMap<EndpointId, EndpointProfile>
  #endpointNumber = 0
  readonly #measures = new Map<string, Measure>()
  readonly #calls: SlotColumn
  readonly #days: SlotColumn
  readonly #lastDay: SlotColumn
  readonly #lastCall: SlotColumn
  readonly #flags: SlotColumn
  readonly #risk: SlotColumn
  readonly #riskDay: SlotColumn
  /** The group's number plus one. */
  readonly #group: SlotColumn
  readonly #cluster: SlotColumn
  readonly #used: SlotSets
  readonly #devices: SlotSets
  readonly #agents: SlotSets
  readonly #networks: SlotSets
  /** Hash of the device that was noted last: what one call is made with the next one mostly is, too. */
  readonly #lastDevice: SlotColumn
  /** What profiles read. */
  readonly #read: ProfileColumns
  /** Identity → its group in a cluster: identities of one token are one. */
  #leaves = new WeakMap<Identity, { readonly cluster: number; readonly group: number }>()
  /** When the next window of any measure ends. */
  #sweepAt = 0
  #learning = false
  #now = 0

  constructor(options: Partial<BaselineOptions> = {}) {
    this.options = { ...defaultBaselineOptions, ...options }
    const table = new PrincipalTable(this.options)
    this.#table = table
    this.#groups = new PeerGroups(this.options)
    this.#customs = new Customs(this.options)
    this.#endpoints = new BoundedMap(this.options.endpoints)
    this.#calls = table.column('u32')
    this.#days = table.column('u16')
    this.#lastDay = table.column('u16')
    this.#lastCall = table.column('f64')
    this.#flags = table.column('u8')
    this.#risk = table.column('u8')
    this.#riskDay = table.column('u16')
    this.#group = table.column('u16')
    this.#cluster = table.column('u8')
    this.#used = table.sets({ exact: 64, bloomWords: 64 })
    this.#devices = table.sets({ exact: 16, bloomWords: 64 })
    this.#agents = table.sets({ exact: 16, bloomWords: 16 })
    this.#networks = table.sets({ exact: 16, bloomWords: 64 })
    this.#lastDevice = table.column('u32')
    this.#read = {
      table,
      days: this.#days,
      lastCall: this.#lastCall,
      used: this.#used,
      devices: this.#devices,
      agents: this.#agents,
      networks: this.#networks,
      hasUsed: (slot, endpoint, forgotten) => this.#hasUsed(slot, endpoint, forgotten),
    }
  }

  /**
   * Called before the detectors judge: gives the caller its slot and lets time pass. Teaches nothing.
   * @returns the caller's slot
   */
  enter(o: Observation): number {
    const { time } = o.call
    if (this.#learning && !o.learning) this.#sweep(this.#now, true)
    this.#learning = o.learning
    this.#now = Math.max(this.#now, time)
    this.#sweep(this.#now, false)
    const { principal } = o.identity
    const known = this.#table.slotOf(principal)
    if (known !== undefined) return this.#table.enter(principal, time)
    const stub = this.#table.stub(principal, time)
    const slot = this.#table.enter(principal, time)
    if (stub !== undefined) this.#flags.set(slot, forgottenFlag)
    if (o.learning) this.#flags.set(slot, this.#flags.get(slot) | settledFlag)
    return slot
  }

  /** The slot of a principal; of the caller being judged there is always one. */
  slotOf(principal: PrincipalId): number | undefined {
    return this.#table.slotOf(principal)
  }

  principalOf(slot: number): PrincipalId | undefined {
    return this.#table.nameOf(slot)
  }

  /** What was learned of a principal before the call being judged; undefined where nothing was ever seen of it. */
  profile(principal: PrincipalId): Profile | undefined {
    const slot = this.#table.slotOf(principal)
    if (slot === undefined) return undefined
    const calls = this.#calls.get(slot)
    const forgotten = (this.#flags.get(slot) & forgottenFlag) !== 0
    if (calls === 0 && !forgotten) return undefined
    return new SlotProfile(principal, slot, calls, forgotten, this.#read)
  }

  /** What was learned of an endpoint; undefined before its first call. */
  endpoint(id: EndpointId): EndpointProfile | undefined {
    return this.#endpoints.peek(id)
  }

  /** Whom an identity is compared with: the narrowest group it belongs to that has enough members. */
  peersOf(identity: Identity): PeerGroup {
    return this.#groups.enough(this.#leafOf(identity))
  }

  /**
   * The narrowest group that also has `windows` finished member windows of a measure.
   * @returns undefined while no group has
   */
  peerMetric(identity: Identity, metric: string, windows = 30): MeasuredPeers | undefined {
    return this.#groups.measured(this.#leafOf(identity), metric, windows)
  }

  /** How far the endpoint's baseline is. */
  stageOf(endpoint: EndpointId): Stage {
    return this.#stage(endpoint).stage
  }

  /** Why the endpoint's baseline is not active yet, as a sentence; undefined where it is. */
  ready(endpoint: EndpointId): string | undefined {
    return this.#stage(endpoint).why
  }

  /**
   * Whether a principal's calls may say what is normal: it was here a day ago already (or in settled history), and was not named with a
   * risk that makes it a suspect.
   */
  trusted(principal: PrincipalId): boolean {
    const slot = this.#table.slotOf(principal)
    return slot !== undefined && this.#trusted(slot)
  }

  /** The risk, 0 to 100, that a principal was found to be. The highest counts, for `distrustDays`. */
  rate(principal: PrincipalId, risk: number, time: number): void {
    const slot = this.#table.slotOf(principal)
    if (slot === undefined) return
    const day = Math.floor(time / dayMs)
    if (risk < this.#risk.get(slot) && day - this.#riskDay.get(slot) <= this.options.distrustDays) return
    this.#risk.set(slot, Math.min(100, Math.max(0, Math.round(risk))))
    this.#riskDay.set(slot, day)
  }

  /**
   * A principal does something that would be normal if many did it. One vote a day counts, a day after it was given, unless its principal
   * is new or under suspicion.
   * @param habit Any words that stand for it.
   */
  vote(habit: string, o: Observation): void {
    const slot = this.#table.slotOf(o.identity.principal)
    if (slot === undefined || (!o.learning && !this.#trusted(slot))) return
    this.#customs.vote(habit, o.identity.principal, Math.floor(o.call.time / dayMs), o.learning)
  }

  /** Whether enough different principals do it, on enough different days. */
  isNormal(habit: string, time: number): boolean {
    return this.#customs.isNormal(habit, Math.floor(time / dayMs), principal => this.#mayCount(principal))
  }

  /**
   * One finished day of one member, for its group and all wider ones: for what is measured of few members, where a `measure` would keep a
   * column for all. Nothing where the principal may not teach.
   */
  teach(o: Observation, metric: string, unit: string, value: number, day: number): void {
    const slot = this.#table.slotOf(o.identity.principal)
    if (slot === undefined || (!o.learning && !this.#trusted(slot))) return
    this.#groups.add(this.#leafOf(o.identity), metric, unit, value, day)
  }

  /** A measure for each principal and window, the one of that name where there is one already. */
  measure(options: MeasureOptions): Measure {
    const known = this.#measures.get(options.metric)
    if (known !== undefined) return known
    const measure = new Measure(this.#table, options)
    this.#measures.set(options.metric, measure)
    this.#sweepAt = 0
    return measure
  }

  /** A detector's own numbers by slot. */
  column(kind: ColumnKind, width = 1): SlotColumn {
    return this.#table.column(kind, width)
  }

  /** A detector's own objects for the few principals that are of interest to it. */
  map<Value>(capacity: number): SlotMap<Value> {
    return this.#table.map(capacity)
  }

  /** A detector's own sets of 32-bit numbers by slot. */
  sets(options: SlotSetsOptions): SlotSets {
    return this.#table.sets(options)
  }

  /** Learns from a call that was judged. */
  observe(o: Observation): void {
    const { call, identity, match, outcome } = o
    const { time } = call
    const slot = this.#table.slotOf(identity.principal) ?? this.#table.enter(identity.principal, time)
    this.deploys.observe(o)
    const endpoint = this.#endpoints.ensure(match.endpoint, () => {
      this.#endpointNumber += 1
      return new EndpointProfile(match.endpoint, this.#endpointNumber)
    })
    const anonymous = identity.kind === 'anonymous'
    const teaches =
      outcome === 'success' &&
      (!anonymous || endpoint.principals === 0) &&
      (o.learning || this.#trusted(slot))
    if (endpoint.observe(o, teaches)) this.deploys.shifted(o)
    this.#calls.add(slot)
    const day = Math.floor(time / dayMs)
    if (day > this.#lastDay.get(slot)) {
      this.#lastDay.set(slot, day)
      this.#days.add(slot)
    }
    if (time > this.#lastCall.get(slot)) this.#lastCall.set(slot, time)
    if (!anonymous && identity.roles.length === 0) this.#place(slot, this.#calls.get(slot), identity)
    const group = this.#leafOf(identity) + 1
    const before = this.#group.get(slot)
    if (group !== before) {
      this.#groups.move(before === 0 ? undefined : before - 1, group - 1)
      this.#group.set(slot, group)
    }
    if (outcome === 'success') this.#used.add(slot, endpoint.number)
    if (outcome === 'refused' && call.response?.status === 401) return
    // A device is its software and its network: those of the same one are noted already.
    const device = hash32(identity.device)
    if (this.#lastDevice.get(slot) === device) return
    this.#lastDevice.set(slot, device)
    this.#devices.add(slot, device)
    this.#agents.add(slot, hash32(familyOf(headerOf(call.request.headers, 'user-agent') ?? '')))
    this.#networks.add(slot, hash32(prefixOf(call.source.ip)))
  }

  /** An endpoint was folded into another: what was learned of it and who used it counts for the other. */
  merged(from: EndpointId, to: EndpointId): void {
    const gone = this.#endpoints.peek(from)
    if (gone === undefined) return
    this.#endpoints.delete(from)
    this.#endpoints
      .ensure(to, () => {
        this.#endpointNumber += 1
        return new EndpointProfile(to, this.#endpointNumber)
      })
      .merge(gone)
  }

  /** Principals, endpoints and habits held. */
  size(): number {
    return this.#table.size + this.#endpoints.size + this.#customs.size
  }

  /** Principals whose state was dropped for room. */
  get evicted(): number {
    return this.#table.evicted
  }

  #leafOf(identity: Identity): number {
    const slot = this.#table.slotOf(identity.principal)
    const cluster = slot === undefined ? 0 : this.#cluster.get(slot)
    const known = this.#leaves.get(identity)
    if (known !== undefined && known.cluster === cluster) return known.group
    const group =
      cluster === 0
        ? this.#groups.leafOf(identity)
        : this.#groups.leafOf(identity, { key: String(cluster), words: this.#clusters.wordsOf(cluster) })
    this.#leaves.set(identity, { cluster, group })
    return group
  }

  /** Puts a principal to those who call the same, at its 32nd call and with each doubling. */
  #place(slot: number, calls: number, { kind }: Identity): void {
    if (calls < clusterAfter || (calls & (calls - 1)) !== 0) return
    const numbers = this.#used.members(slot)
    if (numbers === undefined || numbers.length < 2) return
    const cluster = this.#clusters.place(kind, numbers, () => {
      const used = new Set(numbers)
      const paths: string[] = []
      for (const { id, number } of this.#endpoints.values())
        if (used.has(number) && paths.length < 3) paths.push(id)
      return `who call ${paths.join(', ')} and the like`
    })
    this.#cluster.set(slot, cluster)
  }

  #hasUsed(slot: number, endpoint: EndpointId, forgotten: boolean): boolean | undefined {
    const profile = this.#endpoints.peek(endpoint)
    const unknown = forgotten ? undefined : false
    if (profile === undefined) return unknown
    if (this.#used.has(slot, profile.number)) return true
    for (const number of profile.aliases) if (this.#used.has(slot, number)) return true
    return profile.moreAliases ? undefined : unknown
  }

  #suspect(slot: number): boolean {
    const { distrust, distrustDays } = this.options
    return (
      this.#risk.get(slot) >= distrust &&
      Math.floor(this.#now / dayMs) - this.#riskDay.get(slot) <= distrustDays
    )
  }

  /** A vote that was given counts unless its principal is a suspect now. */
  #mayCount(principal: PrincipalId): boolean {
    const slot = this.#table.slotOf(principal)
    return slot === undefined || !this.#suspect(slot)
  }

  #trusted(slot: number): boolean {
    const { delayHours } = this.options
    if (this.#suspect(slot)) return false
    if ((this.#flags.get(slot) & settledFlag) !== 0) return true
    return this.#now - this.#table.firstSeen(slot) >= delayHours * hourMs
  }

  #stage(id: EndpointId): { readonly stage: Stage; readonly why?: string } {
    const profile = this.#endpoints.peek(id)
    if (profile === undefined) return { stage: 'learning', why: 'It was not called yet.' }
    const { options } = this
    const settled =
      profile.settledCalls >= options.settledCalls && profile.principals >= options.settledPrincipals
    if (!settled) {
      const missing: string[] = []
      if (profile.days < options.stageDays)
        missing.push(`${plain(options.stageDays - profile.days, 'day')} of traffic`)
      else if (!profile.weekendSeen) missing.push('a weekend')
      if (profile.count('success') < options.stageCalls)
        missing.push(plain(options.stageCalls - profile.count('success'), 'successful call'))
      if (profile.principals < options.stagePrincipals)
        missing.push(plain(options.stagePrincipals - profile.principals, 'caller'))
      if (missing.length === 0 && profile.unseenMass >= options.stageUnseen)
        missing.push('calls that look less different from each other')
      if (missing.length > 0) {
        profile.readySince = 0
        return { stage: 'learning', why: `It needs ${missing.join(', ')} more to know what is usual.` }
      }
      if (profile.readySince === 0) profile.readySince = this.#now
      if (this.#now - profile.readySince < options.shadowHours * hourMs)
        return { stage: 'shadow', why: 'What is usual was learned less than a day ago.' }
    }
    const deploys = this.deploys.recent(this.#now, options.shadowHours * hourMs)
    if (deploys[0] !== undefined)
      return {
        stage: 'shadow',
        why: `The software changed less than a day ago: ${deploys[0].subject}, ${deploys[0].what}.`,
      }
    return { stage: 'active' }
  }

  #sweep(time: number, settled: boolean): void {
    if (time < this.#sweepAt && !settled) return
    this.#sweepAt = Number.POSITIVE_INFINITY
    for (const measure of this.#measures.values()) {
      this.#sweepAt = Math.min(this.#sweepAt, (Math.floor(time / measure.windowMs) + 1) * measure.windowMs)
      measure.sweep(time, settled, (slot, value, day) => {
        const group = this.#group.get(slot)
        if (group > 0 && this.#trusted(slot))
          this.#groups.add(group - 1, measure.metric, measure.unit, value, day)
      })
    }
  }

  save(): unknown {
    return {
      table: this.#table.save(),
      groups: this.#groups.save(),
      clusters: this.#clusters.save(),
      customs: this.#customs.save(),
      endpoints: this.#endpoints,
      endpointNumber: this.#endpointNumber,
      deploys: this.deploys.save(),
      measures: [...this.#measures].map(([name, measure]) => [name, measure.save()]),
      columns: this.#columns().map(column => column.save()),
      learning: this.#learning,
      now: this.#now,
    }
  }

  load(saved: unknown): void {
    const {
      table,
      groups,
      clusters,
      customs,
      endpoints,
      endpointNumber,
      deploys,
      measures,
      columns,
      learning,
      now,
    } = saved as {
      readonly endpoints: BoundedMap<EndpointId, EndpointProfile>
      readonly endpointNumber: number
      readonly measures: readonly (readonly [string, unknown])[]
      readonly columns: readonly unknown[]
      readonly learning: boolean
      readonly now: number
    } & { readonly [part in 'table' | 'groups' | 'clusters' | 'customs' | 'deploys']: unknown }
    this.#table.load(table)
    this.#groups.load(groups)
    this.#clusters.load(clusters)
    this.#customs.load(customs)
    this.#endpoints = endpoints
    this.#endpointNumber = endpointNumber
    this.deploys.load(deploys)
    for (const [name, measure] of measures) this.#measures.get(name)?.load(measure)
    for (const [index, column] of this.#columns().entries()) column.load(columns[index])
    this.#learning = learning
    this.#now = now
    this.#leaves = new WeakMap()
    this.#sweepAt = 0
  }

  #columns(): readonly Component[] {
    return [
      this.#calls,
      this.#days,
      this.#lastDay,
      this.#lastCall,
      this.#flags,
      this.#risk,
      this.#riskDay,
      this.#group,
      this.#cluster,
      this.#used,
      this.#devices,
      this.#agents,
      this.#networks,
      this.#lastDevice,
    ]
  }
}

/** What is kept by slot, as profiles read it. */
interface ProfileColumns {
  readonly table: PrincipalTable
  readonly days: SlotColumn
  readonly lastCall: SlotColumn
  readonly used: SlotSets
  readonly devices: SlotSets
  readonly agents: SlotSets
  readonly networks: SlotSets
  hasUsed(slot: number, endpoint: EndpointId, forgotten: boolean): boolean | undefined
}

/** Reads what it is asked for: most ask for one thing. */
class SlotProfile implements Profile {
  readonly principal: PrincipalId
  readonly slot: number
  readonly calls: number
  readonly forgotten: boolean
  readonly #read: ProfileColumns

  constructor(principal: PrincipalId, slot: number, calls: number, forgotten: boolean, read: ProfileColumns) {
    this.principal = principal
    this.slot = slot
    this.calls = calls
    this.forgotten = forgotten
    this.#read = read
  }

  get firstSeen(): number {
    return this.#read.table.firstSeen(this.slot)
  }

  get lastSeen(): number {
    return this.#read.lastCall.get(this.slot)
  }

  get activeDays(): number {
    return this.#read.days.get(this.slot)
  }

  get endpoints(): number {
    return this.#read.used.count(this.slot)
  }

  get devices(): number {
    return this.#read.devices.count(this.slot)
  }

  get agents(): number {
    return this.#read.agents.count(this.slot)
  }

  get networks(): number {
    return this.#read.networks.count(this.slot)
  }

  hasUsed(endpoint: EndpointId): boolean | undefined {
    return this.#read.hasUsed(this.slot, endpoint, this.forgotten)
  }

  hasDevice(device: string): boolean | undefined {
    return this.#knows(this.#read.devices, hash32(device))
  }

  hasAgent(family: string): boolean | undefined {
    return this.#knows(this.#read.agents, hash32(family))
  }

  hasNetwork(prefix: string): boolean | undefined {
    return this.#knows(this.#read.networks, hash32(prefix))
  }

  #knows(sets: SlotSets, member: number): boolean | undefined {
    return sets.has(this.slot, member) ? true : this.forgotten ? undefined : false
  }
}

const plain = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
