/** Writes frames of the protocol. */
export class SpopWriter {
  readonly #parts: Buffer[] = []

  byte(value: number): this {
    this.#parts.push(Buffer.of(value))
    return this
  }

  uint32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    this.#parts.push(bytes)
    return this
  }

  integer(value: number): this {
    if (value < 240) return this.byte(value)
    const bytes = [(value & 0x0f) | 0xf0]
    let rest = Math.floor((value - 240) / 16)
    while (rest >= 128) {
      bytes.push((rest & 0x7f) | 0x80)
      rest = Math.floor((rest - 128) / 128)
    }
    bytes.push(rest)
    this.#parts.push(Buffer.from(bytes))
    return this
  }

  text(value: string): this {
    const bytes = Buffer.from(value, 'latin1')
    this.integer(bytes.length)
    this.#parts.push(bytes)
    return this
  }

  /** A typed value: a string, a whole number from 0, true or false. */
  value(value: string | number | boolean): this {
    if (typeof value === 'boolean') return this.byte(value ? 0x11 : 0x01)
    if (typeof value === 'number') return this.byte(3).integer(value)
    return this.byte(8).text(value)
  }

  pair(name: string, value: string | number | boolean): this {
    return this.text(name).value(value)
  }

  /** With its length before it. */
  frame(): Buffer {
    const body = Buffer.concat(this.#parts)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([length, body])
  }
}
