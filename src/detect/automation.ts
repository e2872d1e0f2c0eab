import { kept } from '../kit/snapshot.ts'

const bins = 16
/** A longer pause says nothing about the rhythm. */
const longestPause = 600_000

/** A sign that a program calls, and how much it says: 0 to 1. */
export interface AutomationSign {
  readonly words: string
  readonly weight: number
}

/**
 * How regular a stretch of calls is. Most callers of an API are programs, so this is never an alert of its own: it is context for what a
 * caller does. About 200 bytes.
 *
 * Spread of the pauses (coefficient of variation under .1 from 50 pauses), their entropy over sixteen bins of powers of two
 * (normalised, under .35 from 30), the share of exact repeats, the number of different endpoints.
 */
export class Automation {
  #last = 0
  #count = 0
  #pauses = 0
  #mean = 0
  #square = 0
  #bins = new Uint16Array(bins)
  #target = 0
  #repeats = 0
  #endpoints: number[] = []

  get calls(): number {
    return this.#count
  }

  /** @param target, endpoint hashes of what was asked for, and where */
  add(time: number, target: number, endpoint: number): void {
    const pause = time - this.#last
    if (this.#count > 0 && pause >= 0 && pause <= longestPause) {
      this.#pauses += 1
      const distance = pause - this.#mean
      this.#mean += distance / this.#pauses
      this.#square += distance * (pause - this.#mean)
      const bin = Math.min(bins - 1, Math.floor(Math.log2(pause + 1)))
      this.#bins[bin] = Math.min(0xffff, (this.#bins[bin] ?? 0) + 1)
    }
    this.#last = Math.max(time, this.#last)
    this.#count += 1
    if (target === this.#target) this.#repeats += 1
    this.#target = target
    if (this.#endpoints.length < bins && !this.#endpoints.includes(endpoint)) this.#endpoints.push(endpoint)
  }

  signs(): readonly AutomationSign[] {
    const signs: AutomationSign[] = []
    if (this.#pauses >= 50 && this.#spread() < 0.1) signs.push({ words: 'even pauses', weight: 0.6 })
    else if (this.#pauses >= 30 && this.#entropy() < 0.35)
      signs.push({ words: 'pauses of one length', weight: 0.4 })
    if (this.#count >= 50 && this.#repeats >= 0.8 * this.#count)
      signs.push({ words: 'the same call over and over', weight: 0.3 })
    if (this.#count >= 50 && this.#endpoints.length <= 2)
      signs.push({ words: 'nothing else is called', weight: 0.3 })
    return signs
  }

  /** That a program calls, 0 to 1: the signs as independent witnesses. */
  score(): number {
    let innocent = 1
    for (const { weight } of this.signs()) innocent *= 1 - weight
    return 1 - innocent
  }

  /** Coefficient of variation of the pauses. */
  #spread(): number {
    return this.#mean === 0 ? 0 : Math.sqrt(this.#square / this.#pauses) / this.#mean
  }

  #entropy(): number {
    let entropy = 0
    for (const count of this.#bins)
      if (count > 0) entropy -= (count / this.#pauses) * Math.log(count / this.#pauses)
    return entropy / Math.log(bins)
  }

  static {
    kept<
      Automation,
      {
        readonly numbers: readonly number[]
        readonly bins: Uint16Array<ArrayBuffer>
        readonly endpoints: number[]
      }
    >(Automation, {
      name: 'detect/automation',
      version: 1,
      save: one => ({
        numbers: [one.#last, one.#count, one.#pauses, one.#mean, one.#square, one.#target, one.#repeats],
        bins: one.#bins,
        endpoints: one.#endpoints,
      }),
      make: saved => {
        const one = new Automation()
        one.#bins = saved.bins
        one.#endpoints = saved.endpoints
        return one
      },
      settle: (one, { numbers }) => {
        const [last = 0, count = 0, pauses = 0, mean = 0, square = 0, target = 0, repeats = 0] = numbers
        one.#last = last
        one.#count = count
        one.#pauses = pauses
        one.#mean = mean
        one.#square = square
        one.#target = target
        one.#repeats = repeats
      },
    })
  }
}
