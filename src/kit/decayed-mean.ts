import { kept } from './snapshot.ts'

/**
 * Mean and variance in which a value counts `e^(-age/τ)`: exponential decay over irregular times (Cormode, Shkapenyuk, Srivastava, Xu,
 * "Forward decay", ICDE 2009) with West's incremental update (1979). Mergeable; the order of merging does not matter.
 */
export class DecayedMean {
  readonly tauMs: number
  #time = Number.NEGATIVE_INFINITY
  #weight = 0
  #mean = 0
  #square = 0

  /** @param tauMs age at which a value counts `1/e`, in milliseconds */
  constructor(tauMs: number) {
    this.tauMs = tauMs
  }

  /** What all values together count now: how much the mean rests on. */
  get weight(): number {
    return this.#weight
  }

  get mean(): number {
    return this.#mean
  }

  get variance(): number {
    return this.#weight === 0 ? 0 : this.#square / this.#weight
  }

  /** A value of a time before the latest counts by its age, too. */
  add(value: number, time: number): void {
    const age = this.#age(time)
    this.#put(value, 0, age > 0 ? Math.exp(-age / this.tauMs) : 1)
  }

  /** Standard deviations from the mean; `floor` is the least deviation assumed. */
  z(value: number, floor: number): number {
    return (value - this.#mean) / Math.max(Math.sqrt(this.variance), floor)
  }

  merge(other: DecayedMean): void {
    if (other.tauMs !== this.tauMs) throw new RangeError('means of different decay cannot be merged')
    if (other.#weight === 0) return
    const age = this.#age(other.#time)
    const factor = age > 0 ? Math.exp(-age / this.tauMs) : 1
    this.#put(other.#mean, other.#square * factor, other.#weight * factor)
  }

  /** Lets the time pass to `time` where it is later. @returns how far it lies back where it is earlier */
  #age(time: number): number {
    const passed = time - this.#time
    if (!(passed > 0)) return -passed
    if (this.#weight > 0) {
      const factor = Math.exp(-passed / this.tauMs)
      this.#weight *= factor
      this.#square *= factor
    }
    this.#time = time
    return 0
  }

  #put(mean: number, square: number, weight: number): void {
    const total = this.#weight + weight
    if (total <= 0) return
    const distance = mean - this.#mean
    this.#mean += (distance * weight) / total
    this.#square += square + (distance * distance * this.#weight * weight) / total
    this.#weight = total
  }

  static {
    kept<DecayedMean, readonly number[]>(DecayedMean, {
      name: 'kit/decayed-mean',
      version: 1,
      save: one => [one.tauMs, one.#time, one.#weight, one.#mean, one.#square],
      make: ([tauMs = 1, time = 0, weight = 0, mean = 0, square = 0]) => {
        const one = new DecayedMean(tauMs)
        one.#time = time
        one.#weight = weight
        one.#mean = mean
        one.#square = square
        return one
      },
    })
  }
}
