import { words } from './names.ts'
import { count, decimal, listed } from './number.ts'

export type Facts = Readonly<Record<string, unknown>>

/** One thing that was measured, beside what it should have been. Scalable: both are numbers of one unit. */
export interface FactPair {
  readonly label: string
  readonly observed: number
  readonly expected: number
}

/** Numbers that stand on both sides under one name: these can be drawn on one scale. Largest departure first. */
export function factPairs(observed: Facts, expected: Facts): readonly FactPair[] {
  const pairs: FactPair[] = []
  for (const [key, value] of Object.entries(observed)) {
    const other = expected[key]
    if (typeof value !== 'number' || typeof other !== 'number') continue
    if (!Number.isFinite(value) || !Number.isFinite(other) || value < 0 || other < 0) continue
    pairs.push({ label: words(key), observed: value, expected: other })
  }
  const departure = (pair: FactPair): number => Math.abs(Math.log((pair.observed + 1) / (pair.expected + 1)))
  return pairs.sort((a, b) => departure(b) - departure(a))
}

/** The value of a fact as text. Lists are shortened, nothing is interpreted: attackers write some of these. */
export function factText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : decimal(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return listed(value.map(factText), 5)
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

/** `212 distinct objects, normally 4` for the strongest pair, or undefined where there is nothing to compare. */
export function pairSentence(pair: FactPair): string {
  const times = pair.expected > 0 ? pair.observed / pair.expected : 0
  const factor = times >= 2 ? `, ${count(Math.round(times))} times as many` : ''
  return `${capitalCount(pair.observed)} ${pair.label}, where ${capitalCount(pair.expected)} is normal${factor}.`
}

const capitalCount = (value: number): string => (Number.isInteger(value) ? count(value) : decimal(value))
