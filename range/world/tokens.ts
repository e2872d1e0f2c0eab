import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Account } from './accounts.ts'
import { minute, second } from './calendar.ts'
import type { Json, JsonObject } from './http.ts'
import type { Stream } from './stream.ts'
import type { Style } from './style.ts'

/** Weaknesses of token handling; each is a switch of the application. */
export interface TokenWeakness {
  readonly ignoresExpiry: boolean
  readonly ignoresLogout: boolean
  readonly ignoresRevocation: boolean
  /** Accepts `alg: none`. */
  readonly acceptsUnsigned: boolean
  /** Believes a signature made with a guessable key. */
  readonly weakKey: boolean
}

export interface Issued {
  readonly value: string
  readonly refresh: string
  readonly account: Account
  readonly session: string
  readonly issued: number
  readonly expires: number
  /** The program that acts for the account (RFC 8693, `act`). */
  readonly actor: string | undefined
}

export interface Session {
  readonly account: Account
  readonly session: string
  readonly roles: readonly string[]
  readonly tenant: string | undefined
  readonly scope: readonly string[]
  /** The program that acts for the account. */
  readonly actor?: string | undefined
}

interface Entry {
  readonly issued: Issued
  ended: 'no' | 'logout' | 'revoked'
}

const base64 = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Issues the application's tokens and says whether one that comes back is good. */
export class Tokens {
  readonly weakness: TokenWeakness
  readonly #style: Style
  readonly #stream: Stream
  readonly #key: string
  readonly #accounts: (id: string) => Account | undefined
  readonly #byValue = new Map<string, Entry>()
  readonly #byRefresh = new Map<string, Entry>()
  readonly #bySession = new Map<string, Entry[]>()

  constructor(
    style: Style,
    stream: Stream,
    weakness: TokenWeakness,
    accounts: (id: string) => Account | undefined,
  ) {
    this.#style = style
    this.#stream = stream.fork('tokens')
    this.weakness = weakness
    this.#accounts = accounts
    this.#key = weakness.weakKey ? 'secret' : this.#stream.token(48)
  }

  /** With `actor` a token by which that program acts for the account: always one that says so itself. */
  issue(account: Account, now: number, session = this.#stream.hex(16), actor?: string): Issued {
    const expires = now + this.#style.tokenMinutes * minute
    const issued: Issued = {
      value:
        this.#style.token === 'jwt' || actor !== undefined
          ? this.sign(
              {
                ...this.claims(account, now, expires),
                ...(actor === undefined ? {} : { act: { sub: actor } }),
              },
              this.#key,
            )
          : this.#opaque(),
      refresh: `rt_${this.#stream.token(40)}`,
      account,
      session,
      issued: now,
      actor,
      expires: this.#style.token === 'cookie' && actor === undefined ? now + 14 * 24 * 60 * minute : expires,
    }
    const entry: Entry = { issued, ended: 'no' }
    this.#byValue.set(issued.value, entry)
    this.#byRefresh.set(issued.refresh, entry)
    const entries = this.#bySession.get(session)
    if (entries === undefined) this.#bySession.set(session, [entry])
    else entries.push(entry)
    return issued
  }

  /** What the token of an account says. */
  claims(account: Account, now: number, expires: number): JsonObject {
    const { roleClaim, host } = this.#style
    return {
      iss: `https://${host}`,
      sub: account.id,
      aud: 'api',
      ...(account.tenant === undefined ? {} : { tenant_id: account.tenant }),
      [roleClaim]: roleClaim === 'scope' ? [...account.roles, ...account.scope].join(' ') : account.roles,
      ...(roleClaim === 'scope' || account.scope.length === 0 ? {} : { scope: account.scope.join(' ') }),
      ...(account.service ? { client_id: account.id } : {}),
      jti: this.#stream.hex(16),
      iat: Math.floor(now / second),
      exp: Math.floor(expires / second),
    }
  }

  /** A token of this application's form; with another key, or none (`alg: none`), a forged one. */
  sign(claims: JsonObject, key: string | undefined): string {
    const head = base64({ alg: key === undefined ? 'none' : 'HS256', typ: 'JWT' })
    const text = `${head}.${base64(claims)}`
    return key === undefined
      ? `${text}.`
      : `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }

  read(value: string, now: number): Session | undefined {
    const entry = this.#byValue.get(value)
    if (entry === undefined) return this.#style.token === 'jwt' ? this.#unknown(value, now) : undefined
    const { issued } = entry
    if (issued.expires <= now && !this.weakness.ignoresExpiry) return undefined
    if (entry.ended === 'logout' && !this.weakness.ignoresLogout) return undefined
    if (entry.ended === 'revoked' && !this.weakness.ignoresRevocation) return undefined
    const { account, session, actor } = issued
    if (!account.active) return undefined
    return { account, session, actor, roles: account.roles, tenant: account.tenant, scope: account.scope }
  }

  refresh(value: string, now: number): Issued | undefined {
    const entry = this.#byRefresh.get(value)
    if (entry === undefined || entry.ended !== 'no' || !entry.issued.account.active) return undefined
    this.#byRefresh.delete(value)
    return this.issue(entry.issued.account, now, entry.issued.session)
  }

  logout(session: string): void {
    this.#end(session, 'logout')
  }

  /** Every session of an account but one: after a password change, or by an administrator. */
  revoke(account: Account, except?: string): void {
    for (const [session, entries] of this.#bySession)
      if (session !== except && entries[0]?.issued.account === account) this.#end(session, 'revoked')
  }

  /** Forgets what has long run out. */
  prune(now: number): void {
    for (const [value, entry] of this.#byValue) {
      if (entry.issued.issued + 30 * 24 * 60 * minute > now) continue
      this.#byValue.delete(value)
      this.#byRefresh.delete(entry.issued.refresh)
      this.#bySession.delete(entry.issued.session)
    }
  }

  #end(session: string, how: 'logout' | 'revoked'): void {
    for (const entry of this.#bySession.get(session) ?? []) if (entry.ended === 'no') entry.ended = how
  }

  #opaque(): string {
    return this.#style.token === 'cookie' ? `s%3A${this.#stream.token(32)}` : `at_${this.#stream.token(40)}`
  }

  /** A token that was never issued here: good only by a weakness. */
  #unknown(value: string, now: number): Session | undefined {
    const [head, body, signature] = value.split('.')
    if (head === undefined || body === undefined || signature === undefined) return undefined
    const header = parsed(head)
    const claims = parsed(body)
    if (header === undefined || claims === undefined) return undefined
    const unsigned = header.alg === 'none'
    if (unsigned ? !this.weakness.acceptsUnsigned : !this.#signed(`${head}.${body}`, signature))
      return undefined
    if (typeof claims.exp !== 'number' || claims.exp * second <= now) return undefined
    const account = this.#accounts(String(claims.sub))
    if (account === undefined) return undefined
    const told = claims[this.#style.roleClaim]
    const roles = (Array.isArray(told) ? told : String(told ?? '').split(' ')).map(String)
    const tenant = claims.tenant_id
    return {
      account,
      session: 'forged',
      roles,
      tenant: typeof tenant === 'string' ? tenant : undefined,
      scope: account.scope,
    }
  }

  #signed(text: string, signature: string): boolean {
    const right = createHmac('sha256', this.#key).update(text).digest()
    const given = Buffer.from(signature, 'base64url')
    return given.length === right.length && timingSafeEqual(given, right)
  }
}

function parsed(part: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined
  } catch {
    return undefined
  }
}
