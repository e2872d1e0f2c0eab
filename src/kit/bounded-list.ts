import { kept } from './snapshot.ts'

/** Keeps the first half and the latest half of what is added; what lies between is dropped and counted. */
export class BoundedList<Item> {
  #first: Item[] = []
  #latest: Item[] = []
  readonly #half: number
  #dropped = 0

  static {
    kept<BoundedList<unknown>, readonly [number, number, unknown[], unknown[]]>(BoundedList, {
      name: 'kit/bounded-list',
      version: 1,
      save: list => [list.#half, list.#dropped, list.#first, list.#latest],
      make: ([half, dropped, first, latest]) => {
        const list = new BoundedList<unknown>(2 * half)
        list.#dropped = dropped
        list.#first = first
        list.#latest = latest
        return list
      },
    })
  }

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
