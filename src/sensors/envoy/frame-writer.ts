import { frameFlag, frameHeadBytes, frameType, maxFrameBytes } from '../http2-code.ts'

const slabBytes = 32_768

/**
 * Writes frames of HTTP/2 and hands them on many at a time: those of one turn in one piece. A piece is handed on but once, so it need not be
 * copied.
 */
export class FrameWriter {
  readonly #write: (bytes: Buffer) => void
  #slab = Buffer.allocUnsafeSlow(slabBytes)
  #from = 0
  #to = 0
  #held = false
  #due = false

  /** @param write Takes the bytes; they are its own from then on. */
  constructor(write: (bytes: Buffer) => void) {
    this.#write = write
  }

  /** Nothing is handed on until `flush`. */
  hold(): void {
    this.#held = true
  }

  /** Hands on what there is; from here on, what is written is handed on by itself when the turn is over. */
  flush(): void {
    this.#held = false
    this.#handOn()
  }

  /** @param payload At most 16,384 bytes. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const at = this.#head(type, flags, stream, payload.length)
    this.#slab.set(payload, at)
  }

  /** Bytes `from` to `to` of `bytes`, in as many frames as they need. */
  data(stream: number, bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const end = Math.min(to, at + maxFrameBytes)
      const place = this.#head(frameType.data, 0, stream, end - at)
      bytes.copy(this.#slab, place, at, end)
      at = end
    }
  }

  headers(stream: number, block: Uint8Array, ends: boolean): void {
    const flags = ends ? frameFlag.endHeaders | frameFlag.endStream : frameFlag.endHeaders
    this.frame(frameType.headers, flags, stream, block)
  }

  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    let at = this.#head(frameType.settings, 0, 0, pairs.length * 6)
    for (const [id, value] of pairs) {
      this.#slab.writeUInt16BE(id, at)
      this.#slab.writeUInt32BE(value, at + 2)
      at += 6
    }
  }

  /** The peer may send so many bytes more, on a stream or (0) on the connection. */
  windowUpdate(stream: number, bytes: number): void {
    const at = this.#head(frameType.windowUpdate, 0, stream, 4)
    this.#slab.writeUInt32BE(bytes, at)
  }

  reset(stream: number, code: number): void {
    const at = this.#head(frameType.reset, 0, stream, 4)
    this.#slab.writeUInt32BE(code, at)
  }

  /** @param last The last stream that is still answered. */
  goaway(last: number, code: number): void {
    const at = this.#head(frameType.goaway, 0, 0, 8)
    this.#slab.writeUInt32BE(last, at)
    this.#slab.writeUInt32BE(code, at + 4)
  }

  /** Writes a frame's head with room for its payload, in another slab where this one is full. @returns Where the payload begins. */
  #head(type: number, flags: number, stream: number, length: number): number {
    if (this.#to + frameHeadBytes + length > slabBytes) {
      this.#handOn()
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#from = 0
      this.#to = 0
    }
    const slab = this.#slab
    const at = this.#to
    slab[at] = length >>> 16
    slab[at + 1] = length >>> 8
    slab[at + 2] = length
    slab[at + 3] = type
    slab[at + 4] = flags
    slab[at + 5] = stream >>> 24
    slab[at + 6] = stream >>> 16
    slab[at + 7] = stream >>> 8
    slab[at + 8] = stream
    this.#to = at + frameHeadBytes + length
    if (!this.#held && !this.#due) {
      this.#due = true
      process.nextTick(() => {
        this.#due = false
        if (!this.#held) this.#handOn()
      })
    }
    return at + frameHeadBytes
  }

  #handOn(): void {
    if (this.#to === this.#from) return
    const bytes = this.#slab.subarray(this.#from, this.#to)
    this.#from = this.#to
    this.#write(bytes)
  }
}
