import { SallyportError } from '../../../kit/error.ts'
import { type WireField, wireFields } from '../../decode/wire.ts'

/** What `protoc --descriptor_set_out` or `buf build` knows of an API: a `FileDescriptorSet` of `descriptor.proto`. */
export interface DescriptorSet {
  readonly services: readonly ServiceDescriptor[]
  /** By full name, without a leading dot. Messages name each other, in circles too. */
  readonly messages: ReadonlyMap<string, MessageDescriptor>
  readonly enums: ReadonlyMap<string, EnumDescriptor>
}

export interface ServiceDescriptor {
  /** Full name: `shop.Orders`. */
  readonly name: string
  readonly deprecated: boolean
  readonly methods: readonly MethodDescriptor[]
}

export interface MethodDescriptor {
  readonly name: string
  /** Full names of messages. */
  readonly input: string
  readonly output: string
  readonly clientStreaming: boolean
  readonly serverStreaming: boolean
  readonly deprecated: boolean
}

export interface MessageDescriptor {
  readonly name: string
  readonly fields: readonly FieldDescriptor[]
  /** An entry of a `map<,>`: its fields are `key` and `value`. */
  readonly mapEntry: boolean
}

export interface FieldDescriptor {
  readonly number: number
  readonly name: string
  /** A scalar of protobuf (`int64`, `string`, …), or the full name of a message or an enumeration. */
  readonly type: string
  readonly kind: 'scalar' | 'message' | 'enum'
  readonly repeated: boolean
  readonly deprecated: boolean
}

export interface EnumDescriptor {
  readonly name: string
  readonly values: readonly { readonly number: number; readonly name: string; readonly deprecated: boolean }[]
}

/** What is read of one set; a larger one is refused. */
export interface DescriptorLimits {
  readonly bytes: number
  /** Descriptors of all kinds together. */
  readonly nodes: number
  /** Messages declared within messages. */
  readonly depth: number
}

export const defaultDescriptorLimits: DescriptorLimits = { bytes: 64 << 20, nodes: 1_000_000, depth: 32 }

/** Names of `FieldDescriptorProto.Type`, by number. */
const scalars: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'float',
  3: 'int64',
  4: 'uint64',
  5: 'int32',
  6: 'fixed64',
  7: 'fixed32',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
  15: 'sfixed32',
  16: 'sfixed64',
  17: 'sint32',
  18: 'sint64',
}
const typeGroup = 10
const typeMessage = 11
const typeEnum = 14

/** True for bytes that are a list of files as a descriptor set has them; looks at the first only. */
export function isDescriptorSet(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x0a) return false
  const [file] = wireFields(bytes, 0, Math.min(bytes.length, endOfFirst(bytes)), 2) ?? []
  if (file === undefined || file.type !== 2) return false
  const inner = wireFields(bytes, file.from, file.to, defaultDescriptorLimits.nodes)
  const name = inner?.find(({ number, type }) => number === 1 && type === 2)
  return name !== undefined && (inner ?? []).every(({ number }) => number <= 14)
}

function endOfFirst(bytes: Uint8Array): number {
  let size = 0
  let factor = 1
  for (let at = 1; at < bytes.length && at < 11; at += 1) {
    const byte = bytes[at]!
    size += (byte & 127) * factor
    if (byte < 128) return at + 1 + size
    factor *= 128
  }
  return 0
}

/**
 * Reads a `FileDescriptorSet`.
 *
 * @throws SallyportError `input/unreadable` with the offset where it is none, `input/too-large` beyond a bound.
 */
