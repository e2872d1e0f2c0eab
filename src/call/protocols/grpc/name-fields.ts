import type { Json } from '../../content.ts'
import { parseProtobuf } from '../../decode/protobuf.ts'
import { put } from '../../redact-tree.ts'
import { operationBounds } from '../operation.ts'
import type { DescriptorSet, FieldDescriptor, MessageDescriptor } from './descriptor-set.ts'

type Tree = { readonly [key: string]: Json }

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A message as `parseProtobuf` reads it without its type, with what a descriptor says of it: fields by their names, enumerations by
 * theirs, truth values, signed numbers, lists and maps. What read as text and is a message is taken apart; packed lists are
 * unpacked as far as their bytes are there. A field that the descriptor does not have keeps its number, and a value that cannot be
 * what it says stays as it is. Follows `operationBounds.depth` levels and names at most `operationBounds.nodes` fields; what lies beyond keeps its
 * numbers. The given tree is not changed.
 *
 * @param name full name of the message, without a leading dot
 */
export function nameFields(tree: Json, set: DescriptorSet, name: string): Json {
  const message = set.messages.get(name)
  return message === undefined ? tree : new Namer(set).message(tree, message, operationBounds.depth)
}

class Namer {
  readonly #set: DescriptorSet
  #left: number = operationBounds.nodes

  constructor(set: DescriptorSet) {
    this.#set = set
  }

  message(value: Json, message: MessageDescriptor, depth: number): Json {
    const tree = isTree(value) ? value : reread(value)
    if (tree === undefined || depth === 0) return value
    const named: { [key: string]: Json } = {}
    for (const key in tree) {
      const child = tree[key]!
      const field = fieldOf(message, key)
      if (field === undefined || this.#left <= 0) {
        put(named, key, child)
        continue
      }
      this.#left -= 1
      put(named, field.name, this.#field(child, field, depth))
    }
    return named
  }

  #field(value: Json, field: FieldDescriptor, depth: number): Json {
    if (field.kind === 'message') {
      const message = this.#set.messages.get(field.type)
      if (message === undefined) return value
      if (message.mapEntry) return this.#map(asItems(value), message, depth)
      // A message that comes again is joined with the one before; nobody writes it so but on purpose: shown as it came.
      if (!field.repeated && !Array.isArray(value)) return this.message(value, message, depth - 1)
      return asItems(value).map(item => this.message(item, message, depth - 1))
    }
    if (!field.repeated) {
      // Of a scalar that comes again the last counts.
      return this.#scalar(Array.isArray(value) ? (asItems(value).at(-1) ?? value) : value, field)
    }
    const packable = field.type !== 'string' && field.type !== 'bytes'
    return asItems(value).flatMap(item => {
      const packed = packable && typeof item !== 'number' ? unpack(item, field) : undefined
      return (packed ?? [item]).map(one => this.#scalar(one, field))
    })
  }

  /** An object by the keys; a list of entries where they are none. */
  #map(entries: readonly Json[], entry: MessageDescriptor, depth: number): Json {
    const map: { [key: string]: Json } = {}
    for (const item of entries) {
      const named = this.message(item, entry, depth - 1)
      if (!isTree(named)) return entries
      const key = named.key ?? ''
      if (typeof key === 'object' && key !== null) return entries
      put(map, String(key), named.value ?? null)
    }
    return map
  }

  #scalar(value: Json, field: FieldDescriptor): Json {
    if (field.kind === 'enum') {
      const number = signed(value)
      return this.#set.enums.get(field.type)?.values.find(one => one.number === number)?.name ?? value
    }
    switch (field.type) {
      case 'bool':
        return value === 0 || value === 1 ? value === 1 : value
      case 'int32':
      case 'int64':
        return signed(value)
      case 'sint32':
      case 'sint64':
        return zigzag(value)
      default:
        return value
    }
  }
}

const asItems = (value: Json): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [value]

const byNumber = new WeakMap<MessageDescriptor, ReadonlyMap<string, FieldDescriptor>>()

function fieldOf(message: MessageDescriptor, key: string): FieldDescriptor | undefined {
  let fields = byNumber.get(message)
  if (fields === undefined) {
    fields = new Map(message.fields.map(field => [String(field.number), field]))
    byNumber.set(message, fields)
  }
  return fields.get(key)
}

/** Text, or bytes shown whole, that are a message after all. */
function reread(value: Json): Tree | undefined {
  if (value === '') return {}
  const bytes = bytesOf(value)
  return bytes === undefined
    ? undefined
    : parseProtobuf(bytes, { depth: operationBounds.depth, fields: operationBounds.nodes })
}

const shown = /^\[(\d{1,9}) bytes: ([0-9a-f]*)\]$/

/** The bytes of a length-delimited value, where the reader kept them all. */
function bytesOf(value: Json): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined
  const found = shown.exec(value)
  if (found === null) return Buffer.from(value)
  const bytes = Buffer.from(found[2]!, 'hex')
  return bytes.length === Number(found[1]) ? bytes : undefined
}

/** Two's complement of 64 bits, as negative numbers of `int32` and `int64` are written. */
function signed(value: Json): Json {
  if (typeof value !== 'string' || !/^\d{16,20}$/.test(value)) return value
  return asNumber(BigInt.asIntN(64, BigInt(value)))
}

function zigzag(value: Json): Json {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  if (typeof value !== 'string' || !/^\d{16,20}$/.test(value)) return value
  const number = BigInt(value)
  return asNumber((number >> 1n) ^ -(number & 1n))
}

const asNumber = (value: bigint): Json =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : String(value)

const widths: Readonly<Record<string, number>> = {
  fixed32: 4,
  sfixed32: 4,
  float: 4,
  fixed64: 8,
  sfixed64: 8,
  double: 8,
}

/** The values of a packed list; undefined where its bytes are not all there, or are none. */
function unpack(value: Json, { type }: FieldDescriptor): readonly Json[] | undefined {
  const bytes = bytesOf(value)
  if (bytes === undefined) return undefined
  const buffer = Buffer.from(bytes)
  const width = widths[type]
  const values: Json[] = []
  if (width !== undefined) {
    if (buffer.length % width !== 0) return undefined
    for (let at = 0; at < buffer.length; at += width) values.push(fixedAt(buffer, at, type))
    return values
  }
  let number = 0n
  let shift = 0n
  for (const byte of buffer) {
    number |= BigInt(byte & 127) << shift
    shift += 7n
    if (shift > 70n) return undefined
    if (byte >= 128) continue
    values.push(asNumber(number & 0xffff_ffff_ffff_ffffn))
    number = 0n
    shift = 0n
  }
  return shift === 0n ? values : undefined
}

function fixedAt(buffer: Buffer, at: number, type: string): Json {
  switch (type) {
    case 'float':
      return orText(buffer.readFloatLE(at))
    case 'double':
      return orText(buffer.readDoubleLE(at))
    case 'fixed32':
      return buffer.readUInt32LE(at)
    case 'sfixed32':
      return buffer.readInt32LE(at)
    case 'fixed64':
      return asNumber(buffer.readBigUInt64LE(at))
    default:
      return asNumber(buffer.readBigInt64LE(at))
  }
}

/** JSON has no word for these. */
const orText = (number: number): Json => (Number.isFinite(number) ? number : String(number))
