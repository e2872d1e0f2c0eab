import type { CallBucketView } from '../api/types.ts'

/**
 * Buckets at an even pace: those the server left out for being empty are put back, and neighbours are added up until
 * at most `most` are left. `step` in ms; guessed from the closest two where it is not given.
 */
export function evenBuckets(
  buckets: readonly CallBucketView[],
  most = 96,
  step?: number,
): readonly CallBucketView[] {
  const times = buckets.map(bucket => Date.parse(bucket.time))
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined || buckets.length === 1) return buckets
  const pace = step ?? Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
  if (!(pace > 0)) return buckets
  const spans = Math.floor((last - first) / pace) + 1
  const fold = Math.ceil(spans / most)
  const even = Array.from({ length: Math.ceil(spans / fold) }, (_, index) => ({
    time: new Date(first + index * fold * pace).toISOString(),
    calls: 0,
    refused: 0,
    failed: 0,
  }))
  buckets.forEach((bucket, index) => {
    const target = even[Math.floor(((times[index] ?? first) - first) / (fold * pace))]
    if (target === undefined) return
    target.calls += bucket.calls
    target.refused += bucket.refused
    target.failed += bucket.failed
  })
  return even
}
