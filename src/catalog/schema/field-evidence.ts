import { fnv1a } from '../../kit/hash.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import { profileOf, shapeOf, type ValueProfile, type ValueShape } from '../data-class.ts'
import type { ClassRegistry, NamePlan } from '../data-classes/registry/class-registry.ts'
import type { Neighbours } from '../data-classes/registry/neighbours.ts'
import type { Reading } from '../data-classes/registry/reading.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import { classOfMask } from './name-hints.ts'

/** ln 99: the odds at which a field is given, or refused, a class. */
const threshold = Math.log(99)
/** No field's odds run further than this, so that a field whose content changes can change its class. */
const ceiling = 30
/** Nats of a sibling whose name speaks for the class. */
const neighbourNats = 1.5
/** Nats against what the name denies. */
const againstNats = -2
/** Values looked at one by one; later ones are sampled, for as long as the field lives. */
const denseValues = 64
const sampleEvery = 8
/** Values shorter than this are none of a class, unless the field's name says so. */
const minTelling = 6
/** Longer strings are prose or data: no class here is one. */
const maxLength = 4096
/** Counts of passes and misses are halved here, so that what was long ago fades. */
const maxCount = 512
/** Steps before a field may be called a sequence: random numbers climb six times in a row once in 5,000. */
const minSteps = 6
/** Shorter values are not shown in part, and of longer ones never more than four characters. */
const minSample = 8

interface Odds {
  readonly reading: Reading
  /** ln of P(values | class) / P(values | other), without name and neighbours. */
  odds: number
  passes: number
  misses: number
  /** Of the misses those that were digits of a fitting length, and failed the check. */
  near: number
  /** Values that passed and are published examples. */
  tests: number
  /** Hashes of distinct values that passed, as many as the class needs. */
  distinct: readonly number[]
  /** Bit by first digit of what passed. */
  leads: number
  sample: string | undefined
}

/**
 * Adds up, value by value, what a field's content says about each data class, and weighs it with what its name and its
 * neighbours' names say. Keeps odds, counts, a few 32-bit hashes per class and one sample of at most four characters;
 * no value.
 */
export class FieldEvidence {
  readonly name: string
  /** Names of the fields beside this one; undefined for a field that stands alone. */
  neighbours: Neighbours | undefined
  private readonly registry: ClassRegistry
  private plan: NamePlan
  private _values = 0
  private seen = 0
  private _odds: readonly Odds[] | undefined
  private held: Odds | undefined
  private _former: string | undefined
  private masked: string | undefined
  private maskedCount = 0
  private last = 0
  private climbs = 0
  private falls = 0

  /** @param before Values that came before and said nothing of any class. */
  constructor(name: string, neighbours?: Neighbours, registry: ClassRegistry = standardClasses, before = 0) {
    this.name = name
    this.neighbours = neighbours
    this.registry = registry
    this.plan = registry.planFor(name)
    this.seen = before
    this._values =
      before <= denseValues ? before : denseValues + Math.floor((before - denseValues) / sampleEvery)
  }

  /**
   * Is there anything to hold of a value, as the one after `before` that said nothing? Most values of most fields are of no class whatever
   * they are called: until one is, a field needs no evidence but their number.
   */
  static wants(text: string, name: string, before: number, registry: ClassRegistry): boolean {
    if (!isLookedAt(before + 1)) return false
    const { length } = text
    if (length === 0) return true
    if (text.charCodeAt(0) === 91 && classOfMask(text) !== undefined) return true
    if (length > maxLength) return false
    const { named, excluded } = registry.planFor(name)
    if (length < minTelling && named.length === 0) return false
    const profile = profileOf(text)
    const shape = shapeOf(profile)
    for (const reading of named) if (reading.fits(shape, length) && reading.test(profile)) return true
    for (const reading of registry.blind(shape, length))
      if (excluded?.has(reading.definition) !== true && reading.fits(shape, length) && reading.test(profile))
        return true
    return false
  }

  static wantsNumber(value: number, name: string, before: number, registry: ClassRegistry): boolean {
    if (!isLookedAt(before + 1)) return false
    if (!isTelling(value) && registry.planFor(name).named.length === 0) return false
    return FieldEvidence.wants(String(value), name, before, registry)
  }

  /** Values seen, those not looked at among them. */
  get values(): number {
    return this.seen
  }

  addNumber(value: number): void {
    // Under a telling name any number may be a value; else only whole ones that someone wrote as a number.
    if (this.plan.named.length > 0 || isTelling(value)) this.add(String(value))
    else this.miss()
  }

