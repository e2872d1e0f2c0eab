import { BoundedMap } from '../kit/bounded-map.ts'
import { type GcraAnswer, gcra } from '../policy/gcra.ts'

/** Buckets per policy and principal. At the bound the one unused for longest is forgotten (it starts full) and counted. */
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

  take(key: string, time: number, requests: number, windowSeconds: number): GcraAnswer {
    const answer = gcra(this.#buckets.get(key), time, requests, windowSeconds)
    this.#buckets.set(key, answer.arrival)
    return answer
  }
}
