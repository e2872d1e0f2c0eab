import { kept } from './snapshot.ts'

/** With room for so many and half of it free nothing needs to be moved yet. */
const roomyFrom = 64
/** Of larger maps not every use moves a key: moving costs more than looking up, and who is in use is used again. */
const exactUpTo = 1_024
const movedEvery = 8

/**
 * A map that never holds more than `capacity` keys: the least recently used goes first, and each loss is counted. Above 1,024 keys
 * only every eighth use counts, and where there is room for 64 and more none does while half of it is free: nothing is lost for long,
 * and who is in use is used again. Iteration is in order of those uses, oldest first.
 */
export class BoundedMap<Key, Value> {
  #entries = new Map<Key, Value>()
  readonly #onEvict: ((key: Key, value: Value) => void) | undefined
  readonly capacity: number
  #uses = 0
  /** Stands before the oldest entry: looking for it from the start would pass over all that went before. */
  #oldest: Iterator<Key> | undefined
  /** The key that is last in order, where that is known: moving it would change nothing. */
  #latest: Key | undefined
  /** Keys moved since an entry was dropped. A cursor that is not used keeps what the map was before it grew. */
  #moved = 0
  /** How many entries were dropped for room since the start. */
  evicted = 0

  static {
    kept<BoundedMap<unknown, unknown>, readonly [number, number, number, Map<unknown, unknown>]>(BoundedMap, {
      name: 'kit/bounded-map',
      version: 1,
      save: map => [map.capacity, map.evicted, map.#uses, map.#entries],
      make: ([capacity, evicted, uses, entries]) => {
        const map = new BoundedMap<unknown, unknown>(capacity)
        map.#entries = entries
        map.evicted = evicted
        map.#uses = uses
        return map
      },
    })
  }

  constructor(capacity: number, onEvict?: (key: Key, value: Value) => void) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`capacity must be a positive integer, got ${capacity}`)
    this.capacity = capacity
    this.#onEvict = onEvict
  }

  /** Takes over what another map held, within the own capacity; what was held here before is gone. */
  adopt(other: BoundedMap<Key, Value>): void {
    this.#entries = new Map()
    this.#oldest = undefined
    this.#latest = undefined
    this.evicted = other.evicted
    this.#uses = other.#uses
    for (const [key, value] of other.#entries) this.set(key, value)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Reads and marks as used. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    if (this.#isRoomy()) return value
    if (this.#entries.size > exactUpTo) {
      this.#uses = (this.#uses + 1) % movedEvery
      if (this.#uses !== 0) return value
    }
    if (key !== this.#latest) this.#move(key, value)
    return value
  }

  #move(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    this.#latest = key
    if (this.#oldest === undefined) return
    this.#moved += 1
    if (this.#moved > this.capacity) this.#oldest = undefined
  }

  #evict(): void {
    this.#oldest ??= this.#entries.keys()
    this.#moved = 0
    const { value: oldest, done } = this.#oldest.next()
    if (done === true) {
      this.#oldest = undefined
      return
    }
    const value = this.#entries.get(oldest) as Value
    this.#entries.delete(oldest)
    this.evicted += 1
    this.#onEvict?.(oldest, value)
  }

  #isRoomy(): boolean {
    return this.capacity >= roomyFrom && this.#entries.size * 2 < this.capacity
  }

  /** Reads without marking as used. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  set(key: Key, value: Value): void {
    if (this.#isRoomy()) {
      this.#latest = undefined
      this.#entries.set(key, value)
      return
    }
    if (key === this.#latest) {
      this.#entries.set(key, value)
      return
    }
    this.#move(key, value)
    if (this.#entries.size > this.capacity) this.#evict()
  }

  /** The value at `key`, made and stored when absent. */
  ensure(key: Key, make: () => Value): Value {
    const found = this.get(key)
    if (found !== undefined) return found
    const made = make()
    this.set(key, made)
    return made
  }

  delete(key: Key): boolean {
    this.#latest = undefined
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = undefined
    this.#latest = undefined
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries()
  }

  keys(): IterableIterator<Key> {
    return this.#entries.keys()
  }

  values(): IterableIterator<Value> {
    return this.#entries.values()
  }
}