  add(text: string): void {
    this.seen += 1
    if (!isLookedAt(this.seen)) return
    if (text.length === 0) return
    if (text.charCodeAt(0) === 91 && text.startsWith('[redacted:')) {
      const masked = classOfMask(text)
      if (masked !== undefined) {
        this.masked = masked
        this.maskedCount += 1
        return
      }
    }
    this._values += 1
    if (text.length > maxLength) {
      this.missAll()
      return
    }
    // Most values are short words and small numbers, and none of a class.
    if (text.length < minTelling && this._odds === undefined && this.plan.named.length === 0) return
    this.look(profileOf(text))
  }

  private miss(): void {
    this.seen += 1
    if (!isLookedAt(this.seen)) return
    this._values += 1
    this.missAll()
  }

  private missAll(): void {
    if (this._odds === undefined) return
    for (const odds of this._odds) miss(odds)
    this.settle()
  }

  private look(profile: ValueProfile): void {
    const shape = shapeOf(profile)
    const open = this._odds
    if (open !== undefined) {
      if (shape === 'digits') this.step(profile)
      for (const odds of open)
        if (!odds.reading.fits(shape, profile.text.length)) miss(odds)
        else if (odds.reading.test(profile)) pass(odds, profile)
        else miss(odds, shape === 'digits')
    }
    for (const reading of this.plan.named) this.try(reading, profile, shape, open)
    const { excluded } = this.plan
    for (const reading of this.registry.blind(shape, profile.text.length))
      if (excluded?.has(reading.definition) !== true) this.try(reading, profile, shape, open)
    if (this._odds !== undefined) this.settle()
  }

  /** First pass of a class: everything before it was a miss. */
  private try(
    reading: Reading,
    profile: ValueProfile,
    shape: ValueShape,
    open: readonly Odds[] | undefined,
  ): void {
    if (open?.some(odds => odds.reading.definition === reading.definition) === true) return
    if (!reading.fits(shape, profile.text.length) || !reading.test(profile)) return
    const before = this._values - 1
    const odds: Odds = {
      reading,
      odds: clamp(before * reading.miss),
      passes: 0,
      misses: before,
      near: 0,
      tests: 0,
      distinct: noHashes,
      leads: 0,
      sample: undefined,
    }
    pass(odds, profile)
    this._odds = (this._odds ?? noOdds).concat([odds])
  }

  /** Numbers handed out one after the other climb (or fall, read backwards); numbers of people do neither. */
  private step({ bare }: ValueProfile): void {
    const value = Number(bare.slice(0, 15))
    if (this.last > 0 && value > this.last) this.climbs += 1
    else if (value < this.last) this.falls += 1
    this.last = value
  }

  private get isSequence(): boolean {
    const steps = this.climbs + this.falls
    const same = Math.max(this.climbs, this.falls)
    // Few steps all of one direction only put the answer off: the next values decide.
    return steps >= minSteps ? same >= steps * 0.9 : steps >= 3 && same === steps
  }

  /** Keeps the class that was given until the values speak against it as clearly as they once spoke for it. */
  private settle(): void {
    const best = this.best()
    if (best !== undefined) this.held = best
    else if (this.held !== undefined && this.weight(this.held) < -threshold) {
      this._former = this.held.reading.definition.id
      this.held = undefined
    }
  }

  private best(): Odds | undefined {
    let best: Odds | undefined
    let weight = 0
    for (const odds of this._odds ?? []) {
      const { definition } = odds.reading
      const own = this.weight(odds)
      const settled = definition.immediate
        ? odds.passes > 0
        : own >= threshold && odds.distinct.length >= definition.distinct
      const ranked = definition.immediate ? own + 1000 : own
      if (settled && (best === undefined || ranked > weight)) {
        best = odds
        weight = ranked
      }
    }
    return best
  }

  /** The odds with all that speaks for and against: values, name, neighbours, and how the numbers follow each other. */
  private weight(odds: Odds): number {
    const { reading } = odds
    const { definition, mixture } = reading
    const near = this.neighbours?.supports(definition, this.plan) === true
    if (reading.says === 'weak' && (!near || this.neighbours?.estranges(definition) === true)) return -ceiling
    if (reading.says !== 'named' && !definition.immediate) {
      if (reading.prior < 0 && !near && this.isSequence) return -ceiling
      // Numbers of one's own all begin alike; cards under such a name are of several networks.
      if (this.plan.against && definition.group === 'pci' && !several(odds.leads)) return -ceiling
    }
    const values = mixture === undefined ? odds.odds : Math.max(odds.odds, clamp(mixed(odds, mixture)))
    return (
      values +
      reading.prior +
      (near ? neighbourNats : 0) +
      (reading.says === 'blind' && this.plan.against ? againstNats : 0)
    )
  }

