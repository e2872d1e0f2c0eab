import type { Observation } from '../../baseline/observation.ts'
import { headerOf } from '../../call/api-call.ts'
import type { Content } from '../../call/content.ts'
import { showsPossession } from '../../call/possession.ts'
import { addressKey } from '../../identity/address.ts'
import { familyOf } from '../../identity/device.ts'
import { edgeHeaders, type Place, type Places } from '../../identity/place.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fnv1a } from '../../kit/hash.ts'
import type { CallId, EndpointId, Fingerprint, PrincipalId } from '../../kit/id.ts'
import { RecentSet } from '../../kit/recent-set.ts'
import { ReorderBuffer } from '../../kit/reorder-buffer.ts'
import type { Component } from '../../kit/snapshot.ts'
import { inlineSensors } from '../../sensors/sensor-id.ts'
import { Episode } from '../episode.ts'
import { type EndingHow, endingOf, type TokenEnding } from './token-ending.ts'
import { grantOf, presentedRefresh, type TokenGrant } from './token-grant.ts'

/** Where and with what a token is used. */
export interface TokenClient {
  /** Of IPv6 its /64. */
  readonly ip: string
  /** TLS fingerprint and family. */
  readonly software: string
  /** Product or browser and system, without versions. */
  readonly family: string
  /** `Identity.device` of its first call. */
  readonly device: string
  readonly first: number
  last: number
  calls: number
  /** It is no place or client of the token's principal, as far as that is known. */
  stranger: boolean
  /** Calls of a stranger, for evidence once it turns out to be a thief. */
  recent: CallId[]
  /** Refused calls of a stranger after the token had run out. */
  late: CallId[]
  stolen: boolean
}

/** One access token, session or other credential of a caller. */
export interface TokenRecord {
  readonly principal: PrincipalId
  readonly first: number
  readonly episode: Episode
  /** The first is its home: with what it was used first. */
  clients: TokenClient[]
  current: TokenClient | undefined
  uses: number
}

/** With what a principal is at work, over all its tokens; hashes. */
export interface TokenHabit {
  readonly ips: RecentSet
  readonly software: RecentSet
  readonly families: RecentSet
  calls: number
  /** Before the call at hand. */
  last: number
  /** Begun after others were forgotten for room: whether its principal is new cannot be told. */
  readonly unsure: boolean
}

export interface Ended {
  readonly time: number
  readonly how: EndingHow
  readonly ip: string
  /** Of a principal's: this token goes on. First twelve digits. */
  readonly except?: string
}

/** Tokens of one login and of what was renewed from it. */
export interface TokenFamily {
  ended: Ended | undefined
  /** Refresh tokens that were given for new ones, the latest last. */
  readonly rotated: Map<string, Rotated>
}

export interface Rotated {
  readonly time: number
  readonly ip: string
  readonly software: string
  readonly call: CallId
}

/** Whether an application's tokens are seen when they are handed out. */
export interface Issuance {
  readonly since: number
  known: number
  unknown: number
  readonly principals: Set<PrincipalId>
}

/** One use of a token, with what was known before it. */
export interface TokenUse {
  readonly observation: Observation
  readonly fingerprint: Fingerprint
  readonly token: TokenRecord
  /** Undefined where more clients use it than are followed. */
  readonly client: TokenClient | undefined
  readonly previous: TokenClient | undefined
  /** When its home used it last before. */
  readonly lastHome: number
  readonly habit: TokenHabit
  readonly place: Place | undefined
  /** How it was ended before. */
  readonly ended: Ended | undefined
  /** Until when it is good, ms since the epoch, by its claim or by the answer that handed it out. */
  readonly expires: number | undefined
  /** Whether it was handed out in an answer that was seen. */
  readonly issued: boolean
  /** Up to when what was handed out may have been forgotten for room, ms since the epoch; `-Infinity` where nothing was. */
  readonly forgotten: number
  readonly issuance: Issuance
  /** Whether its endpoint was ever seen to refuse anybody's token. */
  readonly asks: boolean
  /** Asks for new tokens with this one. */
  readonly refresh: { readonly mask: string; readonly family: TokenFamily | undefined } | undefined
}

export interface TokenBookOptions {
  /** Tokens followed, about 300 bytes each; as many endings, grants and families. The least recently used go first. */
  readonly tokens: number
  /** Principals whose habits are known, about 200 bytes each. */
  readonly principals: number
  /** Clients followed of one token. */
  readonly clients: number
  /** Sensors beside the request path tell a call up to so many seconds late; once there are any, calls are judged in order of time. */
  readonly lateSeconds: number
  /** Calls that wait to be put in order, about a kilobyte each. */
  readonly waiting: number
}

