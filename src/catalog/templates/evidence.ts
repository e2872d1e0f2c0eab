import { keptWhole } from '../../kit/snapshot.ts'
import { type Context, ContextUnion } from './context.ts'
import type { PathNode } from './path-node.ts'
import { kindOf, type SegmentKind } from './segment-kind.ts'

/**
 * What may speak for "these words are values of one parameter" or against it. Each term is a number of nats; the sum
 * decides. A term can be left out (`CatalogOptions.without`) to see what it is worth.
 */
export const evidenceTerms = [
  'count',
  'word',
  'position',
  'answers',
  'contexts',
  'exclusive',
  'repetition',
  'rate',
  'unseen',
  'collection',
  'style',
  'elsewhere',
] as const
export type EvidenceTerm = (typeof evidenceTerms)[number]

/** What is known of the host as a whole when a group is judged. */
export interface HostFacts {
  /** Calls of a typical operation so far. */
  readonly callsPerOperation: number
  /** True where the text was taken as a value of some placeholder. */
  valueElsewhere(text: string, node: PathNode): boolean
  /** True where it was taken as a value beside `node` itself. */
  valueHere(text: string, node: PathNode): boolean
}

/** A word and what hangs on it. */
export interface Candidate {
  readonly node: PathNode
  readonly contexts: readonly Context[]
}

/**
 * The operating point: what each kind of evidence counts, in nats or as a factor on nats. Chosen by hand on
 * labelled traffic of one half of the documents and checked on the other; `contexts`, `rate` and `collection` were then
 * moved to where both halves gained.
 */
export const weights = {
  /** Needed before anything speaks for a parameter. */
  prior: -2.7,
  /** Each doubling of the words. */
  count: 0.9,
  word: 1,
  position: 1,
  answers: 1,
  contexts: 0.6,
  exclusive: 1,
  /** Each tenfold of the calls an operation of one word has. */
  repetition: -2,
  /** Each halving of the calls of a typical operation of the host. */
  rate: 1.5,
  rateOffset: -1.2,
  unseen: 1,
  collection: 1.4,
  style: 1,
  elsewhere: 1.5,
  memberBase: 2.5,
  memberAlone: -2,
  memberRate: -1.5,
  memberStyle: 1,
  /** A word beside a placeholder that took only typed values so far. */
  joinTyped: -1.5,
  /** The same where those are made by machines: nobody names an object `suggested` beside hashes. */
  joinMade: -2,
  joinOpen: 0,
  /** A word with no operation that the placeholder has. */
  joinAlone: -2.5,
  joinContexts: 0.5,
  /** What the place speaks against values, where a placeholder is there already. */
  joinPosition: 0.5,
  joinRepetition: -1.5,
  joinRate: 1,
  /** A word that was taken as a value of that very placeholder by another of its operations. */
  joinHere: 3,
}

const machineMade: ReadonlySet<SegmentKind> = new Set(['uuid', 'ulid', 'object-id', 'hex'])

/** Members of a group that a further one is compared with. */
const maxCompared = 48

export class Evidence {
  private readonly without: ReadonlySet<EvidenceTerm>

  constructor(without: readonly EvidenceTerm[] = []) {
    this.without = new Set(without)
  }

  has(term: EvidenceTerm): boolean {
    return !this.without.has(term)
  }

  private sum(terms: Readonly<Partial<Record<EvidenceTerm, number>>>): number {
    let sum = 0
    for (const term of evidenceTerms) if (this.has(term)) sum += terms[term] ?? 0
    return sum
  }

  /** Nats for "one parameter" of a group of siblings that can be one. */
  ofGroup(group: readonly Candidate[], node: PathNode, facts: HostFacts): number {
    const count = group.length
    const rates = ratesOf(group)
    return (
      weights.prior +
      this.sum({
        count: weights.count * Math.log2(count),
        word: weights.word * mean(group, one => one.node.leaning),
        position: weights.position * positionLeaning(node),
        answers: weights.answers * answersOf(group),
        contexts: weights.contexts * sharedWords(group),
        exclusive: weights.exclusive * exclusiveLeaning(group),
        repetition: weights.repetition * Math.log10(rates.calls / rates.records),
        rate: rateLeaning(rates.calls / rates.records, facts.callsPerOperation),
        unseen: weights.unseen * unseenLeaning(rates.singles / rates.calls),
        collection: weights.collection * mean(group, one => collectionLeaning(one)),
        style: weights.style * styleLeaning(group),
        elsewhere: mean(group, one => elsewhereLeaning(one.node, facts)),
      })
    )
  }

