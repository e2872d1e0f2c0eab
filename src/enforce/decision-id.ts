import type { Clock } from '../kit/clock.ts'

/**
 * Ids that sort by time and never repeat: milliseconds (base 36, nine digits: good until the year 5188), a number that
 * rises within one, and the instance that made it. A clock that steps back does not take the ids with it.
 */
export class DecisionIds {
  readonly #clock: Clock
  readonly #instance: string
  #last = 0
  #sequence = 0

  constructor(clock: Clock, instance: string) {
    this.#clock = clock
    this.#instance = instance
  }

  next(): string {
    const now = Math.max(0, Math.floor(this.#clock.now()))
    if (now > this.#last) {
      this.#last = now
      this.#sequence = 0
    } else this.#sequence += 1
    return `d-${this.#last.toString(36).padStart(9, '0')}-${this.#sequence.toString(36).padStart(5, '0')}-${this.#instance}`
  }
}
