import type { Observation } from '../../baseline/observation.ts'
import { headerOf } from '../../call/api-call.ts'
import { addressKey } from '../../identity/address.ts'
import { familyOf } from '../../identity/device.ts'
import { challengesIn, keyedSecrets, setCookieSecrets } from '../../identity/login.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CallId, EndpointId, PrincipalId } from '../../kit/id.ts'
import { RollingCount } from '../../kit/rolling-count.ts'
import type { Component } from '../../kit/snapshot.ts'
import { actsForOthers } from '../acts-for-others.ts'
import { Episode } from '../episode.ts'
import { type LoginAttempt, loginAttemptOf } from '../login-attempt.ts'
import { whoIs } from '../words.ts'

const minute = 60_000
const hour = 60 * minute
const keptTries = 200

/** A failed or successful login, as far as it is kept. */
export interface Try {
  readonly call: CallId
  readonly time: number
  readonly host: string
  readonly endpoint: EndpointId
  readonly account: string
  /** Of IPv6 its /64; the device where no address is known. */
  readonly source: string
  /** Client software, TLS fingerprint and network. */
  readonly device: string
  /** Browser and system, or product, without versions. */
  readonly software: string
  /** What may tell an attacker's tool among others: TLS fingerprint, product with its version. */
  readonly factors: readonly string[]
  readonly password?: string
  readonly principal: PrincipalId
  readonly who: string
  /** From where, or with the device with which, this name logged in before. */
  readonly familiar: boolean
}

/** What somebody turned out to be doing: set by the detector that found it, read by that of takeovers. */
export interface Attack {
  readonly how: 'guessed' | 'stuffed' | 'sprayed'
  /** Names the stretch. */
  readonly key: string
  /** Ties what belongs to it. */
  readonly actor: string
}

/** Tries under one account name, from anywhere. */
export interface AccountLogins {
  /** Failures from unfamiliar places in ten minutes and in a day, and at home in ten minutes. */
  readonly soon: RollingCount
  readonly day: RollingCount
  readonly home: RollingCount
  readonly episode: Episode
  /** Of failures from unfamiliar places since the last stretch. */
  readonly passwords: Set<string>
  readonly homePasswords: Set<string>
  unmasked: number
  failures: number
  readonly sources: Set<string>
  recent: Try[]
  attack: Attack | undefined
  /** Addresses and devices from which this name logged in successfully. */
  readonly homes: Set<string>
  /** Kinds of software with which it did, without versions. */
  readonly software: Set<string>
  /** Of the first and of the latest successful login; undefined where there was none. */
  since: number | undefined
  last: number | undefined
}

/** Tries from one source, under any name. */
export interface SourceLogins {
  readonly episode: Episode
  /** Account → its last failure here. */
  readonly accounts: Map<string, number>
  readonly failures: RollingCount
  readonly tries: RollingCount
  readonly passwords: Set<string>
  readonly successes: Map<string, Try>
  recent: Try[]
  attack: Attack | undefined
}

export interface LoginMoment {
  readonly attempt: LoginAttempt
  readonly one: Try
  readonly account: AccountLogins
  /** By address, and by device: who changes the address within a network keeps the latter. */
  readonly sources: readonly SourceLogins[]
  /** See `handedOut`. */
  readonly tokens: readonly string[]
  readonly learning: boolean
  /** A detector found that this success is somebody else's: nothing is learned from it. */
  stolen: boolean
}

/** A login that worked before it was known what its source is about. */
export interface Revealed {
  readonly success: Try
  readonly attack: Attack
}

export interface LoginBookOptions {
  /** Names, and sources, remembered; the least recently used go first. About 500 bytes each, up to 40 KiB under attack. */
  readonly accounts: number
  readonly sources: number
  readonly homes: number
}

const defaultLoginBookOptions: LoginBookOptions = { accounts: 50_000, sources: 50_000, homes: 32 }

/**
 * Every login of every application, by account and by source: what the detectors of guessed, stuffed and sprayed passwords and of
 * takeovers look at together. Reads one call at a time; `moment` is what it is, with the counts it made.
 */
export class LoginBook implements Component {
  readonly #options: LoginBookOptions
  #accounts: BoundedMap<string, AccountLogins>
  #sources: BoundedMap<string, SourceLogins>
  #revealed: Revealed[] = []
  /** The login that the call at hand is. */
  moment: LoginMoment | undefined