  /** Nats for one member against the rest of an accepted group: below zero it stays a word of its own. */
  ofMember(one: Candidate, group: readonly Candidate[], facts: HostFacts): number {
    const others = group.filter(other => other !== one).slice(0, maxCompared)
    const union = new ContextUnion()
    for (const { contexts } of others) union.add(contexts)
    const own = rateOf(one)
    const { shared, alike } = union.compare(one.contexts)
    return (
      weights.memberBase +
      (shared === 0 ? weights.memberAlone : 0) +
      this.sum({
        word: one.node.leaning,
        answers: alike,
        collection: collectionLeaning(one),
        rate:
          // The typical word, not the mean: operations of their own among the others would raise that.
          weights.memberRate * Math.log2(Math.max(1, own / median(others.map(rateOf)) / 2)),
        style: weights.memberStyle * memberStyle(one, others),
        elsewhere: elsewhereLeaning(one.node, facts),
      })
    )
  }

  /** Nats for "another value of the placeholder beside it" of a word. `values` are its operations. */
  ofJoining(one: Candidate, param: PathNode, values: readonly Context[], facts: HostFacts): number {
    const union = new ContextUnion()
    union.add(values)
    const { shared, alike } = union.compare(one.contexts)
    if (shared === 0 && param.open !== true) return -10
    const own = ratesOf([one])
    const made = !param.open && machineMade.has(param.kind)
    return (
      (param.open ? weights.joinOpen : made ? weights.joinMade : weights.joinTyped) +
      (shared === 0 ? weights.joinAlone : 0) +
      this.sum({
        word: one.node.leaning,
        answers: alike,
        contexts: Math.max(0, Math.min(1.5, weights.joinContexts * (shared - 1))),
        position:
          weights.joinPosition * Math.min(0, param.parent === undefined ? 0 : positionLeaning(param.parent)),
        collection: collectionLeaning(one),
        repetition: weights.joinRepetition * Math.log10(own.calls / own.records),
        rate: (made ? 0 : weights.joinRate) * rateLeaning(own.calls / own.records, facts.callsPerOperation),
        elsewhere:
          elsewhereLeaning(one.node, facts) +
          (facts.valueHere(one.node.text, one.node) ? weights.joinHere : 0),
      })
    )
  }

  static {
    keptWhole(Evidence, 'catalog/evidence', 1)
  }
}

function mean<T>(items: readonly T[], of: (item: T) => number): number {
  let sum = 0
  for (const item of items) sum += Math.max(-4, Math.min(3, of(item)))
  return sum / items.length
}

function ratesOf(group: readonly Candidate[]): { calls: number; records: number; singles: number } {
  let calls = 0
  let records = 0
  let singles = 0
  for (const { contexts } of group) {
    for (const { record } of contexts) {
      calls += record.calls
      records += 1
      if (record.calls === 1) singles += 1
    }
  }
  return { calls: Math.max(1, calls), records: Math.max(1, records), singles }
}

/** By candidate, which lives for one review: each is compared with all others of its group. */
const knownRates = new WeakMap<Candidate, number>()

