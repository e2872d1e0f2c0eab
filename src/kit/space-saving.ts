import { kept } from './snapshot.ts'

/** One of the most frequent: it was seen `count - error` to `count` times. */
export interface HeavyHitter {
  readonly key: string
  readonly count: number
  readonly error: number
}

interface Saved {
  readonly capacity: number
  readonly total: number
  readonly counts: Map<string, { count: number; error: number }>
}

/**
 * The most frequent of many, with at most `capacity` counters: Space-Saving (Metwally, Agrawal, El Abbadi, ICDT 2005). Whatever makes up
 * more than `1/capacity` of the stream is among them, no count is too low, and none is too high by more than `total/capacity`. Mergeable
 * (Agarwal et al., PODS 2012) within the same bounds.
 */
export class SpaceSaving {
  readonly capacity: number
  #counts = new Map<string, { count: number; error: number }>()
  #total = 0

  constructor(capacity = 64) {
    this.capacity = capacity
  }

  /** How much was added. */
  get total(): number {
    return this.#total
  }

  add(key: string, by = 1): void {
    this.#total += by
    const known = this.#counts.get(key)
    if (known !== undefined) known.count += by
    else if (this.#counts.size < this.capacity) this.#counts.set(key, { count: by, error: 0 })
    else {
      const [least, { count }] = this.#least()
      this.#counts.delete(least)
      this.#counts.set(key, { count: count + by, error: count })
    }
  }

  /** At most this often; 0 where everything seen is among the counters and this is not. */
  atMost(key: string): number {
    const known = this.#counts.get(key)
    if (known !== undefined) return known.count
    return this.#counts.size < this.capacity ? 0 : this.#least()[1].count
  }

  /** Most frequent first, equal ones by key. */
  top(limit = this.capacity): readonly HeavyHitter[] {
    return [...this.#counts]
      .map(([key, { count, error }]) => ({ key, count, error }))
      .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
      .slice(0, limit)
  }

  merge(other: SpaceSaving): void {
    const mine = this.#counts.size < this.capacity ? 0 : this.#least()[1].count
    const theirs = other.#counts.size < other.capacity ? 0 : other.#least()[1].count
    const merged = new Map<string, { count: number; error: number }>()
    for (const key of new Set([...this.#counts.keys(), ...other.#counts.keys()])) {
      const a = this.#counts.get(key) ?? { count: mine, error: mine }
      const b = other.#counts.get(key) ?? { count: theirs, error: theirs }
      merged.set(key, { count: a.count + b.count, error: a.error + b.error })
    }
    this.#counts = new Map(
      [...merged].sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1)).slice(0, this.capacity),
    )
    this.#total += other.#total
  }

  /** The first of the lowest. */
  #least(): readonly [string, { readonly count: number; readonly error: number }] {
    let found: readonly [string, { readonly count: number; readonly error: number }] | undefined
    for (const entry of this.#counts)
      if (found === undefined || entry[1].count < found[1].count) found = entry
    return found ?? ['', { count: 0, error: 0 }]
  }

  static {
    kept<SpaceSaving, Saved>(SpaceSaving, {
      name: 'kit/space-saving',
      version: 1,
      save: one => ({ capacity: one.capacity, total: one.#total, counts: one.#counts }),
      make: ({ capacity, total, counts }) => {
        const one = new SpaceSaving(capacity)
        one.#total = total
        one.#counts = counts
        return one
      },
    })
  }
}
