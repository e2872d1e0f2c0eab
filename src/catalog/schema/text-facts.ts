import { keptWhole } from '../../kit/snapshot.ts'
import { formatOf, isMarkedBase64, weakFormats } from './field-format.ts'
import { grown } from './field-table.ts'
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
/** Values, and the share of them that cannot be a word or an identifier, from which text is taken for base64. */
const minByte = 8
const byteShare = 0.4
/** Values before names of machines are told from other words with dots. */
const minHosts = 4

/** What the strings of one place were: format, lengths, and the words of a small set. Keeps no other text. */
export class TextFacts {
  count = 0
  shortest = 0
  longest = 0
  private _format: string | undefined
  private fits = 0
  /** Of the values that fit base64 those that are nothing else. */
  private marked = 0
  /** Undefined once they are too many or do not look like the words of a fixed set. */
  private words: string[] | undefined = noWords
  private counts: number[] = noCounts

  add(text: string): void {
    const { length } = text
    if (this.count === 0 || length < this.shortest) this.shortest = length
    if (length > this.longest) this.longest = length
    this.count += 1
    this.addFormat(text)
    const words = this.words
    if (words === undefined) return
    const place = words.indexOf(text)
    if (place >= 0) this.counts[place]! += 1
    else if (words.length >= maxWords || !word.test(text) || numbered.test(text)) this.dropWords()
    else this.addWord(text, 1)
  }

  private addWord(text: string, count: number): void {
    this.words = grown(this.words ?? noWords, text)
    this.counts = grown(this.counts, count)
  }

  private dropWords(): void {
    this.words = undefined
    this.counts = noCounts
  }

  private addFormat(text: string): void {
    if (this._format === 'none') return
    const format = formatOf(text)
    if (format === 'none') {
      if (this.count - this.fits > patience && this.fits < this.count * 0.9) this._format = 'none'
      return
    }
    // What looks like base64 or the name of a machine may as well be a value of another format.
    if (this._format === undefined || (this._format !== format && weakFormats.has(this._format))) {
      this._format = format
      this.fits = 0
    }
    if (this._format === format) {
      this.fits += 1
      if (format === 'byte' && isMarkedBase64(text)) this.marked += 1
    } else if (this.count - this.fits > patience) this._format = 'none'
  }

  absorb(other: TextFacts): void {
    if (other.count === 0) return
    this.shortest = this.count === 0 ? other.shortest : Math.min(this.shortest, other.shortest)
    this.longest = Math.max(this.longest, other.longest)
    this.count += other.count
    this.marked += other.marked
    if (this._format === undefined || this._format === other._format) {
      this._format = other._format ?? this._format
      this.fits += other.fits
    } else if (other._format !== undefined) this._format = 'none'
    this.absorbWords(other)
  }

  private absorbWords(other: TextFacts): void {
    if (this.words === undefined) return
    for (const [at, text] of (other.words ?? []).entries()) {
      const place = this.words.indexOf(text)
      if (place >= 0) this.counts[place]! += other.counts[at]!
      else if (this.words.length < maxWords) this.addWord(text, other.counts[at]!)
      else {
        this.dropWords()
        return
      }
    }
    if (other.words === undefined) this.dropWords()
  }

  /** The format that 99 % of the values have; below 100 values, all of them. */
  format(): string | undefined {
    const format = this._format
    if (format === undefined || format === 'none' || this.fits < this.count * formatShare) return undefined
    if (format === 'byte' && (this.count < minByte || this.marked < this.count * byteShare)) return undefined
    return format === 'hostname' && this.count < minHosts ? undefined : format
  }

  /**
   * The values, where they are a small closed set: seen often enough each, and none of them only once, so that by Good and
   * Turing's estimate the next value is none that is new.
   */
  enumeration(limits: SchemaLimits): readonly string[] | undefined {
    const words = this.words
    if (words === undefined || words.length < 2 || this.format() !== undefined) return undefined
    if (this.count < Math.max(limits.enumAfter, words.length * limits.enumRepeats)) return undefined
    if (this.counts.includes(1)) return undefined
    return [...words].sort()
  }

  static {
    keptWhole(TextFacts, 'catalog/text-facts', 1)
  }
}

// Shared while there is nothing in them: lists are grown by a copy.
const noWords: string[] = []
const noCounts: number[] = []