export function readDescriptorSet(
  bytes: Uint8Array,
  limits: DescriptorLimits = defaultDescriptorLimits,
): DescriptorSet {
  return new Reader(bytes, limits).set()
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #limits: DescriptorLimits
  #left: number
  readonly #services: ServiceDescriptor[] = []
  readonly #messages = new Map<string, MessageDescriptor>()
  readonly #enums = new Map<string, EnumDescriptor>()

  constructor(bytes: Uint8Array, limits: DescriptorLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#left = limits.nodes
  }

  set(): DescriptorSet {
    const { length } = this.#bytes
    if (length > this.#limits.bytes)
      throw tooLarge(`The descriptor set is larger than ${this.#limits.bytes >> 20} MB.`)
    for (const field of this.#fields(0, length)) {
      if (field.number !== 1 || field.type !== 2) throw unreadable('This is no list of files.', field.from)
      this.#file(field)
    }
    return { services: this.#services, messages: this.#messages, enums: this.#enums }
  }

  #file(file: WireField): void {
    const fields = this.#inside(file)
    const scope = this.#textOf(fields, 2) ?? ''
    for (const field of fields) {
      if (field.type !== 2) continue
      if (field.number === 4) this.#message(field, scope, 0)
      else if (field.number === 5) this.#enumeration(field, scope)
      else if (field.number === 6) this.#service(field, scope)
    }
  }

  #message(field: WireField, scope: string, depth: number): void {
    if (depth > this.#limits.depth)
      throw tooLarge(`Messages are declared within each other more than ${this.#limits.depth} deep.`)
    const fields = this.#inside(field)
    const name = qualified(scope, this.#textOf(fields, 1) ?? '')
    const own: FieldDescriptor[] = []
    let mapEntry = false
    for (const inner of fields) {
      if (inner.type !== 2) continue
      if (inner.number === 2) own.push(this.#field(inner))
      else if (inner.number === 3) this.#message(inner, name, depth + 1)
      else if (inner.number === 4) this.#enumeration(inner, name)
      else if (inner.number === 7) mapEntry = flagIn(this.#inside(inner), 7)
    }
    this.#messages.set(name, { name, fields: own.sort((a, b) => a.number - b.number), mapEntry })
  }

  #field(field: WireField): FieldDescriptor {
    const fields = this.#inside(field)
    const type = numberIn(fields, 5)
    const named = unqualified(this.#textOf(fields, 6) ?? '')
    const scalar = scalars[type]
    // Without a type the name is not resolved yet: a message is what nearly all are.
    const kind = scalar !== undefined ? 'scalar' : type === typeEnum ? 'enum' : 'message'
    if (
      scalar === undefined &&
      type !== typeMessage &&
      type !== typeEnum &&
      type !== typeGroup &&
      named === ''
    )
      throw unreadable('A field has no type.', field.from)
    return {
      number: numberIn(fields, 3),
      name: this.#textOf(fields, 1) ?? '',
      type: scalar ?? named,
      kind,
      repeated: numberIn(fields, 4) === 3,
      deprecated: this.#optionIn(fields, 8, 3),
    }
  }

  #enumeration(field: WireField, scope: string): void {
    const fields = this.#inside(field)
    const name = qualified(scope, this.#textOf(fields, 1) ?? '')
    const values = fields
      .filter(({ number, type }) => number === 2 && type === 2)
      .map(value => {
        const inner = this.#inside(value)
        return {
          number: signed(numberIn(inner, 2)),
          name: this.#textOf(inner, 1) ?? '',
          deprecated: this.#optionIn(inner, 3, 1),
        }
      })
    this.#enums.set(name, { name, values })
  }

  #service(field: WireField, scope: string): void {
    const fields = this.#inside(field)
    const deprecated = this.#optionIn(fields, 3, 33)
    const methods = fields
      .filter(({ number, type }) => number === 2 && type === 2)
      .map((method): MethodDescriptor => {
        const inner = this.#inside(method)
        return {
          name: this.#textOf(inner, 1) ?? '',
          input: unqualified(this.#textOf(inner, 2) ?? ''),
          output: unqualified(this.#textOf(inner, 3) ?? ''),
          clientStreaming: flagIn(inner, 5),
          serverStreaming: flagIn(inner, 6),
          deprecated: deprecated || this.#optionIn(inner, 4, 33),
        }
      })
    this.#services.push({ name: qualified(scope, this.#textOf(fields, 1) ?? ''), deprecated, methods })
  }

  #optionIn(fields: readonly WireField[], options: number, number: number): boolean {
    const field = fields.find(one => one.number === options && one.type === 2)
    return field !== undefined && flagIn(this.#inside(field), number)
  }

  #inside(field: WireField): readonly WireField[] {
    return this.#fields(field.from, field.to)
  }

  #fields(from: number, to: number): readonly WireField[] {
    if (this.#left <= 0) throw tooLarge(`The descriptor set declares more than ${this.#limits.nodes} things.`)
    const fields = wireFields(this.#bytes, from, to, this.#left)
    if (fields === undefined) throw unreadable('This is no protobuf, or ends too early.', from)
    this.#left -= fields.length
    return fields
  }

  #textOf(fields: readonly WireField[], number: number): string | undefined {
    const field = fields.find(one => one.number === number && one.type === 2)
    if (field === undefined) return undefined
    const { from, to } = field
    return Buffer.from(
      this.#bytes.buffer,
      this.#bytes.byteOffset + from,
      Math.min(to - from, longestName),
    ).toString()
  }
}

const longestName = 512

const numberIn = (fields: readonly WireField[], number: number): number =>
  fields.find(one => one.number === number && one.type === 0)?.value ?? 0

const flagIn = (fields: readonly WireField[], number: number): boolean => numberIn(fields, number) === 1

/** Negative values of an enumeration are ten bytes long. */
const signed = (value: number): number => (value >= 2 ** 63 ? value - 2 ** 64 : value)

const qualified = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`)
const unqualified = (name: string): string => (name.startsWith('.') ? name.slice(1) : name)

const unreadable = (message: string, offset: number): SallyportError =>
  new SallyportError('input/unreadable', message, {
    where: `byte ${offset}`,
    mend: 'Make it anew: protoc --include_imports --descriptor_set_out=api.binpb api.proto, or buf build -o api.binpb.',
  })

const tooLarge = (message: string): SallyportError =>
  new SallyportError('input/too-large', message, { mend: 'Split it: one descriptor set for each service.' })
