import { attributeNumbers, requestHeaderPrefix, responseHeaderPrefix } from './conventions.ts'
import {
  Attributes,
  type AttributeValue,
  type Span,
  type SpanKind,
  type SpanResource,
  spanKinds,
} from './span.ts'

/** Bytes that are no `ExportTraceServiceRequest`; the message says where. */
export class BrokenTelemetry extends Error {}

/** Lists within a list of values; deeper ones are left out. */
const maxDepth = 2
const maxListed = 64
const maxNameLength = 512
const maxValueLength = 4096

/**
 * The spans of an `ExportTraceServiceRequest` (opentelemetry-proto, trace/v1). Reads what `conventions` names and steps over the rest:
 * nothing is held that no sensor asks for. A length that goes beyond its message ends the reading there.
 * @throws BrokenTelemetry With the byte at which it cannot be read; spans before that were taken.
 */
export function decodeTraces(bytes: Uint8Array, take: (span: Span) => void): void {
  new Decoder(bytes).request(take)
}

const noBytes = ''

class Decoder {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  request(take: (span: Span) => void): void {
    const end = this.#bytes.length
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag === tagOf(1)) this.#resourceSpans(this.#length(end), take)
      else this.#skip(tag, end)
    }
  }

  #resourceSpans(end: number, take: (span: Span) => void): void {
    const resource: SpanResource = { attributes: new Attributes() }
    const begin = this.#at
    // The resource may come after the spans.
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag !== tagOf(1)) {
        this.#skip(tag, end)
        continue
      }
      const resourceEnd = this.#length(end)
      while (this.#at < resourceEnd) {
        const inner = this.#varint(resourceEnd)
        if (inner === tagOf(1)) this.#attribute(this.#length(resourceEnd), resource.attributes, 0)
        else this.#skip(inner, resourceEnd)
      }
    }
    this.#at = begin
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag !== tagOf(2)) {
        this.#skip(tag, end)
        continue
      }
      const scopeEnd = this.#length(end)
      while (this.#at < scopeEnd) {
        const inner = this.#varint(scopeEnd)
        if (inner === tagOf(2)) take(this.#span(this.#length(scopeEnd), resource))
        else this.#skip(inner, scopeEnd)
      }
    }
  }

  #span(end: number, resource: SpanResource): Span {
    const attributes = new Attributes()
    let traceId = noBytes
    let spanId = noBytes
    let parentId = noBytes
    let traceState = ''
    let name = ''
    let kind: SpanKind = 'unspecified'
    let start = 0
    let finish = 0
    let failed = false
    let place = 1
    while (this.#at < end) {
      const tag = this.#varint(end)
      switch (tag) {
        case tagOf(1):
          traceId = this.#packed(this.#length(end), 16)
          break
        case tagOf(2):
          spanId = this.#packed(this.#length(end), 8)
          break
        case tagOf(3):
          traceState = this.#text(this.#length(end), maxNameLength)
          break
        case tagOf(4):
          parentId = this.#packed(this.#length(end), 8)
          break
        case tagOf(5):
          name = this.#text(this.#length(end), maxNameLength)
          break
        case tagOf(6, varintType):
          kind = spanKinds[this.#varint(end)] ?? 'unspecified'
          break
        case tagOf(7, fixed64Type):
          start = this.#nanoseconds(end)
          break
        case tagOf(8, fixed64Type):
          finish = this.#nanoseconds(end)
          break
        case tagOf(9):
          this.#attribute(this.#length(end), attributes, place)
          place += 1
          break
        case tagOf(15):
          failed = this.#failed(this.#length(end))
          break
        default:
          this.#skip(tag, end)
      }
    }
    return {
      resource,
      traceId,
      spanId,
      parentId,
      traceState,
      name,
      kind,
      start,
      end: finish,
      failed,
      attributes,
    }
  }

  /** Status code 2 is an error. */
  #failed(end: number): boolean {
    let failed = false
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag === tagOf(3, varintType)) failed = this.#varint(end) === 2
      else this.#skip(tag, end)
    }
    return failed
  }

  #attribute(end: number, into: Attributes, place: number): void {
    const bytes = this.#bytes
    let number = -1
    let header: string | undefined
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag === tagOf(1)) {
        const keyEnd = this.#length(end)
        number = wantedKeys.find(bytes, this.#at, keyEnd, place)
        if (number < 0 && isHeader(bytes, this.#at, keyEnd))
          header = bytes.toString('latin1', this.#at, keyEnd)
        this.#at = keyEnd
      } else if (tag === tagOf(2)) {
        const valueEnd = this.#length(end)
        if (number >= 0) {
          const value = this.#value(valueEnd, 0)
          if (value !== undefined) into.set(number, value)
        } else if (header !== undefined) addHeader(into, header, this.#value(valueEnd, 0))
        this.#at = valueEnd
      } else this.#skip(tag, end)
    }
  }

  #value(end: number, depth: number): AttributeValue | undefined {
    let value: AttributeValue | undefined
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag === tagOf(1)) value = this.#text(this.#length(end), maxValueLength)
      else if (tag === tagOf(2, varintType)) value = this.#varint(end) !== 0
      else if (tag === tagOf(3, varintType)) value = this.#varint(end)
      else if (tag === tagOf(4, fixed64Type)) {
        this.#need(8, end)
        value = this.#bytes.readDoubleLE(this.#at)
        this.#at += 8
      } else if (tag === tagOf(5) && depth < maxDepth) value = this.#list(this.#length(end), depth + 1)
      else this.#skip(tag, end)
    }
    return value
  }

  #list(end: number, depth: number): readonly AttributeValue[] {
    const listed: AttributeValue[] = []
    while (this.#at < end) {
      const tag = this.#varint(end)
      if (tag !== tagOf(1)) {
        this.#skip(tag, end)
        continue
      }
      const valueEnd = this.#length(end)
      const value = this.#value(valueEnd, depth)
      if (value !== undefined && listed.length < maxListed) listed.push(value)
    }
    return listed
  }

  /** A text of at most so many bytes; a longer one is cut. */
  #text(end: number, most: number): string {
    const text = texts.read(this.#bytes, this.#at, Math.min(end, this.#at + most))
    this.#at = end
    return text
  }

  /** An id of that many bytes as characters; anything else is none. */
  #packed(end: number, size: number): string {
    const packed = end - this.#at === size ? this.#bytes.toString('latin1', this.#at, end) : noBytes
    this.#at = end
    return packed
  }

  #nanoseconds(end: number): number {
    this.#need(8, end)
    const low = this.#bytes.readUInt32LE(this.#at)
    const high = this.#bytes.readUInt32LE(this.#at + 4)
    this.#at += 8
    return (high * 4_294_967_296 + low) / 1e6
  }

  /** The end of a message, text or list that begins here. */
  #length(end: number): number {
    const length = this.#varint(end)
    if (length < 0 || length > end - this.#at)
      throw new BrokenTelemetry(`A length at byte ${this.#at} goes beyond what holds it.`)
    return this.#at + length
  }

  #need(bytes: number, end: number): void {
    if (end - this.#at < bytes)
      throw new BrokenTelemetry(`The message ends within a number at byte ${this.#at}.`)
  }

  /** Up to 2^53 exactly; negative and larger 64-bit numbers as the nearest. */
  #varint(end: number): number {
    const bytes = this.#bytes
    let at = this.#at
    let byte = at < end ? bytes[at]! : 0
    if (byte < 128 && at < end) {
      this.#at = at + 1
      return byte
    }
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new BrokenTelemetry(`The message ends within a number at byte ${at}.`)
      byte = bytes[at]!
      at += 1
      if (shift < 28) low |= (byte & 127) << shift
      else if (shift === 28) {
        low |= (byte & 15) << 28
        high = (byte & 127) >> 4
      } else high |= (byte & 127) << (shift - 32)
      if (byte < 128) {
        this.#at = at
        return (high | 0) * 4_294_967_296 + (low >>> 0)
      }
    }
    throw new BrokenTelemetry(`The number at byte ${this.#at} has no end.`)
  }

  #skip(tag: number, end: number): void {
    const type = tag & 7
    if (tag < 8) throw new BrokenTelemetry(`Byte ${this.#at} begins no field.`)
    if (type === varintType) this.#varint(end)
    else if (type === fixed64Type || type === fixed32Type) {
      const size = type === fixed64Type ? 8 : 4
      this.#need(size, end)
      this.#at += size
    } else if (type === lengthType) this.#at = this.#length(end)
    else throw new BrokenTelemetry(`The field at byte ${this.#at} is of no known type.`)
  }
}

