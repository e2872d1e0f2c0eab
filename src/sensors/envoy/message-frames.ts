/** Of a message on the wire: whether it is compressed, and its length. */
export const messageHeadBytes = 5

/** Splits the body of a gRPC stream into messages, however it is cut. Holds one message of at most so many bytes. */
export class MessageFrames {
  readonly #most: number
  readonly #onMessage: (bytes: Buffer, compressed: boolean) => void
  #parts: Buffer[] = []
  #size = 0

  constructor(most: number, onMessage: (bytes: Buffer, compressed: boolean) => void) {
    this.#most = most
    this.#onMessage = onMessage
  }

  /** Bytes held of a message that is not whole yet. */
  get size(): number {
    return this.#size
  }

  /** False where a message is longer than allowed: nothing more can be read. */
  feed(chunk: Buffer): boolean {
    this.#parts.push(chunk)
    this.#size += chunk.length
    for (;;) {
      if (this.#size < messageHeadBytes) return true
      const head = this.#first(messageHeadBytes)
      const length = head.readUInt32BE(1)
      if (length > this.#most) return false
      if (this.#size < messageHeadBytes + length) return true
      const whole = this.#first(messageHeadBytes + length)
      this.#onMessage(whole.subarray(messageHeadBytes, messageHeadBytes + length), (whole[0]! & 1) === 1)
      const rest = whole.subarray(messageHeadBytes + length)
      this.#parts = rest.length === 0 ? [] : [rest]
      this.#size = rest.length
    }
  }

  /** At least so many bytes in one piece. */
  #first(size: number): Buffer {
    if (this.#parts[0]!.length >= size) {
      if (this.#parts.length === 1) return this.#parts[0]!
      if (size === messageHeadBytes) return this.#parts[0]!
    }
    const whole = Buffer.concat(this.#parts, this.#size)
    this.#parts = [whole]
    return whole
  }
}
