import { BoundedMap } from '../../kit/bounded-map.ts'
import { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import type { CallId } from '../../kit/id.ts'
import { type CallFacets, checkBucket, facetsOf, matcher } from '../call-match.ts'
import { type CallKey, compareCallKeys, formatCallCursor, parseCallCursor } from '../call-order.ts'
import { pageSize } from '../cursor.ts'
import type {
  CallBucket,
  CallPage,
  CallQuery,
  CallStore,
  CallStoreStats,
  StoredCall,
} from '../ports/call-store.ts'

interface Entry {
  readonly key: CallKey
  readonly facets: CallFacets
  readonly stored: StoredCall
}

export interface MemoryCallStoreOptions {
  /** Calls kept, 20,000 when absent; beyond it the oldest go, counted. */
  readonly capacity?: number
  /** Batch tokens remembered against repetition, 10,000 when absent. */
  readonly tokens?: number
}

/**
 * Calls in this process's memory, for tests and for machines that chdb cannot run on. It cannot keep the port's word on
 * `kill -9`: what it holds ends with the process. Counter: `sallyport_calls_dropped_total`.
 */
export class MemoryCallStore implements CallStore {
  readonly counters = new CounterSet()
  readonly #capacity: number
  readonly #tokens: BoundedMap<string, true>
  /** Oldest first, from `#start`; what is before it has been dropped. */
  #entries: Entry[] = []
  #start = 0
  #batches = 0n
  #closed = false

  constructor(options: MemoryCallStoreOptions = {}) {
    this.#capacity = options.capacity ?? 20_000
    if (!Number.isInteger(this.#capacity) || this.#capacity < 1) {
      throw new SallyportError('usage/invalid-argument', 'The capacity must be a positive whole number.')
    }
    this.#tokens = new BoundedMap(options.tokens ?? 10_000)
  }

  async append(batch: readonly StoredCall[], token: string): Promise<void> {
    this.#assertOpen()
    if (this.#tokens.get(token) === true) return
    this.#tokens.set(token, true)
    this.#batches += 1n
    for (const [row, stored] of batch.entries()) {
      const facets = facetsOf(stored)
      this.#insert({ key: { time: facets.time, id: facets.id, batch: this.#batches, row }, facets, stored })
    }
    const excess = this.#entries.length - this.#start - this.#capacity
    if (excess > 0) {
      this.#start += excess
      this.counters.add('sallyport_calls_dropped_total', excess)
      this.#compact()
    }
  }

  async query(query: CallQuery): Promise<CallPage> {
    this.#assertOpen()
    const limit = pageSize(query.limit)
    const matches = matcher(query)
    const before = query.cursor === undefined ? undefined : parseCallCursor(query.cursor)
    const found: Entry[] = []
    for (let index = this.#entries.length - 1; index >= this.#start && found.length <= limit; index -= 1) {
      const entry = this.#entries[index]
      if (entry === undefined || (before !== undefined && compareCallKeys(entry.key, before) >= 0)) continue
      if (matches(entry.facets)) found.push(entry)
    }
    const kept = found.slice(0, limit)
    const last = kept.at(-1)
    const items = kept.map(entry => entry.stored)
    return found.length > limit && last !== undefined
      ? { items, cursor: formatCallCursor(last.key) }
      : { items }
  }

  async get(id: CallId): Promise<StoredCall | undefined> {
    this.#assertOpen()
    for (let index = this.#entries.length - 1; index >= this.#start; index -= 1) {
      const entry = this.#entries[index]
      if (entry?.key.id === id) return entry.stored
    }
    return undefined
  }

  async histogram(query: CallQuery, bucketMs: number): Promise<readonly CallBucket[]> {
    this.#assertOpen()
    const size = checkBucket(bucketMs)
    const matches = matcher(query)
    const buckets = new Map<number, { time: number; calls: number; refused: number; failed: number }>()
    for (let index = this.#start; index < this.#entries.length; index += 1) {
      const facets = this.#entries[index]?.facets
      if (facets === undefined || !matches(facets)) continue
      const time = Math.floor(facets.time / size) * size
      const bucket = buckets.get(time) ?? { time, calls: 0, refused: 0, failed: 0 }
      bucket.calls += 1
      if (facets.status >= 400 && facets.status < 500) bucket.refused += 1
      if (facets.status >= 500) bucket.failed += 1
      buckets.set(time, bucket)
    }
    return [...buckets.values()]
  }

  async *replay(limit: number, since = Number.NEGATIVE_INFINITY): AsyncIterable<StoredCall> {
    this.#assertOpen()
    // A copy: what arrives while the caller reads is not part of the past it asked for.
    const entries = this.#entries.slice(
      Math.max(this.#start, this.#entries.length - Math.max(0, Math.floor(limit))),
    )
    for (const entry of entries) if (entry.key.time >= since) yield entry.stored
  }

  async dropBefore(time: number): Promise<void> {
    this.#assertOpen()
    while ((this.#entries[this.#start]?.key.time ?? time) < time) this.#start += 1
    this.#compact()
  }

  async stats(): Promise<CallStoreStats> {
    const calls = this.#entries.length - this.#start
    const oldest = this.#entries[this.#start]?.key.time
    const newest = this.#entries.at(-1)?.key.time
    return {
      driver: 'memory',
      calls,
      ...(calls === 0 || oldest === undefined ? {} : { oldest }),
      ...(calls === 0 || newest === undefined ? {} : { newest }),
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#entries = []
    this.#start = 0
  }

  #assertOpen(): void {
    if (this.#closed) throw new SallyportError('store/unavailable', 'The call store is closed.')
  }

  /** From the end: calls arrive nearly in order. */
  #insert(entry: Entry): void {
    let index = this.#entries.length
    for (; index > this.#start; index -= 1) {
      const before = this.#entries[index - 1]
      if (before === undefined || compareCallKeys(before.key, entry.key) <= 0) break
    }
    if (index === this.#entries.length) this.#entries.push(entry)
    else this.#entries.splice(index, 0, entry)
  }

  /** Gives the room before `#start` back once it is half of the whole, so that dropping stays cheap. */
  #compact(): void {
    if (this.#start * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#start)
    this.#start = 0
  }
}
