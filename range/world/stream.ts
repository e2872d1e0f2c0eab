import { fnv1a } from '../../src/kit/hash.ts'
import { Random } from '../shop/random.ts'

/**
 * A stream of chance with a name. Streams of different names are independent: what one of them draws never moves another, so that an
 * attack can be added to a world without changing what everybody else does.
 */
export class Stream extends Random {
  readonly name: string

  constructor(name: string) {
    // Two rounds with different seeds, folded: names that differ in one digit must not start alike.
    super(fnv1a(name) ^ Math.imul(fnv1a(name, 0x9747b28c), 0x9e3779b1))
    this.name = name
    this.next()
  }

  /** Another stream, by this one's name and another word. Draws nothing. */
  fork(...words: readonly (string | number)[]): Stream {
    return new Stream(`${this.name}/${words.join('/')}`)
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from)
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return radius * Math.cos(2 * Math.PI * this.next())
  }

  /** Log-normal by its median; `spread` is sigma of the logarithm. */
  about(median: number, spread = 0.5): number {
    return median * Math.exp(spread * this.normal())
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** How many times something of this mean happens (Knuth's method; the normal approximation above 30). */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.next(); product > limit; product *= this.next()) count += 1
    return count
  }

  weighted<Item>(items: readonly (readonly [Item, number])[]): Item {
    let left = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of items) {
      left -= weight
      if (left < 0) return item
    }
    return items[items.length - 1]![0]
  }

  /** Rank 0 most often (Zipf). */
  popular<Item>(items: readonly Item[], exponent = 0.9): Item {
    const index = Math.floor(items.length ** (this.next() ** (1 + exponent)) - 1e-9)
    return items[Math.min(items.length - 1, Math.max(0, index - 1))] ?? this.pick(items)
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const copy = [...items]
    for (let index = copy.length - 1; index > 0; index -= 1) {
      const other = this.int(0, index)
      const held = copy[index]!
      copy[index] = copy[other]!
      copy[other] = held
    }
    return copy
  }

  /** Up to `count` different items, in random order. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    return this.shuffled(items).slice(0, count)
  }

  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.int(0, 15).toString(16)
    return text
  }

  token(length: number, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'): string {
    let text = ''
    while (text.length < length) text += alphabet[this.int(0, alphabet.length - 1)]
    return text
  }
}
