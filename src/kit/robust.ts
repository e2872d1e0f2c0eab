/** A median and the median of the distances from it: location and spread that a few outliers do not move. */
export interface MedianSpread {
  readonly median: number
  /** Median absolute deviation. */
  readonly mad: number
}

/** Values with weights; in no order. */
export type Weighted = readonly (readonly [value: number, weight: number])[]

/** The value at half of the weight; 0 of nothing. */
export function weightedMedian(values: Weighted): number {
  const sorted = [...values].sort((a, b) => a[0] - b[0])
  let total = 0
  for (const [, weight] of sorted) total += weight
  let passed = 0
  for (const [index, [value, weight]] of sorted.entries()) {
    passed += weight
    if (Math.abs(2 * passed - total) <= 1e-9 * total) return (value + (sorted[index + 1]?.[0] ?? value)) / 2
    if (2 * passed > total) return value
  }
  return 0
}

export function medianSpread(values: Weighted): MedianSpread {
  const median = weightedMedian(values)
  return { median, mad: weightedMedian(values.map(([value, weight]) => [Math.abs(value - median), weight])) }
}

/**
 * How many standard deviations of a normal distribution `value` lies from the median, by the median absolute deviation:
 * `0.6745 (x - median) / MAD` (Iglewicz and Hoaglin 1993).
 *
 * @param floor the least spread assumed: identical values of others do not make the smallest difference infinitely strange
 */
export const robustZ = (value: number, { median, mad }: MedianSpread, floor: number): number =>
  (0.6745 * (value - median)) / Math.max(mad, floor)
