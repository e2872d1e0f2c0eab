import type { EndpointId } from '../../kit/id.ts'
import type { Endpoint } from '../endpoint.ts'
import type { CatalogChange } from './catalog-change.ts'
import { changesBetween, classesOf, endpointChange, exists } from './changes-between.ts'

export interface ChangeLogOptions {
  /** Changes kept: the newest, in the order they were told. */
  readonly entries: number
  /** Of one endpoint, so that whoever makes up fields of one does not push out the others. */
  readonly perEndpoint: number
  /** What is learned in an endpoint's first calls or in its first time is part of its being new. */
  readonly settleCalls: number
  readonly settleMs: number
  /** An endpoint that was called this often and then not for so long, while its host was, is gone. */
  readonly goneCalls: number
  readonly goneMs: number
}

export const defaultChangeLogOptions: ChangeLogOptions = {
  entries: 10_000,
  perEndpoint: 200,
  settleCalls: 50,
  settleMs: 3_600_000,
  goneCalls: 20,
  goneMs: 7 * 86_400_000,
}

/** Between two looks for what is gone, in the traffic's time. */
const sweepMs = 3_600_000

/** What the catalog told since the last time. */
export interface CatalogTelling {
  readonly endpoints: readonly Endpoint[]
  /** Forgotten. */
  readonly gone: readonly EndpointId[]
  /** Folded into another, which goes on with what was known. */
  readonly merged: readonly (readonly [from: EndpointId, to: EndpointId])[]
}

/**
 * What is new, changed or gone, from successive tellings of the catalog. In memory, bounded: beyond `entries` the oldest
 * goes, and `dropped` counts. The order of endpoints within a telling does not matter. Times are the traffic's own.
 */
export class ChangeLog {
  readonly #options: ChangeLogOptions
  #entries = new Map<string, CatalogChange>()
  #byEndpoint = new Map<EndpointId, Set<string>>()
  /** Each endpoint as it was when it was last compared. */
  #known = new Map<EndpointId, Endpoint>()
  /** The `endpoint-new` of those that have not settled: it takes in what they turn out to carry. */
  #fresh = new Map<EndpointId, string>()
  #gone = new Set<EndpointId>()
  #hosts = new Map<string, number>()
  #sweptAt = Number.NEGATIVE_INFINITY
  #dropped = 0

  constructor(options: Partial<ChangeLogOptions> = {}) {
    this.#options = { ...defaultChangeLogOptions, ...options }
  }

  /** Changes that were forgotten for room. */
  get dropped(): number {
    return this.#dropped
  }

  get size(): number {
    return this.#entries.size
  }

