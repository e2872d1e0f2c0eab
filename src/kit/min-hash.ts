import { mix32 } from './hash.ts'
import { kept } from './snapshot.ts'

/**
 * How alike two sets are without holding them: MinHash (Broder 1997). The share of equal places estimates the Jaccard index with a
 * standard error of at most `1/(2√size)`. Mergeable: the signature of the union. `4 × size` bytes.
 */
export class MinHash {
  readonly size: number
  #least: Uint32Array<ArrayBuffer>

  constructor(size = 64) {
    this.size = size
    this.#least = new Uint32Array(size).fill(0xffffffff)
  }

  /** @param member a 32-bit number */
  add(member: number): void {
    for (let at = 0; at < this.size; at += 1) {
      const hash = mix32(member ^ mix32((at + 1) * 0x9e3779b1))
      if (hash < (this.#least[at] ?? 0)) this.#least[at] = hash
    }
  }

  /** Estimated size of the intersection over that of the union, 0 to 1; 0 where one is empty. */
  likeness(other: MinHash): number {
    if (other.size !== this.size) throw new RangeError('signatures of different size cannot be compared')
    let same = 0
    for (const [at, hash] of this.#least.entries())
      if (hash !== 0xffffffff && hash === other.#least[at]) same += 1
    return same / this.size
  }

  merge(other: MinHash): void {
    if (other.size !== this.size) throw new RangeError('signatures of different size cannot be merged')
    for (const [at, hash] of other.#least.entries()) this.#least[at] = Math.min(hash, this.#least[at] ?? hash)
  }

  static {
    kept<MinHash, Uint32Array<ArrayBuffer>>(MinHash, {
      name: 'kit/min-hash',
      version: 1,
      save: one => one.#least,
      make: least => {
        const one = new MinHash(least.length)
        one.#least = least
        return one
      },
    })
  }
}
