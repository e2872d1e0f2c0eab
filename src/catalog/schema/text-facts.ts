import { formatOf } from './field-format.ts'
import type { SchemaLimits } from './schema-limits.ts'

/** Members of an enumeration, at most. */
const maxWords = 20
const word = /^[A-Za-z@][A-Za-z0-9_.:/+-]{0,39}$/
/** Names and identifiers carry numbers; the words of an enumeration hardly do. */
const numbered = /\d\d/
/** Values that may miss a format before it is given up for good. */
const patience = 8
/** Share of the values that a format must fit. */
const formatShare = 0.99

/** What the strings of one place were: format, lengths, and the words of a small set. Keeps no other text. */
export class TextFacts {
  count = 0
  shortest = Number.POSITIVE_INFINITY
  longest = 0
  #format: string | undefined
  #fits = 0
  /** Undefined once they are too many or do not look like the words of a fixed set. */
  #words: Map<string, number> | undefined = new Map()

  add(text: string): void {
    this.count += 1
    if (text.length < this.shortest) this.shortest = text.length
    if (text.length > this.longest) this.longest = text.length
    this.#addFormat(text)
    const words = this.#words
    if (words === undefined) return
    const count = words.get(text)
    if (count !== undefined) words.set(text, count + 1)
    else if (words.size >= maxWords || !word.test(text) || numbered.test(text)) this.#words = undefined
    else words.set(text, 1)
  }

  #addFormat(text: string): void {
    if (this.#format === 'none') return
    const format = formatOf(text)
    if (format === 'none') {
      if (this.count - this.#fits > patience && this.#fits < this.count * 0.9) this.#format = 'none'
      return
    }
    if (this.#format === undefined) this.#format = format
    if (this.#format === format) this.#fits += 1
    else if (this.count - this.#fits > patience) this.#format = 'none'
  }

  absorb(other: TextFacts): void {
    this.count += other.count
    this.shortest = Math.min(this.shortest, other.shortest)
    this.longest = Math.max(this.longest, other.longest)
    if (this.#format === undefined || this.#format === other.#format) {
      this.#format = other.#format ?? this.#format
      this.#fits += other.#fits
    } else if (other.#format !== undefined) this.#format = 'none'
    this.#absorbWords(other)
  }

  #absorbWords(other: TextFacts): void {
    if (this.#words === undefined || other.#words === undefined) {
      this.#words = undefined
      return
    }
    for (const [text, count] of other.#words) {
      const mine = this.#words.get(text)
      if (mine === undefined && this.#words.size >= maxWords) {
        this.#words = undefined
        return
      }
      this.#words.set(text, (mine ?? 0) + count)
    }
  }

  /** The format that 99 % of the values have; below 100 values, all of them. */
  format(): string | undefined {
    if (this.#format === undefined || this.#format === 'none') return undefined
    return this.#fits >= this.count * formatShare ? this.#format : undefined
  }

  /**
   * The values, where they are a small closed set: seen often enough each, and none of them only once, so that by Good and
   * Turing's estimate the next value is none that is new.
   */
  enumeration(limits: SchemaLimits): readonly string[] | undefined {
    const words = this.#words
    if (words === undefined || words.size < 2 || this.format() !== undefined) return undefined
    if (this.count < Math.max(limits.enumAfter, words.size * limits.enumRepeats)) return undefined
    for (const count of words.values()) if (count === 1) return undefined
    return [...words.keys()].sort()
  }
}
