import type { ApiCall } from '../../call/api-call.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { CallId, EndpointId, PrincipalId, TenantId } from '../../kit/id.ts'

/** A call and where analysis put it. Redacted: sensors make calls without secrets. */
export interface StoredCall {
  readonly call: ApiCall
  readonly endpoint: EndpointId
  readonly principal: PrincipalId
  readonly tenant?: TenantId
  /** Detectors that named this call as evidence, where known at the time of writing. */
  readonly detectors: readonly string[]
}

/** Every given condition must hold. Text conditions compare exactly unless said otherwise. */
export interface CallQuery {
  /** Inclusive, ms since the epoch. */
  readonly since?: number
  /** Exclusive. */
  readonly until?: number
  readonly endpoint?: string
  readonly principal?: string
  readonly tenant?: string
  readonly host?: string
  readonly method?: string
  /** A status (`404`) or a class (`4xx`). */
  readonly status?: string
  readonly ip?: string
  readonly detector?: string
  /**
   * A workload at either end: `orders`, `shop/orders` or `prod/shop/orders`. What one side leaves out, the cluster or the namespace, is not
   * compared; a call that tells no more than `orders` is found by `orders` alone.
   */
  readonly workload?: string
  /** Substring of path and query, case-insensitive. */
  readonly text?: string
  readonly ids?: readonly string[]
  /** Conditions that must not hold: same keys, exact values. */
  readonly not?: Readonly<
    Partial<
      Record<'endpoint' | 'principal' | 'tenant' | 'host' | 'method' | 'status' | 'ip', readonly string[]>
    >
  >
  /** 1 to 1000, 100 when absent. */
  readonly limit?: number
  /** Opaque, from the page before. Pages go from the newest call to the oldest. */
  readonly cursor?: string
}

export interface CallPage {
  readonly items: readonly StoredCall[]
  readonly cursor?: string
}

export interface CallBucket {
  /** Start of the bucket, ms since the epoch. */
  readonly time: number
  readonly calls: number
  readonly refused: number
  readonly failed: number
}

export interface CallStoreStats {
  readonly driver: string
  readonly calls: number
  readonly oldest?: number
  readonly newest?: number
  readonly bytes?: number
}

/**
 * Where calls are kept. `append` resolves only when the batch survives `kill -9` of any process; the same `token` twice
 * stores the batch once. Every method rejects with a `SallyportError` (`store/unavailable`, `store/full`, …) and may be
 * called again after that.
 */
export interface CallStore {
  append(batch: readonly StoredCall[], token: string): Promise<void>
  query(query: CallQuery): Promise<CallPage>
  get(id: CallId): Promise<StoredCall | undefined>
  /** Counts per bucket of `bucketMs` over the query's range; empty buckets are left out. */
  histogram(query: CallQuery, bucketMs: number): Promise<readonly CallBucket[]>
  /**
   * Oldest first, at most `limit` of the newest calls: what analysis warms up from.
   * @param since Ms since the epoch: none from before.
   */
  replay(limit: number, since?: number): AsyncIterable<StoredCall>
  /** Retention: forgets calls older than `time`. */
  dropBefore(time: number): Promise<void>
  stats(): Promise<CallStoreStats>
  /** What was dropped at a bound, where the driver has one. */
  readonly counters?: CounterSet
  close(): Promise<void>
}
