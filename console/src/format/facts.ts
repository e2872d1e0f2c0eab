import { amount } from './amount.ts'
import { capital, visible, words } from './names.ts'
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
  return visible(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
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

/** A line of the table of what was observed beside what is expected; a side that says nothing is empty. */
export interface FactRow {
  readonly key: string
  readonly label: string
  readonly observed: string
  readonly expected: string
}

/**
 * What a detector saw beside what it expects: first what stands on both sides, then what only one of them has. Without
 * what the message says already, what the expectation rests on, and the keys of `drawn`.
 */
export function factRows(
  signal: { readonly observed: Facts; readonly expected: Facts; readonly message: string },
  drawn: ReadonlySet<string> = new Set(),
): readonly FactRow[] {
  const { observed, expected, message } = signal
  const measured = typeof observed.metric === 'string' ? ofMeasure : new Set<string>()
  const hidden = new Set([...drawn, ...measured])
  const pairs = factPairs(observed, expected).filter(({ key }) => !hidden.has(key))
  const paired = new Set([...hidden, ...pairs.flatMap(({ key }) => [key, ...(counterparts[key] ?? [])])])
  const rows = pairs.map(({ key, label, usual, ...pair }) => ({
    key,
    label: capital(label),
    observed: factText(pair.observed),
    expected: usual ?? factText(pair.expected),
  }))
  // What stands beside an expectation is shown even where the message says it.
  const unsaid = new Set(remainingFacts(observed, message, paired).map(([key]) => key))
  const told = Object.entries(observed).filter(
    ([key]) => unsaid.has(key) || (Object.hasOwn(expected, key) && !paired.has(key) && !grammar.has(key)),
  )
  const seen = told.map(([key, value]) => ({
    key,
    label: capital(words(key)),
    observed: factText(value),
    expected: Object.hasOwn(expected, key) ? factText(expected[key]) : '',
  }))
  const shown = new Set([...paired, ...seen.map(({ key }) => key)])
  const left = hasNoPeers(expected)
    ? [{ key: '', label: 'Others', observed: '', expected: nobodyElse }]
    : Object.entries(expected)
        .filter(([key]) => !basis.has(key) && !shown.has(key))
        .map(([key, value]) => ({
          key: `expected ${key}`,
          label: capital(words(key)),
          observed: '',
          expected: factText(value),
        }))
  return [...measureRow(observed, drawn), ...rows, ...seen, ...left]
}

/** What was measured where nothing is known to compare it with: `Objects that others have to themselves: 14 objects`. */
function measureRow({ value, metric, unit }: Facts, drawn: ReadonlySet<string>): readonly FactRow[] {
  if (drawn.has('value') || typeof value !== 'number' || typeof metric !== 'string' || metric === '')
    return []
  const measured = amount(value, typeof unit === 'string' ? visible(unit) : '')
  return [{ key: 'value', label: capital(visible(metric)), observed: measured, expected: '' }]
}

/** Told by the row of what was measured, or by the picture. */
const ofMeasure: ReadonlySet<string> = new Set(['value', 'metric', 'unit', 'n'])

const basis = new Set(['calls', 'seen', 'principals', 'peers', 'callers', 'agreement', 'days'])
const nobodyElse = 'not known yet: nobody else was seen doing enough of this to compare'
