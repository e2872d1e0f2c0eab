/** What waits for its second half, by handle: bounded in number and in time. What is given up is handed to `onGone`. */
export class OpenTable<Value> {
  readonly #values = new Map<string, { readonly value: Value; readonly until: number }>()
  readonly #max: number
  readonly #forMs: number
  readonly #onGone: (value: Value, why: 'expired' | 'evicted') => void

  constructor(max: number, forMs: number, onGone: (value: Value, why: 'expired' | 'evicted') => void) {
    this.#max = max
    this.#forMs = forMs
    this.#onGone = onGone
  }

  get size(): number {
    return this.#values.size
  }

  put(handle: string, value: Value, now: number): void {
    this.sweep(now)
    for (const [oldest, { value: gone }] of this.#values) {
      if (this.#values.size < this.#max) break
      this.#values.delete(oldest)
      this.#onGone(gone, 'evicted')
    }
    this.#values.set(handle, { value, until: now + this.#forMs })
  }

  /** Once: it is gone from the table after that. */
  take(handle: string, now: number): Value | undefined {
    this.sweep(now)
    const held = this.#values.get(handle)
    if (held !== undefined) this.#values.delete(handle)
    return held?.value
  }

  /** Gives up what has waited too long. */
  sweep(now: number): void {
    for (const [handle, { value, until }] of this.#values) {
      if (until > now) return
      this.#values.delete(handle)
      this.#onGone(value, 'expired')
    }
  }

  /** Gives up everything. */
  clear(): void {
    this.sweep(Number.POSITIVE_INFINITY)
  }
}
