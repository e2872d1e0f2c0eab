import type { Json } from '../../call/content.ts'
import { isMask } from '../../call/mask.ts'
import type { Deviation, JudgeLimits } from './deviation.ts'
import type { SchemaType, SchemaView, SpecSchema } from './schema.ts'
import { hasFormat } from './value-format.ts'
import type { FacetKind } from './values/facet.ts'

/** Walks one value beside its schema. */
export interface JudgeScope {
  readonly side: Deviation['side']
  /** True where every scalar arrived as text: forms, queries, paths, headers. */
  readonly text: boolean
  readonly limits: JudgeLimits
  /** Places that may still be looked at. */
  left: number
  readonly found: Deviation[]
}

export function judgeValue(
  value: Json,
  schema: SpecSchema,
  subject: string,
  scope: JudgeScope,
  depth = 0,
): void {
  scope.left -= 1
  if (scope.left < 0 || depth > scope.limits.depth) return
  if (typeof value === 'string' && (isMask(value) || value.includes('[redacted:'))) return
  const view = schema.view()
  const { types } = view
  const observed = typeOf(value)
  if (types !== undefined && !hasType(types, value, observed, scope.text)) {
    // A document that lists words under `type: integer` means the words.
    if (view.enum !== undefined && inEnum(view.enum, value, scope.text)) return
    // How serialisers write "nothing" where they do not know the type.
    if (isEmpty(value)) return
    tell(scope, 'type', subject, [...types].sort().join(' or '), observed)
    return
  }
  if (value !== null && typeof value === 'object') {
    if (Array.isArray(value)) {
      judgeFacets(value as readonly Json[], view, subject, scope)
      judgeList(value as readonly Json[], view, subject, scope, depth)
    } else judgeObject(value as { readonly [key: string]: Json }, view, subject, scope, depth)
    return
  }
  if (value === null) return
  if (view.enum !== undefined && !inEnum(view.enum, value, scope.text)) {
    tell(scope, 'value', subject, `one of ${summary(view.enum)}`, 'another value')
    return
  }
  if (
    typeof value === 'string' &&
    view.format !== undefined &&
    (types === undefined || types.has('string'))
  ) {
    if (!hasFormat(view.format, value)) {
      tell(scope, 'value', subject, `format ${view.format}`, 'other text')
      return
    }
  }
  judgeFacets(value, view, subject, scope)
}

/** The first bound that does not hold is told: others of the same value mostly follow from it. */
function judgeFacets(value: Json, view: SchemaView, subject: string, scope: JudgeScope): void {
  if (view.facets.length === 0 || (scope.text && value === '')) return
  for (const facet of view.facets) {
    const typed = scope.text ? readAs(value, facet.kind, view.types) : value
    if (typed === undefined) continue
    scope.left -= facet.cost(typed)
    if (scope.left < 0) return
    if (facet.holds(typed)) continue
    tell(scope, 'value', subject, facet.text, 'another value')
    return
  }
}

/** A value that came as text, as the type that its schema gives it; undefined where it may be something else. */
function readAs(value: Json, kind: FacetKind, types: SchemaView['types']): Json | undefined {
  if (kind === 'array') return Array.isArray(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const numeric = types?.has('integer') === true || types?.has('number') === true
  if (kind === 'number') return numeric && !types.has('string') ? Number(value) : undefined
  return numeric || types?.has('boolean') === true ? undefined : value
}

function judgeList(
  list: readonly Json[],
  view: SchemaView,
  subject: string,
  scope: JudgeScope,
  depth: number,
): void {
  if (view.items === undefined) return
  const inner = subject === '$' ? '[]' : `${subject}[]`
  const count = Math.min(list.length, scope.limits.elements)
  for (let index = 0; index < count; index += 1)
    judgeValue(list[index] as Json, view.items, inner, scope, depth + 1)
}

function judgeObject(
  object: { readonly [key: string]: Json },
  view: SchemaView,
  subject: string,
  scope: JudgeScope,
  depth: number,
): void {
  const { properties, additional } = view
  // An object about which nothing is said is free-form.
  const told = properties.size > 0 || view.others === 'closed'
  for (const key of Object.keys(object)) {
    const schema = properties.get(key)
    const inner = subject === '$' ? key : `${subject}.${key}`
    if (schema !== undefined) {
      // What an answer still carries is the server's to end; what a request carries shows who relies on it.
      if (scope.side === 'request' && schema.view().deprecated)
        tell(scope, 'deprecated', inner, 'the specification calls it deprecated', 'sent')
      judgeValue(object[key] as Json, schema, inner, scope, depth + 1)
    } else if (additional !== undefined)
      judgeValue(
        object[key] as Json,
        additional,
        `${subject === '$' ? '' : `${subject}.`}*`,
        scope,
        depth + 1,
      )
    else if (told && view.others !== 'open' && !view.required.has(key))
      tell(scope, 'undocumented', inner.slice(0, 200), 'no such field', typeOf(object[key] as Json))
  }
  for (const name of view.required) {
    if (Object.hasOwn(object, name)) continue
    const property = properties.get(name)?.view()
    if (scope.side === 'request' ? property?.readOnly === true : property?.writeOnly === true) continue
    tell(scope, 'missing', subject === '$' ? name : `${subject}.${name}`, 'always there', 'nothing')
  }
}

function tell(
  scope: JudgeScope,
  kind: Deviation['kind'],
  subject: string,
  expected: string,
  observed: string,
): void {
  if (scope.found.length >= scope.limits.deviations) return
  if (scope.found.some(one => one.kind === kind && one.subject === subject && one.side === scope.side)) return
  scope.found.push({ kind, side: scope.side, subject, expected, observed })
}

export function typeOf(value: Json): SchemaType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as 'boolean' | 'string' | 'object'
}

function hasType(types: ReadonlySet<SchemaType>, value: Json, observed: SchemaType, text: boolean): boolean {
  if (types.has(observed)) return true
  if (observed === 'integer' && types.has('number')) return true
  if (!text || typeof value !== 'string') return text && types.has('array')
  if (types.has('array') || types.has('object')) return true
  if (types.has('integer') && /^[+-]?\d{1,40}$/.test(value)) return true
  if (types.has('number') && value.trim() !== '' && Number.isFinite(Number(value))) return true
  if (types.has('boolean') && /^(?:true|false|0|1|yes|no|on|off)$/i.test(value)) return true
  return value === '' || (types.has('null') && value === 'null')
}

function inEnum(words: readonly Json[], value: Json, text: boolean): boolean {
  if (words.includes(value)) return true
  return text && typeof value === 'string' && (value === '' || words.some(word => String(word) === value))
}

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const summary = (words: readonly Json[]): string => {
  const shown = words
    .slice(0, 6)
    .map(word => JSON.stringify(word).slice(0, 40))
    .join(', ')
  return words.length > 6 ? `${shown} … (${words.length})` : shown
}
