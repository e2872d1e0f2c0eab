import type { RingReader } from './ring.ts'

export type Seen = NonNullable<ReturnType<RingReader['read']>>

/** How far the writers of several rings had come. */
export type RingMark = readonly number[]

interface Head {
  readonly seen: Seen
  /** When it was over, and so handed on. */
  readonly at: number
}

/**
 * Reads several rings as one: of what waits in them, what was over first comes first, as it would from one loop. What says that it lies in
 * the future comes as if it were of now, so that it holds up nothing behind it.
 */
export class RingMerge {
  readonly #rings: readonly RingReader[]
  readonly #heads: (Head | undefined)[]
  readonly #now: () => number

  constructor(rings: readonly RingReader[], now: () => number) {
    this.#rings = rings
    this.#heads = rings.map(() => undefined)
    this.#now = now
  }

  get rings(): number {
    return this.#rings.length
  }

  /** Taken from the rings, and not handed out yet: one of each ring at most. */
  get held(): number {
    let held = 0
    for (const head of this.#heads) if (head !== undefined) held += 1
    return held
  }

  /** How far the writers have come, for `isBehind`. */
  mark(): RingMark {
    return this.#rings.map(ring => ring.written)
  }

  /** Whether something that was there at the mark has not been handed out. */
  isBehind(mark: RingMark): boolean {
    return this.held > 0 || this.#rings.some((ring, index) => ring.isBehind(mark[index]!))
  }

  /** Undefined where nothing waits. */
  read(): Seen | undefined {
    let first: Head | undefined
    let of = 0
    for (let index = 0; index < this.#rings.length; index += 1) {
      const head = this.#head(index)
      if (head === undefined || (first !== undefined && first.at <= head.at)) continue
      first = head
      of = index
    }
    this.#heads[of] = undefined
    return first?.seen
  }

  #head(index: number): Head | undefined {
    const head = this.#heads[index]
    if (head !== undefined) return head
    const seen = this.#rings[index]!.read()
    if (seen === undefined) return undefined
    const over = 'durationMs' in seen ? seen.time + (seen.durationMs ?? 0) : seen.time
    const made = { seen, at: Math.min(over, this.#now()) }
    this.#heads[index] = made
    return made
  }
}
