import type { Observation } from '../baseline/observation.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { hash32 } from '../kit/hash.ts'
import type { EndpointId, PrincipalId, PrincipalKind } from '../kit/id.ts'
import { RecentSet } from '../kit/recent-set.ts'
import { keptWhole } from '../kit/snapshot.ts'

/** A principal as it is told to the outside. */
export interface PrincipalFacts {
  readonly id: PrincipalId
  readonly kind: PrincipalKind
  readonly tenant?: string
  readonly roles: readonly string[]
  readonly calls: number
  readonly refused: number
  /** 0 to 100: the highest risk of the incidents it is named in. */
  readonly risk: number
  readonly firstSeen: number
  readonly lastSeen: number
  /** Most recent last, bounded. */
  readonly addresses: readonly string[]
  readonly devices: number
  /** Most calls first, bounded. */
  readonly endpoints: readonly { readonly endpoint: EndpointId; readonly calls: number }[]
}

/** A caller of one endpoint. */
export interface CallerFacts {
  readonly principal: PrincipalId
  readonly calls: number
  readonly refused: number
  readonly lastSeen: number
}

interface Caller {
  calls: number
  refused: number
  lastSeen: number
}

interface Entry {
  readonly id: PrincipalId
  readonly kind: PrincipalKind
  tenant: string | undefined
  roles: readonly string[]
  calls: number
  refused: number
  readonly firstSeen: number
  lastSeen: number
  /** The last of each. */
  address: string | undefined
  device: string | undefined
  /** The latest last. These lists are grown by copies: one that is pushed to keeps room for 17 more. */
  addresses: readonly string[]
  readonly devices: RecentSet
  endpoints: readonly EndpointId[]
  /** Of each of those, calls. */
  counts: readonly number[]
}

const mostAddresses = 8
const mostDevices = 32

export interface UsageOptions {
  /** Principals remembered; the least recently active are forgotten first. */
  readonly principals: number
  /** Callers remembered per endpoint, the least recently active go first; and endpoints per principal, the least called go first. */
  readonly pairs: number
}

const defaults: UsageOptions = { principals: 50_000, pairs: 64 }

/** Who calls what: the two-way index of principals and endpoints. Everything in it is bounded, see `UsageOptions`. */
export class Usage {
  private readonly _principals: BoundedMap<PrincipalId, Entry>
  private readonly callers: BoundedMap<EndpointId, BoundedMap<PrincipalId, Caller>>
  private readonly _pairs: number
  private dirty = new Set<PrincipalId>()

  constructor(options: Partial<UsageOptions> = {}) {
    const { principals, pairs } = { ...defaults, ...options }
    this._principals = new BoundedMap(principals)
    this.callers = new BoundedMap(principals)
    this._pairs = pairs
  }

  observe({ call, identity, match, outcome }: Observation): void {
    const refused = outcome === 'refused' ? 1 : 0
    const entry = this._principals.ensure(identity.principal, () => ({
      id: identity.principal,
      kind: identity.kind,
      tenant: undefined,
      roles: [],
      calls: 0,
      refused: 0,
      firstSeen: call.time,
      lastSeen: call.time,
      address: undefined,
      device: undefined,
      addresses: none,
      devices: new RecentSet(),
      endpoints: none,
      counts: none,
    }))
    entry.calls += 1
    entry.refused += refused
    entry.lastSeen = call.time
    if (identity.tenant !== undefined) entry.tenant = identity.tenant
    if (identity.roles.length > 0 && !alike(entry.roles, identity.roles)) entry.roles = shared(identity.roles)
    const { ip } = call.source
    if (ip !== undefined && ip !== entry.address) {
      entry.address = ip
      entry.addresses = [...entry.addresses.filter(other => other !== ip).slice(1 - mostAddresses), ip]
    }
    if (identity.device !== entry.device) {
      entry.device = identity.device
      entry.devices.add(hash32(identity.device), mostDevices)
    }
    this.called(entry, match.endpoint, 1)
    this.dirty.add(identity.principal)

    const callers = this.callers.ensure(match.endpoint, () => new BoundedMap(this._pairs))
    const caller = callers.ensure(identity.principal, () => ({ calls: 0, refused: 0, lastSeen: 0 }))
    caller.calls += 1
    caller.refused += refused
    caller.lastSeen = call.time
  }

