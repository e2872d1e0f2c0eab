import type { DescriptorSet, FieldDescriptor } from '../../../call/protocols/grpc/descriptor-set.ts'
import { keptWhole } from '../../../kit/snapshot.ts'
import { References } from '../references.ts'
import { SchemaReader, type SpecSchema } from '../schema.ts'

type Raw = { [key: string]: unknown }

const integers = new Set(['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'])

/**
 * The messages of a descriptor set as schemas of what the reader of bodies makes of them: fields by number, or by name where
 * names are known (JSON, or a descriptor at the sensor). The wire says less than the descriptor: text may read as a message, and
 * a message as text, so only what the wire does tell apart is held to.
 */
export class MessageSchemas {
  /** Messages that are named and not there. */
  readonly missing = new Set<string>()
  private readonly set: DescriptorSet
  private readonly reader = new SchemaReader(new References({}))
  private readonly known = new Map<string, Raw>()

  constructor(set: DescriptorSet) {
    this.set = set
    for (const { methods } of set.services)
      for (const { input, output } of methods)
        for (const name of [input, output]) if (!set.messages.has(name)) this.missing.add(name)
    for (const { fields } of set.messages.values())
      for (const { kind, type } of fields)
        if (kind === 'message' && !set.messages.has(type) && !type.startsWith('google.protobuf.'))
          this.missing.add(type)
  }

  /** @param streaming one body holds several. */
  message(name: string, streaming: boolean): SpecSchema {
    const raw = this._message(name)
    return this.reader.schema(streaming ? { anyOf: [raw, { type: 'array', items: raw }] } : raw)
  }

  private _message(name: string): Raw {
    const known = this.known.get(name)
    if (known !== undefined) return known
    const raw: Raw = {}
    this.known.set(name, raw)
    const message = this.set.messages.get(name)
    // What is not there, and what has a form of its own in JSON, may be anything.
    if (message === undefined || name.startsWith('google.protobuf.')) return raw
    raw.type = ['object', 'string']
    Object.defineProperty(raw, 'properties', {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = this.properties(message.fields)
        Object.defineProperty(raw, 'properties', { enumerable: true, value })
        return value
      },
    })
    if (message.fields.length === 0) raw.additionalProperties = false
    return raw
  }

  private properties(fields: readonly FieldDescriptor[]): Raw {
    const properties: Raw = Object.create(null) as Raw
    for (const field of fields) {
      const one = this.field(field)
      const schema = field.deprecated ? { allOf: [one], deprecated: true } : one
      properties[String(field.number)] = schema
      properties[field.name] = schema
      properties[jsonName(field.name)] = schema
    }
    return properties
  }

  private field(field: FieldDescriptor): Raw {
    const one = this.value(field)
    if (!field.repeated) return one
    // Packed: many values in one, which reads as text or as a message.
    const packed: Raw = { type: ['string', 'object'] }
    const map = field.kind === 'message' && this.set.messages.get(field.type)?.mapEntry === true
    return {
      anyOf: [
        { type: 'array', items: { anyOf: [one, packed] } },
        one,
        packed,
        ...(map ? [{ type: 'object' }] : []),
      ],
    }
  }

  private value({ kind, type }: FieldDescriptor): Raw {
    if (kind === 'message') return this._message(type)
    // A number, or its name in JSON.
    if (kind === 'enum') return { type: ['integer', 'string'] }
    if (integers.has(type)) return { type: ['integer', 'string'] }
    if (type === 'bool') return { type: ['boolean', 'integer'] }
    if (type === 'string' || type === 'bytes') return { type: ['string', 'object'] }
    // Four and eight bytes: integers and floating point look alike; what JavaScript cannot hold is text.
    return { type: ['number', 'string'] }
  }

  static {
    keptWhole(MessageSchemas, 'catalog/message-schemas', 1)
  }
}

/** `order_id` is `orderId` in JSON (protobuf.dev, "ProtoJSON Format"). */
const jsonName = (name: string): string =>
  name.replace(/_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
