import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import type { ApiToken, StateStore } from '../../store/ports/state-store.ts'
import type { Actor } from './actor.ts'
import { FailedAttempts } from './failed-attempts.ts'
import { hashSecret, sameHash } from './secret.ts'
import { Sessions } from './sessions.ts'
import { SignInCodes } from './sign-in-codes.ts'

export const cookieName = 'sallyport_session'

const touchEveryMs = 60_000
const longestSecret = 512

export interface Presented {
  readonly authorization: string | undefined
  readonly cookie: string | undefined
}

/** Knows who speaks: bearer tokens against the state store, cookies against the sessions, sign-in codes. */
export class Authenticator {
  readonly sessions: Sessions
  readonly codes: SignInCodes
  readonly #state: StateStore
  readonly #clock: Clock
  readonly #failures: FailedAttempts
  /** When each token's last use was written: a synced write per request would be a gift to a loop. */
  readonly #touched = new BoundedMap<string, number>(1_000)

  constructor(state: StateStore, clock: Clock) {
    this.#state = state
    this.#clock = clock
    this.sessions = new Sessions(state, clock)
    this.codes = new SignInCodes(clock)
    this.#failures = new FailedAttempts(clock)
  }

  /** Rejects with `auth/missing` or `auth/invalid`. */
  async authenticate(presented: Presented): Promise<Actor> {
    if (presented.authorization !== undefined) {
      const secret = /^bearer ([!-~]{1,512})$/i.exec(presented.authorization)?.[1]
      if (secret === undefined) throw invalid()
      const token = await this.#tokenOf(secret)
      if (token === undefined) throw invalid()
      return { name: `token:${token.name}`, displayName: token.name, role: token.role, token: token.id }
    }
    const secret = cookieValue(presented.cookie)
    if (secret === undefined) throw missing()
    const session = this.sessions.find(secret)
    if (session === undefined) throw expired()
    return {
      name: `session:${session.name}`,
      displayName: session.name,
      role: session.role,
      session,
      ...(session.token === undefined ? {} : { token: session.token }),
    }
  }

  /**
   * Exchanges a one-time code, or an API token, for a session. Rejects with `auth/invalid`, and with `limit/exceeded` when
   * the peer's address has failed too often.
   */
  async signIn(proof: { code: string } | { token: string }, peer: string) {
    if ('code' in proof) {
      await this.#attempt(peer, async () => this.codes.redeem(proof.code) || undefined, badCode)
      return await this.sessions.open({ name: 'console', role: 'admin' })
    }
    const token = await this.#attempt(peer, () => this.#tokenOf(proof.token))
    return await this.sessions.open({ name: token.name, role: token.role, token: token.id })
  }

  async #attempt<Found>(
    peer: string,
    find: () => Promise<Found | undefined>,
    refusal: () => SallyportError = invalid,
  ): Promise<Found> {
    this.#failures.check(peer)
    const found = await find()
    if (found !== undefined) return found
    this.#failures.failed(peer)
    throw refusal()
  }

  async #tokenOf(secret: string): Promise<ApiToken | undefined> {
    if (secret.length > longestSecret) return undefined
    const hash = hashSecret(secret)
    const token = await this.#state.tokenByHash(hash)
    if (token === undefined || !sameHash(token.hash, hash) || token.revokedAt !== undefined) return undefined
    const now = this.#clock.now()
    if (now - (this.#touched.get(token.id) ?? Number.NEGATIVE_INFINITY) >= touchEveryMs) {
      this.#touched.set(token.id, now)
      await this.#state.touchToken(token.id, now)
    }
    return token
  }
}

/** The value of our cookie in a `Cookie` header (RFC 6265), if there is exactly one. */
export function cookieValue(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 16_384) return undefined
  const found: string[] = []
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === cookieName) found.push(pair.slice(equals + 1).trim())
  }
  // Two of the name mean that somebody else set one: neither is to be trusted.
  return found.length === 1 && found[0] !== '' ? found[0] : undefined
}

const invalid = (): SallyportError =>
  new SallyportError('auth/invalid', 'That token is not valid here.', {
    where: 'authorization',
    mend: 'Use one made with `sallyport token create`; it may have been revoked.',
  })

const missing = (): SallyportError =>
  new SallyportError('auth/missing', 'Sign in, or send an API token.', {
    mend: 'Send `authorization: Bearer <token>`, or open the sign-in link that `sallyport up` prints.',
  })

const expired = (): SallyportError =>
  new SallyportError('auth/invalid', 'The session has ended.', {
    mend: 'Sign in again with the link that `sallyport up` prints, or with an API token.',
  })

const badCode = (): SallyportError =>
  new SallyportError('auth/invalid', 'That sign-in code is not valid, or was used already.', {
    where: 'code',
    mend: 'A code works once and for five minutes. Start again from the terminal, or sign in with an API token.',
  })