  /** Of more endpoints than are remembered the least called makes room. */
  private called(entry: Entry, endpoint: EndpointId, calls: number): void {
    const at = entry.endpoints.indexOf(endpoint)
    if (at >= 0) {
      const counts = entry.counts as number[]
      counts[at] = counts[at]! + calls
    } else if (entry.endpoints.length < this._pairs) {
      entry.endpoints = entry.endpoints.concat(endpoint)
      entry.counts = entry.counts.concat(calls)
    } else {
      const least = entry.counts.indexOf(Math.min(...entry.counts))
      entry.endpoints = entry.endpoints.with(least, endpoint)
      entry.counts = entry.counts.with(least, calls)
    }
  }

  /** An endpoint was folded into another: its callers and its place in each principal's list go along. */
  merged(from: EndpointId, to: EndpointId): void {
    const moved = this.callers.peek(from)
    if (moved === undefined) return
    this.callers.delete(from)
    const target = this.callers.ensure(to, () => new BoundedMap(this._pairs))
    for (const [principal, caller] of moved.entries()) {
      const known = target.ensure(principal, () => ({ calls: 0, refused: 0, lastSeen: 0 }))
      known.calls += caller.calls
      known.refused += caller.refused
      known.lastSeen = Math.max(known.lastSeen, caller.lastSeen)
      const entry = this._principals.peek(principal)
      const at = entry?.endpoints.indexOf(from) ?? -1
      if (entry === undefined || at < 0) continue
      const count = entry.counts[at]!
      entry.endpoints = entry.endpoints.toSpliced(at, 1)
      entry.counts = entry.counts.toSpliced(at, 1)
      this.called(entry, to, count)
      this.dirty.add(principal)
    }
  }

  get size(): number {
    return this._principals.size
  }

  get evicted(): number {
    return this._principals.evicted + this.callers.evicted
  }

  callersOf(endpoint: EndpointId, limit = 20): readonly CallerFacts[] {
    const callers = this.callers.peek(endpoint)
    if (callers === undefined) return []
    return [...callers.entries()]
      .map(([principal, caller]) => ({ principal, ...caller }))
      .sort((a, b) => b.calls - a.calls || (a.principal < b.principal ? -1 : 1))
      .slice(0, limit)
  }

  /** Counts everybody as changed. */
  touchAll(): void {
    for (const id of this._principals.keys()) this.dirty.add(id)
  }

  /** Ids that changed since the last time this was asked. */
  drainDirty(): readonly PrincipalId[] {
    const dirty = [...this.dirty]
    this.dirty = new Set()
    return dirty
  }

  principal(id: PrincipalId, risk = 0): PrincipalFacts | undefined {
    const entry = this._principals.peek(id)
    return entry === undefined ? undefined : factsOf(entry, risk)
  }

  /** Every principal by id, with the risk that `riskOf` gives it. */
  principals(riskOf: (id: PrincipalId) => number): readonly PrincipalFacts[] {
    return [...this._principals.values()]
      .map(entry => factsOf(entry, riskOf(entry.id)))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  static {
    keptWhole(Usage, 'engine/usage', 2)
  }
}

const none: readonly never[] = []

const alike = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((one, at) => one === b[at]))

/** One list for all who have the same roles: there are few, and every token brings its own. */
const lists = new Map<string, readonly string[]>()
const mostLists = 1_024
function shared(roles: readonly string[]): readonly string[] {
  const key = roles.join('\n')
  const known = lists.get(key)
  if (known !== undefined) return known
  if (lists.size >= mostLists) lists.clear()
  lists.set(key, roles)
  return roles
}

function factsOf(entry: Entry, risk: number): PrincipalFacts {
  return {
    id: entry.id,
    kind: entry.kind,
    ...(entry.tenant === undefined ? {} : { tenant: entry.tenant }),
    roles: entry.roles,
    calls: entry.calls,
    refused: entry.refused,
    risk,
    firstSeen: entry.firstSeen,
    lastSeen: entry.lastSeen,
    addresses: entry.addresses,
    devices: entry.devices.size,
    endpoints: entry.endpoints
      .map((endpoint, at) => ({ endpoint, calls: entry.counts[at]! }))
      .sort((a, b) => b.calls - a.calls || (a.endpoint < b.endpoint ? -1 : 1))
      .slice(0, 32),
  }
}
