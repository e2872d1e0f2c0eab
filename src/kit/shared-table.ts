import { locked } from './shared-lock.ts'

/** Places one key can stand in. */
const ways = 8
/** Numbers of a place: two halves of the key's hash and its value, which takes two. */
const width = 4
/** Numbers before the sets, for what the owner of a table keeps beside it. Even, so that values stand where a double may. */
const headWidth = 4
/** A lock and a number that keeps values where a double may stand, then the places. */
const setWidth = 2 + ways * width

/** Memory for a table of at least `capacity` keys, all of it 0. */
export function createTableBuffer(capacity: number): SharedArrayBuffer {
  const sets = Math.max(1, Math.ceil(capacity / ways))
  return new SharedArrayBuffer(4 * (headWidth + sets * setWidth))
}

/** Where a key stands: the lock of its set, and the halves of its hash that tell it from others there. */
export interface Place {
  readonly lock: number
  readonly high: number
  readonly low: number
}

/**
 * A set-associative table of numbers in memory that threads share. It holds a bounded count of keys: each may stand in one of eight places,
 * and where all are taken the key with the lowest number makes room. A key is three 32-bit hashes of it that do not depend on one another.
 */
export class SharedTable {
  /** What the owner keeps beside the table: 4 numbers, 0 at first. */
  readonly head: Int32Array
  /** The numbers of the keys, at what `find` and `ensure` give. Read and written under the lock of the key's set. */
  readonly values: Float64Array
  readonly #numbers: Int32Array
  readonly #sets: number
  /** Keys that made room although their number was still worth something to whoever added one. */
  forgotten = 0

  /** `buffer`: see `createTableBuffer`. */
  constructor(buffer: SharedArrayBuffer) {
    this.#numbers = new Int32Array(buffer)
    this.values = new Float64Array(buffer)
    this.head = this.#numbers.subarray(0, headWidth)
    this.#sets = (this.#numbers.length - headWidth) / setWidth
  }

  /** `set` is an unsigned hash that chooses the set, `high` and `low` are signed ones. */
  place(set: number, high: number, low: number): Place {
    return { lock: headWidth + (set % this.#sets) * setWidth, high, low }
  }

  /** Does `work` while no other thread does any on the key's set; see `locked` for what it must bear. */
  locked<Result>(place: Place, work: () => Result): Result {
    return locked(this.#numbers, place.lock, work)
  }

  /** Where the key's number stands, -1 where it is not in here. Under the lock of its set. */
  find({ lock, high, low }: Place): number {
    for (let way = 0; way < ways; way += 1) {
      const at = lock + 2 + way * width
      if (this.#numbers[at] === high && this.#numbers[at + 1] === low) return (at + 2) / 2
    }
    return -1
  }

  /**
   * Where the key's number stands from now on at the latest: 0 there where it is new. A number above `worthless` that made room for it is
   * counted as forgotten. Under the lock of its set.
   */
  ensure({ lock, high, low }: Place, worthless: number): number {
    const numbers = this.#numbers
    const values = this.values
    let lowest = lock + 2
    for (let way = 0; way < ways; way += 1) {
      const at = lock + 2 + way * width
      if (numbers[at] === high && numbers[at + 1] === low) return (at + 2) / 2
      if (values[(at + 2) / 2]! < values[(lowest + 2) / 2]!) lowest = at
    }
    const value = (lowest + 2) / 2
    if (values[value]! > worthless) this.forgotten += 1
    numbers[lowest] = high
    numbers[lowest + 1] = low
    values[value] = 0
    return value
  }
}
