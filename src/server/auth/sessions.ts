import { z } from 'zod'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Role, StateStore } from '../../store/ports/state-store.ts'
import { hashSecret, newSecret } from './secret.ts'

/** A signed-in browser. The cookie's value is known only to it; here is its hash. */
export interface Session {
  readonly hash: string
  readonly name: string
  readonly role: Role
  /** The API token it was opened with; it ends when that is revoked. */
  readonly token?: string | undefined
  readonly expiresAt: number
}

export const sessionLifeMs = 12 * 3_600_000
const capacity = 1_000
const setting = 'server.sessions'

const stored = z.array(
  z.object({
    hash: z.string(),
    name: z.string(),
    role: z.enum(['viewer', 'analyst', 'admin']),
    token: z.string().optional(),
    expiresAt: z.number(),
  }),
)

/**
 * Sessions of twelve hours, at most 1,000: beyond that the least recently used is signed out. They are kept, hashed, in
 * the state store, so that a restart signs nobody out.
 */
export class Sessions {
  readonly #state: StateStore
  readonly #clock: Clock
  readonly #sessions = new BoundedMap<string, Session>(capacity)

  constructor(state: StateStore, clock: Clock) {
    this.#state = state
    this.#clock = clock
  }

  /** Reads what an earlier run kept. What cannot be read is forgotten: people sign in again. */
  async load(): Promise<void> {
    const text = await this.#state.getSetting(setting)
    if (text === undefined) return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    const read = stored.safeParse(value)
    if (!read.success) return
    for (const session of read.data) {
      if (session.expiresAt > this.#clock.now()) this.#sessions.set(session.hash, session)
    }
  }

  /** The cookie's value, given out once. */
  async open(who: Omit<Session, 'hash' | 'expiresAt'>): Promise<{ secret: string; session: Session }> {
    const secret = newSecret('')
    const session = { ...who, hash: hashSecret(secret), expiresAt: this.#clock.now() + sessionLifeMs }
    this.#sessions.set(session.hash, session)
    await this.#save()
    return { secret, session }
  }

  find(secret: string): Session | undefined {
    const session = this.#sessions.get(hashSecret(secret))
    return session !== undefined && session.expiresAt > this.#clock.now() ? session : undefined
  }

  async close(hash: string): Promise<void> {
    if (this.#sessions.delete(hash)) await this.#save()
  }

  /** Ends every session opened with this API token. */
  async closeOf(token: string): Promise<void> {
    const ended = [...this.#sessions.values()].filter(session => session.token === token)
    for (const session of ended) this.#sessions.delete(session.hash)
    if (ended.length > 0) await this.#save()
  }

  async #save(): Promise<void> {
    const live = [...this.#sessions.values()].filter(session => session.expiresAt > this.#clock.now())
    await this.#state.putSetting(setting, JSON.stringify(live))
  }
}
