import type { SchemaNode } from '../catalog/schema-node.ts'
import type { SpecSchema } from '../catalog/spec/schema.ts'
import type { BodySchema, SchemaTypeName } from './body-schema.ts'

/** Levels that are carried over; deeper ones may be anything. */
const maxDepth = 24
/** Places of one schema that are carried over. */
const maxPlaces = 2_000
/** A learned body whose next instance brings a new field less often than this is taken as known. */
const closedFrom = 0.99
/** Values a learned enumeration rests on. */
const enumFrom = 200

const known = new Set<string>(['null', 'boolean', 'integer', 'number', 'string', 'object', 'array'])

/** What traffic taught: lenient, so that nothing ordinary is a fault. Fields that are unknown are faults only where enough was seen. */
export function learnedSchema(node: SchemaNode): BodySchema {
  let left = maxPlaces
  const sure = (node.confidence ?? 0) >= closedFrom && (node.skipped ?? 0) === 0
  const read = (at: SchemaNode, depth: number): BodySchema => {
    left -= 1
    if (left < 0 || depth > maxDepth || at.recursesTo !== undefined) return {}
    const types = (typeof at.type === 'string' ? [at.type] : at.type).filter(type => known.has(type))
    const { additionalProperties: others } = at
    const properties = Object.entries(at.properties ?? {})
    return {
      // An integer so far may be any number next time.
      ...(types.length === 0
        ? {}
        : { types: types.map(type => (type === 'integer' ? 'number' : type)) as SchemaTypeName[] }),
      ...(properties.length === 0
        ? {}
        : {
            properties: Object.fromEntries(properties.map(([name, inner]) => [name, read(inner, depth + 1)])),
          }),
      ...(properties.length > 0 && others !== undefined && others !== false
        ? { additional: read(others, depth + 1) }
        : {}),
      ...(properties.length > 0 && (others === false || (sure && others === undefined))
        ? { closed: true }
        : {}),
      ...(at.required === undefined || !sure ? {} : { required: at.required }),
      ...(at.items === undefined ? {} : { items: read(at.items, depth + 1) }),
      ...(at.enum === undefined || at.seen < enumFrom ? {} : { values: at.enum }),
      ...(at.minimum === undefined ? {} : { minimum: at.minimum }),
      ...(at.maximum === undefined ? {} : { maximum: at.maximum }),
      ...(at.maxLength === undefined ? {} : { maxLength: at.maxLength }),
    }
  }
  return read(node, 0)
}

/** What a specification says. Names that it neither lists nor forbids are unknown, as positive security has it. */
export function specifiedSchema(schema: SpecSchema): BodySchema {
  let left = maxPlaces
  const read = (at: SpecSchema, depth: number): BodySchema => {
    left -= 1
    if (left < 0 || depth > maxDepth) return {}
    const { types, properties, required, others, additional, items, enum: values, readOnly } = at.view()
    const scalars = (values ?? []).filter(value => value === null || typeof value !== 'object')
    return {
      ...(types === undefined ? {} : { types: [...types] }),
      ...(properties.size === 0
        ? {}
        : {
            properties: Object.fromEntries(
              [...properties].map(([name, inner]) => [name, read(inner, depth + 1)]),
            ),
          }),
      ...(required.size === 0 ? {} : { required: [...required] }),
      ...(additional === undefined ? {} : { additional: read(additional, depth + 1) }),
      ...(additional === undefined && (others === 'closed' || (others === 'silent' && properties.size > 0))
        ? { closed: true }
        : {}),
      ...(items === undefined ? {} : { items: read(items, depth + 1) }),
      ...(values === undefined || scalars.length < values.length
        ? {}
        : { values: scalars as readonly (string | number | boolean | null)[] }),
      ...(readOnly ? { readOnly: true } : {}),
    }
  }
  return read(schema, 0)
}
