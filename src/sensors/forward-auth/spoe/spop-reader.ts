/** A frame that cannot be read, with the status that the protocol has for it (SPOE specification, 3.5). */
export class SpopFault extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Statuses of the protocol. */
export const spopStatus = { tooBig: 3, invalid: 4, version: 8, unknown: 99 } as const

/** A value of a message: integers as numbers, addresses as text, strings and binaries as bytes. */
export type SpopValue = null | boolean | number | string | Buffer

/** Reads the protocol's integers, strings and typed values; whatever would lie beyond the end is a fault. */
export class SpopReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get more(): boolean {
    return this.#at < this.#bytes.length
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new SpopFault(spopStatus.invalid, 'A frame ends too early.')
    this.#at += 1
    return value
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0)
  }

  /** An integer of up to 2⁵³: beyond it is a fault, nothing here counts so far. */
  integer(): number {
    let value = this.byte()
    if (value < 240) return value
    let factor = 16
    for (let read = 0; read < 9; read += 1) {
      const byte = this.byte()
      value += byte * factor
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) break
        return value
      }
      factor *= 128
    }
    throw new SpopFault(spopStatus.invalid, 'An integer is too long.')
  }

  bytes(): Buffer {
    return this.#take(this.integer())
  }

  text(): string {
    return this.bytes().toString('latin1')
  }

  value(): SpopValue {
    const type = this.byte()
    switch (type & 0x0f) {
      case 0:
        return null
      case 1:
        return (type & 0x10) !== 0
      case 2:
      case 3:
      case 4:
      case 5:
        return this.#number()
      case 6:
        return this.#take(4).join('.')
      case 7:
        return address6(this.#take(16))
      case 8:
      case 9:
        return this.bytes()
    }
    throw new SpopFault(spopStatus.invalid, 'A value has an unknown type.')
  }

  /** Negative numbers come as 64 bits in two's complement, longer than what is counted here: they are told as -1. */
  #number(): number {
    const start = this.#at
    try {
      return this.integer()
    } catch (thrown) {
      this.#at = start
      if (this.byte() < 240) throw thrown
      for (let read = 0; read < 9; read += 1) if (this.byte() < 128) return -1
      throw thrown
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new SpopFault(spopStatus.invalid, 'A frame ends too early.')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

const address6 = (bytes: Buffer): string => {
  const groups: string[] = []
  for (let index = 0; index < 16; index += 2) groups.push(bytes.readUInt16BE(index).toString(16))
  return groups.join(':')
}
