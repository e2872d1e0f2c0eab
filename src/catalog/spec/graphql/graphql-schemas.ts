import { keptWhole } from '../../../kit/snapshot.ts'
import { References } from '../references.ts'
import { SchemaReader, type SpecSchema } from '../schema.ts'
import {
  type GraphqlSchema,
  type GraphqlType,
  type RootKind,
  type TypeRef,
  typeText,
} from './graphql-schema.ts'

type Raw = { [key: string]: unknown }

/** Built-in scalars as JSON; `ID` is text by the standard, and a number where a server keeps it as one. */
const scalars: Readonly<Record<string, readonly string[]>> = {
  Int: ['integer'],
  Float: ['number'],
  String: ['string'],
  Boolean: ['boolean'],
  ID: ['string', 'integer'],
}

/**
 * The types of a GraphQL schema as schemas of JSON: what arguments take, and what answers hold. Made when first asked for, so
 * that types that hold themselves cost only as deep as a body goes.
 */
export class GraphqlSchemas {
  private readonly schema: GraphqlSchema
  private readonly reader = new SchemaReader(new References({}))
  private readonly known = new Map<string, Raw>()

  constructor(schema: GraphqlSchema) {
    this.schema = schema
  }

  /** Of a whole answer: `data` with fields of the root type. */
  answer(kind: RootKind): SpecSchema {
    const root = this.schema.roots.get(kind)
    return this.reader.schema(
      this.keep(`answer ${kind}`, () => ({
        type: 'object',
        properties: { data: root === undefined ? {} : this.named(root, false), errors: {}, extensions: {} },
      })),
    )
  }

  /** Of an argument's value: a single one is taken for a list of one (section 3.11). */
  argument(type: TypeRef): SpecSchema {
    return this.reader.schema(this.keep(`argument ${typeText(type)}`, () => this.ref(type, true)))
  }

  private ref(type: TypeRef, input: boolean): Raw {
    if (type.kind === 'named') return this.named(type.name, type.required)
    return this.keep(`${input ? 'input ' : ''}${typeText(type)}`, () => {
      const of = this.ref(type.of, input)
      const list = { type: type.required ? 'array' : ['array', 'null'], items: of }
      return input ? { anyOf: [list, of] } : list
    })
  }

  private named(name: string, required: boolean): Raw {
    return this.keep(`${name}${required ? '!' : ''}`, raw => {
      const types = scalars[name]
      if (types !== undefined && !this.schema.types.has(name))
        return { type: required ? types : [...types, 'null'] }
      const type = this.schema.types.get(name)
      if (type === undefined || type.kind === 'scalar') return {}
      const nothing = required ? [] : ['null']
      if (type.kind === 'enum') {
        const words: unknown[] = [...type.values.keys()]
        return { type: ['string', ...nothing], enum: required ? words : [...words, null] }
      }
      raw.type = ['object', ...nothing]
      // Filled in when it is looked into.
      Object.defineProperty(raw, 'properties', {
        enumerable: true,
        configurable: true,
        get: () => {
          const value = this.properties(type)
          Object.defineProperty(raw, 'properties', { enumerable: true, value })
          return value
        },
      })
      return raw
    })
  }

  private properties(type: GraphqlType): Raw {
    // Types that may stand in one place may each have a field of that name, of types of their own.
    const schemas = new Map<string, Set<Raw>>()
    for (const one of [type, ...concreteOf(this.schema, type)])
      for (const field of one.fields.values()) {
        const own = this.ref(field.type, type.kind === 'input')
        const known = schemas.get(field.name)
        if (known === undefined) schemas.set(field.name, new Set([own]))
        else known.add(own)
      }
    const properties: Raw = Object.create(null) as Raw
    properties.__typename = { type: 'string' }
    for (const [name, all] of schemas) properties[name] = all.size === 1 ? [...all][0] : { anyOf: [...all] }
    return properties
  }

  private keep(key: string, make: (raw: Raw) => Raw): Raw {
    const known = this.known.get(key)
    if (known !== undefined) return known
    const raw: Raw = {}
    this.known.set(key, raw)
    const made = make(raw)
    if (made !== raw) Object.assign(raw, made)
    return raw
  }

  static {
    keptWhole(GraphqlSchemas, 'catalog/graphql-schemas', 1)
  }
}

const concrete = new WeakMap<GraphqlSchema, Map<string, readonly GraphqlType[]>>()

/** The types that stand behind an interface or a union; none of others. */
export function concreteOf(schema: GraphqlSchema, type: GraphqlType): readonly GraphqlType[] {
  if (type.kind !== 'interface' && type.kind !== 'union') return []
  let known = concrete.get(schema)
  if (known === undefined) {
    const byName = new Map<string, GraphqlType[]>()
    const add = (name: string, one: GraphqlType): void => {
      const list = byName.get(name)
      if (list === undefined) byName.set(name, [one])
      else list.push(one)
    }
    for (const one of schema.types.values()) {
      for (const name of one.interfaces) if (name !== one.name) add(name, one)
      for (const name of one.members) {
        const member = schema.types.get(name)
        if (member !== undefined) add(one.name, member)
      }
    }
    known = byName
    concrete.set(schema, known)
  }
  return known.get(type.name) ?? []
}
