import { hash32, mix32 } from './hash.ts'
import { kept } from './snapshot.ts'

export interface DistinctCountOptions {
  /** Up to so many members the count is exact. */
  readonly exact: number
  /** `2^precision` registers of a byte beyond that, 4 to 16: standard error `1.04 / √(2^precision)`. */
  readonly precision: number
}

const defaults: DistinctCountOptions = { exact: 64, precision: 10 }

interface Saved {
  readonly options: DistinctCountOptions
  readonly exact: Set<number> | undefined
  readonly registers: Uint8Array | undefined
}

/**
 * How many different texts were added: exact while few, HyperLogLog (Flajolet et al. 2007) beyond, read with the improved estimator of
 * Ertl (arXiv:1702.01284, algorithm 6), which needs no corrections for small or large counts. Mergeable: the union of two.
 */
export class DistinctCount {
  readonly options: DistinctCountOptions
  /** 53-bit hashes; undefined once there are too many. */
  #exact: Set<number> | undefined = new Set()
  #registers: Uint8Array | undefined
  /** How many registers hold each rank: what the estimate is made of. */
  #ranks: Uint32Array | undefined
  #estimate: number | undefined

  constructor(options: Partial<DistinctCountOptions> = {}) {
    this.options = { ...defaults, ...options }
    const { precision } = this.options
    if (precision < 4 || precision > 16) throw new RangeError(`precision must be 4 to 16, got ${precision}`)
  }

  add(member: string): void {
    this.#note((hash32(member, 1) & 0x1fffff) * 0x100000000 + hash32(member))
  }

  /** Adds a member that is a 32-bit number already. */
  addNumber(member: number): void {
    this.#note((mix32(member ^ 0x9e3779b9) & 0x1fffff) * 0x100000000 + mix32(member))
  }

  get count(): number {
    if (this.#exact !== undefined) return this.#exact.size
    if (this.#estimate === undefined) {
      this.#ranks ??= ranksOf(this.#registers ?? new Uint8Array(16))
      this.#estimate = estimate(this.#ranks, 1 << this.options.precision)
    }
    return this.#estimate
  }

  /** The union with another of the same options. */
  merge(other: DistinctCount): void {
    if (other.options.precision !== this.options.precision)
      throw new RangeError('counts of different precision cannot be merged')
    if (other.#exact !== undefined) for (const hash of other.#exact) this.#note(hash)
    const theirs = other.#registers
    if (theirs === undefined) return
    const mine = this.#sketch()
    this.#estimate = undefined
    this.#ranks = undefined
    for (let at = 0; at < mine.length; at += 1) mine[at] = Math.max(mine[at] ?? 0, theirs[at] ?? 0)
  }

  #note(hash: number): void {
    if (this.#exact !== undefined) {
      this.#exact.add(hash)
      if (this.#exact.size > this.options.exact) this.#sketch()
      return
    }
    this.#register(hash)
  }

  #sketch(): Uint8Array {
    if (this.#registers !== undefined) return this.#registers
    this.#registers = new Uint8Array(1 << this.options.precision)
    const exact = this.#exact ?? new Set()
    this.#exact = undefined
    for (const hash of exact) this.#register(hash)
    return this.#registers
  }

  #register(hash: number): void {
    const registers = this.#registers
    if (registers === undefined) return
    const high = Math.floor(hash / 0x100000000)
    const at = high & (registers.length - 1)
    // 32 bits of the low word: enough for some billions.
    const rank = Math.clz32(hash >>> 0) + 1
    const before = registers[at] ?? 0
    if (rank <= before) return
    registers[at] = rank
    const ranks = this.#ranks
    if (ranks !== undefined) {
      ranks[before]! -= 1
      ranks[rank]! += 1
    }
    this.#estimate = undefined
  }

  static {
    kept<DistinctCount, Saved>(DistinctCount, {
      name: 'kit/distinct-count',
      version: 1,
      save: count => ({ options: count.options, exact: count.#exact, registers: count.#registers }),
      make: ({ options, exact, registers }) => {
        const count = new DistinctCount({ exact: options.exact, precision: options.precision })
        count.#exact = exact
        count.#registers = registers
        return count
      },
    })
  }
}

const bits = 32

function ranksOf(registers: Uint8Array): Uint32Array {
  const ranks = new Uint32Array(bits + 2)
  for (const rank of registers) ranks[rank]! += 1
  return ranks
}

function estimate(ranks: Uint32Array, size: number): number {
  let z = size * tau(1 - (ranks[bits + 1] ?? 0) / size)
  for (let rank = bits; rank >= 1; rank -= 1) z = 0.5 * (z + (ranks[rank] ?? 0))
  z += size * sigma((ranks[0] ?? 0) / size)
  return Math.round((size * size) / (2 * Math.LN2 * z))
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let x = share
  let y = 1
  let z = x
  for (;;) {
    x *= x
    const before = z
    z += x * y
    y += y
    if (z === before) return z
  }
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let x = share
  let y = 1
  let z = 1 - x
  for (;;) {
    x = Math.sqrt(x)
    const before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
    if (z === before) return z / 3
  }
}
