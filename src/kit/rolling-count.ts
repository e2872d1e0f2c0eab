import { kept } from './snapshot.ts'

/** Events in the last `slots × slotMs` milliseconds, to the resolution of a slot. Constant size. */
export class RollingCount {
  #counts: number[]
  readonly #slotMs: number
  #slot = Number.NEGATIVE_INFINITY
  #total = 0

  static {
    kept<RollingCount, readonly [number[], number, number, number]>(RollingCount, {
      name: 'kit/rolling-count',
      version: 1,
      save: count => [count.#counts, count.#slotMs, count.#slot, count.#total],
      make: ([counts, slotMs, slot, total]) => {
        const count = new RollingCount(counts.length, slotMs)
        count.#counts = counts
        count.#slot = slot
        count.#total = total
        return count
      },
    })
  }

  constructor(slots: number, slotMs: number) {
    this.#counts = new Array<number>(slots).fill(0)
    this.#slotMs = slotMs
  }

  /** Counts one event at `time` and returns the number in the window ending there. Time before the window is counted in the current slot. */
  add(time: number, by = 1): number {
    this.#advance(time)
    const index = this.#slot % this.#counts.length
    this.#counts[index] = (this.#counts[index] ?? 0) + by
    this.#total += by
    return this.#total
  }

  count(time: number): number {
    this.#advance(time)
    return this.#total
  }

  #advance(time: number): void {
    const slot = Math.floor(time / this.#slotMs)
    if (slot <= this.#slot) return
    const slots = this.#counts.length
    if (slot - this.#slot >= slots) {
      this.#counts.fill(0)
      this.#total = 0
    } else {
      for (let passed = this.#slot + 1; passed <= slot; passed += 1) {
        const index = passed % slots
        this.#total -= this.#counts[index] ?? 0
        this.#counts[index] = 0
      }
    }
    this.#slot = slot
  }
}
