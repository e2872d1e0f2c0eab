import type { Facts } from './signal.ts'

/** What a value is compared with: enough to draw it. */
export interface Distribution {
  readonly median: number
  readonly p90: number
  readonly p99: number
  /** Values it rests on. */
  readonly n: number
  /** Whose: `49 users with the role customer`, `the last 28 days of user:alice`. */
  readonly peers: string
}

/** Something that knows quantiles: a metric of peers, a sketch. */
interface Quantiles {
  quantile(share: number): number
}

export function distributionOf(from: Quantiles, n: number, peers: string): Distribution {
  return {
    median: round(from.quantile(0.5)),
    p90: round(from.quantile(0.9)),
    p99: round(from.quantile(0.99)),
    n,
    peers,
  }
}

/** A distribution as the `expected` of a statistical finding. */
export const expectedOf = (distribution: Distribution): Facts => ({ ...distribution })

/** A value as the `observed` of a statistical finding. */
export const observedOf = (value: number, metric: string, unit: string): Facts => ({
  value: round(value),
  metric,
  unit,
})

/** Three significant digits, whole numbers as they are. */
const round = (value: number): number =>
  Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(3))
