import type { Json } from '../../content.ts'
import { asObject, type JsonObject } from '../glance.ts'
import { operationBounds } from '../operation.ts'
import type { Selection } from './document.ts'

type Fragments = ReadonlyMap<string, readonly Selection[]>

/** Fragments within fragments that are followed. */
const fragmentDepth = 8
const mostSelections = 512

/** Selections with fragments replaced by what stands in them; at most 512, fragments in fragments to 8 levels. */
export function flatten(selections: readonly Selection[], fragments: Fragments): readonly Selection[] {
  if (!selections.some(({ spread }) => spread === true)) return selections
  const flat: Selection[] = []
  spreadInto(selections, fragments, flat, fragmentDepth)
  return flat
}

function spreadInto(
  selections: readonly Selection[],
  fragments: Fragments,
  flat: Selection[],
  depth: number,
): void {
  for (const selection of selections) {
    if (flat.length >= mostSelections) return
    if (selection.spread !== true) flat.push(selection)
    else if (depth > 0) spreadInto(fragments.get(selection.name) ?? [], fragments, flat, depth - 1)
  }
}

/**
 * An answer's object under the names of the fields instead of the caller's aliases, so that `x: owner` is `owner` again.
 * Two fields of one name keep the second under its alias.
 */
export function withoutAliases(
  value: Json | undefined,
  selections: readonly Selection[],
  fragments: Fragments,
): Json {
  return new Renaming(fragments).rename(value, selections, operationBounds.depth)
}

class Renaming {
  readonly #fragments: Fragments
  #left = 20_000

  constructor(fragments: Fragments) {
    this.#fragments = fragments
  }

  rename(value: Json | undefined, selections: readonly Selection[], depth: number): Json {
    if (value === undefined) return null
    if (typeof value !== 'object' || value === null || depth === 0 || this.#left <= 0) return value
    if (Array.isArray(value))
      return (value as readonly Json[]).map(item => this.rename(item, selections, depth - 1))
    const from = value as JsonObject
    const to: { [key: string]: Json } = {}
    for (const { name, alias, children } of flatten(selections, this.#fragments)) {
      this.#left -= 1
      const key = alias ?? name
      if (!Object.hasOwn(from, key)) continue
      const child = children === undefined ? from[key]! : this.rename(from[key], children, depth - 1)
      Object.defineProperty(to, Object.hasOwn(to, name) ? key : name, {
        value: child,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
    return to
  }
}

/** Whether an answer has nothing but errors: every root field null, or no data at all. */
export function answersOnlyErrors(answer: JsonObject | undefined): boolean {
  if (answer === undefined || !Array.isArray(answer.errors) || answer.errors.length === 0) return false
  const data = asObject(answer.data)
  return data === undefined || Object.values(data).every(value => value === null)
}
