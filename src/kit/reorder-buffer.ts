import { kept } from './snapshot.ts'

interface Held<Item> {
  readonly time: number
  readonly key: string
  readonly item: Item
}

/**
 * Puts late things back in order of time: each is held until the time it waits for has come. Equal times are in order of their keys, so
 * that what comes out depends on what came, not on how it came. Beyond `capacity` the oldest are given early, and counted.
 */
export class ReorderBuffer<Item> {
  /** A binary heap, the oldest first. */
  #heap: Held<Item>[] = []
  readonly #capacity: number
  /** Given before their time, for room. */
  early = 0

  static {
    kept<ReorderBuffer<unknown>, readonly [number, number, Held<unknown>[]]>(ReorderBuffer, {
      name: 'kit/reorder-buffer',
      version: 1,
      save: buffer => [buffer.#capacity, buffer.early, buffer.#heap],
      make: ([capacity, early, heap]) => {
        const buffer = new ReorderBuffer<unknown>(capacity)
        buffer.early = early
        buffer.#heap = heap
        return buffer
      },
    })
  }

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#heap.length
  }

  /** @param time Ms since the epoch. */
  push(time: number, key: string, item: Item): void {
    const heap = this.#heap
    const held = { time, key, item }
    let at = heap.length
    heap.push(held)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(held, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = held
  }

  /** What is older than a time, oldest first, and what there is no room for. */
  *before(time: number): Generator<Item> {
    for (;;) {
      const oldest = this.#heap[0]
      if (oldest === undefined) return
      if (oldest.time >= time) {
        if (this.#heap.length <= this.#capacity) return
        this.early += 1
      }
      this.#removeOldest()
      yield oldest.item
    }
  }

  #removeOldest(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
      if (!isBefore(heap[below]!, last)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}

const isBefore = (a: Held<unknown>, b: Held<unknown>): boolean =>
  a.time < b.time || (a.time === b.time && a.key < b.key)
