/** What somebody does over time: each value yielded is a pause in milliseconds. */
export type Script = Generator<number, void, void>
/** A part of a script that gives something back. */
export type Step<Result> = Generator<number, Result, void>

interface Entry {
  readonly time: number
  readonly order: number
  readonly act: () => void
}

/** Simulated time: what was planned runs in order of its time, and among equals in the order it was planned. */
export class Timeline {
  #now: number
  #order = 0
  readonly #heap: Entry[] = []

  constructor(start: number) {
    this.#now = start
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now
  }

  /** Times that are past run next. */
  at(time: number, act: () => void): void {
    this.#order += 1
    this.#push({ time: Math.max(this.#now, Math.round(time)), order: this.#order, act })
  }

  play(time: number, script: Script): void {
    this.at(time, () => this.#step(script))
  }

  #step(script: Script): void {
    const { done, value } = script.next()
    if (done !== true) this.at(this.#now + Math.max(1, value), () => this.#step(script))
  }

  /** Runs everything planned before `end`; then it is `end`. What is planned later stays. */
  runUntil(end: number): void {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.time >= end) break
      this.#pop()
      this.#now = first.time
      first.act()
    }
    this.#now = end
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    heap.push(entry)
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1
      if (!before(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}

const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order)
