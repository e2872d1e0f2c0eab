import type { EvidenceShare, Verdict } from '../directions/merged-words.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { likenessOf } from './context.ts'
import { ResponseShape } from './response-shape.ts'
import type { ValueProfile } from './value-profile.ts'
import type { ValueProfiles } from './value-profiles.ts'
import type { ValueUse } from './value-use.ts'
import { valueLeaning } from './vocabulary.ts'

/** A word of a placeholder that is an operation of its own, and what shows it. Nats are those for a value: below zero. */
export interface Split {
  readonly word: string
  readonly profile: ValueProfile
  readonly verdict: Verdict
}

/** Calls of a word before anything is said of it. */
const leastCalls = 4
/** Answers of a word at an operation before they are compared. */
const leastAnswers = 3
/** What values that are not told apart weigh beside words, at most. */
const restWeight = 12
/** Calls of a word by which what is called below it shows a pattern. */
const manyCalls = 12
/** Leaning of a word that names an operation, where it has none that no other word has. */
const namesOperation = -1.5
/** Likeness of answers without keys, and of those with many. */
const plain = 0.42
const most = 1.4
/** Words in a vocabulary that may be closed, and the calls of each on average before it is. */
const closedWords = 16
const closedCalls = 8

/** Nats that must be exceeded before a word leaves its placeholder; chosen on labelled traffic of one half of the documents. */
export const splitWeights = { prior: 4, rate: 0.7, word: 0.5, closed: 1.5 }

interface Reading {
  /** Nats for "another operation" from answers, and from what is called below and how. */
  answers: number
  structure: number
}

/**
 * Which words that a placeholder takes are operations of their own: those whose answers, or whose operations below, are not the others',
 * and that are called more than a value is. One of the two alone says nothing: pages of one operation differ, and every set of values
 * has its favourite.
 */
export function wordsToSplit(profiles: ValueProfiles): readonly Split[] {
  const words = [...profiles.words].filter(([, { calls }]) => calls > 0)
  if (words.length + (profiles.rest.calls > 0 ? 1 : 0) < 2) return []
  const rates = words.map(([, { calls }]) => calls)
  const closed =
    words.length <= closedWords &&
    profiles.rest.calls === 0 &&
    profiles.lost === 0 &&
    profiles.calls >= closedCalls * words.length &&
    profiles.lastNew <= profiles.calls / 4
  const groups = groupsAt(profiles)
  const splits: Split[] = []
  for (const [word, profile] of words) {
    if (profile.calls < leastCalls) continue
    const { answers, structure } = readingOf(word, profile, profiles, groups, words.length)
    if (answers + structure < 1) continue
    const typical = medianWithout(rates, profile.calls)
    const shares: Record<string, number> = {
      answers,
      structure,
      rate:
        typical === undefined
          ? 0
          : splitWeights.rate * Math.max(-2, Math.min(4, Math.log2(profile.calls / typical))),
      word: -splitWeights.word * Math.max(-4, Math.min(3, valueLeaning(word))),
      closed: closed ? splitWeights.closed : 0,
    }
    const nats = Object.values(shares).reduce((sum, share) => sum + share, 0)
    if (nats > splitWeights.prior) splits.push({ word, profile, verdict: verdictOf(shares, nats) })
  }
  return splits
}

const sentences: Readonly<Record<string, readonly [value: string, operation: string]>> = {
  answers: ['it answers as the other values do', 'its answers are not those of the other values'],
  structure: ['the same operations follow it', 'other operations follow it than follow the other values'],
  rate: ['it is called less than the other values', 'it is called far more than the other values'],
  word: ['it looks like data', 'it looks like the name of an operation'],
  closed: ['', 'no new words come, and each has calls of its own'],
}

function verdictOf(shares: Readonly<Record<string, number>>, nats: number): Verdict {
  const evidence = Object.entries(shares)
    .map(([term, share]): EvidenceShare => {
      const against = sentences[term]!
      return { term, nats: round(-share), why: against[share > 0 ? 1 : 0] }
    })
    .filter(share => Math.abs(share.nats) >= 0.05)
    .sort((a, b) => Math.abs(b.nats) - Math.abs(a.nats) || (a.term < b.term ? -1 : 1))
  return { evidence, nats: round(-nats), threshold: -splitWeights.prior }
}

const round = (nats: number): number => Math.round(nats * 100) / 100

/** Words that answer alike at one operation. `weight` is how many words they stand for. */
interface AnswerGroup {
  readonly shape: ResponseShape
  readonly words: Set<string>
  weight: number
}

interface OperationGroups {
  readonly groups: readonly AnswerGroup[]
  /** Those that most words are in. */
  readonly core: AnswerGroup
}

