import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { type PrincipalId, type PrincipalKind, principalId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'
import type { Identity } from './identity.ts'
import { challengesIn, cookieSet, loginNames, maskedSecrets } from './login.ts'
import { introspected, joinProfiles, type Profile, profileIn } from './profile.ts'

/** Cookies learned to carry a login, and the principal each live session belongs to; plain data, bounded. */
export interface SessionSnapshot {
  /** Cookie names learned to be session cookies. */
  readonly cookies: readonly string[]
  /** Fingerprint of the session or opaque token → name and tenant the login answered for, most recent last, bounded. */
  readonly sessions: readonly (readonly [
    fingerprint: string,
    name: string,
    tenant: string | null,
    kind?: PrincipalKind,
  ])[]
  /** What answers said of principals whose tokens do not: tenant and roles. */
  readonly profiles?: readonly (readonly [principal: PrincipalId, profile: Profile])[]
  /** How many token issuers are in use; absent means one or none. */
  readonly issuers?: number
}

/** What `identify` asks about sessions: the directory itself in analysis, one rebuilt from a snapshot in the gateway. */
export interface SessionReader {
  /** Who logged in and was given this credential, if that was seen. */
  ownerOf(fingerprint: string): SessionOwner | undefined
  /** True where a cookie of that name was learned, or is known by convention, to carry a login. */
  isSessionCookie(name: string): boolean
  /** Token issuers whose tokens are in use here. Above one, a subject is only unique with its issuer. */
  readonly issuers: number
  /** Tenant and roles as answers of a login or of a profile said them. */
  profileOf?(principal: PrincipalId): Profile | undefined
}

export interface SessionOwner {
  readonly name: string
  readonly tenant?: string
  /** `user` when absent; an introspection may say otherwise. */
  readonly kind?: PrincipalKind
}

export interface SessionDirectoryOptions {
  /** Live sessions remembered; the least recently used goes first. */
  readonly sessions: number
  /** Cookie names learned; further ones are not. */
  readonly cookies: number
  /** Issuers tracked; further ones are not. */
  readonly issuers: number
  /** Answered calls a token issuer needs before it counts, so that one forged token renames nobody. */
  readonly issuerCalls: number
  /** Principals whose tenant and roles are remembered; the least recently told go first. */
  readonly profiles: number
}

export const defaultSessionDirectoryOptions: SessionDirectoryOptions = {
  sessions: 50_000,
  cookies: 64,
  issuers: 32,
  issuerCalls: 20,
  profiles: 20_000,
}

/** A fingerprint as the mask in a body shows it: its first twelve characters. */
const shortLength = 12

/** Names that frameworks give session cookies; those of request forgery protection carry nobody. */
const conventional = /sess|sid$|^sid|auth|token|jwt|^login|aspxauth|\.aspnet|^connect\./i
const forgery = /csrf|xsrf/i

/**
 * Learns from logins which credential belongs to whom. A request that names a user and presents a password, answered
 * with success and a new cookie or token, links that credential's fingerprint to the name. Bounded: sessions by least
 * recent use (`evicted` counts them), cookie names and issuers by first come.
 */
export class SessionDirectory implements SessionReader {
  private readonly options: SessionDirectoryOptions
  private readonly _sessions: BoundedMap<string, SessionOwner>
  private _version = 0
  private readonly _profiles: BoundedMap<PrincipalId, Profile>
  /** What ties the second step of a login to the first → who began it. */
  private readonly pending: BoundedMap<string, SessionOwner>
  private readonly _cookies = new Set<string>()
  /** Cookies that logins set to the same value for different people, or that do not let anybody in. */
  private readonly ordinary = new Set<string>()
  /** Cookie name → calls with a value that a login gave: let in, and refused. */
  private readonly doors = new Map<string, { open: number; shut: number }>()
  private readonly _issuers = new Map<string, number>()
  private settledIssuers = 0

  constructor(options: Partial<SessionDirectoryOptions> = {}) {
    this.options = { ...defaultSessionDirectoryOptions, ...options }
    this._sessions = new BoundedMap(this.options.sessions)
    this._profiles = new BoundedMap(this.options.profiles)
    this.pending = new BoundedMap(5_000)
  }

  static from(snapshot: SessionSnapshot): SessionDirectory {
    const directory = new SessionDirectory({
      sessions: Math.max(1, snapshot.sessions.length, defaultSessionDirectoryOptions.sessions),
    })
    for (const cookie of snapshot.cookies) directory._cookies.add(cookie)
    for (const [fingerprint, name, tenant, kind] of snapshot.sessions) {
      directory._sessions.set(fingerprint.slice(0, shortLength), {
        name,
        ...(tenant === null ? {} : { tenant }),
        ...(kind === undefined ? {} : { kind }),
      })
    }
    for (const [principal, profile] of snapshot.profiles ?? []) directory._profiles.set(principal, profile)
    directory.settledIssuers = snapshot.issuers ?? 0
    return directory
  }

  /** Rises with everything new that a snapshot would tell; mere use of a session does not count. */
  get version(): number {
    return this._version
  }

  get issuers(): number {
    return this.settledIssuers
  }

  get size(): number {
    return this._sessions.size
  }

  get evicted(): number {
    return this._sessions.evicted
  }

  ownerOf(fingerprint: string): SessionOwner | undefined {
    return this._sessions.peek(fingerprint.slice(0, shortLength))
  }

  isSessionCookie(name: string): boolean {
    if (this.ordinary.has(name)) return false
    return this._cookies.has(name) || (conventional.test(name) && !forgery.test(name))
  }

  profileOf(principal: PrincipalId): Profile | undefined {
    return this._profiles.peek(principal)
  }

  /** Learns from one finished call. `identity` is who made it as far as was known before. */
  observe(call: ApiCall, identity: Identity): void {
    const status = call.response?.status ?? 0
    this.learnDoors(call, status)
    if (status < 200 || status >= 400) return
    for (const credential of call.credentials) {
      if (credential.verification === 'invalid') continue
      const issuer = credential.claims?.iss
      if (typeof issuer === 'string') this.countIssuer(issuer)
      // Being used keeps a session in the bounded map.
      if (credential.scheme !== 'bearer-jwt') this._sessions.get(credential.fingerprint.slice(0, shortLength))
    }
    this.learnLogin(call, identity)
    if (status >= 300) return
    this.learnIntrospection(call)
    if (identity.kind !== 'anonymous') this.learnProfile(call, identity.principal)
  }

  snapshot(): SessionSnapshot {
    return {
      cookies: [...this._cookies].sort(),
      sessions: [...this._sessions.entries()].map(([fingerprint, { name, tenant, kind }]) =>
        kind === undefined
          ? ([fingerprint, name, tenant ?? null] as const)
          : ([fingerprint, name, tenant ?? null, kind] as const),
      ),
      ...(this._profiles.size === 0 ? {} : { profiles: [...this._profiles.entries()] }),
      issuers: this.settledIssuers,
    }
  }

  private countIssuer(issuer: string): void {
    const count = this._issuers.get(issuer)
    if (count === undefined && this._issuers.size >= this.options.issuers) return
    const next = (count ?? 0) + 1
    this._issuers.set(issuer, next)
    if (next !== this.options.issuerCalls) return
    this.settledIssuers = Math.max(this.settledIssuers, this.settledNow())
    this._version += 1
  }

  private settledNow(): number {
    let settled = 0
    for (const count of this._issuers.values()) if (count >= this.options.issuerCalls) settled += 1
    return settled
  }

  private learnLogin(call: ApiCall, identity: Identity): void {
    const { request, response } = call
    if (response === undefined || (request.method !== 'POST' && request.method !== 'PUT')) return
    const who =
      loginNames(bodyOf(request.content), request.path) ??
      this.begunBy(call) ??
      this.refreshOf(identity, call)
    if (who === undefined) return
    for (const challenge of challengesIn(bodyOf(response.content))) this.pending.set(challenge, who)
    for (const [name, value] of response.headers) {
      if (name !== 'set-cookie') continue
      const cookie = cookieSet(value)
      if (cookie === undefined) continue
      const owner = this._sessions.peek(cookie.fingerprint)
      if (owner !== undefined && owner.name !== who.name) {
        // A language, a theme: what several people are given says nothing of them.
        if (this.ordinary.size < this.options.cookies) this.ordinary.add(cookie.name)
        this._sessions.delete(cookie.fingerprint)
      } else if (!this.ordinary.has(cookie.name)) {
        if (this._cookies.size < this.options.cookies) this._cookies.add(cookie.name)
        this._sessions.set(cookie.fingerprint, who)
      }
      this._version += 1
    }
    for (const fingerprint of maskedSecrets(bodyOf(response.content))) {
      this._sessions.set(fingerprint, who)
      this._version += 1
    }
    this.learnProfile(call, principalId(who.kind ?? 'user', who.name))
  }

  /** A second factor: the request names what the first step of its login was answered with. */
  private begunBy({ request }: ApiCall): SessionOwner | undefined {
    if (this.pending.size === 0) return undefined
    for (const challenge of challengesIn(bodyOf(request.content))) {
      const owner = this.pending.peek(challenge)
      if (owner !== undefined) return owner
    }
    return undefined
  }

  /** The cookie that a login gave opens what is shut without it: one with which calls are refused all the same is another. */
  private learnDoors(call: ApiCall, status: number): void {
    const shut = status === 401
    if (!shut && (status < 200 || status >= 300)) return
    for (const { scheme, at, fingerprint } of call.credentials) {
      if (scheme !== 'session' || !at.startsWith('cookie:') || this.ownerOf(fingerprint) === undefined)
        continue
      const name = at.slice(7)
      const door = this.doors.get(name) ?? { open: 0, shut: 0 }
      if (!this.doors.has(name) && this.doors.size >= this.options.cookies) continue
      this.doors.set(name, door)
      if (shut) door.shut += 1
      else door.open += 1
      // Sessions run out: only a cookie that hardly ever opens anything is none.
      if (door.shut < 50 || door.open > door.shut || conventional.test(name) || this.ordinary.has(name))
        continue
      this.ordinary.add(name)
      this._version += 1
    }
  }

  /** RFC 7662: what an authorization server says of a token that a service asks about. */
  private learnIntrospection({ request, response }: ApiCall): void {
    if (request.method !== 'POST' || !/introspect/i.test(request.path)) return
    const owner = introspected(response === undefined ? undefined : bodyOf(response.content))
    const [token] = maskedSecrets(bodyOf(request.content))
    if (owner === undefined || token === undefined) return
    const { profile, ...who } = owner
    this._sessions.set(token, who)
    if (profile !== undefined) this._profiles.set(principalId(who.kind ?? 'user', who.name), profile)
    this._version += 1
  }

  private learnProfile({ request, response }: ApiCall, principal: PrincipalId): void {
    const profile =
      response === undefined ? undefined : profileIn(request.method, request.path, bodyOf(response.content))
    if (profile === undefined) return
    const known = this._profiles.peek(principal)
    const joined = known === undefined ? profile : joinProfiles(known, profile)
    this._profiles.set(principal, joined)
    if (JSON.stringify(known) !== JSON.stringify(joined)) this._version += 1
  }

  /** A token refresh: a new credential for whom the old one, in the body or of the caller, already spoke for. */
  private refreshOf(identity: Identity, call: ApiCall): SessionOwner | undefined {
    if (!/refresh|renew|token/i.test(call.request.path)) return undefined
    for (const mask of maskedSecrets(bodyOf(call.request.content))) {
      const owner = this._sessions.peek(mask)
      if (owner !== undefined) return owner
    }
    if (identity.kind !== 'user' || identity.confidence < 0.6 || !/refresh|renew/i.test(call.request.path))
      return undefined
    return identity.tenant === undefined
      ? { name: identity.name }
      : { name: identity.name, tenant: identity.tenant }
  }

  static {
    keptWhole(SessionDirectory, 'identity/session-directory', 2)
  }
}

function bodyOf(content: ApiCall['request']['content']): Json | undefined {
  return content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart'
    ? content.value
    : undefined
}
