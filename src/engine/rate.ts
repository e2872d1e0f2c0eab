/** Events per second over the last few seconds, in buckets of one second. */
export class Rate {
  readonly #buckets: number[]
  #second = 0

  constructor(seconds = 5) {
    this.#buckets = Array.from({ length: seconds }, () => 0)
  }

  add(count: number, now: number): void {
    this.#roll(now)
    const index = this.#second % this.#buckets.length
    this.#buckets[index] = (this.#buckets[index] ?? 0) + count
  }

  perSecond(now: number): number {
    this.#roll(now)
    const sum = this.#buckets.reduce((total, one) => total + one, 0)
    return Math.round((sum / this.#buckets.length) * 10) / 10
  }

  #roll(now: number): void {
    const second = Math.floor(now / 1000)
    const passed = Math.min(Math.max(0, second - this.#second), this.#buckets.length)
    for (let step = 1; step <= passed; step += 1)
      this.#buckets[(this.#second + step) % this.#buckets.length] = 0
    if (second > this.#second) {
      // After a long silence every bucket was emptied; the position is what counts.
      this.#second = second
      if (passed === this.#buckets.length) this.#buckets.fill(0)
    }
  }
}
