import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Clock } from '../../kit/clock.ts'
import { hashSecret, newSecret, sameHash } from './secret.ts'

const lifeMs = 5 * 60_000
const capacity = 32

/** One-time sign-in codes: good for five minutes and one use; the oldest of more than 32 unused ones goes. Kept hashed. */
export class SignInCodes {
  readonly #clock: Clock
  readonly #codes = new BoundedMap<string, number>(capacity)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(): string {
    const code = newSecret('')
    this.#codes.set(hashSecret(code), this.#clock.now() + lifeMs)
    return code
  }

  /** True once per issued code, and not after its time. */
  redeem(code: string): boolean {
    const hash = hashSecret(code)
    let found: string | undefined
    // Every code is compared, so that the time taken tells nothing of any.
    for (const known of this.#codes.keys()) if (sameHash(known, hash)) found = known
    if (found === undefined) return false
    const expiresAt = this.#codes.peek(found) ?? 0
    this.#codes.delete(found)
    return this.#clock.now() < expiresAt
  }
}
