import { kept } from './snapshot.ts'

/**
 * Wald's sequential probability ratio test for a Bernoulli stream: is the rate of hits `p1` rather than `p0`?
 * Accepts `p1` at `ln((1-β)/α)`; at `ln(β/(1-α))` the stream is ordinary and the test starts over.
 */
export class Sprt {
  #upper: number
  #lower: number
  /** Log-likelihood ratio so far. */
  score = 0

  static {
    kept<Sprt, readonly [number, number, number]>(Sprt, {
      name: 'kit/sprt',
      version: 1,
      save: test => [test.#upper, test.#lower, test.score],
      make: ([upper, lower, score]) => {
        const test = new Sprt()
        test.#upper = upper
        test.#lower = lower
        test.score = score
        return test
      },
    })
  }

  /**
   * @param alpha chance of a false alarm per test, in (0, 1)
   * @param beta chance of missing, in (0, 1)
   */
  constructor(alpha = 1e-5, beta = 0.05) {
    this.#upper = Math.log((1 - beta) / alpha)
    this.#lower = Math.log(beta / (1 - alpha))
  }

  /** One observation. @returns true while `p1` is the accepted explanation. */
  add(hit: boolean, p0: number, p1: number): boolean {
    this.score += hit ? Math.log(p1 / p0) : Math.log((1 - p1) / (1 - p0))
    if (this.score <= this.#lower) this.score = 0
    // A stream that was abusive for long must be able to become ordinary again.
    if (this.score > 2 * this.#upper) this.score = 2 * this.#upper
    return this.score >= this.#upper
  }
}
