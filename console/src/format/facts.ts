import { fullStop, words } from './names.ts'
import { count, decimal, listed, percent } from './number.ts'

export type Facts = Readonly<Record<string, unknown>>

/** One thing that was measured, beside what is usual. Scalable: both are of one unit. */
export interface FactPair {
  readonly key: string
  readonly label: string
  readonly observed: number
  readonly expected: number
  /** How the detector words what is usual, where it does: `fewer than 5 accounts in an hour`. */
  readonly usual?: string
}

/** Where the usual stands under another name than what was observed. */
const counterparts: Readonly<Record<string, readonly string[]>> = {
  objects: ['distinct'],
  perHour: ['usual'],
}

/** The number of a fact: itself, or the only one in its words (`41 accounts`). */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined
  if (typeof value !== 'string' || value.length > 200) return undefined
  const numbers = value.match(/\d+(?:\.\d+)?/g) ?? []
  return numbers.length === 1 ? Number(numbers[0]) : undefined
}

/** A usual measure that was taken from nobody is no measure. */
const hasNoPeers = (expected: Facts): boolean => expected.callers === 0 || expected.peers === 0

/** What stands on both sides and can be drawn on one scale. Largest departure first. */
export function factPairs(observed: Facts, expected: Facts): readonly FactPair[] {
  const pairs: FactPair[] = []
  if (hasNoPeers(expected)) return pairs
  for (const [key, value] of Object.entries(observed)) {
    const other = [key, ...(counterparts[key] ?? [])]
      .map(name => expected[name])
      .find(found => found !== undefined)
    const here = numberOf(value)
    const usual = numberOf(other)
    if (here === undefined || usual === undefined) continue
    pairs.push({
      key,
      label: words(key),
      observed: here,
      expected: usual,
      ...(typeof other === 'string' ? { usual: other } : {}),
    })
  }
  const departure = (pair: FactPair): number => Math.abs(Math.log((pair.observed + 1) / (pair.expected + 1)))
  return pairs.sort((a, b) => departure(b) - departure(a))
}

const isShare = (value: number): boolean => value > 0 && value < 1

/** The value of a fact as text. Shares are percentages, lists are shortened; attackers write some of these. */
export function factText(value: unknown): string {
  if (typeof value === 'number')
    return isShare(value) ? percent(value) : Number.isInteger(value) ? count(value) : decimal(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return listed(value.map(factText), 5)
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

/** `212 distinct objects, where 4 is normal, 53 times as many.` */
export function pairSentence(pair: FactPair): string {
  const here = factText(pair.observed)
  if (pair.usual !== undefined) return `${here} ${pair.label}; normal is ${fullStop(pair.usual)}`
  const times = pair.expected > 0 ? pair.observed / pair.expected : 0
  const factor = times >= 2 ? `: ${count(Math.round(times))} times as much` : ''
  return `${here} ${pair.label}, where ${factText(pair.expected)} is normal${factor}.`
}

/**
 * What was observed and is not said yet: without what only fills the message's blanks (`who`, `verb`, `what` …) and
 * without what is drawn.
 */
export function remainingFacts(
  facts: Facts,
  message: string,
  drawn: ReadonlySet<string>,
): readonly (readonly [string, unknown])[] {
  const said = (value: unknown): boolean =>
    (typeof value === 'string' && (value === '' || message.includes(value))) ||
    (typeof value === 'number' && new RegExp(`\\b${value}\\b`).test(message))
  return Object.entries(facts).filter(([key, value]) => !drawn.has(key) && !said(value) && !grammar.has(key))
}

/** Forms of words that a message needs and a reader does not. */
const grammar = new Set(['who', 'verb', 'what', 'belong', 'whom', 'whose', 'noun', 'how'])

/** What the expectation rests on, from the counts that detectors give with it. Empty where they give none. */
export function restsOn(expected: Facts): string {
  const number = (key: string): number | undefined =>
    typeof expected[key] === 'number' ? expected[key] : undefined
  const calls = number('calls') ?? number('seen')
  const people = number('principals') ?? number('peers') ?? number('callers')
  const agreement = number('agreement')
  const days = number('days')
  const from = [
    calls === undefined ? '' : `${count(calls)} calls`,
    people === undefined || people === 0 ? '' : `${count(people)} ${people === 1 ? 'caller' : 'callers'}`,
    days === undefined ? '' : `${count(days)} days`,
  ].filter(Boolean)
  if (from.length === 0) return ''
  return `Learned from ${listed(from)}${agreement === undefined ? '' : `, true in ${percent(agreement)} of them`}.`
}

const basis = new Set(['calls', 'seen', 'principals', 'peers', 'callers', 'agreement', 'days'])

/** What is usual, in the detector's own words; numbers that are no basis and no counterpart are named. */
export function usualSentences(expected: Facts, drawn: ReadonlySet<string>): readonly string[] {
  if (hasNoPeers(expected)) return ['not known yet: nobody else was seen doing enough of this to compare']
  const taken = new Set([...drawn, ...[...drawn].flatMap(key => counterparts[key] ?? [])])
  return Object.entries(expected)
    .filter(([key]) => !basis.has(key) && !taken.has(key))
    .map(([key, value]) => (typeof value === 'string' ? value : `${words(key)}: ${factText(value)}`))
}
