import { BoundedMap } from '../kit/bounded-map.ts'
import { type GcraAnswer, gcra, gcraDebit } from '../policy/gcra.ts'

/** What is taken from a bucket. */
export interface Take {
  readonly key: string
  /** Milliseconds. */
  readonly time: number
  readonly requests: number
  readonly windowSeconds: number
  /** 1 when absent. */
  readonly cost?: number
}

/** Buckets per policy and key. At the bound the one unused for longest is forgotten (it starts full) and counted. */
export class ThrottleBuckets {
  readonly #buckets: BoundedMap<string, number>

  constructor(maxBuckets: number) {
    this.#buckets = new BoundedMap(maxBuckets)
  }

  get forgotten(): number {
    return this.#buckets.evicted
  }

  get size(): number {
    return this.#buckets.size
  }

  take({ key, time, requests, windowSeconds, cost }: Take): GcraAnswer {
    const answer = gcra(this.#buckets.get(key), time, requests, windowSeconds, cost)
    this.#buckets.set(key, answer.arrival)
    return answer
  }

  /** Takes what was spent already, even where it overdraws the bucket. */
  settle({ key, time, requests, windowSeconds, cost = 1 }: Take): void {
    this.#buckets.set(key, gcraDebit(this.#buckets.get(key), time, requests, windowSeconds, cost))
  }
}
