import type { ApiCall } from '../call/api-call.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { PrincipalId } from '../kit/id.ts'
import type { Component } from '../kit/snapshot.ts'
import { addressKey } from './address.ts'
import type { Identity } from './identity.ts'
import { type Tie, type TieKind, TieList, tieKinds } from './tie-list.ts'
import { Visitors, type VisitorsOptions } from './visitors.ts'

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
  readonly by: TieKind
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

export interface IdentityLinksOptions extends VisitorsOptions {
  /** Principals remembered; the least recently active go first. */
  readonly principals: number
  /** Devices, addresses and tokens remembered, each; the least recently used go first. */
  readonly places: number
  readonly tokensPerPrincipal: number
  readonly devicesPerPrincipal: number
  readonly addressesPerPrincipal: number
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

/** Calls of one principal with the same token, device and address within this time are one meeting. */
const meetingMs = 60_000

interface Saved {
  readonly principals: BoundedMap<PrincipalId, TieList>
  readonly places: Readonly<Record<TieKind, BoundedMap<string, Visitors>>>
}

/**
 * Which principals, tokens, devices and addresses were seen together, how often and how lately. A place that more than twenty users
 * share within a day ties nobody to anybody. Deterministic; bounded in every direction (see the options).
 */
export class IdentityLinks implements Component {
  readonly #options: IdentityLinksOptions
  #principals: BoundedMap<PrincipalId, TieList>
  #places: Readonly<Record<TieKind, BoundedMap<string, Visitors>>>

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
    const { principal, token, device, kind } = identity
    const known = this.#principals.ensure(principal, () => new TieList(time))
    const address = addressKey(source.ip) || undefined
    // Who goes on with the same things within a minute tells nothing new but how often; nothing decays in that time.
    if (known.meets(token, device, address, time, meetingMs)) {
      known.again(time)
      return
    }
    known.meet(time)
    const isUser = kind !== 'anonymous'
    this.#tie(known, 'device', device, principal, isUser, time)
    if (address !== undefined) this.#tie(known, 'address', address, principal, isUser, time)
    if (token !== undefined) this.#tie(known, 'token', token, principal, isUser, time)
  }

  #tie(
    known: TieList,
    kind: TieKind,
    name: string,
    principal: PrincipalId,
    isUser: boolean,
    time: number,
  ): void {
    known.tie(kind, name, time, this.#options[perPrincipal[kind]], this.#decay)
    this.#places[kind].ensure(name, newPlace).visit(principal, isUser, time, this.#options)
  }

  of(principal: PrincipalId): PrincipalLinks | undefined {
    const known = this.#principals.peek(principal)
    if (known === undefined) return undefined
    const { first, last } = known
    return {
      firstSeen: first,
      tokens: this.#told(known.of('token'), last),
      devices: this.#told(known.of('device'), last),
      addresses: this.#told(known.of('address'), last),
    }
  }

  /**
   * Was this principal seen with that device, or at that address (in any of its forms), before? Undefined where nothing is remembered of
   * it: it may be new, or was forgotten for room.
   */
  knows(
    principal: PrincipalId,
    place: { readonly device?: string; readonly address?: string },
  ): boolean | undefined {
    const known = this.#principals.peek(principal)
    if (known === undefined) return undefined
    return (
      (place.device !== undefined && known.has('device', place.device)) ||
      (place.address !== undefined && known.has('address', addressKey(place.address)))
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
    for (const by of tieKinds)
      for (const { name } of known.of(by)) {
        const others = this.#places[by].peek(name)
        if (others === undefined || others.isShared(time)) continue
        const strength = by === 'token' ? 1 : (by === 'device' ? 0.8 : 0.4) / Math.max(1, others.size - 1)
        for (const other of others) {
          if (other === principal || (found.get(other)?.strength ?? 0) >= strength) continue
          found.set(other, { principal: other, by, name, strength: Math.round(100 * strength) / 100 })
        }
      }
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

  #isShared(kind: TieKind, name: string, time: number): boolean {
    return this.#places[kind].peek(name)?.isShared(time) === true
  }

  readonly #decay = (passed: number): number => 2 ** (-passed / (this.#options.halfLifeDays * day))

  #told(ties: readonly Tie[], now: number): readonly Link[] {
    return ties
      .map(({ name, calls, first, last, weight }) => ({
        name,
        calls,
        firstSeen: first,
        lastSeen: last,
        weight: Math.round(10 * weight * this.#decay(now - last)) / 10,
      }))
      .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))
  }
}

const newPlace = (): Visitors => new Visitors()

const perPrincipal = {
  token: 'tokensPerPrincipal',
  device: 'devicesPerPrincipal',
  address: 'addressesPerPrincipal',
} as const
