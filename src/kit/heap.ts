/** A binary heap: the least by `compare` comes out first, in O(log n). Items that compare equal come out in no stated order. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #compare: (a: Item, b: Item) => number

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  push(item: Item): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.#compare(items[above]!, item) <= 0) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  pop(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && this.#compare(items[below + 1]!, items[below]!) < 0) below += 1
      if (this.#compare(last, items[below]!) <= 0) break
      items[at] = items[below]!
      at = below
    }
    items[at] = last
    return first
  }
}
