/**
 * One step of Page's cumulative sum (1954) for a rise: `max(0, S + z - k)`. Kept as a plain number, so that it fits a column.
 *
 * @param score the sum so far, 0 at first
 * @param z the value in standard deviations from what is usual
 * @param slack half of the rise, in standard deviations, that is to be found (k)
 */
export const cusum = (score: number, z: number, slack = 0.5): number => Math.max(0, score + z - slack)
