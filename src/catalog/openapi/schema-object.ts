import type { SchemaNode } from '../schema-node.ts'
import type { SchemaComponents } from './schema-components.ts'

/** A JSON value as it stands in the document. */
export type DocumentValue =
  | null
  | boolean
  | number
  | string
  | readonly DocumentValue[]
  | { readonly [key: string]: DocumentValue }
export type DocumentObject = { [key: string]: DocumentValue }

/** An object without a prototype, because its keys come from traffic. */
export const blank = (): DocumentObject => Object.create(null) as DocumentObject

/**
 * Properties whose names many tools take for references wherever they stand. They are told by a pattern, which says the
 * same and misleads nobody.
 */
const keywords = new Set(['$ref', '$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$schema'])

/** A place of a schema that is being written out: what stands above it, and what it is called. */
interface Place {
  readonly node: SchemaNode
  readonly name: string
  readonly above: Place | undefined
}

/**
 * A learned schema as an OpenAPI 3.1 Schema Object (JSON Schema 2020-12). The class of a field's data is `x-data-class`.
 *
 * @param components Takes the schemas that hold their own kind; without it, what lies within them is any object.
 */
export const schemaObject = (node: SchemaNode, components?: SchemaComponents): DocumentObject =>
  new Writer(components).schema(node, 'Body', undefined)

class Writer {
  readonly #components: SchemaComponents | undefined
  /** What schemas are called that something below refers to. */
  readonly #named = new Map<SchemaNode, string>()

  constructor(components: SchemaComponents | undefined) {
    this.#components = components
  }

  schema(node: SchemaNode, name: string, above: Place | undefined): DocumentObject {
    if (node.recursesTo !== undefined) return this.#again(node.recursesTo, above)
    const schema = this.#own(node, { node, name, above })
    const component = this.#named.get(node)
    return component === undefined || this.#components === undefined
      ? schema
      : this.#components.settle(component, schema)
  }

  #again(steps: number, above: Place | undefined): DocumentObject {
    let target = above
    for (let step = 1; step < steps; step += 1) target = target?.above
    if (target === undefined || this.#components === undefined) return { type: 'object' }
    const name = this.#named.get(target.node) ?? this.#components.reserve(target.name)
    this.#named.set(target.node, name)
    return { $ref: `#/components/schemas/${name}` }
  }

  #own(node: SchemaNode, place: Place): DocumentObject {
    const types = (typeof node.type === 'string' ? [node.type] : node.type).filter(type => type !== '')
    const schema: DocumentObject = {}
    // Where only null was seen, nothing is known of the rest.
    const known = types.some(type => type !== 'null')
    if (known) schema.type = types.length === 1 ? types[0]! : [...types]
    if (node.format !== undefined) schema.format = node.format
    if (node.enum !== undefined) schema.enum = types.includes('null') ? [...node.enum, null] : [...node.enum]
    if (node.minimum !== undefined) schema.minimum = node.minimum
    if (node.maximum !== undefined) schema.maximum = node.maximum
    if (node.minLength !== undefined) schema.minLength = node.minLength
    if (node.maxLength !== undefined) schema.maxLength = node.maxLength
    if (node.properties !== undefined) {
      const properties = blank()
      const patterns = blank()
      for (const name of Object.keys(node.properties)) {
        const property = this.schema(node.properties[name]!, name, place)
        if (keywords.has(name)) patterns[`^\\${name}$`] = property
        else properties[name] = property
      }
      schema.properties = properties
      if (Object.keys(patterns).length > 0) schema.patternProperties = patterns
    }
    if (node.required !== undefined) schema.required = [...node.required]
    if (node.additionalProperties !== undefined)
      schema.additionalProperties =
        node.additionalProperties === false
          ? false
          : this.schema(node.additionalProperties, place.name, place)
    if (node.items !== undefined) schema.items = this.schema(node.items, place.name, place)
    if (node.variants !== undefined) schema.oneOf = kinds(node)
    if (node.dataClass !== undefined) schema['x-data-class'] = node.dataClass
    return schema
  }
}

/** One schema for each kind of a polymorphic object; what the properties are stands once, above. */
function kinds({ variants, type }: SchemaNode): DocumentValue[] {
  if (variants === undefined) return []
  const all = new Set(variants.of.flatMap(({ properties }) => properties))
  const kinds: DocumentValue[] = variants.of.map(({ value, properties, required }) => {
    const own = blank()
    own[variants.property] = { const: value }
    // A property of other kinds only is not one of this.
    for (const name of all) if (!properties.includes(name)) own[name] = false
    return {
      type: 'object',
      title: value,
      properties: own,
      required: [...new Set([variants.property, ...required])].sort(),
    }
  })
  const others = (typeof type === 'string' ? [type] : type).filter(one => one !== 'object')
  return others.length === 0 ? kinds : [...kinds, { type: [...others] }]
}

/** A part of a multipart form that is a file: decoding leaves its name, type and size. */
const isFile = (node: SchemaNode): boolean =>
  node.type === 'object' &&
  node.properties !== undefined &&
  node.properties.size?.type === 'integer' &&
  Object.keys(node.properties).every(name => name === 'filename' || name === 'contentType' || name === 'size')

/** As `schemaObject`, for a multipart form: its files are bytes. */
export function formObject(node: SchemaNode, components?: SchemaComponents): DocumentObject {
  const schema = schemaObject(node, components)
  if (node.properties === undefined) return schema
  const properties = blank()
  for (const name of Object.keys(node.properties)) {
    const field = node.properties[name]!
    properties[name] = isFile(field)
      ? { contentMediaType: 'application/octet-stream' }
      : schemaObject(field, components)
  }
  return { ...schema, properties }
}

/** Several schemas of one place: any of them. The same schema stands once. */
export function anyOf(schemas: readonly DocumentObject[]): DocumentObject {
  const distinct = [...new Map(schemas.map(schema => [JSON.stringify(schema), schema])).values()]
  return distinct.length === 1 ? distinct[0]! : { anyOf: distinct }
}
