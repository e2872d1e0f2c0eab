import { randomFillSync } from 'node:crypto'
import { SaltedPlaces } from '../kit/salted-places.ts'
import { createTableBuffer, SharedTable } from '../kit/shared-table.ts'
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

/** Buckets that are kept, unless said otherwise. */
const bucketCapacity = 100_000

/** Memory for the buckets that the loops of one process draw on together. Its head is what the hashes are salted with. */
export function createBucketBuffer(capacity = bucketCapacity): SharedArrayBuffer {
  const buffer = createTableBuffer(capacity)
  randomFillSync(new SharedTable(buffer).head)
  return buffer
}

/**
 * Buckets per policy and key: one table for all loops of a process, so that a budget is the same however many loops there are. At the bound
 * the one of eight that is first full again is forgotten (it starts full), and counted where something was gone from it. Keys are kept as
 * salted hashes: nobody can choose one that falls on another's.
 */
export class ThrottleBuckets {
  /** By key the bucket's arrival. */
  readonly #table: SharedTable
  readonly #places: SaltedPlaces

  constructor(buffer: SharedArrayBuffer = createBucketBuffer()) {
    this.#table = new SharedTable(buffer)
    this.#places = new SaltedPlaces(this.#table, this.#table.head)
  }

  /** Buckets that were not full and had to make room. */
  get forgotten(): number {
    return this.#table.forgotten
  }

  take({ key, time, requests, windowSeconds, cost }: Take): GcraAnswer {
    const table = this.#table
    const place = this.#places.of(key)
    return table.locked(place, () => {
      const at = table.ensure(place, time)
      const answer = gcra(table.values[at] || undefined, time, requests, windowSeconds, cost)
      table.values[at] = answer.arrival
      return answer
    })
  }

  /** Takes what was spent already, even where it overdraws the bucket. */
  settle({ key, time, requests, windowSeconds, cost = 1 }: Take): void {
    const table = this.#table
    const place = this.#places.of(key)
    table.locked(place, () => {
      const at = table.ensure(place, time)
      table.values[at] = gcraDebit(table.values[at] || undefined, time, requests, windowSeconds, cost)
    })
  }

  /**
   * Has heard from elsewhere how far ahead of `time` the bucket is, since others take from it too. Only ever takes more to be gone: what was
   * taken here and not told there stays taken.
   */
  raise({ key, time, windowSeconds }: Omit<Take, 'requests' | 'cost'>, aheadMs: number): void {
    // Told in rounded numbers: a millisecond of grace keeps what is left to the last request.
    const arrival = time + Math.min(aheadMs, 2000 * windowSeconds) - 1
    const table = this.#table
    const place = this.#places.of(key)
    table.locked(place, () => {
      const at = table.ensure(place, time)
      if (arrival > table.values[at]!) table.values[at] = arrival
    })
  }
}
