import type { Observation } from '../baseline/observation.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { EndpointId, PrincipalId, PrincipalKind } from '../kit/id.ts'
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
  readonly addresses: BoundedMap<string, true>
  readonly devices: BoundedMap<string, true>
  readonly endpoints: BoundedMap<EndpointId, { calls: number }>
}

export interface UsageOptions {
  /** Principals remembered; the least recently active are forgotten first. */
  readonly principals: number
  /** Callers remembered per endpoint, and endpoints per principal. */
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
      addresses: new BoundedMap(8),
      devices: new BoundedMap(32),
      endpoints: new BoundedMap(this._pairs),
    }))
    entry.calls += 1
    entry.refused += refused
    entry.lastSeen = call.time
    if (identity.tenant !== undefined) entry.tenant = identity.tenant
    if (identity.roles.length > 0) entry.roles = identity.roles
    const { ip } = call.source
    if (ip !== undefined && ip !== entry.address) {
      entry.address = ip
      entry.addresses.set(ip, true)
    }
    if (identity.device !== entry.device) {
      entry.device = identity.device
      entry.devices.set(identity.device, true)
    }
    entry.endpoints.ensure(match.endpoint, () => ({ calls: 0 })).calls += 1
    this.dirty.add(identity.principal)

    const callers = this.callers.ensure(match.endpoint, () => new BoundedMap(this._pairs))
    const caller = callers.ensure(identity.principal, () => ({ calls: 0, refused: 0, lastSeen: 0 }))
    caller.calls += 1
    caller.refused += refused
    caller.lastSeen = call.time
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
      const endpoints = this._principals.peek(principal)?.endpoints
      const count = endpoints?.peek(from)?.calls
      if (endpoints === undefined || count === undefined) continue
      endpoints.delete(from)
      endpoints.ensure(to, () => ({ calls: 0 })).calls += count
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
    keptWhole(Usage, 'engine/usage', 1)
  }
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
    addresses: [...entry.addresses.keys()],
    devices: entry.devices.size,
    endpoints: [...entry.endpoints.entries()]
      .map(([endpoint, { calls }]) => ({ endpoint, calls }))
      .sort((a, b) => b.calls - a.calls || (a.endpoint < b.endpoint ? -1 : 1))
      .slice(0, 32),
  }
}
