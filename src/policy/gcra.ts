/** What a bucket answers, and the theoretical arrival time to keep for it. */
export interface GcraAnswer {
  readonly admitted: boolean
  readonly arrival: number
  /** Milliseconds until the next request would be admitted; 0 when this one was. */
  readonly wait: number
}

/**
 * Generic cell rate algorithm (ITU-T I.371) with a burst of `requests`: after a pause that many pass at once, then one
 * per `window / requests`. In any window at most `requests` plus the burst are admitted. `arrival` is what the last call
 * gave, absent for a new bucket; times are milliseconds.
 */
export function gcra(
  arrival: number | undefined,
  time: number,
  requests: number,
  windowSeconds: number,
): GcraAnswer {
  const window = windowSeconds * 1000
  const interval = window / requests
  const expected = Math.max(arrival ?? time, time)
  const next = expected + interval
  const wait = next - window - time
  // Tolerates the rounding of `interval`.
  if (wait > 1e-6) return { admitted: false, arrival: expected, wait }
  return { admitted: true, arrival: next, wait: 0 }
}
