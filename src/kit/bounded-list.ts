/** Keeps the first half and the latest half of what is added; what lies between is dropped and counted. */
export class BoundedList<Item> {
  readonly #first: Item[] = []
  #latest: Item[] = []
  readonly #half: number
  #dropped = 0

  constructor(bound: number) {
    this.#half = Math.max(1, Math.floor(bound / 2))
  }

  get size(): number {
    return this.#first.length + this.#latest.length
  }

  get dropped(): number {
    return this.#dropped
  }

  add(item: Item): void {
    if (this.#first.length < this.#half) {
      this.#first.push(item)
      return
    }
    this.#latest.push(item)
    // Trimmed in blocks, so that adding stays constant time on average.
    if (this.#latest.length >= 2 * this.#half) this.#trim()
  }

  #trim(): void {
    const over = this.#latest.length - this.#half
    if (over <= 0) return
    this.#latest = this.#latest.slice(over)
    this.#dropped += over
  }

  /** In the order added. */
  toArray(): readonly Item[] {
    this.#trim()
    return [...this.#first, ...this.#latest]
  }
}
