import type { Json } from '../../../call/content.ts'
import { get } from '../tree.ts'
import { type LinearPattern, linearPattern } from './pattern.ts'

export type FacetKind = 'string' | 'number' | 'array'

/** One thing that a schema says of the values of one type: `maxLength: 40`. */
export interface Facet {
  readonly key: string
  readonly kind: FacetKind
  /** The bound; absent of a pattern and of `uniqueItems`. */
  readonly bound?: number
  /** The end of "should be …". */
  readonly text: string
  /** Units of work that a look at the value takes, beside one. */
  cost(value: Json): number
  holds(value: Json): boolean
}

/** Elements of a list that are compared with each other. */
const mostCompared = 1_000
/** A step of the automaton is far less than a place of a body. */
const stepsOfOne = 1_000
const free = (): number => 0

/** What a schema says of values beyond their type, words and format. What is no number where one belongs says nothing. */
export function facetsOf(raw: unknown): readonly Facet[] {
  const facets: Facet[] = []
  for (const { key, kind, text, holds } of bounds) {
    const bound = get(raw, key)
    if (typeof bound !== 'number' || !Number.isFinite(bound)) continue
    const strict = key === 'minimum' || key === 'maximum' ? get(raw, exclusive[key]) === true : false
    facets.push({
      key,
      kind,
      bound,
      text: strict ? `${key === 'minimum' ? 'above' : 'below'} ${bound}` : text(bound),
      cost: free,
      holds: value => holds(value, bound) && !(strict && value === bound),
    })
  }
  if (get(raw, 'uniqueItems') === true)
    facets.push({
      key: 'uniqueItems',
      kind: 'array',
      text: 'a list without repetitions',
      cost: free,
      holds: isUnique,
    })
  const pattern = get(raw, 'pattern')
  if (typeof pattern === 'string') {
    const linear = patternOf(pattern)
    if (typeof linear !== 'string')
      facets.push({
        key: 'pattern',
        kind: 'string',
        text: `text of the pattern ${pattern.slice(0, 80)}`,
        cost: value =>
          typeof value === 'string' ? Math.ceil((value.length * linear.states) / stepsOfOne) : 0,
        holds: value => typeof value !== 'string' || linear.test(value),
      })
  }
  return facets
}

/** A cache of a pure function; emptied when full. */
const patterns = new Map<string, LinearPattern | string>()
const mostPatterns = 5_000

/** The pattern, or why it is not checked. */
export function patternOf(source: string): LinearPattern | string {
  const known = patterns.get(source)
  if (known !== undefined) return known
  if (patterns.size >= mostPatterns) patterns.clear()
  const made = linearPattern(source)
  patterns.set(source, made)
  return made
}

const exclusive = { minimum: 'exclusiveMinimum', maximum: 'exclusiveMaximum' } as const

interface Bound {
  readonly key: string
  readonly kind: FacetKind
  readonly text: (bound: number) => string
  readonly holds: (value: Json, bound: number) => boolean
}

const number = (
  key: string,
  text: (bound: number) => string,
  holds: (value: number, bound: number) => boolean,
) => ({
  key,
  kind: 'number' as const,
  text,
  holds: (value: Json, bound: number): boolean => typeof value !== 'number' || holds(value, bound),
})

const bounds: readonly Bound[] = [
  number(
    'minimum',
    bound => `at least ${bound}`,
    (value, bound) => value >= bound,
  ),
  number(
    'maximum',
    bound => `at most ${bound}`,
    (value, bound) => value <= bound,
  ),
  number(
    'exclusiveMinimum',
    bound => `above ${bound}`,
    (value, bound) => value > bound,
  ),
  number(
    'exclusiveMaximum',
    bound => `below ${bound}`,
    (value, bound) => value < bound,
  ),
  number(
    'multipleOf',
    bound => `a multiple of ${bound}`,
    (value, bound) => bound <= 0 || isMultiple(value, bound),
  ),
  {
    key: 'minLength',
    kind: 'string',
    text: bound => `${bound} characters or more`,
    holds: (value, bound) =>
      typeof value !== 'string' || value.length >= 2 * bound || lengthOf(value) >= bound,
  },
  {
    key: 'maxLength',
    kind: 'string',
    text: bound => `${bound} characters or fewer`,
    holds: (value, bound) => typeof value !== 'string' || value.length <= bound || lengthOf(value) <= bound,
  },
  {
    key: 'minItems',
    kind: 'array',
    text: bound => `a list of ${bound} or more`,
    holds: (value, bound) => !Array.isArray(value) || value.length >= bound,
  },
  {
    key: 'maxItems',
    kind: 'array',
    text: bound => `a list of ${bound} or fewer`,
    holds: (value, bound) => !Array.isArray(value) || value.length <= bound,
  },
]

/** In characters, not in UTF-16 units (JSON Schema 2020-12, 6.3.1). */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length += 1
  return length
}

/** Within the precision of a double: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  const ratio = value / of
  return Math.abs(ratio - Math.round(ratio)) <= 1e-9 * Math.max(1, Math.abs(ratio))
}

/** Scalars are compared; what holds more is not. */
function isUnique(value: Json): boolean {
  if (!Array.isArray(value)) return true
  const seen = new Set<unknown>()
  for (const item of (value as readonly Json[]).slice(0, mostCompared)) {
    if (typeof item === 'object' && item !== null) continue
    if (seen.has(item)) return false
    seen.add(item)
  }
  return true
}