const varintType = 0
const fixed64Type = 1
const lengthType = 2
const fixed32Type = 5

function tagOf(field: number, type = lengthType): number {
  return (field << 3) | type
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  return hash >>> 0
}

function equal(bytes: Uint8Array, from: number, to: number, other: Uint8Array): boolean {
  if (to - from !== other.length) return false
  for (let at = 0; at < other.length; at += 1) if (bytes[from + at] !== other[at]) return false
  return true
}

/** Names of attributes by their bytes, so that a name that nobody asks for is never made into a text. */
class WantedKeys {
  readonly #slots: { readonly bytes: Uint8Array; readonly number: number }[][]
  readonly #expected: ({ readonly bytes: Uint8Array; readonly number: number } | undefined)[] = new Array(
    32,
  ).fill(undefined)
  readonly #mask = 1023
  readonly #longest: number

  constructor(names: ReadonlyMap<string, number>) {
    this.#slots = Array.from({ length: this.#mask + 1 }, () => [])
    for (const [name, number] of names) {
      const bytes = Buffer.from(name)
      this.#slots[hashOf(bytes, 0, bytes.length) & this.#mask]!.push({ bytes, number })
    }
    this.#longest = Math.max(...[...names.keys()].map(name => name.length))
  }

  /** @param place Of the attribute among its span's: an SDK sends them in the same order every time. */
  find(bytes: Uint8Array, from: number, to: number, place: number): number {
    if (to - from > this.#longest) return -1
    const expected = this.#expected[place & 31]
    if (expected !== undefined && equal(bytes, from, to, expected.bytes)) return expected.number
    for (const slot of this.#slots[hashOf(bytes, from, to) & this.#mask]!) {
      if (!equal(bytes, from, to, slot.bytes)) continue
      this.#expected[place & 31] = slot
      return slot.number
    }
    return -1
  }
}

