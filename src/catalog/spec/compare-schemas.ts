import type { SpecChange } from './compare-specifications.ts'
import type { SchemaType, SchemaView, SpecSchema } from './schema.ts'

/** Places of two schemas that are compared, and how deep; what lies beyond is not. */
const maxPlaces = 2_000
const maxDepth = 12

type Told = Pick<SpecChange, 'kind' | 'what'> & { readonly at: string }

/** What differs between two schemas, seen from the clients that were written for the first. */
export function compareSchemas(
  before: SpecSchema,
  after: SpecSchema,
  side: 'request' | 'response',
): readonly Told[] {
  const told: Told[] = []
  let left = maxPlaces
  walk(before, after, '$', 0)
  return told

  function walk(old: SpecSchema, now: SpecSchema, at: string, depth: number): void {
    left -= 1
    if (old === now || left < 0 || depth > maxDepth) return
    const was = old.view()
    const is = now.view()
    const types = typeChange(was.types, is.types, side)
    if (types !== undefined) told.push({ ...types, at })
    const words = enumChange(was, is, side)
    if (words !== undefined) told.push({ ...words, at })
    if (was.format !== is.format && is.format !== undefined && was.format !== undefined)
      told.push({ kind: 'risky', what: `format ${was.format} became ${is.format}`, at })
    for (const change of facetChanges(was, is, side)) told.push({ ...change, at })
    if (was.items !== undefined && is.items !== undefined)
      walk(was.items, is.items, at === '$' ? '[]' : `${at}[]`, depth + 1)
    for (const [name, schema] of was.properties) {
      const inner = at === '$' ? name : `${at}.${name}`
      const other = is.properties.get(name)
      if (other !== undefined) {
        walk(schema, other, inner, depth + 1)
        if (side === 'request' && is.required.has(name) && !was.required.has(name))
          told.push({ kind: 'breaking', what: 'is required now', at: inner })
        if (side === 'response' && was.required.has(name) && !is.required.has(name))
          told.push({ kind: 'risky', what: 'need not be there any more', at: inner })
      } else if (side === 'response' && is.others !== 'open')
        told.push({ kind: 'breaking', what: 'is gone from the answer', at: inner })
      else told.push({ kind: 'risky', what: 'is no longer named', at: inner })
    }
    for (const name of is.properties.keys()) {
      if (was.properties.has(name)) continue
      const inner = at === '$' ? name : `${at}.${name}`
      if (side === 'request' && is.required.has(name))
        told.push({ kind: 'breaking', what: 'is new and required', at: inner })
      else told.push({ kind: 'safe', what: 'is new', at: inner })
    }
  }
}

/** A client sends what it always sent, and reads what it always read: requests may widen, answers may narrow. */
function typeChange(
  was: ReadonlySet<SchemaType> | undefined,
  is: ReadonlySet<SchemaType> | undefined,
  side: 'request' | 'response',
): Omit<Told, 'at'> | undefined {
  if (was === undefined || is === undefined) return undefined
  const lacks = (a: ReadonlySet<SchemaType>, b: ReadonlySet<SchemaType>): boolean =>
    [...a].some(type => !b.has(type) && !(type === 'integer' && b.has('number')))
  const what = `type ${[...was].join(' or ')} became ${[...is].join(' or ')}`
  if (side === 'request' ? lacks(was, is) : lacks(is, was)) return { kind: 'breaking', what }
  return lacks(is, was) || lacks(was, is) ? { kind: 'safe', what } : undefined
}

function enumChange(
  was: SchemaView,
  is: SchemaView,
  side: 'request' | 'response',
): Omit<Told, 'at'> | undefined {
  if (was.enum === undefined && is.enum === undefined) return undefined
  if (was.enum === undefined)
    return side === 'request'
      ? { kind: 'breaking', what: 'takes only listed values now' }
      : { kind: 'safe', what: 'has only listed values now' }
  if (is.enum === undefined)
    return { kind: side === 'request' ? 'safe' : 'risky', what: 'is not limited to listed values any more' }
  const before = new Set(was.enum)
  const after = new Set(is.enum)
  const gone = was.enum.filter(word => !after.has(word))
  const fresh = is.enum.filter(word => !before.has(word))
  if (gone.length === 0 && fresh.length === 0) return undefined
  if (side === 'request' && gone.length > 0)
    return { kind: 'breaking', what: `no longer takes ${words(gone)}` }
  if (side === 'response' && fresh.length > 0) return { kind: 'risky', what: `may also be ${words(fresh)}` }
  return {
    kind: 'safe',
    what: fresh.length > 0 ? `also takes ${words(fresh)}` : `is no longer ${words(gone)}`,
  }
}

/** Stricter demands break who sends, looser promises may surprise who reads. */
function facetChanges(
  was: SchemaView,
  is: SchemaView,
  side: 'request' | 'response',
): readonly Omit<Told, 'at'>[] {
  const before = new Map(was.facets.map(facet => [facet.key, facet]))
  const after = new Map(is.facets.map(facet => [facet.key, facet]))
  const told: Omit<Told, 'at'>[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(key)
    const now = after.get(key)
    if (old?.text === now?.text) continue
    const stricter = now !== undefined && (old === undefined || isStricter(key, old.bound, now.bound))
    const kind =
      side === 'request' ? (stricter ? 'breaking' : 'safe') : stricter && old === undefined ? 'safe' : 'risky'
    told.push({
      kind: side === 'response' && stricter ? 'safe' : kind,
      what:
        now === undefined
          ? `need not be ${old?.text ?? ''} any more`
          : `${stricter ? 'must' : 'may'} be ${now.text} now`,
    })
  }
  return told
}

function isStricter(key: string, before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return true
  if (key === 'multipleOf') return after % before !== 0 || after > before
  return /^(?:max|exclusiveMax)/.test(key) ? after < before : after > before
}

const words = (list: readonly unknown[]): string =>
  list
    .slice(0, 5)
    .map(word => JSON.stringify(word))
    .join(', ')
