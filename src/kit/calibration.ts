/** What a score was worth: 0 to 1, and whether it was right. */
export interface Judged {
  readonly score: number
  readonly right: boolean
}

/** Corrects a score: 0 to 1 in, 0 to 1 out, never falling where the score rises. */
export type Correction = (score: number) => number

const logit = (p: number): number => Math.log(p / (1 - p))
const bounded = (p: number): number => Math.min(0.999, Math.max(0.001, p))
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/**
 * Platt's scaling (1999) in the stable form of Lin, Lin and Weng (2007), over the logit of the score, so that no correction is slope 1 and
 * shift 0; towards that it is drawn by a ridge, so that few words change little.
 * @param judged At least one.
 */
export function plattCorrection(judged: readonly Judged[]): Correction {
  const right = judged.filter(one => one.right).length
  const wrong = judged.length - right
  const targets = { right: (right + 1) / (right + 2), wrong: 1 / (wrong + 2) }
  const points = judged.map(one => ({
    x: logit(bounded(one.score)),
    y: one.right ? targets.right : targets.wrong,
  }))
  const ridge = 1
  let slope = 1
  let shift = 0
  for (let round = 0; round < 50; round += 1) {
    let [gs, gh, hss, hsh, hhh] = [ridge * (slope - 1), ridge * shift, ridge, 0, ridge]
    for (const { x, y } of points) {
      const p = sigmoid(slope * x + shift)
      const weight = Math.max(1e-9, p * (1 - p))
      gs += (p - y) * x
      gh += p - y
      hss += weight * x * x
      hsh += weight * x
      hhh += weight
    }
    const determinant = hss * hhh - hsh * hsh
    const ds = (hhh * gs - hsh * gh) / determinant
    const dh = (hss * gh - hsh * gs) / determinant
    // Half steps at most, where a full one would leap over the minimum of a flat likelihood.
    const scale = Math.min(1, 2 / Math.max(Math.abs(ds), Math.abs(dh), 1e-9))
    slope -= scale * ds
    shift -= scale * dh
    if (Math.abs(ds) + Math.abs(dh) < 1e-9) break
  }
  // A higher score never counts for less.
  const rising = Math.max(0, slope)
  return score => sigmoid(rising * logit(bounded(score)) + shift)
}

/**
 * Isotonic regression by pooling adjacent violators (Ayer et al. 1955), straight lines between the middles of the pools.
 * @param judged At least one.
 */
export function isotonicCorrection(judged: readonly Judged[]): Correction {
  const sorted = [...judged].sort((a, b) => a.score - b.score)
  const pools: { sum: number; n: number; x: number }[] = []
  for (const { score, right } of sorted) {
    const last = pools.at(-1)
    const y = right ? 1 : 0
    // Equal scores are one place.
    if (last !== undefined && Math.abs(last.x / last.n - score) < 1e-12) {
      last.sum += y
      last.n += 1
      last.x += score
    } else pools.push({ sum: y, n: 1, x: score })
  }
  const kept: { sum: number; n: number; x: number }[] = []
  for (const pool of pools) {
    let merged = pool
    for (
      let last = kept.at(-1);
      last !== undefined && last.sum / last.n >= merged.sum / merged.n;
      last = kept.at(-1)
    ) {
      kept.pop()
      merged = { sum: last.sum + merged.sum, n: last.n + merged.n, x: last.x + merged.x }
    }
    kept.push(merged)
  }
  const knots = kept.map(({ sum, n, x }) => ({ x: x / n, y: (sum + 0.5) / (n + 1) }))
  // The half that stands for what was not seen must not bend the order.
  for (let i = 1; i < knots.length; i += 1) knots[i]!.y = Math.max(knots[i]!.y, knots[i - 1]!.y)
  return score => {
    const [first] = knots
    const last = knots.at(-1)
    if (first === undefined || last === undefined) return score
    if (score <= first.x) return first.y
    if (score >= last.x) return last.y
    const above = knots.findIndex(({ x }) => x >= score)
    const [low, high] = [knots[above - 1]!, knots[above]!]
    return low.y + ((high.y - low.y) * (score - low.x)) / (high.x - low.x)
  }
}