  constructor(options: Partial<LoginBookOptions> = {}) {
    this.#options = { ...defaultLoginBookOptions, ...options }
    this.#accounts = new BoundedMap(this.#options.accounts)
    this.#sources = new BoundedMap(this.#options.sources)
  }

  get size(): number {
    return this.#accounts.size + this.#sources.size
  }

  get evicted(): number {
    return this.#accounts.evicted + this.#sources.evicted
  }

  /** Counts the call if it is a login, before it is judged. */
  observe(o: Observation): void {
    this.moment = undefined
    if (actsForOthers(o)) return
    const attempt = loginAttemptOf(o)
    if (attempt?.kind !== 'login') return
    const { host } = o.call.destination
    const account = this.#accounts.ensure(`${host}\0${attempt.account}`, () => newAccount(o.call.time))
    const source = loginSource(o)
    const one = tryOf(o, attempt, source, account)
    if (account.episode.touch(one.time)) forgetStretch(account)
    const sources = [one.source, one.device].map(name =>
      this.#sources.ensure(`${host}\0${name}`, () => newSource(one.time)),
    )
    for (const entry of sources) {
      if (entry.episode.touch(one.time)) forgetSource(entry)
      entry.tries.add(one.time)
    }
    if (attempt.outcome === 'failure') {
      countFailure(account, one)
      for (const entry of sources) countSourceFailure(entry, one)
    }
    this.moment = {
      attempt,
      one,
      account,
      sources,
      tokens: attempt.outcome === 'success' ? handedOut(o) : [],
      learning: o.learning,
      stolen: false,
    }
  }

  /** Learns from the call at hand once it was judged: where its owner logs in. */
  learn(): void {
    const { moment } = this
    if (moment === undefined || moment.attempt.outcome !== 'success' || moment.stolen) return
    const { one, account, sources } = moment
    for (const place of [one.source, one.device]) {
      account.homes.delete(place)
      account.homes.add(place)
    }
    while (account.homes.size > this.#options.homes) {
      const [oldest] = account.homes
      if (oldest === undefined) break
      account.homes.delete(oldest)
    }
    if (account.software.size < 16) account.software.add(one.software)
    account.since ??= one.time
    account.last = one.time
    // Who mistypes and then knows it was the owner all along.
    for (const source of sources) source.accounts.delete(one.account)
    if (!one.familiar && !moment.learning)
      for (const source of sources) if (source.successes.size < 64) source.successes.set(one.account, one)
  }

  /** Says what a source is doing; what worked from there before comes out in `drainRevealed`. */
  blame(source: SourceLogins, attack: Attack): void {
    source.attack = attack
    for (const success of source.successes.values())
      if (this.failedBeside(success)) this.reveal(success, attack)
    source.successes.clear()
  }

  /**
   * Did other names fail from this very address? A device is told by its network and its software, which neighbours may share: what works
   * from there is the attacker's only where its address took part.
   */
  failedBeside({ host, source, account }: Try): boolean {
    const names = this.sourceOf(host, source)?.accounts
    return names !== undefined && names.size > (names.has(account) ? 1 : 0)
  }