function groupsAt(profiles: ValueProfiles): ReadonlyMap<EndpointRecord, OperationGroups> {
  const members = new Map<EndpointRecord, { word: string; use: ValueUse; weight: number }[]>()
  const add = (word: string, use: ValueUse, weight: number): void => {
    if (use.shape.answers === 0) return
    const known = members.get(use.record)
    if (known === undefined) members.set(use.record, [{ word, use, weight }])
    else known.push({ word, use, weight })
  }
  for (const use of profiles.rest.uses) add('', use, Math.min(restWeight, use.calls / 2))
  for (const [word, { uses }] of profiles.words)
    for (const use of uses) add(word, use, Math.min(1, use.shape.answers / leastAnswers))
  const found = new Map<EndpointRecord, OperationGroups>()
  for (const [record, all] of members) {
    const groups: AnswerGroup[] = []
    for (const { word, use, weight } of all) {
      let home: AnswerGroup | undefined
      let best = 0
      for (const group of groups) {
        const like = likenessOf(use.shape, group.shape) ?? -1
        if (like > best) {
          best = like
          home = group
        }
      }
      if (home === undefined) {
        home = { shape: new ResponseShape(), words: new Set(), weight: 0 }
        groups.push(home)
      }
      home.shape.absorb(use.shape)
      home.words.add(word)
      home.weight += weight
    }
    const core = groups.reduce((most, group) => (group.weight > most.weight ? group : most))
    found.set(record, { groups, core })
  }
  return found
}

/** Of the words that answer at one operation, more than this share in one group besides the largest are a kind of value, not operations. */
const kindShare = 0.15

function readingOf(
  word: string,
  profile: ValueProfile,
  profiles: ValueProfiles,
  operations: ReadonlyMap<EndpointRecord, OperationGroups>,
  count: number,
): Reading {
  let answers = 0
  let alikeCalls = 0
  for (const { record, calls, shape } of profile.uses) {
    const place = operations.get(record)
    if (place === undefined || shape.answers === 0) continue
    const { groups, core } = place
    if (groups.length === 1) {
      if (core.words.size > 1) {
        // What many operations answer, such as nothing, is not counted.
        const like = Math.max(0, (likenessOf(shape, core.shape) ?? 0) - plain)
        answers -= like
        alikeCalls += (calls * like) / (most - plain)
      }
      continue
    }
    const own = groups.find(({ words }) => words.has(word))
    if (own === undefined) continue
    const others = groups.reduce((sum, { weight }) => sum + weight, 0) - own.weight
    if (own === core && own.words.size > 1) {
      answers -= 2
      alikeCalls += calls
    } else if (own.words.size > Math.max(2, kindShare * count)) {
      // A kind of value with answers of its own.
      alikeCalls += calls
    } else if (shape.answers >= leastAnswers && others >= 1) {
      const farthest = own === core ? groups.find(group => group !== own)! : core
      answers += Math.max(0, -(likenessOf(shape, farthest.shape) ?? 0))
    }
  }
  answers = Math.max(-6, Math.min(4, answers))
  const structure = alikeCalls > profile.calls / 5 ? 0 : structureOf(word, profile, profiles)
  return { answers, structure }
}

/** Operations that only this word has, and those that all the others have and it has not, as chance would have it. */
function structureOf(word: string, profile: ValueProfile, profiles: ValueProfiles): number {
  const totals = new Map<EndpointRecord, number>()
  const add = ({ uses }: ValueProfile): void => {
    for (const { record, calls } of uses) totals.set(record, (totals.get(record) ?? 0) + calls)
  }
  add(profiles.rest)
  for (const one of profiles.words.values()) add(one)
  const all = Math.max(1, profiles.calls)
  const share = Math.min(0.9, profile.calls / all)
  let own = 0
  for (const { record, calls } of profile.uses)
    if (calls >= 3 && totals.get(record) === calls && record.calls === calls)
      own += Math.min(3, calls - 1) * -Math.log(share) * 0.4
  if (own === 0 && valueLeaning(word) > namesOperation) return 0
  let lacking = 0
  const has = new Set(profile.uses.map(({ record }) => record))
  const others = Math.max(1, all - profile.calls)
  for (const [record, calls] of totals)
    if (!has.has(record)) lacking += -profile.calls * Math.log(1 - Math.min(0.9, calls / others))
  return (Math.min(3, own) + Math.min(3, lacking)) * Math.min(1, profile.calls / manyCalls)
}

/** The median of the calls of the other words; undefined where there is no other. */
function medianWithout(rates: readonly number[], own: number): number | undefined {
  const sorted = rates.toSorted((a, b) => a - b)
  sorted.splice(sorted.indexOf(own), 1)
  return sorted[sorted.length >> 1]
}
