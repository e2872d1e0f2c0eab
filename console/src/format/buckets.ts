import type { CallBucketView } from '../../../src/server/api/call-bucket.ts'

export interface BucketFrame {
  /** The stretch to show, in ms; what is open follows the buckets. `to` is exclusive. */
  readonly from?: number
  readonly to?: number
  /** Length of a bucket in ms; the closest two tell it where it is not given, else a minute. */
  readonly step?: number
  /** Bars at least and at most. */
  readonly least?: number
  readonly most?: number
}

/**
 * Buckets at an even pace over a stretch of time: those left out for being empty are put back, and neighbours are added
 * up until few enough are left. No call is lost or counted twice; buckets outside the stretch widen it.
 */
export function evenBuckets(
  buckets: readonly CallBucketView[],
  frame: BucketFrame = {},
): readonly CallBucketView[] {
  const times = buckets.map(bucket => Date.parse(bucket.time))
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined) return []
  const step = frame.step ?? closest(times)
  const { least = 1, most = 96 } = frame
  const early =
    frame.from === undefined ? first : Math.min(first, first - Math.floor((first - frame.from) / step) * step)
  const end = Math.max(last + step, frame.to ?? 0)
  const seen = Math.ceil((end - early) / step)
  const spans = Math.max(least, seen)
  const start = early - (spans - seen) * step
  const fold = Math.ceil(spans / most)
  const bars = Math.max(Math.ceil(spans / fold), Math.floor((last - start) / (fold * step)) + 1)
  const even = Array.from({ length: bars }, (_, index) => ({
    time: new Date(start + index * fold * step).toISOString(),
    calls: 0,
    refused: 0,
    failed: 0,
  }))
  buckets.forEach((bucket, index) => {
    const target = even[Math.floor(((times[index] ?? first) - start) / (fold * step))]
    if (target === undefined) return
    target.calls += bucket.calls
    target.refused += bucket.refused
    target.failed += bucket.failed
  })
  return even
}

function closest(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  const positive = gaps.filter(gap => gap > 0)
  return positive.length === 0 ? 60_000 : Math.min(...positive)
}