/** Calls that one word has at each of its operations. */
function rateOf(one: Candidate): number {
  let rate = knownRates.get(one)
  if (rate === undefined) {
    const { calls, records } = ratesOf([one])
    rate = calls / records
    knownRates.set(one, rate)
  }
  return rate
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 1

/** Values share an operation's calls, so each word has fewer of them than an operation of its own would. */
function rateLeaning(rate: number, typical: number): number {
  if (typical < 2) return 0
  return Math.max(-1.5, Math.min(2.5, weights.rate * Math.log2(typical / rate) + weights.rateOffset))
}

/** Good and Turing: where new values keep coming, the set is not closed. */
const unseenLeaning = (unseen: number): number => (unseen >= 0.1 ? 1.5 * unseen : -0.5)

/** All answer alike, and with enough keys for that to mean something: up to 2. */
function answersOf(group: readonly Candidate[]): number {
  const union = new ContextUnion()
  let sum = 0
  let compared = 0
  for (const { contexts } of group.slice(0, maxCompared / 2)) {
    if (compared > 0 || sum !== 0) sum += union.compare(contexts).alike
    union.add(contexts)
    compared += 1
  }
  return compared < 2 ? 0 : Math.max(-3, Math.min(2, sum / (compared - 1)))
}

/** Up to 2.5 where the same fixed words follow, below zero where often called and never the same ones do. */
function sharedWords(group: readonly Candidate[]): number {
  const counts = new Map<string, number>()
  let parents = 0
  for (const { node } of group) {
    if (node.isLeaf) continue
    parents += 1
    for (const child of node.children()) {
      const key = child.form === 'param' ? '{}' : child.text
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  if (parents < 2) return 0
  let shared = 0
  let total = 0
  for (const [key, count] of counts) {
    if (key === '{}') continue
    total += count
    if (count > 1) shared += count
  }
  if (total === 0) return 0
  let visits = 0
  for (const { node } of group) visits += node.visits
  return shared === 0 && visits >= 3 * group.length ? -1.5 : 2.5 * (shared / total)
}

/**
 * An operation of a parameter is called with several of its values. One that is called again and again and always with
 * the same word is that word's own: less probable as chance the more calls there were and the rarer the word is.
 */
function exclusiveLeaning(group: readonly Candidate[]): number {
  const places = new Map<string, { readonly owner: Candidate; calls: number; alone: boolean }>()
  const totals = new Map<Candidate, number>()
  let all = 0
  for (const one of group) {
    let own = 0
    for (const { general, record } of one.contexts) {
      own += record.calls
      const place = places.get(general)
      if (place === undefined) places.set(general, { owner: one, calls: record.calls, alone: true })
      else {
        place.calls += record.calls
        if (place.owner !== one) place.alone = false
      }
    }
    totals.set(one, own)
    all += own
  }
  let score = 0
  for (const { owner, calls, alone } of places.values()) {
    if (!alone || calls < 2) continue
    score += Math.min(3, calls - 1) * Math.log(Math.min(0.9, (totals.get(owner) ?? 1) / all)) * 0.4
  }
  return Math.max(-8, score)
}

/** What hangs under a word: identifiers under something listable make it the name of a collection. */
function collectionLeaning({ node }: Candidate): number {
  let score = 0
  const list = node.records?.get('GET')
  if (node.param !== undefined && !node.param.open) score -= (node.records?.size ?? 0) > 0 ? 2.5 : 1
  // Acts are posted to and have nothing to read or to hang below.
  if (list === undefined && node.isLeaf && node.records?.size === 1 && node.records.has('POST')) score -= 1
  if (list?.shape.keys.has('[]') === true) score -= 0.7
  return score
}

/** What may be expected after the segment before: things after a plural, collections at the front, acts after a value. */
function positionLeaning(node: PathNode): number {
  if (node.form === 'root') return -3
  if (node.form !== 'literal') return -1.5
  // `/users/v1/anna`: the noun stands before the version.
  if (kindOf(node.text) === 'version') return node.parent === undefined ? -3 : positionLeaning(node.parent)
  if (/^(?:api|apis|rest|public|v\d.*|\d\.\d)$/i.test(node.text)) return -3
  if (/^(?:commands?|operations?|functions?|methods?|do|by)$/i.test(node.text)) return -2
  return /[^s]s$/i.test(node.text) ? 1 : 0
}

export type Style =
  | 'lower'
  | 'title'
  | 'camel'
  | 'upper'
  | 'kebab'
  | 'snake'
  | 'dotted'
  | 'spaced'
  | 'numbered'
  | 'locale'
  | 'other'

const styles = new WeakMap<PathNode, Style>()

/** How a place's word is written; worked out once. */
function styleAt(node: PathNode): Style {
  let style = styles.get(node)
  if (style === undefined) {
    style = styleOf(node.text)
    styles.set(node, style)
  }
  return style
}

/** How a word is written. */
export function styleOf(text: string): Style {
  if (/\s/.test(text)) return 'spaced'
  if (/^[a-z]+$/.test(text)) return 'lower'
  if (/^[A-Z][a-z]+$/.test(text)) return 'title'
  if (/^[A-Z]+$/.test(text)) return 'upper'
  if (/^[A-Za-z]+$/.test(text)) return 'camel'
  if (/^[a-z]{2}[-_][A-Z]{2}$/.test(text)) return 'locale'
  if (/^[a-z]+(?:-[a-z]+)+$/.test(text)) return 'kebab'
  if (/^[a-z]+(?:_[a-z]+)+$/.test(text)) return 'snake'
  if (/^[\w-]+(?:\.[\w-]+)+$/.test(text)) return 'dotted'
  return /^[A-Za-z_]+\d+$/.test(text) ? 'numbered' : 'other'
}

/** Names of endpoints are words in small letters or camelCase; a group in another style is more often data. */
function styleLeaning(group: readonly Candidate[]): number {
  const counts = new Map<Style, number>()
  for (const { node } of group) {
    const style = styleAt(node)
    counts.set(style, (counts.get(style) ?? 0) + 1)
  }
  const share = (style: Style): number => (counts.get(style) ?? 0) / group.length
  return (
    3 * share('locale') +
    1.2 * (share('title') + share('spaced') + share('numbered') + share('dotted') + share('upper')) +
    0.8 * share('kebab') -
    0.5 * share('camel') -
    0.8 * share('snake')
  )
}

/** 1 where a word is written as most of the others are, and not as endpoints are; -1 where all the others agree on another way. */
function memberStyle(one: Candidate, others: readonly Candidate[]): number {
  const style = styleAt(one.node)
  const written = others.map(({ node }) => styleAt(node))
  const same = written.filter(other => other === style).length
  if (style !== 'lower' && same * 2 >= others.length) return 1
  return same === 0 && others.length > 1 && new Set(written).size === 1 ? -1 : 0
}

/** A word that is a value in another place of the host is more often one here. */
const elsewhereLeaning = (node: PathNode, facts: HostFacts): number =>
  facts.valueElsewhere(node.text, node) ? weights.elsewhere : 0