  absorb(other: FieldEvidence): void {
    this.seen += other.seen
    this.maskedCount += other.maskedCount
    this.masked ??= other.masked
    this.climbs += other.climbs
    this.falls += other.falls
    const before = this._values
    this._values += other._values
    const mine = [...(this._odds ?? [])]
    const met = new Set<string>()
    for (const theirs of other._odds ?? []) {
      const { definition } = theirs.reading
      met.add(definition.id)
      const own = mine.find(odds => odds.reading.definition === definition)
      if (own === undefined) {
        mine.push({
          ...theirs,
          odds: clamp(theirs.odds + before * theirs.reading.miss),
          misses: theirs.misses + before,
        })
        continue
      }
      own.odds = clamp(own.odds + theirs.odds)
      own.passes += theirs.passes
      own.misses += theirs.misses
      own.near += theirs.near
      own.tests += theirs.tests
      own.leads |= theirs.leads
      own.sample ??= theirs.sample
      for (const hash of theirs.distinct) addDistinct(own, hash)
    }
    for (const own of mine)
      if (!met.has(own.reading.definition.id)) {
        own.odds = clamp(own.odds + other._values * own.reading.miss)
        own.misses += other._values
      }
    if (mine.length === 0) return
    this._odds = mine
    this.settle()
  }

  private get mostlyMasked(): boolean {
    return this.masked !== undefined && this.maskedCount * 2 > this._values
  }

  private get labelled(): Odds | undefined {
    return this.best() ?? this.held
  }

  /** The class of this field, the likeliest where several fit; undefined where none is likely enough. */
  label(): string | undefined {
    return this.mostlyMasked ? this.masked : this.labelled?.reading.definition.id
  }

  /** The class the field had before its values changed, where it has none now. */
  get former(): string | undefined {
    return this.label() === undefined ? this._former : undefined
  }

  /** The class of which the field holds nothing but published examples. */
  get testData(): string | undefined {
    if (this.label() !== undefined) return undefined
    return this._odds?.find(({ tests, passes, misses }) => tests > 0 && passes === 0 && misses <= tests)
      ?.reading.definition.id
  }

  /**
   * Of one value of the label's class the first two and the last two characters, `41…86`. Nothing of values shorter
   * than eight characters, and nothing of secrets.
   */
  get sample(): string | undefined {
    if (this.mostlyMasked) return undefined
    const labelled = this.labelled
    return labelled?.reading.definition.group === 'secret' ? undefined : labelled?.sample
  }

  static {
    keptWhole(FieldEvidence, 'catalog/field-evidence', 1, {
      without: ['plan'],
      settle: evidence => {
        evidence.plan = evidence.registry.planFor(evidence.name)
      },
    })
  }
}

// Shared while there is nothing in them. Lists are grown by a copy: one that is pushed to keeps room for 17 more.
const noOdds: readonly Odds[] = []
const noHashes: readonly number[] = []

const isLookedAt = (count: number): boolean => count <= denseValues || count % sampleEvery === 0

/** Only whole numbers that someone wrote as a number may be of a class, where the name says nothing. */
const isTelling = (value: number): boolean => Number.isSafeInteger(value) && value >= 1_000_000

const clamp = (value: number): number => Math.max(-ceiling, Math.min(ceiling, value))

const several = (bits: number): boolean => (bits & (bits - 1)) !== 0

function pass(odds: Odds, profile: ValueProfile): void {
  const { definition } = odds.reading
  if (definition.testValue?.(profile) === true) {
    odds.tests += 1
    return
  }
  const { text } = profile
  odds.passes += 1
  odds.odds = clamp(odds.odds + odds.reading.pass)
  const code = text.charCodeAt(0)
  if (code >= 48 && code <= 57) odds.leads |= 1 << (code - 48)
  if (odds.sample === undefined && text.length >= minSample)
    odds.sample = `${text.slice(0, 2)}…${text.slice(-2)}`
  if (odds.distinct.length < definition.distinct) addDistinct(odds, fnv1a(text))
  fade(odds)
}

const mixed = (
  { passes, misses, near }: Odds,
  mixture: { readonly pass: number; readonly miss: number; readonly near: number },
): number => passes * mixture.pass + (misses - near) * mixture.miss + near * mixture.near

function miss(odds: Odds, near = false): void {
  odds.misses += 1
  if (near) odds.near += 1
  odds.odds = clamp(odds.odds + odds.reading.miss)
  fade(odds)
}

function fade(odds: Odds): void {
  if (odds.passes + odds.misses < maxCount) return
  odds.passes = Math.ceil(odds.passes / 2)
  odds.misses = Math.ceil(odds.misses / 2)
  odds.near = Math.floor(odds.near / 2)
}

function addDistinct(odds: Odds, hash: number): void {
  const { distinct, reading } = odds
  if (distinct.length < reading.definition.distinct && !distinct.includes(hash))
    odds.distinct = distinct.concat([hash])
}