  /** Newest first; of one moment by id. */
  changes(): readonly CatalogChange[] {
    return [...this.#entries.values()].sort((a, b) => b.time - a.time || (a.id < b.id ? -1 : 1))
  }

  /** Compares what is told with what was told before. */
  take({ endpoints, gone, merged }: CatalogTelling): void {
    const carriedOn = this.#follow(merged)
    for (const id of gone) this.#forget(id)
    const found: CatalogChange[] = []
    for (const endpoint of endpoints) {
      if (!exists(endpoint)) continue
      const seen = this.#hosts.get(endpoint.host) ?? Number.NEGATIVE_INFINITY
      if (endpoint.lastSeen > seen) this.#hosts.set(endpoint.host, endpoint.lastSeen)
      found.push(...this.#compare(endpoint, carriedOn))
    }
    found.push(...this.#sweep())
    // One order whatever the order of the endpoints, so that at the bound the same ones go.
    found.sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
    for (const change of found) this.#add(change)
  }

  #compare(endpoint: Endpoint, carriedOn: ReadonlySet<EndpointId>): readonly CatalogChange[] {
    const { id, lastSeen } = endpoint
    const before = this.#known.get(id)
    // Learned anew after a restart, and not yet as far: there is nothing to tell until it is.
    if (before !== undefined && endpoint.calls < before.calls) return []
    this.#known.set(id, endpoint)
    if (this.#gone.has(id) && before !== undefined && lastSeen > before.lastSeen) {
      this.#gone.delete(id)
      return [endpointChange('endpoint-back', endpoint, lastSeen)]
    }
    // Under another name, or with what others knew: that is no change of the API.
    if (carriedOn.has(id)) return []
    if (before === undefined) {
      const changes = changesBetween(undefined, endpoint, lastSeen)
      if (changes[0] !== undefined) this.#fresh.set(id, changes[0].id)
      return changes
    }
    if (this.#settled(before)) return changesBetween(before, endpoint, lastSeen)
    this.#refresh(endpoint)
    return []
  }

  #settled({ calls, firstSeen, lastSeen }: Endpoint): boolean {
    return calls >= this.#options.settleCalls && lastSeen - firstSeen >= this.#options.settleMs
  }

  /** What a new endpoint turned out to carry since it was told. */
  #refresh(endpoint: Endpoint): void {
    const entry = this.#entries.get(this.#fresh.get(endpoint.id) ?? '')
    const dataClasses = classesOf(endpoint)
    if (entry !== undefined && entry.dataClasses.join(' ') !== dataClasses.join(' '))
      this.#entries.set(entry.id, { ...entry, dataClasses, sensitive: dataClasses.length > 0 })
    if (this.#settled(endpoint)) this.#fresh.delete(endpoint.id)
  }

  /** @returns the endpoints that go on under another name, or with what others knew. */
  #follow(merged: CatalogTelling['merged']): ReadonlySet<EndpointId> {
    const carriedOn = new Set<EndpointId>()
    for (const [from, to] of merged) {
      if (from === to) continue
      if (this.#known.has(from) || carriedOn.has(from) || this.#known.has(to)) carriedOn.add(to)
      this.#known.delete(from)
      this.#gone.delete(from)
      const own = this.#fresh.get(from)
      this.#fresh.delete(from)
      const ids = this.#byEndpoint.get(from)
      this.#byEndpoint.delete(from)
      const told = this.#fresh.has(to) || this.#tells(to, 'endpoint-new')
      for (const id of ids ?? []) {
        const entry = this.#entries.get(id)
        if (entry === undefined) continue
        // One endpoint is new once, however many paths it was first taken for.
        if (entry.kind === 'endpoint-new' && told) this.#entries.delete(id)
        else this.#keep({ ...entry, endpoint: to })
      }
      if (own !== undefined && !told) this.#fresh.set(to, own)
      this.#trim(to)
    }
    return carriedOn
  }

  #tells(endpoint: EndpointId, kind: CatalogChange['kind']): boolean {
    for (const id of this.#byEndpoint.get(endpoint) ?? [])
      if (this.#entries.get(id)?.kind === kind) return true
    return false
  }

  #forget(id: EndpointId): void {
    this.#known.delete(id)
    this.#fresh.delete(id)
    this.#gone.delete(id)
  }

  /** Endpoints that were in use and are not any more, while others of their host are. */
  #sweep(): readonly CatalogChange[] {
    let now = Number.NEGATIVE_INFINITY
    for (const time of this.#hosts.values()) now = Math.max(now, time)
    if (now - this.#sweptAt < sweepMs) return []
    this.#sweptAt = now
    const changes: CatalogChange[] = []
    const hosts = new Map<string, number>()
    for (const endpoint of this.#known.values()) {
      const { id, host, calls, lastSeen } = endpoint
      const hostSeen = this.#hosts.get(host) ?? lastSeen
      hosts.set(host, hostSeen)
      if (this.#gone.has(id) || calls < this.#options.goneCalls) continue
      if (hostSeen - lastSeen < this.#options.goneMs) continue
      this.#gone.add(id)
      changes.push(...changesBetween(endpoint, undefined, hostSeen))
    }
    // Hosts without an endpoint that is known are not kept.
    this.#hosts.clear()
    for (const [host, time] of hosts) this.#hosts.set(host, time)
    return changes
  }

  #add(change: CatalogChange): void {
    if (this.#entries.has(change.id)) return
    this.#keep(change)
    this.#trim(change.endpoint)
    if (this.#entries.size <= this.#options.entries) return
    for (const oldest of this.#entries.values()) {
      this.#drop(oldest)
      break
    }
  }

  #keep(change: CatalogChange): void {
    this.#entries.set(change.id, change)
    const ids = this.#byEndpoint.get(change.endpoint)
    if (ids === undefined) this.#byEndpoint.set(change.endpoint, new Set([change.id]))
    else ids.add(change.id)
  }

  #trim(endpoint: EndpointId): void {
    const ids = this.#byEndpoint.get(endpoint)
    if (ids === undefined) return
    for (const id of ids) {
      if (ids.size <= this.#options.perEndpoint) break
      const entry = this.#entries.get(id)
      if (entry !== undefined) this.#drop(entry)
      else ids.delete(id)
    }
  }

  #drop(change: CatalogChange): void {
    this.#entries.delete(change.id)
    const ids = this.#byEndpoint.get(change.endpoint)
    ids?.delete(change.id)
    if (ids?.size === 0) this.#byEndpoint.delete(change.endpoint)
    this.#dropped += 1
  }

  save() {
    return {
      entries: this.#entries,
      byEndpoint: this.#byEndpoint,
      known: this.#known,
      fresh: this.#fresh,
      gone: this.#gone,
      hosts: this.#hosts,
      sweptAt: this.#sweptAt,
      dropped: this.#dropped,
    }
  }

  load(saved: ReturnType<ChangeLog['save']>): void {
    this.#entries = saved.entries
    this.#byEndpoint = saved.byEndpoint
    this.#known = saved.known
    this.#fresh = saved.fresh
    this.#gone = saved.gone
    this.#hosts = saved.hosts
    this.#sweptAt = saved.sweptAt
    this.#dropped = saved.dropped
  }
}
