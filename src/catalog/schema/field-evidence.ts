import { fnv1a } from '../../kit/hash.ts'
import { type DataClassDefinition, profileOf, type ValueProfile } from '../data-class.ts'
import { dataClasses } from '../data-classes/index.ts'
import { classOfMask, nameHints } from './name-hints.ts'

/** ln 99: the odds at which a field is given, or refused, a class. */
const threshold = Math.log(99)
/** Distinct values a class needs besides the odds. */
const minDistinct = 3
/** No field's odds run further than this, so that a field whose content changes can change its class. */
const ceiling = 30
/** Values looked at one by one; later ones are sampled. */
const denseValues = 64
const sampleEvery = 8
/** Longer strings are prose or data: no class here is one. */
const maxLength = 4096

interface Odds {
  readonly definition: DataClassDefinition
  /** ln of P(values | class) / P(values | other), the name's hint included. */
  odds: number
  passes: number
  /** Hashes of distinct values that passed, at most `minDistinct`. */
  readonly distinct: number[]
}

/**
 * Adds up, value by value, what a field's content says about each data class. Keeps odds, counts and three 32-bit
 * hashes per class; no value.
 */
export class FieldEvidence {
  readonly #hints: ReadonlyMap<string, number>
  readonly #name: string
  #values = 0
  #seen = 0
  #odds: Odds[] | undefined
  #masked: string | undefined
  #maskedCount = 0

  constructor(name: string) {
    this.#name = name
    this.#hints = nameHints(name)
  }

  get values(): number {
    return this.#seen
  }

  addNumber(value: number): void {
    // Only whole numbers can be identifiers that someone wrote as a number.
    if (Number.isSafeInteger(value) && value >= 1_000_000) this.add(String(value))
    else this.#miss()
  }

  add(text: string): void {
    this.#seen += 1
    if (this.#seen > denseValues && this.#seen % sampleEvery !== 0) return
    if (text.length === 0) return
    if (text.charCodeAt(0) === 91 && text.startsWith('[redacted:')) {
      const masked = classOfMask(text)
      if (masked !== undefined) {
        this.#masked = masked
        this.#maskedCount += 1
        return
      }
    }
    this.#values += 1
    if (text.length > maxLength) {
      this.#fail(undefined)
      return
    }
    const profile = profileOf(text)
    if (this.#odds === undefined && !this.#worthTesting(profile)) return
    this.#fail(profile)
    for (const definition of dataClasses) {
      if (definition.needsName && !this.#hints.has(definition.id)) continue
      if (this.#odds?.some(odds => odds.definition === definition) === true) continue
      if (definition.test(profile)) this.#open(definition, profile.text)
    }
  }

  /** Cheap: most values (short words, small numbers, flags) cannot belong to any class. */
  #worthTesting(profile: ValueProfile): boolean {
    return (
      profile.digits >= 4 || profile.text.length >= 16 || this.#hints.size > 0 || profile.text.includes('@')
    )
  }

  /** Updates the classes already under consideration. */
  #fail(profile: ValueProfile | undefined): void {
    if (this.#odds === undefined) return
    for (const odds of this.#odds) {
      const { definition } = odds
      if (profile !== undefined && definition.test(profile)) pass(odds, profile.text)
      else odds.odds = Math.max(-ceiling, odds.odds + missNats(definition))
    }
  }

  #miss(): void {
    this.#seen += 1
    if (this.#seen > denseValues && this.#seen % sampleEvery !== 0) return
    this.#values += 1
    this.#fail(undefined)
  }

  /** First pass of a class: everything before it was a miss. */
  #open(definition: DataClassDefinition, text: string): void {
    const hint = this.#hints.get(definition.id) ?? this.#hints.get('*') ?? 0
    const odds: Odds = {
      definition,
      odds: Math.max(-ceiling, hint + (this.#values - 1) * missNats(definition)),
      passes: 0,
      distinct: [],
    }
    pass(odds, text)
    if (this.#odds === undefined) this.#odds = []
    this.#odds.push(odds)
  }

  absorb(other: FieldEvidence): void {
    this.#seen += other.#seen
    this.#maskedCount += other.#maskedCount
    this.#masked ??= other.#masked
    const before = this.#values
    this.#values += other.#values
    const mine = this.#odds ?? []
    const met = new Set<string>()
    for (const theirs of other.#odds ?? []) {
      const { definition } = theirs
      met.add(definition.id)
      const own = mine.find(odds => odds.definition === definition)
      const hint = other.#hints.get(definition.id) ?? other.#hints.get('*') ?? 0
      if (own === undefined) {
        mine.push({
          ...theirs,
          distinct: [...theirs.distinct],
          odds: clamp(theirs.odds + before * missNats(definition)),
        })
        continue
      }
      own.odds = clamp(own.odds + theirs.odds - hint)
      own.passes += theirs.passes
      for (const hash of theirs.distinct) addDistinct(own.distinct, hash)
    }
    for (const own of mine)
      if (!met.has(own.definition.id)) own.odds = clamp(own.odds + other.#values * missNats(own.definition))
    if (mine.length > 0) this.#odds = mine
  }

  /** The class of this field, the likeliest where several fit; undefined where none is likely enough. */
  label(): string | undefined {
    if (this.#masked !== undefined && this.#maskedCount * 2 > this.#values) return this.#masked
    let best: Odds | undefined
    for (const odds of this.#odds ?? []) {
      const settled = odds.definition.immediate
        ? odds.passes > 0
        : odds.odds >= threshold && odds.distinct.length >= minDistinct
      if (!settled) continue
      if (best === undefined || rank(odds) > rank(best)) best = odds
    }
    return best?.definition.id
  }

  get name(): string {
    return this.#name
  }
}

/** Immediate classes first, then the odds, then the order of the registry. */
const rank = (odds: Odds): number => (odds.definition.immediate ? 1000 : 0) + odds.odds

const clamp = (value: number): number => Math.max(-ceiling, Math.min(ceiling, value))

function pass(odds: Odds, text: string): void {
  odds.passes += 1
  odds.odds = Math.min(ceiling, odds.odds + Math.log(odds.definition.recall / odds.definition.chance))
  if (odds.distinct.length < minDistinct) addDistinct(odds.distinct, fnv1a(text))
}

function addDistinct(distinct: number[], hash: number): void {
  if (distinct.length < minDistinct && !distinct.includes(hash)) distinct.push(hash)
}

const missNats = (definition: DataClassDefinition): number =>
  Math.log((1 - definition.recall) / (1 - definition.chance))
