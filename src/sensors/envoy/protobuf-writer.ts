const frameHead = 5

/**
 * Writes protobuf messages (protobuf.dev/programming-guides/encoding) from the last byte to the first: the length of what is within is
 * known before it has to be written. So fields come in the opposite order of the calls. One is used for message after message.
 */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafe(4_096)
  #at = this.#bytes.length

  /** Where writing stands; to be given to `message` when what is within it was written. */
  get mark(): number {
    return this.#bytes.length - this.#at
  }

  text(field: number, value: string): void {
    const length = Buffer.byteLength(value)
    this.#need(length + 10)
    this.#at -= length
    this.#bytes.write(value, this.#at, length, 'utf8')
    this.#head(field, length)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#need(value.length + 10)
    this.#at -= value.length
    this.#bytes.set(value, this.#at)
    this.#head(field, value.length)
  }

  /** @param value 0 to 2^53. */
  integer(field: number, value: number): void {
    this.#need(20)
    this.#varint(value)
    this.#varint(field * 8)
  }

  /** Everything that was written since `mark` becomes the message in this field. */
  message(field: number, mark: number): void {
    this.#need(10)
    this.#head(field, this.mark - mark)
  }

  /** What was written, in a frame of gRPC; the writer is empty again. */
  framed(): Buffer {
    const length = this.mark
    const frame = Buffer.allocUnsafe(frameHead + length)
    frame[0] = 0
    frame.writeUInt32BE(length, 1)
    this.#bytes.copy(frame, frameHead, this.#at)
    this.#at = this.#bytes.length
    return frame
  }

  #head(field: number, length: number): void {
    this.#varint(length)
    this.#varint(field * 8 + 2)
  }

  #varint(value: number): void {
    let size = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1
    this.#at -= size
    let rest = value
    for (let index = 0; index < size - 1; index += 1) {
      this.#bytes[this.#at + index] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at + size - 1] = rest
  }

  #need(size: number): void {
    if (this.#at >= size) return
    const held = this.mark
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, held + size))
    this.#bytes.copy(grown, grown.length - held, this.#at)
    this.#at = grown.length - held
    this.#bytes = grown
  }
}
