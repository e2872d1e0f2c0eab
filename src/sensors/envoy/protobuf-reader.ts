/** Bytes that are no message; the text says where. */
export class BrokenMessage extends Error {}

const wire = { varint: 0, fixed64: 1, length: 2, fixed32: 5 } as const

/**
 * Reads the fields of a protobuf message in order (protobuf.dev/programming-guides/encoding); what is not asked for is stepped over.
 * A length that goes beyond its message ends the reading.
 */
export class ProtobufReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  #type = 0
  #taken = true

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    this.#bytes = bytes
    this.#at = from
    this.#end = to
  }

  /** The number of the next field; 0 at the end. @throws BrokenMessage */
  next(): number {
    if (!this.#taken) this.#skip()
    if (this.#at >= this.#end) return 0
    const tag = this.#varint()
    if (tag < 8 || tag > 0xffffffff) throw new BrokenMessage(`Byte ${this.#at} begins no field.`)
    this.#type = tag & 7
    this.#taken = false
    return tag >>> 3
  }

  /** The message or map entry in this field; an empty one where it is of another type. */
  message(): ProtobufReader {
    if (!this.#take(wire.length)) return new ProtobufReader(this.#bytes, 0, 0)
    const end = this.#lengthEnd()
    const inner = new ProtobufReader(this.#bytes, this.#at, end)
    this.#at = end
    return inner
  }

  /** At most so many bytes of a text; '' where the field is of another type. */
  text(most: number): string {
    if (!this.#take(wire.length)) return ''
    const end = this.#lengthEnd()
    const from = this.#at
    this.#at = end
    // Without a name it is UTF-8, too, and need not be looked up.
    return from === end ? '' : this.#bytes.toString(undefined, from, Math.min(end, from + most))
  }

  /** The bytes of this field, not copied. */
  bytes(): Buffer {
    if (!this.#take(wire.length)) return this.#bytes.subarray(0, 0)
    const end = this.#lengthEnd()
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  /** A number up to 2^53; larger and negative ones as the nearest. */
  integer(): number {
    return this.#take(wire.varint) ? this.#varint() : 0
  }

  /** A number in 64 bits of IEEE 754; 0 where the field is of another type. */
  double(): number {
    if (!this.#take(wire.fixed64)) return 0
    if (this.#end - this.#at < 8)
      throw new BrokenMessage(`The message ends within a number at byte ${this.#at}.`)
    const value = this.#bytes.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  #take(type: number): boolean {
    if (this.#taken) return false
    if (this.#type === type) this.#taken = true
    else this.#skip()
    return this.#type === type
  }

  #skip(): void {
    this.#taken = true
    switch (this.#type) {
      case wire.varint:
        this.#varint()
        return
      case wire.length:
        this.#at = this.#lengthEnd()
        return
      case wire.fixed64:
      case wire.fixed32: {
        const size = this.#type === wire.fixed64 ? 8 : 4
        if (this.#end - this.#at < size)
          throw new BrokenMessage(`The message ends within a number at byte ${this.#at}.`)
        this.#at += size
        return
      }
      default:
        throw new BrokenMessage(`The field at byte ${this.#at} is of no known type.`)
    }
  }

  #lengthEnd(): number {
    const length = this.#varint()
    if (length < 0 || length > this.#end - this.#at)
      throw new BrokenMessage(`A length at byte ${this.#at} goes beyond what holds it.`)
    return this.#at + length
  }

  #varint(): number {
    const first = this.#at < this.#end ? this.#bytes[this.#at]! : 128
    if (first < 128) {
      this.#at += 1
      return first
    }
    let value = 0
    let scale = 1
    for (let count = 0; count < 10; count += 1) {
      if (this.#at >= this.#end)
        throw new BrokenMessage(`The message ends within a number at byte ${this.#at}.`)
      const byte = this.#bytes[this.#at]!
      this.#at += 1
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new BrokenMessage(`The number at byte ${this.#at} has no end.`)
  }
}
