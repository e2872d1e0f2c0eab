import { nearest } from '../kit/nearest.ts'
import type { BodySchema, SchemaTypeName } from './body-schema.ts'
import type { SourcePosition } from './document.ts'
import type { JsonType } from './expression.ts'

/** What a policy says of a body, or of an endpoint, that none of its endpoints bears out. */
export interface SchemaDoubt {
  /** `type`: what it does cannot come to anything by the schemas. */
  readonly kind: 'name' | 'type' | 'value'
  readonly message: string
  readonly mend?: string
  readonly at?: SourcePosition
}

/** Bodies, or fields of them; undefined of what may be anything. */
export type Schemas = readonly (BodySchema | undefined)[]

/** What the fields at the end of a way are; `doubt` where there are none, `open` where that cannot be told. */
export type FieldSchemas =
  | { readonly schemas: readonly BodySchema[] }
  | { readonly doubt: SchemaDoubt }
  | 'open'

export const meant = (name: string, known: Iterable<string>): { readonly mend?: string } => {
  const found = nearest(name, known)
  return found === undefined ? {} : { mend: `Did you mean "${found}"?` }
}

const jsonType = (type: SchemaTypeName): JsonType => (type === 'integer' ? 'number' : type)

/** Types that values of these schemas have; undefined where one of them leaves it open. */
export function typesOf(schemas: readonly BodySchema[]): ReadonlySet<JsonType> | undefined {
  const found = new Set<JsonType>()
  for (const { types } of schemas) {
    if (types === undefined) return undefined
    for (const type of types) found.add(jsonType(type))
  }
  return found.size === 0 ? undefined : found
}

const article = (type: JsonType): string =>
  type === 'null' ? type : `${/^[ao]/.test(type) ? 'an' : 'a'} ${type}`

/** `a string`, `a string or null`. */
export const typeWords = (types: ReadonlySet<JsonType>): string => [...types].map(article).join(' or ')

/** A step of a way is an element's index, any element or member (`[]`), or what a list macro goes through (`[*]`). */
const isIndex = (step: string): boolean => step === '[]' || step === '[*]' || /^\d+$/.test(step)

/** As expressions write a way into a body. */
export const wayOf = (steps: readonly string[]): string =>
  steps.reduce(
    (way, step) =>
      step === '[*]'
        ? `${way}[]`
        : isIndex(step)
          ? `${way}[${step === '[]' ? '' : step}]`
          : way === ''
            ? step
            : `${way}.${step}`,
    '',
  )

/** What a step leads to: schemas, `open`, or why there is no such step. */
function stepInto(schema: BodySchema, step: string): Schemas | 'open' | 'name' | 'type' {
  const { types, properties, items, additional } = schema
  const mayBe = (type: SchemaTypeName): boolean => types === undefined || types.includes(type)
  // That nothing can go through a scalar is told of what goes through it.
  if (!mayBe('object') && !mayBe('array')) return step === '[*]' ? 'open' : 'type'
  if (isIndex(step)) {
    // What goes through a map meets its names, not what stands under them.
    if (step === '[*]')
      return items === undefined || (types !== undefined && mayBe('object')) ? 'open' : [items]
    const next = items ?? additional
    return next === undefined ? 'open' : [next]
  }
  if (!mayBe('object')) return 'type'
  if (properties !== undefined && Object.hasOwn(properties, step)) return [properties[step]]
  if (additional !== undefined) return [additional]
  return properties === undefined && items === undefined ? 'open' : 'name'
}

/** The fields that a way of names and indices leads to in bodies. Of what some body leaves open nothing is said. */
export function fieldSchemas(steps: readonly string[], bodies: Schemas): FieldSchemas {
  let at: Schemas = bodies
  for (const [index, step] of steps.entries()) {
    const schemas = at.filter(schema => schema !== undefined)
    if (schemas.length === 0 || schemas.length < at.length) return 'open'
    const next = schemas.map(schema => stepInto(schema, step))
    if (next.includes('open')) return 'open'
    const led = next.filter(one => typeof one === 'object')
    if (led.length === 0)
      return { doubt: doubtAt(steps.slice(0, index), step, schemas, next.includes('name')) }
    at = led.flat()
  }
  const schemas = at.filter(schema => schema !== undefined)
  return schemas.length === 0 || schemas.length < at.length ? 'open' : { schemas }
}

function doubtAt(
  before: readonly string[],
  step: string,
  schemas: readonly BodySchema[],
  isName: boolean,
): SchemaDoubt {
  if (isName) {
    const names = schemas.flatMap(({ properties }) => Object.keys(properties ?? {}))
    return {
      kind: 'name',
      message: `No body of its endpoints has the field "${step}".`,
      ...meant(step, names),
    }
  }
  const types = typesOf(schemas) ?? new Set<JsonType>()
  const whole = before.length === 0 ? 'The body' : `The field "${wayOf(before)}"`
  const within = isIndex(step) ? 'no elements' : `no field "${step}"`
  const elements = schemas.flatMap(({ items }) => Object.keys(items?.properties ?? {}))
  return {
    kind: 'type',
    message: `${whole} is ${typeWords(types)}: it has ${within}.`,
    mend: types.has('array')
      ? elements.includes(step)
        ? `Its elements have one: take one of them, or go through all.`
        : 'Take one of its elements, or go through all.'
      : `Name ${before.length === 0 ? 'the body' : `"${wayOf(before)}"`} itself, or correct the way.`,
  }
}
