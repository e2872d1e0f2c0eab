import { inBloom, intoBloom } from './bloom.ts'
import { kept } from './snapshot.ts'

export interface SeenSetOptions {
  /** A member is remembered for one to two periods, in milliseconds. */
  readonly periodMs: number
  /** So many are held exactly. */
  readonly exact: number
  /** Words of 32 bits of the Bloom filter that follows, a power of two. */
  readonly bloomWords: number
}

const defaults: SeenSetOptions = { periodMs: 7 * 86_400_000, exact: 64, bloomWords: 256 }

interface Generation {
  words: Uint32Array<ArrayBuffer>
  count: number
  bloom: boolean
}

interface Saved {
  readonly options: SeenSetOptions
  readonly period: number
  readonly generations: readonly Generation[]
}

const fresh = (): Generation => ({ words: new Uint32Array(0), count: 0, bloom: false })

/**
 * What was seen lately: two generations that take turns (Chang, Feng, Li 2004), each exact while small and a Bloom filter beyond. A
 * filter may take a stranger for one it saw, never the other way round: what follows from it can hide, not accuse. 1 KiB each at most.
 */
export class SeenSet {
  readonly options: SeenSetOptions
  #period = Number.NEGATIVE_INFINITY
  #now = fresh()
  #before = fresh()

  constructor(options: Partial<SeenSetOptions> = {}) {
    this.options = { ...defaults, ...options }
  }

  has(member: number, time: number): boolean {
    this.#turn(time)
    return this.#holds(this.#now, member) || this.#holds(this.#before, member)
  }

  /** @returns true when it was not among those remembered */
  add(member: number, time: number): boolean {
    const known = this.has(member, time)
    if (!this.#holds(this.#now, member)) this.#put(this.#now, member)
    return !known
  }

  /** Of both generations, with what is in both counted twice. */
  get size(): number {
    return this.#now.count + this.#before.count
  }

  /** As if everything another saw had been seen here; both are to be at the same time. */
  merge(other: SeenSet): void {
    if (other.options.bloomWords !== this.options.bloomWords)
      throw new RangeError('sets of different size cannot be merged')
    if (other.#period > this.#period) this.#turnTo(other.#period)
    const behind = this.#period - other.#period
    if (behind === 0) this.#union(this.#now, other.#now)
    if (behind <= 1) this.#union(this.#before, behind === 0 ? other.#before : other.#now)
  }

  #union(mine: Generation, theirs: Generation): void {
    if (!theirs.bloom) {
      for (const member of theirs.words.subarray(0, theirs.count))
        if (!this.#holds(mine, member)) this.#put(mine, member)
      return
    }
    this.#toBloom(mine)
    for (const [at, word] of theirs.words.entries()) mine.words[at] = (mine.words[at] ?? 0) | word
    mine.count = Math.max(mine.count, theirs.count)
  }

  #turn(time: number): void {
    const period = Math.floor(time / this.options.periodMs)
    if (period > this.#period) this.#turnTo(period)
  }

  #turnTo(period: number): void {
    this.#before = period === this.#period + 1 ? this.#now : fresh()
    this.#now = fresh()
    this.#period = period
  }

  #holds({ words, count, bloom }: Generation, member: number): boolean {
    if (bloom) return inBloom(words, 0, this.options.bloomWords, member)
    for (let at = 0; at < count; at += 1) if (words[at] === member >>> 0) return true
    return false
  }

  #put(generation: Generation, member: number): void {
    if (!generation.bloom && generation.count >= this.options.exact) this.#toBloom(generation)
    if (generation.bloom) intoBloom(generation.words, 0, this.options.bloomWords, member)
    else {
      if (generation.count >= generation.words.length) {
        const words = new Uint32Array(Math.min(this.options.exact, Math.max(4, 2 * generation.count)))
        words.set(generation.words)
        generation.words = words
      }
      generation.words[generation.count] = member
    }
    generation.count += 1
  }

  #toBloom(generation: Generation): void {
    if (generation.bloom) return
    const members = generation.words.subarray(0, generation.count)
    generation.words = new Uint32Array(this.options.bloomWords)
    generation.bloom = true
    for (const member of members) intoBloom(generation.words, 0, this.options.bloomWords, member)
  }

  static {
    kept<SeenSet, Saved>(SeenSet, {
      name: 'kit/seen-set',
      version: 1,
      save: set => ({ options: set.options, period: set.#period, generations: [set.#now, set.#before] }),
      make: ({ options }) => new SeenSet(options),
      settle: (set, { period, generations }) => {
        set.#period = period
        set.#now = generations[0] ?? fresh()
        set.#before = generations[1] ?? fresh()
      },
    })
  }
}