const defaultTokenBookOptions: TokenBookOptions = {
  tokens: 50_000,
  principals: 50_000,
  clients: 6,
  lateSeconds: 10,
  waiting: 20_000,
}

/** Calls after which the habits of somebody who may have been forgotten are known again. */
const sureAfter = 20

interface Grant {
  readonly time: number
  readonly expires: number | undefined
}

/** When the grant was given that was the `count`th. Plain data. */
interface Mark {
  readonly count: number
  readonly time: number
}

/** A call as it waits for its turn. */
interface Waiting {
  readonly observation: Observation
  readonly grant: TokenGrant | undefined
  readonly ending: TokenEnding | undefined
  readonly presented: string | undefined
}

interface State {
  readonly tokens: BoundedMap<Fingerprint, TokenRecord>
  /** By the first twelve digits of a token. */
  readonly ended: BoundedMap<string, Ended>
  readonly grants: BoundedMap<string, Grant>
  /** One of so many grants, oldest first: they are forgotten in the order they came. */
  readonly marks: Mark[]
  readonly families: BoundedMap<string, TokenFamily>
  /** By the name of a principal. */
  readonly endedOf: BoundedMap<string, Ended>
  readonly habits: BoundedMap<PrincipalId, TokenHabit>
  readonly issuance: BoundedMap<string, Issuance>
  readonly asking: BoundedMap<string, true>
  readonly late: ReorderBuffer<Waiting>
  /** Endpoints that were folded into others while calls waited. */
  readonly renamed: BoundedMap<EndpointId, EndpointId>
}

/**
 * Every token from its issue to its end: where it is used and with what, how it was ended, what was renewed from it. What the
 * detectors of tokens look at together, one use at a time and in order of time.
 */
export class TokenBook implements Component {
  readonly #options: TokenBookOptions
  readonly #places: Places
  #state: State
  /** Some calls come late: those of the gateway alone come in order and need not wait. */
  #waits = false

