/** What a bucket answers, and the theoretical arrival time to keep for it. */
export interface GcraAnswer {
  readonly admitted: boolean
  readonly arrival: number
  /** Milliseconds until the next request would be admitted; 0 when this one was. Infinite where it costs more than the bucket holds. */
  readonly wait: number
}

/**
 * Generic cell rate algorithm (ITU-T I.371) with a burst of `requests`: after a pause that many pass at once, then one
 * per `window / requests`. In any window at most `requests` plus the burst are admitted. `arrival` is what the last call
 * gave, absent for a new bucket; times are milliseconds. `cost` is how many requests this one counts for; one of cost 0 is
 * admitted while the bucket is not overdrawn. A bucket is never ahead of `time` by more than two windows: a clock that jumped back
 * shuts nobody out for longer.
 */
export function gcra(
  arrival: number | undefined,
  time: number,
  requests: number,
  windowSeconds: number,
  cost = 1,
): GcraAnswer {
  const window = windowSeconds * 1000
  const interval = window / requests
  const expected = Math.max(Math.min(arrival ?? time, time + 2 * window), time)
  const next = expected + interval * cost
  const wait = next - window - time
  // Tolerates the rounding of `interval`.
  if (wait > 1e-6)
    return { admitted: false, arrival: expected, wait: cost > requests ? Number.POSITIVE_INFINITY : wait }
  return { admitted: true, arrival: next, wait: 0 }
}

/** The arrival time once `cost` was taken, whatever the bucket holds: what was spent cannot be refused any more. Two windows at most. */
export function gcraDebit(
  arrival: number | undefined,
  time: number,
  requests: number,
  windowSeconds: number,
  cost: number,
): number {
  const window = windowSeconds * 1000
  return Math.min(Math.max(arrival ?? time, time) + (window / requests) * cost, time + 2 * window)
}
