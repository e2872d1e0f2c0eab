import { kept } from './snapshot.ts'

/**
 * Finds a lasting shift of a stream's mean, up or down: the test of Page and Hinkley (Hinkley 1971) with a running mean. After it told
 * of a shift it begins anew.
 */
export class PageHinkley {
  readonly #tolerance: number
  readonly #threshold: number
  readonly #least: number
  #n = 0
  #mean = 0
  #up = 0
  #down = 0

  /**
   * @param tolerance changes of the mean smaller than this are none
   * @param threshold sum of the deviations beyond the tolerance that is a shift
   * @param least values before the first judgement
   */
  constructor(tolerance: number, threshold: number, least = 30) {
    this.#tolerance = tolerance
    this.#threshold = threshold
    this.#least = least
  }

  /** @returns the shift that this value made certain */
  add(value: number): 'up' | 'down' | undefined {
    this.#n += 1
    const distance = value - this.#mean
    this.#mean += distance / this.#n
    // The deviation from the mean before the value: the value must not excuse itself.
    this.#up = Math.max(0, this.#up + distance - this.#tolerance)
    this.#down = Math.max(0, this.#down - distance - this.#tolerance)
    if (this.#n < this.#least) {
      this.#up = 0
      this.#down = 0
      return undefined
    }
    const shift = this.#up > this.#threshold ? 'up' : this.#down > this.#threshold ? 'down' : undefined
    if (shift !== undefined) {
      this.#n = 0
      this.#mean = 0
      this.#up = 0
      this.#down = 0
    }
    return shift
  }

  static {
    kept<PageHinkley, readonly number[]>(PageHinkley, {
      name: 'kit/page-hinkley',
      version: 1,
      save: one => [one.#tolerance, one.#threshold, one.#least, one.#n, one.#mean, one.#up, one.#down],
      make: ([tolerance = 0, threshold = 0, least = 0, n = 0, mean = 0, up = 0, down = 0]) => {
        const one = new PageHinkley(tolerance, threshold, least)
        one.#n = n
        one.#mean = mean
        one.#up = up
        one.#down = down
        return one
      },
    })
  }
}