const wantedKeys = new WantedKeys(attributeNumbers)

/** Texts that come again and again, made once: methods, hosts, routes, services. */
class RepeatedTexts {
  readonly #bytes: Uint8Array[] = new Array<Uint8Array>(4096)
  readonly #texts: string[] = new Array<string>(4096)

  read(bytes: Buffer, from: number, to: number): string {
    if (to - from > 48) return bytes.toString('utf8', from, to)
    const slot = hashOf(bytes, from, to) & 4095
    const known = this.#bytes[slot]
    if (known !== undefined && equal(bytes, from, to, known)) return this.#texts[slot]!
    const text = bytes.toString('utf8', from, to)
    this.#bytes[slot] = Uint8Array.prototype.slice.call(bytes, from, to)
    this.#texts[slot] = text
    return text
  }
}

const texts = new RepeatedTexts()

const maxHeaders = 32

const isHeader = (bytes: Buffer, from: number, to: number): boolean =>
  to - from > requestHeaderPrefix.length &&
  to - from < 128 &&
  bytes[from] === 104 &&
  (bytes.toString('latin1', from, from + requestHeaderPrefix.length) === requestHeaderPrefix ||
    bytes.toString('latin1', from, from + responseHeaderPrefix.length) === responseHeaderPrefix)

/** `http.request.header.x` with its value or list of values. */
export function addHeader(into: Attributes, key: string, value: AttributeValue | undefined): void {
  if (value === undefined || (into.headers?.length ?? 0) >= maxHeaders) return
  const response = key.startsWith(responseHeaderPrefix)
  const name = key.slice((response ? responseHeaderPrefix : requestHeaderPrefix).length).toLowerCase()
  into.headers ??= []
  into.headers.push([name, Array.isArray(value) ? value.join(', ') : String(value), response])
}
