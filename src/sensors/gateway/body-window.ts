import type { RawBody } from '../../call/raw-exchange.ts'

const empty = new Uint8Array(0)

/** The first `limit` bytes of a body as it streams by, and how long it was. Holds references. */
export class BodyWindow {
  readonly #limit: number
  #first: Uint8Array | undefined
  #rest: Uint8Array[] | undefined
  #held = 0
  /** Bytes that went by. */
  size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether bytes beyond the window have gone by, or the next one would. */
  get full(): boolean {
    return this.#held >= this.#limit
  }

  add(chunk: Uint8Array): void {
    this.size += chunk.length
    const room = this.#limit - this.#held
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
    return { bytes: this.#bytes(), size, truncated: more || size > this.#held }
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
