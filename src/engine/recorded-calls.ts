import type { CallStore, StoredCall } from '../store/ports/call-store.ts'

const pageSize = 1000
const bucketMs = 60_000
/** Calls of one stretch are held at once to be turned round: stretches end when they have so many. */
const stretchCalls = 5_000
/** Whoever reads them works in the thread of the API: others have their turn so often. */
const turnMs = 10

/** A span of the recorded calls; both ends in milliseconds since the epoch. */
export interface RecordedWindow {
  /** Inclusive; from the oldest when absent. */
  readonly since?: number
  /** Exclusive; to the newest when absent. */
  readonly until?: number
}

interface Stretch {
  readonly since: number
  readonly until: number
  readonly calls: number
}

/**
 * The calls of a window, oldest first: at most the newest `limit`, to the minute. The store's pages go the other way, so a stretch of
 * minutes is read at a time.
 */
export async function* recordedCalls(
  calls: CallStore,
  window: RecordedWindow,
  limit: number,
): AsyncGenerator<StoredCall> {
  let turnedAt = performance.now()
  for (const { since, until } of await stretchesOf(calls, window, limit)) {
    const held: StoredCall[] = []
    let cursor: string | undefined
    do {
      const page = await calls.query({
        since,
        until,
        limit: pageSize,
        ...(cursor === undefined ? {} : { cursor }),
      })
      held.push(...page.items)
      cursor = page.cursor
    } while (cursor !== undefined && held.length < limit)
    for (const stored of held.reverse()) {
      yield stored
      if (performance.now() - turnedAt < turnMs) continue
      await new Promise<void>(resolve => setImmediate(resolve))
      turnedAt = performance.now()
    }
  }
}

/** Oldest first. */
async function stretchesOf(
  calls: CallStore,
  { since, until }: RecordedWindow,
  limit: number,
): Promise<readonly Stretch[]> {
  const buckets = await calls.histogram(
    { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
    bucketMs,
  )
  const stretches: Stretch[] = []
  let total = 0
  for (const bucket of [...buckets].sort((a, b) => b.time - a.time)) {
    if (total >= limit) break
    total += bucket.calls
    const begins = Math.max(bucket.time, since ?? bucket.time)
    const open = stretches.at(-1)
    if (open !== undefined && open.calls + bucket.calls <= stretchCalls)
      stretches[stretches.length - 1] = { ...open, since: begins, calls: open.calls + bucket.calls }
    else
      stretches.push({
        since: begins,
        until: Math.min(bucket.time + bucketMs, until ?? Number.POSITIVE_INFINITY),
        calls: bucket.calls,
      })
  }
  return stretches.reverse()
}
