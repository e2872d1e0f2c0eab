/**
 * One step of Page's cumulative sum (1954) for a rise: `max(0, S + z - k)`. Kept as a plain number, so that it fits a column.
 *
 * @param score the sum so far, 0 at first
 * @param z the value in standard deviations from what is usual
 * @param slack half of the rise, in standard deviations, that is to be found (k)
 */
export const cusum = (score: number, z: number, slack = 0.5): number => Math.max(0, score + z - slack)

/**
 * Values between two false alarms of a cusum over standard normal values, by Siegmund's approximation (1985):
 * `(e^{2kb} - 2kb - 1) / (2k²)` with `b = h + 1.166`.
 *
 * @param threshold h, the score that alarms
 */
export function averageRunLength(threshold: number, slack = 0.5): number {
  const b = threshold + 1.166
  return (Math.exp(2 * slack * b) - 2 * slack * b - 1) / (2 * slack * slack)
}
