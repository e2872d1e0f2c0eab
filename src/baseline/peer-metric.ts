import { type CountMoments, logCountTail } from '../kit/count-tail.ts'
import { populationStability } from '../kit/population-stability.ts'
import { QuantileSketch } from '../kit/quantile-sketch.ts'
import { type MedianSpread, medianSpread, robustZ, type Weighted } from '../kit/robust.ts'
import { kept } from '../kit/snapshot.ts'

/** Days of one generation of the moving distribution; two are read together. */
const generationDays = 14
const referenceDays = 28
const sketchOptions = { alpha: 0.02, buckets: 256 }
/** What is shown rises by at most so much a day once it was learned. */
const risePerDay = 1.1
const learnedDays = 7
const cappedShares = [0.5, 0.9, 0.99] as const

interface Saved {
  readonly name: string
  readonly unit: string
  readonly now: QuantileSketch
  readonly before: QuantileSketch
  readonly reference: QuantileSketch | undefined
  readonly caps: readonly number[]
  readonly numbers: readonly number[]
}

/**
 * How a measure is distributed over the members of a group: one value for each member and window, of the last two to four weeks. Beside
 * it stands a frozen picture of four weeks, and its quantiles rise by at most a tenth a day once learned: nobody moves what is normal
 * quickly, and a picture that was slowly moved away from (`moved`) is kept for longer.
 */
export class PeerMetric {
  readonly name: string
  readonly unit: string
  #now = new QuantileSketch(sketchOptions)
  #before = new QuantileSketch(sketchOptions)
  #reference: QuantileSketch | undefined
  /** Highest quantile shown so far, by `cappedShares`. */
  #caps: number[] = []
  #firstDay = -1
  #capDay = -1
  #generation = -1
  #referenceDay = -1
  #read: { n: number; all: QuantileSketch; spread?: MedianSpread; moments?: CountMoments } | undefined

  constructor(name: string, unit: string) {
    this.name = name
    this.unit = unit
  }

  /** Member windows this rests on. */
  get n(): number {
    return Math.round(this.#now.count + this.#before.count)
  }

  /** One member's value of one window that ended on `day` (days since the epoch). */
  add(value: number, day: number): void {
    if (this.#firstDay < 0) this.#firstDay = day
    const generation = Math.floor(day / generationDays)
    if (generation > this.#generation) {
      this.#before = generation === this.#generation + 1 ? this.#now : new QuantileSketch(sketchOptions)
      this.#now = new QuantileSketch(sketchOptions)
      this.#generation = generation
      this.#read = undefined
    }
    this.#now.add(value)
    this.#read = undefined
    if (day - this.#firstDay >= learnedDays && day > this.#capDay) this.#cap(day)
    // A picture that was moved away from stays for another four weeks at most.
    const age = day - Math.max(this.#firstDay, this.#referenceDay)
    if (age >= 2 * referenceDays || (age >= referenceDays && !this.moved)) {
      this.#reference = this.#all().all.copy()
      this.#referenceDay = day
    }
  }

  /** The value at a share of the members' windows, 0 to 1, as far as its rise is allowed. */
  quantile(share: number): number {
    const raw = this.#all().all.quantile(share)
    let allowed = raw
    for (const [index, at] of cappedShares.entries()) {
      const cap = this.#caps[index]
      if (cap !== undefined && share <= at) {
        allowed = Math.min(raw, cap)
        break
      }
    }
    return allowed
  }

  get median(): number {
    return this.quantile(0.5)
  }

  /** Median and spread of `log(1 + value)` over the members. */
  get logSpread(): MedianSpread {
    const read = this.#all()
    read.spread ??= medianSpread(weighted(read.all).map(([one, weight]) => [Math.log1p(one), weight]))
    return read.spread
  }

  /** Robust z of `log(1 + value)` against the members. */
  robustZ(value: number): number {
    return robustZ(Math.log1p(value), this.logSpread, 0.1)
  }

  /**
   * ln of the chance that a member's window holds `value` or more, for counts: negative binomial over the members, the topmost
   * twentieth drawn in to the rest.
   */
  logTail(value: number): number {
    const read = this.#all()
    read.moments ??= momentsOf(read.all)
    return logCountTail(value, read.moments)
  }

  /** How far the middle and the ninth tenth stand above those of the frozen picture, as a factor; 1 without one. */
  divergence(): number {
    if (this.#reference === undefined) return 1
    const { all } = this.#all()
    const factor = (share: number): number =>
      (1 + all.quantile(share)) / (1 + (this.#reference?.quantile(share) ?? 0))
    return Math.max(factor(0.5), factor(0.9))
  }

  /** Whether the members are another population than in the frozen picture, by more than half as much again. */
  get moved(): boolean {
    return (
      this.#reference !== undefined &&
      this.divergence() > 1.5 &&
      populationStability(this.#reference, this.#all().all) > 0.25
    )
  }

  #all(): { n: number; all: QuantileSketch; spread?: MedianSpread; moments?: CountMoments } {
    if (this.#read === undefined) {
      const all = this.#now.copy()
      all.merge(this.#before)
      this.#read = { n: all.count, all }
    }
    return this.#read
  }

  #cap(day: number): void {
    const passed = this.#capDay < 0 ? 1 : day - this.#capDay
    this.#capDay = day
    const { all } = this.#all()
    this.#caps = cappedShares.map((share, index) => {
      const cap = this.#caps[index]
      const raw = all.quantile(share)
      // From nothing a tenth more is nothing: one is allowed.
      return cap === undefined ? raw : Math.min(raw, Math.max(1, cap) * risePerDay ** passed)
    })
  }

  static {
    kept<PeerMetric, Saved>(PeerMetric, {
      name: 'baseline/peer-metric',
      version: 1,
      save: one => ({
        name: one.name,
        unit: one.unit,
        now: one.#now,
        before: one.#before,
        reference: one.#reference,
        caps: one.#caps,
        numbers: [one.#firstDay, one.#capDay, one.#generation, one.#referenceDay],
      }),
      make: saved => {
        const one = new PeerMetric(saved.name, saved.unit)
        one.#now = saved.now
        one.#before = saved.before
        one.#reference = saved.reference
        return one
      },
      settle: (one, { caps, numbers }) => {
        one.#caps = [...caps]
        const [firstDay = -1, capDay = -1, generation = -1, referenceDay = -1] = numbers
        one.#firstDay = firstDay
        one.#capDay = capDay
        one.#generation = generation
        one.#referenceDay = referenceDay
      },
    })
  }
}

function weighted(sketch: QuantileSketch): Weighted {
  const values: [number, number][] = []
  sketch.eachBucket((value, weight) => values.push([value, weight]))
  return values
}

function momentsOf(sketch: QuantileSketch): CountMoments {
  const most = sketch.quantile(0.95)
  let total = 0
  let mean = 0
  let square = 0
  sketch.eachBucket((value, weight) => {
    const drawn = Math.min(value, most)
    const before = mean
    total += weight
    mean += ((drawn - mean) * weight) / total
    square += weight * (drawn - before) * (drawn - mean)
  })
  return { mean, variance: total === 0 ? 0 : square / total }
}
