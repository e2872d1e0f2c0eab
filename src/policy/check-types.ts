import type { BodySchema } from './body-schema.ts'
import type { FactLiteral, FactUse, JsonType } from './expression.ts'
import {
  fieldSchemas,
  meant,
  type SchemaDoubt,
  type Schemas,
  typesOf,
  typeWords,
  wayOf,
} from './field-schemas.ts'

/** A doubt about an expression: where in its text. */
export interface UseDoubt extends SchemaDoubt {
  readonly offset: number
}

/** Values of an enumeration that are told at most. */
const toldValues = 8

/**
 * What an expression does with a field of bodies that its type, or its enumeration, does not bear. Only what holds for every body: where one
 * of them leaves the type open, or has one that fits, nothing is said.
 *
 * @param bodies bodies of the endpoints that the policy is for, by the first name of a way: request or response
 */
export function useDoubt(use: FactUse, bodies: (root: string) => Schemas): UseDoubt | undefined {
  const schemas = at(use.names, bodies)
  if (schemas === undefined) return undefined
  const types = typesOf(schemas)
  const field = wayOf(use.names.slice(2))
  if (types !== undefined) {
    const told = typeDoubt(use, field, types, bodies)
    if (told !== undefined) return { ...told, kind: 'type', offset: use.offset }
  }
  for (const literal of use.literals ?? []) {
    const mend = whyNoValue(literal, schemas)
    if (mend !== undefined)
      return {
        kind: 'value',
        message: `${JSON.stringify(literal.value)} is none of the values of the field "${field}".`,
        mend,
        offset: literal.offset,
      }
  }
  return undefined
}

function at(names: readonly string[], bodies: (root: string) => Schemas): readonly BodySchema[] | undefined {
  const found = fieldSchemas(names.slice(2), bodies(names[0] ?? ''))
  return found === 'open' || 'doubt' in found ? undefined : found.schemas
}

function typeDoubt(
  { like, accepts, otherwise, literals }: FactUse,
  field: string,
  types: ReadonlySet<JsonType>,
  bodies: (root: string) => Schemas,
): { readonly message: string; readonly mend: string } | undefined {
  const is = `The field "${field}" is ${typeWords(types)}`
  if (like !== undefined) {
    const others = at(like, bodies)
    const theirs = others && typesOf(others)
    if (theirs === undefined || [...types].some(type => theirs.has(type))) return undefined
    return {
      message: `${is} and "${wayOf(like.slice(2))}" ${typeWords(theirs)}: ${otherwise}.`,
      mend: 'Compare fields of the same type, or convert one of them.',
    }
  }
  if (accepts.some(type => types.has(type))) return undefined
  return { message: `${is}: ${otherwise}.`, mend: mendOf(types, accepts, literals?.[0]) }
}

/** The literal as the field has it, a conversion, or the types that would do. */
function mendOf(
  types: ReadonlySet<JsonType>,
  accepts: readonly JsonType[],
  literal: FactLiteral | undefined,
): string {
  if (literal !== undefined) {
    const { value } = literal
    if (types.has('string')) return `Write ${JSON.stringify(String(value))}.`
    if (
      types.has('number') &&
      typeof value === 'string' &&
      value.trim() !== '' &&
      Number.isFinite(Number(value))
    )
      return `Write ${Number.isInteger(Number(value)) ? `${Number(value)}.0` : Number(value)}.`
    if (types.has('boolean') && (value === 'true' || value === 'false')) return `Write ${value}.`
  }
  if (types.has('string') && accepts.includes('number')) return 'Read a number out of it with double().'
  if (types.has('number') && accepts.length === 1 && accepts[0] === 'string')
    return 'Make it a text with string().'
  if (types.has('array') && accepts.some(type => type !== 'object'))
    return 'Take one of its elements, or go through all with exists().'
  return `Expected ${typeWords(new Set(accepts))}; name another field, or do something else with this one.`
}

/** A mend where every schema lists values and none of them has this one. */
function whyNoValue({ value }: FactLiteral, schemas: readonly BodySchema[]): string | undefined {
  const known = schemas.map(({ values }) => values)
  if (known.length === 0 || known.includes(undefined)) return undefined
  const values = [...new Set(known.flatMap(list => list ?? []))]
  if (values.length === 0 || values.includes(value)) return undefined
  const texts = values.filter(one => typeof one === 'string')
  const near = typeof value === 'string' ? meant(value, texts).mend : undefined
  const told = values.slice(0, toldValues).map(one => JSON.stringify(one))
  return near ?? `They are ${told.join(', ')}${values.length > told.length ? ' and others' : ''}.`
}