  reveal(success: Try, attack: Attack): void {
    if (this.#revealed.length < 1_000) this.#revealed.push({ success, attack })
  }

  drainRevealed(): readonly Revealed[] {
    if (this.#revealed.length === 0) return []
    const revealed = this.#revealed
    this.#revealed = []
    return revealed
  }

  sourceOf(host: string, source: string): SourceLogins | undefined {
    return this.#sources.peek(`${host}\0${source}`)
  }

  accountOf(host: string, account: string): AccountLogins | undefined {
    return this.#accounts.peek(`${host}\0${account}`)
  }

  save(): unknown {
    const saved: Saved = { accounts: this.#accounts, sources: this.#sources, revealed: this.#revealed }
    return saved
  }

  load(saved: unknown): void {
    const { accounts, sources, revealed } = saved as Saved
    this.#accounts = accounts
    this.#sources = sources
    this.#revealed = revealed
  }
}

interface Saved {
  readonly accounts: BoundedMap<string, AccountLogins>
  readonly sources: BoundedMap<string, SourceLogins>
  readonly revealed: Revealed[]
}

function tryOf(o: Observation, attempt: LoginAttempt, source: string, account: AccountLogins): Try {
  const { call, identity, match } = o
  return {
    call: call.id,
    time: call.time,
    host: call.destination.host,
    endpoint: match.endpoint,
    account: attempt.account,
    source,
    device: identity.device,
    software: familyOf(headerOf(call.request.headers, 'user-agent') ?? ''),
    factors: factorsOf(o),
    ...(attempt.password === undefined ? {} : { password: attempt.password }),
    principal: identity.principal,
    who: whoIs(identity),
    familiar: account.homes.has(source) || account.homes.has(identity.device),
  }
}

/** What a tool gives itself away by, over many addresses; without versions, of which there is a new one every few weeks. */
function factorsOf({ call }: Observation): readonly string[] {
  const agent = headerOf(call.request.headers, 'user-agent')
  return [
    ...(call.source.ja4 === undefined ? [] : [`TLS fingerprint ${call.source.ja4}`]),
    agent === undefined ? 'no user agent' : `client ${familyOf(agent)}`,
  ]
}

/** First twelve digits of the fingerprints of tokens that an answer handed out, and what ties a second step to it. */
export const handedOut = (o: Observation): readonly string[] => {
  const { response } = o.call
  if (response === undefined) return []
  const body = response.content.kind === 'json' ? response.content.value : undefined
  const secrets = [...keyedSecrets(body), ...setCookieSecrets(response.headers)]
  return [...secrets.map(({ fingerprint }) => fingerprint), ...challengesIn(body)]
}

function countFailure(account: AccountLogins, one: Try): void {
  const { time, password } = one
  if (one.familiar) {
    account.home.add(time)
    if (password !== undefined && account.homePasswords.size < 64) account.homePasswords.add(password)
    return
  }
  account.soon.add(time)
  account.day.add(time)
  account.failures += 1
  if (password === undefined) account.unmasked += 1
  else if (account.passwords.size < 64) account.passwords.add(password)
  if (account.sources.size < 256) account.sources.add(one.source)
  keep(account.recent, one)
}

function countSourceFailure(source: SourceLogins, one: Try): void {
  source.failures.add(one.time)
  // At the place where this name usually logs in, it is its owner who mistypes.
  if (one.familiar) return
  if (source.accounts.size < 2_000 || source.accounts.has(one.account))
    source.accounts.set(one.account, one.time)
  if (one.password !== undefined && source.passwords.size < 256) source.passwords.add(one.password)
  keep(source.recent, one)
}

/** A new stretch forgets the old one, or years of forgotten passwords would add up. */
function forgetStretch(account: AccountLogins): void {
  account.passwords.clear()
  account.homePasswords.clear()
  account.unmasked = 0
  account.failures = 0
  account.sources.clear()
  account.recent = []
  account.attack = undefined
}

function forgetSource(source: SourceLogins): void {
  source.accounts.clear()
  source.passwords.clear()
  source.successes.clear()
  source.recent = []
  source.attack = undefined
}

function keep(list: Try[], one: Try): void {
  list.push(one)
  if (list.length > keptTries) list.shift()
}

const newAccount = (time: number): AccountLogins => ({
  soon: new RollingCount(5, 2 * minute),
  day: new RollingCount(8, 3 * hour),
  home: new RollingCount(5, 2 * minute),
  episode: new Episode(time, 36 * hour),
  passwords: new Set(),
  homePasswords: new Set(),
  unmasked: 0,
  failures: 0,
  sources: new Set(),
  recent: [],
  attack: undefined,
  homes: new Set(),
  software: new Set(),
  since: undefined,
  last: undefined,
})

const newSource = (time: number): SourceLogins => ({
  episode: new Episode(time, 36 * hour),
  accounts: new Map(),
  failures: new RollingCount(8, 3 * hour),
  tries: new RollingCount(8, 3 * hour),
  passwords: new Set(),
  successes: new Map(),
  recent: [],
  attack: undefined,
})

/** Where a login comes from: its address, or the device where that is not known. */
export const loginSource = (o: Observation): string => addressKey(o.call.source.ip) || o.identity.device

/** Names that failed here within the window before `time`. */
export function failedLately(source: SourceLogins, time: number, window: number): number {
  let count = 0
  for (const last of source.accounts.values()) if (time - last <= window) count += 1
  return count
}

/** How many passwords were tried on an account: those that were kept as such, and of others that most differ. */
export const passwordsTried = (account: AccountLogins): number =>
  account.passwords.size + account.unmasked / 1.5

/** The share of a source's tries of a day that failed. */
export const failureShare = (source: SourceLogins, time: number): number =>
  source.failures.count(time) / Math.max(1, source.tries.count(time))
