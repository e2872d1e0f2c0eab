import type { Json } from '../content.ts'
import { put } from '../redact-tree.ts'

/** A message without its descriptor: field numbers as keys; a field that comes again is a list. */
export type ProtobufMessage = { [field: string]: Json }

export interface ProtobufLimits {
  /** Messages within messages. */
  readonly depth: number
  /** Fields of all messages together. */
  readonly fields: number
}

const varint = 0
const fixed64 = 1
const lengthDelimited = 2
const groupStart = 3
const groupEnd = 4
const fixed32 = 5

const highestField = 536_870_911
const longestText = 8_192
const shownBytes = 64

/**
 * Reads a protobuf message (encoding of protobuf.dev, "Encoding") without knowing its type. Varints are unsigned integers, strings where
 * a double cannot hold them; 4- and 8-byte values are floating point where that makes a number of ordinary size; length-delimited
 * values are text where they read as text, a message where they parse as one, and otherwise their size and first bytes in hex.
 * Undefined where it is no protobuf.
 */
export function parseProtobuf(bytes: Uint8Array, limits: ProtobufLimits): ProtobufMessage | undefined {
  return new Reader(bytes, limits.fields).message(0, bytes.length, limits.depth)
}

class Reader {
  readonly #bytes: Buffer
  #left: number
  #at = 0

  constructor(bytes: Uint8Array, fields: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#left = fields
  }

  message(from: number, to: number, depth: number): ProtobufMessage | undefined {
    const message: ProtobufMessage = {}
    this.#at = from
    while (this.#at < to) {
      if (this.#left <= 0) return message
      this.#left -= 1
      const tag = this.#varint(to)
      if (tag === undefined) return undefined
      const field = Number(tag >> 3n)
      if (field < 1 || field > highestField) return undefined
      const value = this.#value(Number(tag & 7n), to, depth)
      if (value === undefined) return undefined
      addField(message, String(field), value)
    }
    return this.#at === to ? message : undefined
  }

  #value(type: number, to: number, depth: number): Json | undefined {
    switch (type) {
      case varint: {
        const value = this.#varint(to)
        return value === undefined ? undefined : asJson(value)
      }
      case fixed64: {
        const at = this.#at
        if (at + 8 > to) return undefined
        this.#at = at + 8
        const number = this.#bytes.readDoubleLE(at)
        return isOrdinary(number) ? number : asJson(this.#bytes.readBigUInt64LE(at))
      }
      case fixed32: {
        const at = this.#at
        if (at + 4 > to) return undefined
        this.#at = at + 4
        const number = this.#bytes.readFloatLE(at)
        return isOrdinary(number) ? number : this.#bytes.readUInt32LE(at)
      }
      case lengthDelimited: {
        const size = this.#varint(to)
        if (size === undefined || size > BigInt(to - this.#at)) return undefined
        const from = this.#at
        const end = from + Number(size)
        const value = this.#delimited(from, end, depth)
        this.#at = end
        return value
      }
      // Groups are of protobuf before 2.0; services of today send none.
      case groupStart:
      case groupEnd:
        return undefined
      default:
        return undefined
    }
  }

  #delimited(from: number, to: number, depth: number): Json {
    const text = readText(this.#bytes, from, to)
    if (text !== undefined) return text
    if (depth > 0) {
      const left = this.#left
      const inner = this.message(from, to, depth - 1)
      if (inner !== undefined) return inner
      this.#left = Math.min(left, this.#left)
    }
    return `[${to - from} bytes: ${this.#bytes.toString('hex', from, Math.min(to, from + shownBytes))}]`
  }

  #varint(to: number): bigint | undefined {
    let value = 0
    let at = this.#at
    // Seven groups of seven bits fit a double exactly; few varints need more.
    for (let shift = 0; shift < 7; shift += 1) {
      if (at >= to) return undefined
      const byte = this.#bytes[at]!
      at += 1
      value += (byte & 127) * 2 ** (7 * shift)
      if (byte < 128) {
        this.#at = at
        return BigInt(value)
      }
    }
    let high = BigInt(value)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      if (at >= to) return undefined
      const byte = this.#bytes[at]!
      at += 1
      high |= BigInt(byte & 127) << shift
      if (byte < 128) {
        this.#at = at
        return high & 0xffff_ffff_ffff_ffffn
      }
    }
    return undefined
  }
}

const asJson = (value: bigint): Json => (value <= 9_007_199_254_740_991n ? Number(value) : String(value))

const isOrdinary = (number: number): boolean =>
  number !== 0 && Number.isFinite(number) && Math.abs(number) >= 1e-6 && Math.abs(number) <= 1e15

/** UTF-8 without control characters other than white space; the empty value is empty text. */
function readText(bytes: Buffer, from: number, to: number): string | undefined {
  const end = Math.min(to, from + longestText)
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at]!
    if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 127) return undefined
  }
  const text = bytes.toString('utf8', from, end)
  return text.includes('\uFFFD') && end === to ? undefined : text
}

function addField(message: ProtobufMessage, field: string, value: Json): void {
  const before = message[field]
  if (before === undefined) put(message, field, value)
  else if (Array.isArray(before)) (before as Json[]).push(value)
  else message[field] = [before, value]
}
