import { kept } from './snapshot.ts'

export interface QuantileSketchOptions {
  /** Relative error of a quantile, in (0, 1). */
  readonly alpha: number
  /** Buckets at most: `8 × buckets` bytes. */
  readonly buckets: number
}

const defaults: QuantileSketchOptions = { alpha: 0.01, buckets: 512 }
/** What is smaller counts as zero. */
const least = 1e-9

interface Saved {
  readonly options: QuantileSketchOptions
  readonly counts: Float64Array
  readonly numbers: readonly number[]
}

/**
 * Quantiles of a stream of non-negative numbers to a relative error, mergeable: DDSketch (Masson, Rim, Lee, VLDB 2019). Bucket `i` holds
 * the values in `(γ^(i-1), γ^i]` with `γ = (1+α)/(1-α)`; where more buckets would be needed than allowed the lowest are folded together,
 * so that high quantiles keep their error. Weights may be fractions.
 */
export class QuantileSketch {
  readonly options: QuantileSketchOptions
  readonly #gamma: number
  readonly #logGamma: number
  #counts = new Float64Array(0)
  /** Index of the bucket at `#counts[0]`, and one after the last in use. */
  #first = 0
  #end = 0
  #zero = 0
  #count = 0
  #min = Number.POSITIVE_INFINITY
  #max = 0

  constructor(options: Partial<QuantileSketchOptions> = {}) {
    this.options = { ...defaults, ...options }
    const { alpha } = this.options
    this.#gamma = (1 + alpha) / (1 - alpha)
    this.#logGamma = Math.log(this.#gamma)
  }

  /** Sum of the weights. */
  get count(): number {
    return this.#count
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min
  }

  get max(): number {
    return this.#max
  }

  /** Negative values and what is no number count as 0. */
  add(value: number, weight = 1): void {
    const known = value > 0 ? Math.min(value, Number.MAX_VALUE) : 0
    this.#count += weight
    if (known < this.#min) this.#min = known
    if (known > this.#max) this.#max = known
    if (known < least) this.#zero += weight
    else this.#put(Math.ceil(Math.log(known) / this.#logGamma), weight)
  }

  /**
   * The value at `share` of the weight, 0 to 1, within the relative error (and within the smallest and the largest value added).
   * @returns 0 where nothing was added
   */
  quantile(share: number): number {
    if (this.#count === 0) return 0
    const rank = Math.min(1, Math.max(0, share)) * this.#count
    if (share > 0.5) return this.#fromTop(rank)
    let passed = this.#zero
    if (passed >= rank && this.#zero > 0) return this.#min < least ? this.#min : 0
    for (let index = this.#first; index < this.#end; index += 1) {
      passed += this.#counts[index - this.#first] ?? 0
      if (passed >= rank - 1e-9 * this.#count && passed > 0) return this.#within(this.#valueOf(index))
    }
    return this.#max
  }

  /** What lies above a high quantile is little: the lowest bucket up to which enough has passed, looked for from the top. */
  #fromTop(rank: number): number {
    const wanted = rank - 1e-9 * this.#count
    let passed = this.#count
    let lowest = -1
    for (let index = this.#end - 1; index >= this.#first; index -= 1) {
      const weight = this.#counts[index - this.#first] ?? 0
      if (weight === 0) continue
      lowest = index
      passed -= weight
      if (passed < wanted) return this.#within(this.#valueOf(index))
    }
    if (this.#zero > 0 && (this.#zero >= rank || lowest < this.#first))
      return this.#min < least ? this.#min : 0
    return lowest < this.#first ? this.#max : this.#within(this.#valueOf(lowest))
  }

  /** Share of the weight that lies above `value`, as far as the buckets tell. */
  shareAbove(value: number): number {
    if (this.#count === 0) return 0
    let above = 0
    this.eachBucket((middle, weight) => {
      if (middle > value) above += weight
    })
    return above / this.#count
  }

  /** Visits what is held, smallest first: a value for each bucket and its weight. */
  eachBucket(visit: (value: number, weight: number) => void): void {
    if (this.#zero > 0) visit(0, this.#zero)
    for (let index = this.#first; index < this.#end; index += 1) {
      const weight = this.#counts[index - this.#first] ?? 0
      if (weight > 0) visit(this.#within(this.#valueOf(index)), weight)
    }
  }

  /** Adds what another of the same options holds. The order of merging does not matter while nothing is folded. */
  merge(other: QuantileSketch): void {
    if (other.options.alpha !== this.options.alpha)
      throw new RangeError('sketches of different error cannot be merged')
    this.#count += other.#count
    this.#zero += other.#zero
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    for (let index = other.#end - 1; index >= other.#first; index -= 1) {
      const weight = other.#counts[index - other.#first] ?? 0
      if (weight > 0) this.#put(index, weight)
    }
  }

  /** Multiplies all weights, for forgetting. */
  scale(factor: number): void {
    this.#zero *= factor
    this.#count *= factor
    for (let at = 0; at < this.#counts.length; at += 1) this.#counts[at] = (this.#counts[at] ?? 0) * factor
  }

  copy(): QuantileSketch {
    const copy = new QuantileSketch(this.options)
    copy.merge(this)
    return copy
  }

  #valueOf(index: number): number {
    return (2 * this.#gamma ** index) / (this.#gamma + 1)
  }

  #within(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value))
  }

  #put(index: number, weight: number): void {
    if (this.#end === this.#first) {
      this.#first = index
      this.#end = index + 1
      this.#room(1)
    } else if (index >= this.#end) this.#grow(this.#first, index + 1)
    else if (index < this.#first) this.#grow(index, this.#end)
    const at = Math.max(index, this.#first) - this.#first
    this.#counts[at] = (this.#counts[at] ?? 0) + weight
  }

  /** Makes place for the buckets from `first` to `end`; what is lower than the bound allows goes into the lowest. */
  #grow(first: number, end: number): void {
    const low = Math.max(first, end - this.options.buckets)
    const size = end - low
    const counts = size > this.#counts.length ? new Float64Array(this.#padded(size)) : this.#counts
    if (counts === this.#counts && low === this.#first) {
      this.#end = end
      return
    }
    const moved = new Float64Array(counts.length)
    for (let index = this.#first; index < this.#end; index += 1) {
      const at = Math.max(index, low) - low
      moved[at] = (moved[at] ?? 0) + (this.#counts[index - this.#first] ?? 0)
    }
    this.#counts = moved
    this.#first = low
    this.#end = end
  }

  #room(size: number): void {
    if (this.#counts.length < size) this.#counts = new Float64Array(this.#padded(size))
  }

  #padded(size: number): number {
    return Math.min(this.options.buckets, Math.max(8, Math.ceil(size / 8) * 8))
  }

  static {
    kept<QuantileSketch, Saved>(QuantileSketch, {
      name: 'kit/quantile-sketch',
      version: 1,
      save: sketch => ({
        options: sketch.options,
        counts: sketch.#counts.slice(0, sketch.#end - sketch.#first),
        numbers: [sketch.#first, sketch.#end, sketch.#zero, sketch.#count, sketch.#min, sketch.#max],
      }),
      make: ({ options, counts, numbers }) => {
        const sketch = new QuantileSketch({ alpha: options.alpha, buckets: options.buckets })
        const [first = 0, end = 0, zero = 0, count = 0, min = 0, max = 0] = numbers
        sketch.#room(Math.max(0, end - first))
        sketch.#counts.set(counts)
        sketch.#first = first
        sketch.#end = end
        sketch.#zero = zero
        sketch.#count = count
        sketch.#min = min
        sketch.#max = max
        return sketch
      },
    })
  }
}
