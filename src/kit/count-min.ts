import { hash32 } from './hash.ts'
import { kept } from './snapshot.ts'

interface Saved {
  readonly width: number
  readonly depth: number
  readonly cells: Uint32Array<ArrayBuffer>
  readonly total: number
}

/**
 * How often each of very many was seen, never too low: Count-Min (Cormode, Muthukrishnan 2005). Too high by more than `e/width` of the
 * total with a chance of `e^-depth`. `4 × width × depth` bytes. Mergeable.
 */
export class CountMin {
  readonly width: number
  readonly depth: number
  #cells: Uint32Array<ArrayBuffer>
  #total = 0

  constructor(width = 2_048, depth = 4) {
    this.width = width
    this.depth = depth
    this.#cells = new Uint32Array(width * depth)
  }

  get total(): number {
    return this.#total
  }

  /** @param by a whole number; cells end at 2³²-1 */
  add(key: string, by = 1): void {
    this.#total += by
    for (let row = 0; row < this.depth; row += 1) {
      const at = this.#at(key, row)
      this.#cells[at] = Math.min(0xffffffff, (this.#cells[at] ?? 0) + by)
    }
  }

  count(key: string): number {
    let least = Number.POSITIVE_INFINITY
    for (let row = 0; row < this.depth; row += 1)
      least = Math.min(least, this.#cells[this.#at(key, row)] ?? 0)
    return least
  }

  merge(other: CountMin): void {
    if (other.width !== this.width || other.depth !== this.depth)
      throw new RangeError('tables of different size cannot be merged')
    this.#total += other.#total
    for (const [at, count] of other.#cells.entries())
      this.#cells[at] = Math.min(0xffffffff, (this.#cells[at] ?? 0) + count)
  }

  #at(key: string, row: number): number {
    return row * this.width + (hash32(key, row + 1) % this.width)
  }

  static {
    kept<CountMin, Saved>(CountMin, {
      name: 'kit/count-min',
      version: 1,
      save: one => ({ width: one.width, depth: one.depth, cells: one.#cells, total: one.#total }),
      make: ({ width, depth, cells, total }) => {
        const one = new CountMin(width, depth)
        one.#cells = cells
        one.#total = total
        return one
      },
    })
  }
}