  constructor(places: Places, options: Partial<TokenBookOptions> = {}) {
    this.#options = { ...defaultTokenBookOptions, ...options }
    this.#places = places
    const { tokens, principals, waiting } = this.#options
    this.#state = {
      tokens: new BoundedMap(tokens),
      ended: new BoundedMap(tokens),
      grants: new BoundedMap(tokens),
      marks: [],
      families: new BoundedMap(tokens),
      endedOf: new BoundedMap(principals),
      habits: new BoundedMap(principals),
      issuance: new BoundedMap(1_000),
      asking: new BoundedMap(20_000),
      late: new ReorderBuffer(waiting),
      renamed: new BoundedMap(1_000),
    }
  }

  get size(): number {
    const { tokens, ended, grants, families, endedOf, habits, asking, late } = this.#state
    return [tokens, ended, grants, families, endedOf, habits, asking, late].reduce(
      (sum, { size }) => sum + size,
      0,
    )
  }

  get evicted(): number {
    const { tokens, ended, grants, families, endedOf, habits } = this.#state
    return [tokens, ended, grants, families, endedOf, habits].reduce((sum, { evicted }) => sum + evicted, 0)
  }

  /** Takes in a call. @param judge Told each use that is due now, before it is learned from. */
  observe(o: Observation, judge: (use: TokenUse) => void): void {
    const { sensor } = o.call
    if (sensor !== undefined && !inlineSensors.has(sensor)) this.#waits = true
    const ending = o.outcome === 'success' && o.identity.token !== undefined ? endingOf(o) : undefined
    const waiting = { observation: o, grant: grantOf(o), ending, presented: presentedRefresh(o) }
    if (!this.#waits) this.#take(waiting, judge)
    else if (o.identity.token !== undefined || waiting.grant !== undefined || o.call.response?.status === 401)
      this.#state.late.push(o.call.time, o.call.id, { ...waiting, observation: withoutBodies(o) })
  }

  /** Judges the calls that have waited long enough. @param now The newest time heard of, ms since the epoch. */
  advance(now: number, judge: (use: TokenUse) => void): void {
    const { late, renamed } = this.#state
    if (late.size === 0) return
    for (const waiting of late.before(now - this.#options.lateSeconds * 1_000)) {
      const { observation } = waiting
      const endpoint = renamed.peek(observation.match.endpoint)
      this.#take(
        endpoint === undefined
          ? waiting
          : { ...waiting, observation: { ...observation, match: { ...observation.match, endpoint } } },
        judge,
      )
    }
  }

  merged(from: EndpointId, to: EndpointId): void {
    const { asking, late, renamed } = this.#state
    if (asking.delete(from)) asking.set(to, true)
    if (late.size > 0) renamed.set(from, to)
  }

  save(): unknown {
    return { state: this.#state, waits: this.#waits }
  }

  load(saved: unknown): void {
    const { state, waits } = saved as { readonly state: State; readonly waits: boolean }
    this.#state = state
    this.#waits = waits
  }

  #take({ observation: o, grant, ending, presented }: Waiting, judge: (use: TokenUse) => void): void {
    const state = this.#state
    const place = this.#places.of(o.call)
    if (o.call.response?.status === 401) state.asking.set(o.match.endpoint, true)
    const { token: fingerprint } = o.identity
    if (fingerprint !== undefined) {
      const use = this.#useOf(o, fingerprint, place, presented)
      judge(use)
      this.#learn(use)
      if (ending !== undefined) this.#end(o, fingerprint, ending)
    }
    if (grant !== undefined) this.#hand(o, grant)
  }

  #useOf(
    o: Observation,
    fingerprint: Fingerprint,
    place: Place | undefined,
    presented: string | undefined,
  ): TokenUse {
    const state = this.#state
    const { time } = o.call
    const mask = fingerprint.slice(0, 12)
    const { principal } = o.identity
    const token = state.tokens.ensure(fingerprint, () => ({
      principal,
      first: time,
      episode: new Episode(time),
      clients: [],
      current: undefined,
      uses: 0,
    }))
    const habit = state.habits.ensure(principal, () => ({
      ips: new RecentSet(),
      software: new RecentSet(),
      families: new RecentSet(),
      calls: 0,
      last: time,
      unsure: token.uses > 0 || state.habits.evicted > 0,
    }))
    const previous = token.current
    const lastHome = token.clients[0]?.last ?? time
    token.uses += 1
    const client = this.#client(o, token, habit)
    token.current = client
    const grant = state.grants.peek(mask)
    const { exp } = o.identity.claims
    const host = o.call.destination.host
    const issuance = state.issuance.ensure(host, () => ({
      since: time,
      known: 0,
      unknown: 0,
      principals: new Set(),
    }))
    return {
      observation: o,
      fingerprint,
      token,
      client,
      previous,
      lastHome,
      habit,
      place,
      ended: this.#endedAt(o, mask, grant?.time ?? token.first),
      expires: typeof exp === 'number' ? exp * 1_000 : grant?.expires,
      issued: grant !== undefined,
      forgotten: this.#forgottenUntil(),
      issuance,
      asks: state.asking.has(o.match.endpoint),
      refresh:
        presented === undefined ? undefined : { mask: presented, family: state.families.peek(presented) },
    }
  }

  #endedAt(o: Observation, mask: string, since: number): Ended | undefined {
    const { ended, families, endedOf } = this.#state
    const own = ended.peek(mask) ?? families.peek(mask)?.ended
    if (own !== undefined) return own
    const all = endedOf.peek(o.identity.name)
    return all === undefined || since >= all.time || all.except === mask ? undefined : all
  }

  #client(o: Observation, token: TokenRecord, habit: TokenHabit): TokenClient | undefined {
    const { call } = o
    const ip = addressKey(call.source.ip)
    const agent = headerOf(call.request.headers, 'user-agent') ?? ''
    const family = familyOf(agent)
    const software = `${call.source.ja4 ?? ''} ${family}`
    const { clients } = token
    let client = clients.find(each => each.ip === ip && each.software === software)
    if (client === undefined) {
      if (clients.length >= this.#options.clients) {
        // Phones change their address by the hour: the longest unused goes, but neither the first nor a thief.
        const [oldest] = clients
          .filter((each, index) => index > 0 && !each.stolen)
          .sort((a, b) => a.last - b.last)
        if (oldest === undefined) return undefined
        clients.splice(clients.indexOf(oldest), 1)
      }
      const home = clients[0]
      client = {
        ip,
        software,
        family,
        device: o.identity.device,
        first: call.time,
        last: call.time,
        calls: 0,
        stranger:
          home !== undefined &&
          home.ip !== ip &&
          home.software !== software &&
          (!habit.unsure || habit.calls >= sureAfter) &&
          !habit.ips.has(fnv1a(ip)) &&
          !habit.software.has(fnv1a(software)),
        recent: [],
        late: [],
        stolen: false,
      }
      // Most tokens have one client: a list that is pushed to keeps room for 17 more.
      if (clients.length === 0) token.clients = [client]
      else clients.push(client)
    }
    client.last = call.time
    client.calls += 1
    if (client.stranger) {
      client.recent.push(call.id)
      if (client.recent.length > 60) client.recent.shift()
    }
    return client
  }

  #learn({ observation: o, token, client, habit, issued, forgotten, issuance }: TokenUse): void {
    if (token.uses === 1 && o.identity.kind === 'user') {
      const { iat } = o.identity.claims
      if (typeof iat === 'number' && iat * 1_000 >= issuance.since) {
        if (issued) {
          issuance.known += 1
          if (issuance.principals.size < 64) issuance.principals.add(o.identity.principal)
        } else if (iat * 1_000 > forgotten) issuance.unknown += 1
      }
    }
    if (o.outcome !== 'success' || client === undefined || client.stranger || client.stolen) return
    habit.calls += 1
    habit.last = o.call.time
    habit.ips.add(fnv1a(client.ip), 24)
    habit.software.add(fnv1a(client.software), 12)
    habit.families.add(fnv1a(client.family), 12)
  }

  /** Remembers what this call ended. */
  #end(o: Observation, fingerprint: Fingerprint, { how, scope, account, tokens }: TokenEnding): void {
    const { ended, families, endedOf } = this.#state
    const mask = fingerprint.slice(0, 12)
    const entry: Ended = { time: o.call.time, how, ip: addressKey(o.call.source.ip) }
    if (scope === 'account') {
      endedOf.set(account ?? '', entry)
      return
    }
    if (scope === 'own')
      endedOf.set(o.identity.name, how === 'password change' ? { ...entry, except: mask } : entry)
    if (how === 'password change') return
    for (const one of scope === 'named' ? (tokens ?? []) : [mask]) {
      if (!ended.has(one)) ended.set(one, entry)
      const family = families.peek(one)
      if (family !== undefined) family.ended ??= entry
    }
  }

  #grant(mask: string, grant: Grant): void {
    const { grants, marks } = this.#state
    grants.set(mask, grant)
    const count = grants.evicted + grants.size
    const last = marks.at(-1)
    if (last === undefined || count >= last.count + Math.max(1, grants.capacity >> 8))
      marks.push({ count, time: grant.time })
    while (marks.length > 1 && (marks[1]?.count ?? 0) <= grants.evicted) marks.shift()
  }

  /** All that was forgotten was handed out before the first mark that still stands. */
  #forgottenUntil(): number {
    const { grants, marks } = this.#state
    if (grants.evicted === 0) return Number.NEGATIVE_INFINITY
    return marks.find(({ count }) => count > grants.evicted)?.time ?? Number.POSITIVE_INFINITY
  }

  /** Remembers what an answer handed out: tokens of one login are a family, and those renewed from it. */
  #hand(o: Observation, grant: TokenGrant): void {
    const { families } = this.#state
    const { time } = o.call
    const family = (grant.presented === undefined ? undefined : families.get(grant.presented)) ?? {
      ended: undefined,
      rotated: new Map<string, Rotated>(),
    }
    for (const mask of grant.access) {
      this.#grant(mask, { time, expires: grant.expires })
      families.set(mask, family)
    }
    if (grant.refresh === undefined) return
    this.#grant(grant.refresh, { time, expires: undefined })
    families.set(grant.refresh, family)
    if (grant.presented === undefined || grant.presented === grant.refresh) return
    families.set(grant.presented, family)
    family.rotated.set(grant.presented, {
      time,
      ip: addressKey(o.call.source.ip),
      software: `${o.call.source.ja4 ?? ''} ${familyOf(headerOf(o.call.request.headers, 'user-agent') ?? '')}`,
      call: o.call.id,
    })
    if (family.rotated.size > 8) {
      const [oldest] = family.rotated.keys()
      if (oldest !== undefined) family.rotated.delete(oldest)
    }
  }
}

const empty: Content = Object.freeze({ kind: 'empty' })

/** Bodies are most of a call, and nothing here reads them any more. */
function withoutBodies(o: Observation): Observation {
  const { request, response } = o.call
  return {
    ...o,
    call: {
      ...o.call,
      request: {
        ...request,
        headers: request.headers.filter(
          ([name]) => name === 'user-agent' || edgeHeaders.has(name) || showsPossession(name),
        ),
        content: empty,
      },
      ...(response === undefined ? {} : { response: { ...response, headers: [], content: empty } }),
    },
  }
}
