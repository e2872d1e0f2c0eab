import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'

const allowed = 10
const refillMs = 6_000

interface Bucket {
  left: number
  at: number
}

/**
 * Slows guessing: ten failures at once, then one each six seconds, per peer address. 4,096 addresses are remembered, the
 * least recently used forgotten first. A peer that succeeds is not slowed by failures of others.
 */
export class FailedAttempts {
  readonly #clock: Clock
  readonly #buckets: BoundedMap<string, Bucket>

  constructor(clock: Clock, capacity = 4_096) {
    this.#clock = clock
    this.#buckets = new BoundedMap(capacity)
  }

  /** @throws SallyportError `limit/exceeded` when the peer has failed too often. */
  check(peer: string): void {
    if (this.#filled(peer).left >= 1) return
    throw new SallyportError('limit/exceeded', 'Too many failed attempts to sign in.', {
      mend: `Wait ${refillMs / 1_000} seconds, then try again with a fresh code.`,
    })
  }

  failed(peer: string): void {
    const bucket = this.#filled(peer)
    bucket.left = Math.max(0, bucket.left - 1)
    this.#buckets.set(peer, bucket)
  }

  #filled(peer: string): Bucket {
    const now = this.#clock.now()
    const bucket = this.#buckets.get(peer)
    if (bucket === undefined) return { left: allowed, at: now }
    bucket.left = Math.min(allowed, bucket.left + Math.max(0, now - bucket.at) / refillMs)
    bucket.at = now
    return bucket
  }
}
