import { findSecretSpans } from '../../src/catalog/data-classes/scan/find-secrets.ts'
import { findSpans } from '../../src/catalog/data-classes/scan/find-spans.ts'

export interface SecretLine {
  readonly rule: string
  readonly value: string
  readonly label: boolean
}
export interface SpanLine {
  readonly text: string
  readonly spans: readonly (readonly [start: number, end: number, type: string])[]
}

/** The published types that these validators look for, and the class of each. */
const types: ReadonlyMap<string, string> = new Map([
  ['CREDIT_CARD', 'payment-card'],
  ['IBAN_CODE', 'iban'],
  ['US_SSN', 'us-ssn'],
  ['EMAIL_ADDRESS', 'email'],
  ['IP_ADDRESS', 'ip-address'],
  ['PHONE_NUMBER', 'phone'],
])

export interface SecretScore {
  readonly positives: number
  readonly recall: number
  readonly negatives: number
  readonly falsePositiveRate: number
  readonly missed: Readonly<Record<string, number>>
  readonly wrong: Readonly<Record<string, number>>
}

const tally = (rules: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const rule of rules) counts[rule] = (counts[rule] ?? 0) + 1
  return counts
}

/** A line counts as found where any secret is found in it. */
export function scoreSecrets(lines: readonly SecretLine[]): SecretScore {
  const missed: string[] = []
  const wrong: string[] = []
  for (const { rule, value, label } of lines) {
    const found = findSecretSpans(value).length > 0
    if (label && !found) missed.push(rule)
    if (!label && found) wrong.push(rule)
  }
  const positives = lines.filter(({ label }) => label).length
  const negatives = lines.length - positives
  return {
    positives,
    recall: 1 - missed.length / positives,
    negatives,
    falsePositiveRate: wrong.length / negatives,
    missed: tally(missed),
    wrong: tally(wrong),
  }
}

export interface SpanScore {
  readonly dataClass: string
  readonly gold: number
  readonly found: number
  readonly exact: { readonly precision: number; readonly recall: number; readonly f1: number }
  readonly overlapping: { readonly precision: number; readonly recall: number; readonly f1: number }
}

const f1Of = (hits: number, found: number, gold: number): SpanScore['exact'] => {
  const precision = found === 0 ? 1 : hits / found
  const recall = gold === 0 ? 1 : hits / gold
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  }
}

/** Spans of the checked and patterned types: equal ends (`exact`), and any common character (`overlapping`). */
export function scoreSpans(lines: readonly SpanLine[]): readonly SpanScore[] {
  const counts = new Map([...types.values()].map(id => [id, { gold: 0, found: 0, exact: 0, overlapping: 0 }]))
  for (const { text, spans } of lines) {
    const found = findSpans(text)
    for (const [, , type] of spans) {
      const count = counts.get(types.get(type) ?? '')
      if (count !== undefined) count.gold += 1
    }
    for (const span of found) {
      const count = counts.get(span.dataClass)
      if (count === undefined) continue
      count.found += 1
      const same = spans.filter(([, , type]) => types.get(type) === span.dataClass)
      if (same.some(([start, end]) => start === span.start && end === span.end)) count.exact += 1
      if (same.some(([start, end]) => start < span.end && span.start < end)) count.overlapping += 1
    }
  }
  return [...counts].map(([dataClass, { gold, found, exact, overlapping }]) => ({
    dataClass,
    gold,
    found,
    exact: f1Of(exact, found, gold),
    overlapping: f1Of(overlapping, found, gold),
  }))
}
