import { kept } from './snapshot.ts'

const buckets = 48
const parts = 3
/** How much the wider mean counts against a bucket's own values (empirical Bayes; James and Stein 1961). */
const kappa = 20
/** A bucket's mean is that of about its last so many values. */
const memory = 60

/** Mean and variance to expect at a time. */
export interface Expectation {
  readonly mean: number
  readonly variance: number
  /** Values of this hour and kind of day. */
  readonly n: number
}

/** Hour of the day, 0 to 23, plus 24 on Saturdays and Sundays; UTC moved by `offsetMs`. */
export function seasonOf(time: number, offsetMs = 0): number {
  const date = new Date(time + offsetMs)
  const day = date.getUTCDay()
  return date.getUTCHours() + (day === 0 || day === 6 ? 24 : 0)
}

/**
 * What is usual at an hour of a weekday or of a weekend: 48 means and variances, each drawn towards that of all hours as long as few
 * values stand behind it: `μ = (n·x̄ + κ·μ_all) / (n + κ)`, κ = 20. 588 bytes.
 */
export class SeasonalBaseline {
  #cells = new Float32Array((buckets + 1) * parts)

  /** Values so far, of all hours (of the last ones: at most 60 for each of 48). */
  get n(): number {
    let sum = 0
    for (let bucket = 0; bucket < buckets; bucket += 1) sum += this.#cells[bucket * parts + 2] ?? 0
    return sum
  }

  add(value: number, time: number): void {
    this.#put(seasonOf(time), value, memory)
    this.#put(buckets, value, memory * buckets)
  }

  expected(time: number): Expectation {
    const bucket = seasonOf(time)
    const n = this.#part(bucket, 2)
    const share = n / (n + kappa)
    const all = this.#part(buckets, 0)
    const mean = share * this.#part(bucket, 0) + (1 - share) * all
    // Between the hours' own spread and that of all, which holds the difference of the hours as well.
    const variance = share * this.#part(bucket, 1) + (1 - share) * this.#part(buckets, 1)
    return { mean, variance, n }
  }

  /** Standard deviations from what is usual at that time; `floor` is the least deviation assumed. */
  z(value: number, time: number, floor: number): number {
    const { mean, variance } = this.expected(time)
    return (value - mean) / Math.max(Math.sqrt(variance), floor)
  }

  /** As if the values of both had been seen, as far as their means are remembered. */
  merge(other: SeasonalBaseline): void {
    for (let bucket = 0; bucket <= buckets; bucket += 1) {
      const [n, m] = [this.#part(bucket, 2), other.#part(bucket, 2)]
      const total = n + m
      if (m === 0) continue
      const distance = other.#part(bucket, 0) - this.#part(bucket, 0)
      const mean = this.#part(bucket, 0) + (distance * m) / total
      const variance =
        (this.#part(bucket, 1) * n + other.#part(bucket, 1) * m) / total +
        (distance * distance * n * m) / (total * total)
      this.#cells.set([mean, variance, total], bucket * parts)
    }
  }

  #part(bucket: number, part: number): number {
    return this.#cells[bucket * parts + part] ?? 0
  }

  #put(bucket: number, value: number, most: number): void {
    const n = Math.min(this.#part(bucket, 2) + 1, most)
    const mean = this.#part(bucket, 0)
    const distance = value - mean
    const gain = 1 / n
    this.#cells.set(
      [mean + gain * distance, (1 - gain) * (this.#part(bucket, 1) + gain * distance * distance), n],
      bucket * parts,
    )
  }

  static {
    kept<SeasonalBaseline, Float32Array>(SeasonalBaseline, {
      name: 'kit/seasonal-baseline',
      version: 1,
      save: one => one.#cells,
      make: cells => {
        const one = new SeasonalBaseline()
        one.#cells.set(cells)
        return one
      },
    })
  }
}
