import type { RawBody } from '../../call/raw-exchange.ts'

const empty = new Uint8Array(0)

/** Bytes kept of a stream's end. */
const tailBytes = 4_096

/**
 * The first `limit` bytes of a body as it streams by, and how long it was; of an endless one on request also the last 4 KiB. Holds
 * references.
 */
export class BodyWindow {
  readonly #limit: number
  #first: Uint8Array | undefined
  #rest: Uint8Array[] | undefined
  #held = 0
  /** Twice the tail's length, so that it is moved once for as many bytes as it holds. */
  #end: Buffer | undefined
  #ended = 0
  /** Bytes that went by. */
  size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether bytes beyond the window have gone by, or the next one would. */
  get full(): boolean {
    return this.#held >= this.#limit
  }

  /** From now on the last bytes beyond the window are kept as well. */
  keepTail(): void {
    this.#end ??= Buffer.allocUnsafe(2 * tailBytes)
  }

  add(chunk: Uint8Array): void {
    this.size += chunk.length
    const room = this.#limit - this.#held
    if (this.#end !== undefined && chunk.length > room) this.#addEnd(this.#end, chunk, Math.max(0, room))
    if (room <= 0) return
    const piece = chunk.length <= room ? chunk : chunk.subarray(0, room)
    this.#held += piece.length
    if (this.#first === undefined) this.#first = piece
    else if (this.#rest === undefined) this.#rest = [piece]
    else {
      this.#rest.push(piece)
      // Many tiny pieces cost far more than their bytes: they become one.
      if (this.#rest.length > 64) this.#bytes()
    }
  }

  /**
   * The body so far. `expected` is its whole length where that is known before the end; without it, `more` tells
   * that the end has not been seen.
   */
  take(expected?: number, more = false): RawBody {
    const size = Math.max(this.size, expected ?? 0)
    const body = { bytes: this.#bytes(), size, truncated: more || size > this.#held }
    if (this.#end === undefined || this.#ended === 0) return body
    return { ...body, tail: this.#end.subarray(Math.max(0, this.#ended - tailBytes), this.#ended) }
  }

  #addEnd(end: Buffer, chunk: Uint8Array, from: number): void {
    const piece = chunk.subarray(Math.max(from, chunk.length - tailBytes))
    if (this.#ended + piece.length > end.length) {
      const kept = Math.min(this.#ended, tailBytes)
      end.copyWithin(0, this.#ended - kept, this.#ended)
      this.#ended = kept
    }
    end.set(piece, this.#ended)
    this.#ended += piece.length
  }

  #bytes(): Uint8Array {
    if (this.#first === undefined) return empty
    if (this.#rest === undefined) return this.#first
    const whole = Buffer.concat([this.#first, ...this.#rest])
    this.#first = whole
    this.#rest = undefined
    return whole
  }
}
