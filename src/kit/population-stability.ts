import type { QuantileSketch } from './quantile-sketch.ts'

const bins = 10

/**
 * The population stability index of two distributions over the tenths of the first: `Σ (aᵢ - eᵢ) ln(aᵢ / eᵢ)`. Under 0.1 is read as the
 * same, over 0.25 as another population (Siddiqi, "Credit Risk Scorecards", 2006).
 *
 * @returns 0 or more; 0 where one of them is empty
 */
export function populationStability(expected: QuantileSketch, actual: QuantileSketch): number {
  if (expected.count === 0 || actual.count === 0) return 0
  const edges: number[] = []
  for (let bin = 1; bin < bins; bin += 1) {
    const edge = expected.quantile(bin / bins)
    if (edge !== edges.at(-1)) edges.push(edge)
  }
  const before = sharesOf(expected, edges)
  const now = sharesOf(actual, edges)
  let index = 0
  for (const [bin, share] of now.entries()) {
    const was = before[bin] ?? 0
    index += (share - was) * Math.log(share / was)
  }
  return index
}

/** Shares up to each edge and beyond the last, no bin quite empty. */
function sharesOf(sketch: QuantileSketch, edges: readonly number[]): readonly number[] {
  const weights = new Array<number>(edges.length + 1).fill(0)
  sketch.eachBucket((value, weight) => {
    const bin = edges.findIndex(edge => value <= edge)
    const at = bin < 0 ? edges.length : bin
    weights[at] = (weights[at] ?? 0) + weight
  })
  const total = sketch.count + 0.5 * weights.length
  return weights.map(weight => (weight + 0.5) / total)
}
