import type { ApiCall } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { fnv1a } from '../kit/hash.ts'
import type { PrincipalId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import { addressKey } from './address.ts'
import type { Identity } from './identity.ts'

const day = 86_400_000

/** Two that were seen together. */
export interface Link {
  /** A token's fingerprint, a device's id, or an address (of IPv6 its /64). */
  readonly name: string
  readonly calls: number
  /** Milliseconds since the epoch. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** Calls, each counting half after a half-life. */
  readonly weight: number
}

/** What a principal was seen with, the heaviest first. */
export interface PrincipalLinks {
  readonly firstSeen: number
  readonly tokens: readonly Link[]
  readonly devices: readonly Link[]
  readonly addresses: readonly Link[]
}

/** Another principal with the same token, device or address. */
export interface LinkedPrincipal {
  readonly principal: PrincipalId
  /** The strongest of what they share. */
  readonly by: 'token' | 'device' | 'address'
  readonly name: string
  /** 0 to 1: 1 for a token, less the more principals share a device or an address. */
  readonly strength: number
}

/** All of it, for people. */
export interface PrincipalTies extends PrincipalLinks {
  /** Those of the addresses that a crowd shares: they tie nobody. */
  readonly shared: readonly string[]
  readonly linked: readonly LinkedPrincipal[]
}

export interface IdentityLinksOptions {
  /** Principals remembered; the least recently active go first. */
  readonly principals: number
  /** Devices, addresses and tokens remembered, each; the least recently used go first. */
  readonly places: number
  readonly tokensPerPrincipal: number
  readonly devicesPerPrincipal: number
  readonly addressesPerPrincipal: number
  /** Principals remembered of each place; the least recently seen go first. */
  readonly principalsPerPlace: number
  /** More users than this in one day make a place shared: an office, a carrier, a campus. */
  readonly sharedUsers: number
  /** Days that a place stays shared after its last such day. */
  readonly sharedDays: number
  readonly halfLifeDays: number
}

const defaultIdentityLinksOptions: IdentityLinksOptions = {
  principals: 50_000,
  places: 50_000,
  tokensPerPrincipal: 4,
  devicesPerPrincipal: 6,
  addressesPerPrincipal: 8,
  principalsPerPlace: 24,
  sharedUsers: 20,
  sharedDays: 14,
  halfLifeDays: 7,
}

interface Tie {
  calls: number
  readonly first: number
  last: number
  weight: number
}

/** Calls of one principal with the same token, device and address within this time are one meeting. */
const meetingMs = 60_000

/** Somebody at a place is noted there once in this time. */
const stayMs = 3_600_000

interface Known {
  readonly first: number
  /** When the last meeting began, and with what. */
  met: number
  device: string
  address: string
  token: string | undefined
  ties: Tie[]
  readonly tokens: Map<string, Tie>
  readonly devices: Map<string, Tie>
  readonly addresses: Map<string, Tie>
}

interface Place {
  /** Who was seen here, the latest last. */
  readonly principals: Map<PrincipalId, number>
  day: number
  /** Hashes of the users of that day, one more than make it shared at most. */
  readonly today: Set<number>
  sharedUntil: number
}

type PlaceKind = LinkedPrincipal['by']

interface Saved {
  readonly principals: BoundedMap<PrincipalId, Known>
  readonly places: Readonly<Record<PlaceKind, BoundedMap<string, Place>>>
}

/**
 * Which principals, tokens, devices and addresses were seen together, how often and how lately. A place that more than twenty users
 * share within a day ties nobody to anybody. Deterministic; bounded in every direction (see the options).
 */
export class IdentityLinks implements Component {
  readonly #options: IdentityLinksOptions
  #principals: BoundedMap<PrincipalId, Known>
  #places: Readonly<Record<PlaceKind, BoundedMap<string, Place>>>

  constructor(options: Partial<IdentityLinksOptions> = {}) {
    this.#options = { ...defaultIdentityLinksOptions, ...options }
    const { principals, places } = this.#options
    this.#principals = new BoundedMap(principals)
    this.#places = {
      token: new BoundedMap(places),
      device: new BoundedMap(places),
      address: new BoundedMap(places),
    }
  }

  get size(): number {
    const { token, device, address } = this.#places
    return this.#principals.size + token.size + device.size + address.size
  }

  get evicted(): number {
    const { token, device, address } = this.#places
    return this.#principals.evicted + token.evicted + device.evicted + address.evicted
  }

  /** Learns from one call, after it was judged. */
  observe({ source, time }: ApiCall, identity: Identity): void {
    const { principal, token, device } = identity
    const known = this.#principals.ensure(principal, () => ({
      first: time,
      met: Number.NEGATIVE_INFINITY,
      device: '',
      address: '',
      token: undefined,
      ties: [],
      tokens: new Map(),
      devices: new Map(),
      addresses: new Map(),
    }))
    const address = addressKey(source.ip)
    // Who goes on with the same things within a minute tells nothing new but how often; nothing decays in that time.
    if (
      time >= known.met &&
      time - known.met < meetingMs &&
      device === known.device &&
      address === known.address &&
      token === known.token
    ) {
      for (const tie of known.ties) {
        tie.weight += 1
        tie.calls += 1
        tie.last = Math.max(tie.last, time)
      }
      return
    }
    known.device = device
    known.address = address
    known.token = token
    known.met = time
    known.ties = []
    const { tokensPerPrincipal, devicesPerPrincipal, addressesPerPrincipal } = this.#options
    known.ties.push(this.#tie(known.devices, device, time, devicesPerPrincipal))
    this.#visit('device', device, identity, time)
    if (address !== '') {
      known.ties.push(this.#tie(known.addresses, address, time, addressesPerPrincipal))
      this.#visit('address', address, identity, time)
    }
    if (token !== undefined) {
      known.ties.push(this.#tie(known.tokens, token, time, tokensPerPrincipal))
      this.#visit('token', token, identity, time)
    }
  }

  of(principal: PrincipalId): PrincipalLinks | undefined {
    const known = this.#principals.peek(principal)
    if (known === undefined) return undefined
    let last = known.first
    for (const ties of [known.tokens, known.devices, known.addresses])
      for (const tie of ties.values()) last = Math.max(last, tie.last)
    return {
      firstSeen: known.first,
      tokens: this.#told(known.tokens, last),
      devices: this.#told(known.devices, last),
      addresses: this.#told(known.addresses, last),
    }
  }

  /** Was this principal seen with that device, or at that address (in any of its forms), before? */
  knows(principal: PrincipalId, place: { readonly device?: string; readonly address?: string }): boolean {
    const known = this.#principals.peek(principal)
    if (known === undefined) return false
    return (
      (place.device !== undefined && known.devices.has(place.device)) ||
      (place.address !== undefined && known.addresses.has(addressKey(place.address)))
    )
  }

  /** Do more users share this address than one person could be? Never a unit of blame, and ties nobody. */
  isShared(address: string, time: number): boolean {
    return this.#isShared('address', addressKey(address), time)
  }

  /**
   * Principals that share a token, a device or an address with this one, the strongest first. Shared places tie nobody.
   * @param time Now, ms since the epoch.
   */
  linked(principal: PrincipalId, time: number, most = 16): readonly LinkedPrincipal[] {
    const known = this.#principals.peek(principal)
    if (known === undefined) return []
    const found = new Map<PrincipalId, LinkedPrincipal>()
    const look = (by: PlaceKind, ties: ReadonlyMap<string, Tie>): void => {
      for (const name of ties.keys()) {
        if (this.#isShared(by, name, time)) continue
        const others = this.#places[by].peek(name)?.principals
        if (others === undefined) continue
        const strength = by === 'token' ? 1 : (by === 'device' ? 0.8 : 0.4) / Math.max(1, others.size - 1)
        for (const other of others.keys()) {
          if (other === principal || (found.get(other)?.strength ?? 0) >= strength) continue
          found.set(other, { principal: other, by, name, strength: Math.round(100 * strength) / 100 })
        }
      }
    }
    look('token', known.tokens)
    look('device', known.devices)
    look('address', known.addresses)
    return [...found.values()]
      .sort((a, b) => b.strength - a.strength || (a.principal < b.principal ? -1 : 1))
      .slice(0, most)
  }

  /** What is known of a principal, and who is linked to it. @param time Now, ms since the epoch. */
  ties(principal: PrincipalId, time: number): PrincipalTies | undefined {
    const links = this.of(principal)
    if (links === undefined) return undefined
    return {
      ...links,
      shared: links.addresses
        .filter(({ name }) => this.#isShared('address', name, time))
        .map(({ name }) => name),
      linked: this.linked(principal, time),
    }
  }

  save(): unknown {
    const saved: Saved = { principals: this.#principals, places: this.#places }
    return saved
  }

  load(saved: unknown): void {
    const { principals, places } = saved as Saved
    this.#principals = principals
    this.#places = places
  }

  #tie(ties: Map<string, Tie>, name: string, time: number, most: number): Tie {
    const tie = ties.get(name)
    if (tie !== undefined) {
      const passed = Math.max(0, time - tie.last)
      tie.weight = tie.weight * this.#decay(passed) + 1
      tie.calls += 1
      tie.last = Math.max(tie.last, time)
      return tie
    }
    if (ties.size >= most) {
      const [oldest] = [...ties].sort(([, a], [, b]) => a.last - b.last)[0] ?? []
      if (oldest !== undefined) ties.delete(oldest)
    }
    const fresh: Tie = { calls: 1, first: time, last: time, weight: 1 }
    ties.set(name, fresh)
    return fresh
  }

  #visit(kind: PlaceKind, name: string, { principal, kind: who }: Identity, time: number): void {
    const place = this.#places[kind].ensure(name, () => ({
      principals: new Map(),
      day: 0,
      today: new Set(),
      sharedUntil: 0,
    }))
    const today = Math.floor(time / day)
    // Found to be shared today: it ties nobody for long, and nothing here would change that.
    if (place.sharedUntil === (today + 1 + this.#options.sharedDays) * day) return
    // Who is here all the time is not noted each time.
    const before = place.principals.get(principal)
    if (
      before !== undefined &&
      time >= before &&
      time - before < stayMs &&
      Math.floor(before / day) === today
    )
      return
    place.principals.delete(principal)
    place.principals.set(principal, time)
    if (place.principals.size > this.#options.principalsPerPlace) {
      const [oldest] = place.principals.keys()
      if (oldest !== undefined) place.principals.delete(oldest)
    }
    // Clients without a login come and go by their headers: they are no users.
    if (who === 'anonymous') return
    if (today > place.day) {
      place.day = today
      place.today.clear()
    }
    if (place.today.size <= this.#options.sharedUsers) place.today.add(fnv1a(principal))
    if (place.today.size > this.#options.sharedUsers)
      place.sharedUntil = (today + 1 + this.#options.sharedDays) * day
  }

  #isShared(kind: PlaceKind, name: string, time: number): boolean {
    return (this.#places[kind].peek(name)?.sharedUntil ?? 0) > time
  }

  #decay(passed: number): number {
    return 2 ** (-passed / (this.#options.halfLifeDays * day))
  }

  #told(ties: ReadonlyMap<string, Tie>, now: number): readonly Link[] {
    return [...ties]
      .map(([name, { calls, first, last, weight }]) => ({
        name,
        calls,
        firstSeen: first,
        lastSeen: last,
        weight: Math.round(10 * weight * this.#decay(now - last)) / 10,
      }))
      .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
  }
}
