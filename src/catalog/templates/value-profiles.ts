import type { ApiCall } from '../../call/api-call.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { ValueProfile } from './value-profile.ts'
import { isFree } from './vocabulary.ts'

/** Values of one placeholder that are told apart; further ones take the place of those that are called least. */
const maxProfiles = 64
const maxValueLength = 64

/** Calls of values that are not told apart, after which one of them is. */
const sampled = 8

/** How many values are told apart in a whole catalog; beyond it no further ones are, and they are counted. */
export class ValueBudget {
  readonly capacity: number
  used = 0
  refused = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  static {
    keptWhole(ValueBudget, 'catalog/value-budget', 1)
  }
}

/**
 * The words that an open placeholder takes most, each with what it is called for and what it is answered: by that a word shows that is
 * an operation of its own. Heavy hitters by sample and hold (Estan and Varghese 2002): a word that is told apart is counted at every call;
 * where there is no place the one whose turn it is loses a credit, and gives way without one.
 */
export class ValueProfiles {
  readonly words = new Map<string, ValueProfile>()
  /** All values that are not told apart: numbers, identifiers, and words that there was no place for. */
  readonly rest = new ValueProfile()
  private readonly budget: ValueBudget
  /** The words again, in the order of their turns. */
  private readonly slots: string[] = []
  private missed = 0
  private turn = 0
  /** Words that gave way to others: what is known of the present ones may not be all. */
  lost = 0
  calls = 0
  /** Calls when the last new word came. */
  lastNew = 0
  /** Calls at which they are judged again. */
  nextJudged = 8
  judgedAt = 0

  constructor(budget: ValueBudget) {
    this.budget = budget
  }

  has(word: string): boolean {
    return this.words.has(word)
  }

  learn(word: string, record: EndpointRecord, call: ApiCall): void {
    this.calls += 1
    let profile = this.words.get(word)
    if (profile === undefined) {
      this.missed += 1
      if (this.missed % sampled === 0 && isFree(word)) profile = this.admit(word)
    }
    ;(profile ?? this.rest).learn(record, call)
  }

  /** Tells a word apart from now on; undefined where there is no place for it. */
  admit(word: string): ValueProfile | undefined {
    const known = this.words.get(word)
    if (known !== undefined) return known
    if (word.length > maxValueLength) return undefined
    this.lastNew = this.calls
    if (this.words.size >= maxProfiles && !this.makeRoom()) return undefined
    if (this.budget.used >= this.budget.capacity) {
      this.budget.refused += 1
      return undefined
    }
    this.budget.used += 1
    const profile = new ValueProfile()
    this.words.set(word, profile)
    this.slots.push(word)
    return profile
  }

  private makeRoom(): boolean {
    this.turn = (this.turn + 1) % this.slots.length
    const word = this.slots[this.turn]!
    const profile = this.words.get(word)!
    profile.credit -= 1
    if (profile.credit > 0) return false
    this.rest.absorb(profile)
    this.drop(word)
    this.lost += 1
    return true
  }

  private drop(word: string): void {
    if (!this.words.delete(word)) return
    this.budget.used -= 1
    // The last one takes its turn, so that a place is given back without looking at all.
    const last = this.slots.pop()!
    if (last !== word) this.slots[this.slots.indexOf(word)] = last
  }

  /** A word is no value of it any more. */
  part(word: string): void {
    const profile = this.words.get(word)
    if (profile === undefined) return
    this.calls -= profile.calls
    this.drop(word)
  }

  absorb(other: ValueProfiles): void {
    this.calls += other.calls
    this.lost += other.lost
    this.lastNew = this.calls
    this.rest.absorb(other.rest)
    for (const [word, profile] of other.words) (this.admit(word) ?? this.rest).absorb(profile)
    other.dispose()
  }

  dispose(): void {
    this.budget.used -= this.words.size
    this.words.clear()
    this.slots.length = 0
  }

  renew(current: (record: EndpointRecord) => EndpointRecord | undefined): void {
    for (const profile of this.words.values()) profile.renew(current)
    this.rest.renew(current)
  }

  static {
    keptWhole(ValueProfiles, 'catalog/value-profiles', 1)
  }
}
