import type { Json } from '../call/content.ts'

export type SchemaTypeName = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'object' | 'array'

/** What a request body may be, as plain data that goes from thread to thread: from a specification or learned. */
export interface BodySchema {
  /** Any when absent. */
  readonly types?: readonly SchemaTypeName[]
  readonly properties?: Readonly<Record<string, BodySchema>>
  readonly required?: readonly string[]
  /** No names but `properties`; false where nothing is said of others. */
  readonly closed?: boolean
  /** Of names beyond `properties`. */
  readonly additional?: BodySchema
  readonly items?: BodySchema
  readonly values?: readonly (string | number | boolean | null)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  /** Only answers carry it. */
  readonly readOnly?: boolean
}

/** What is wrong at one place of a body. */
export interface BodyFault {
  /** As the catalog writes fields: `items[].price`; `$` is the whole. */
  readonly field: string
  /** Concrete steps. */
  readonly steps: readonly string[]
  readonly what: string
  readonly kind: 'unknown' | 'read-only' | 'missing' | 'type' | 'value' | 'size'
}

/** Faults told of one body, places looked at and levels followed. */
export const bodyCheckBounds = { faults: 32, places: 5_000, depth: 64 } as const

const typeOf = (value: Json): SchemaTypeName =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'integer'
          : 'number'
        : (typeof value as 'string' | 'boolean' | 'object')

/**
 * What of a body its schema does not allow. Names that a schema does not know are faults where it is closed. A body beyond the bounds on
 * places and levels has that as a fault. With `text` (forms) every scalar arrived as text, and types of scalars are not judged.
 *
 * @param most faults told
 */
export function checkBody(
  value: Json,
  schema: BodySchema,
  { text = false, most = bodyCheckBounds.faults }: { readonly text?: boolean; readonly most?: number } = {},
): readonly BodyFault[] {
  const check = new BodyCheck(text, most)
  check.at(value, schema, '$', [], 0)
  if (check.beyond)
    check.faults.push({ kind: 'size', field: '$', steps: [], what: 'is too large to be checked as a whole' })
  return check.faults
}

class BodyCheck {
  readonly faults: BodyFault[] = []
  readonly #text: boolean
  readonly #most: number
  #left: number = bodyCheckBounds.places
  /** There was more than is looked at. */
  beyond = false

  constructor(text: boolean, most: number) {
    this.#text = text
    this.#most = most
  }

  at(value: Json, schema: BodySchema, field: string, steps: readonly string[], depth: number): void {
    this.#left -= 1
    if (this.#left < 0 || depth > bodyCheckBounds.depth) this.beyond = true
    if (this.beyond || this.faults.length >= this.#most) return
    const type = typeOf(value)
    const { types } = schema
    const scalar = value === null || typeof value !== 'object'
    const fits =
      types === undefined ||
      types.includes(type) ||
      (type === 'integer' && types.includes('number')) ||
      (this.#text && scalar)
    if (!fits) {
      this.#tell('type', field, steps, `must be ${types.join(' or ')}, is ${type}`)
      return
    }
    if (!scalar) {
      if (Array.isArray(value)) this.#list(value as readonly Json[], schema, field, steps, depth)
      else this.#object(value as Readonly<Record<string, Json>>, schema, field, steps, depth)
      return
    }
    if (!this.#text) this.#scalar(value as string | number | boolean | null, schema, field, steps)
  }

  #scalar(
    value: string | number | boolean | null,
    schema: BodySchema,
    field: string,
    steps: readonly string[],
  ): void {
    const { values, minimum, maximum, minLength, maxLength } = schema
    if (values !== undefined && !values.includes(value))
      this.#tell('value', field, steps, 'is none of the known values')
    if (typeof value === 'number') {
      if (minimum !== undefined && value < minimum)
        this.#tell('value', field, steps, `is less than ${minimum}`)
      if (maximum !== undefined && value > maximum)
        this.#tell('value', field, steps, `is more than ${maximum}`)
    }
    if (typeof value === 'string') {
      if (minLength !== undefined && value.length < minLength)
        this.#tell('value', field, steps, `is shorter than ${minLength} characters`)
      if (maxLength !== undefined && value.length > maxLength)
        this.#tell('value', field, steps, `is longer than ${maxLength} characters`)
    }
  }

  #list(
    list: readonly Json[],
    { items }: BodySchema,
    field: string,
    steps: readonly string[],
    depth: number,
  ): void {
    if (items === undefined) return
    const inner = field === '$' ? '[]' : `${field}[]`
    for (const [index, value] of list.entries()) {
      if (this.beyond || this.faults.length >= this.#most) return
      this.at(value, items, inner, [...steps, String(index)], depth + 1)
    }
  }

  #object(
    object: Readonly<Record<string, Json>>,
    schema: BodySchema,
    field: string,
    steps: readonly string[],
    depth: number,
  ): void {
    const { properties = {}, required = [], additional, closed } = schema
    for (const [name, value] of Object.entries(object)) {
      if (this.beyond || this.faults.length >= this.#most) return
      const inner = (field === '$' ? name : `${field}.${name}`).slice(0, 200)
      const place = [...steps, name]
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (property?.readOnly === true) this.#tell('read-only', inner, place, 'cannot be written')
      else if (property !== undefined) this.at(value, property, inner, place, depth + 1)
      else if (additional !== undefined) this.at(value, additional, inner, place, depth + 1)
      else if (closed === true) this.#tell('unknown', inner, place, 'is not known')
    }
    for (const name of required)
      if (!Object.hasOwn(object, name) && properties[name]?.readOnly !== true)
        this.#tell('missing', field === '$' ? name : `${field}.${name}`, steps, 'is missing')
  }

  #tell(kind: BodyFault['kind'], field: string, steps: readonly string[], what: string): void {
    if (this.faults.length < this.#most) this.faults.push({ kind, field, steps, what })
  }
}

/** As `request.violations` has it. */
export const faultText = ({ field, what }: BodyFault): string => `${field}: ${what}`
