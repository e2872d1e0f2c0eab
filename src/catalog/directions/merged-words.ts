import { keptWhole } from '../../kit/snapshot.ts'
/** A term of the evidence for or against one parameter. */
export interface EvidenceShare {
  readonly term: string
  readonly nats: number
  readonly why: string
}

/** The sum of the evidence and what it had to exceed. */
export interface Verdict {
  readonly evidence: readonly EvidenceShare[]
  readonly nats: number
  readonly threshold: number
}

const maxWords = 12

/** The words that became values of a placeholder: the first twelve, and how many there were. */
export class MergedWords {
  private readonly _words = new Set<string>()
  count = 0
  /** Of the first merge; undefined where none was made by evidence. */
  verdict: Verdict | undefined

  get words(): readonly string[] {
    return [...this._words]
  }

  add(word: string): void {
    this.count += 1
    if (this._words.size < maxWords) this._words.add(word)
  }

  /** A word is told apart from now on. */
  remove(word: string): void {
    if (this.count > 0) this.count -= 1
    this._words.delete(word)
  }

  absorb(other: MergedWords): void {
    for (const word of other._words) if (this._words.size < maxWords) this._words.add(word)
    this.count += other.count
    this.verdict ??= other.verdict
  }

  static {
    keptWhole(MergedWords, 'catalog/merged-words', 1)
  }
}
