import type { RawBody } from '../../call/raw-exchange.ts'
import { BodyWindow } from '../gateway/body-window.ts'
import type { HeldLedger } from './held-budget.ts'

/** The first bytes of a body as it was captured, and how long it was; bytes that were not captured count, and end what is kept. */
export class CapturedBody {
  readonly #window: BodyWindow
  readonly #limit: number
  readonly #ledger: HeldLedger
  #held = 0
  #beyond = 0
  /** Bytes that were there and not kept, for want of room in all. */
  unheld = 0

  constructor(limit: number, ledger: HeldLedger) {
    this.#limit = limit
    this.#ledger = ledger
    this.#window = new BodyWindow(limit)
  }

  get size(): number {
    return this.#window.size + this.#beyond
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#beyond > 0) {
      this.#beyond += bytes.length
      return
    }
    const kept = Math.min(bytes.length, this.#limit - this.#held)
    if (kept <= 0) {
      this.#window.add(bytes)
      return
    }
    if (!this.#ledger.take(kept, true)) {
      this.unheld += bytes.length
      this.#beyond += bytes.length
      return
    }
    this.#held += kept
    // The packet's bytes do not outlive the call.
    this.#window.add(Buffer.from(bytes.subarray(0, kept)))
    if (kept < bytes.length) this.#window.add(bytes.subarray(kept))
  }

  /** Bytes that were not captured. */
  skip(size: number): void {
    this.#beyond += size
  }

  /** The body, given away. @param whole Its end was seen. */
  take(whole: boolean): RawBody {
    const { bytes, size, truncated } = this.#window.take(undefined, !whole)
    this.release()
    return { bytes, size: size + this.#beyond, truncated: truncated || this.#beyond > 0 }
  }

  release(): void {
    this.#ledger.give(this.#held)
    this.#held = 0
  }
}
