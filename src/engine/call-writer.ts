import type { CounterSet } from '../kit/counters.ts'
import { type ErrorCode, SallyportError } from '../kit/error.ts'
import type { StoredCall } from '../store/ports/call-store.ts'

export interface CallWriterOptions {
  /** Calls per batch; a batch is also closed by `flush`. */
  readonly batchSize: number
  /** Calls held while the store does not take them; beyond it the oldest batch is dropped and counted. */
  readonly backlog: number
  /** Prefix of the deduplication tokens: new with every start. */
  readonly instance: string
  /** Told when the store begins to refuse, with the reason, and when it takes calls again, with none. */
  readonly onTrouble?: (trouble: SallyportError | undefined) => void
}

/**
 * Gathers calls into batches and hands them to a store one at a time. A batch that fails is kept and tried again with
 * the same token, so that it is stored once however often it is sent.
 */
export class CallWriter {
  readonly #append: (batch: readonly StoredCall[], token: string) => Promise<void>
  readonly #options: CallWriterOptions
  readonly #counters: CounterSet
  readonly #batches: { calls: readonly StoredCall[]; token: string }[] = []
  #open: StoredCall[] = []
  #sequence = 0
  #held = 0
  #sending: Promise<void> | undefined
  #trouble: ErrorCode | undefined

  constructor(
    append: (batch: readonly StoredCall[], token: string) => Promise<void>,
    options: CallWriterOptions,
    counters: CounterSet,
  ) {
    this.#append = append
    this.#options = options
    this.#counters = counters
  }

  add(call: StoredCall): void {
    this.#open.push(call)
    if (this.#open.length >= this.#options.batchSize) this.#close()
  }

  /** Closes the open batch and sends what is waiting. Resolves when all is stored or the store refused a batch. */
  async flush(): Promise<void> {
    this.#close()
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
    await this.#sending
  }

  /** Calls that the store has not acknowledged yet. */
  get waiting(): number {
    return this.#held + this.#open.length
  }

  #close(): void {
    if (this.#open.length === 0) return
    this.#sequence += 1
    this.#batches.push({ calls: this.#open, token: `${this.#options.instance}:${this.#sequence}` })
    this.#held += this.#open.length
    this.#open = []
    while (this.#held > this.#options.backlog && this.#batches.length > 1) {
      const lost = this.#batches.shift()
      if (lost === undefined) break
      this.#held -= lost.calls.length
      this.#counters.add('sallyport_ingest_dropped_total{reason="store_backlog"}', lost.calls.length)
    }
  }

  #tell(trouble: SallyportError | undefined): void {
    if (trouble?.code === this.#trouble) return
    this.#trouble = trouble?.code
    this.#options.onTrouble?.(trouble)
  }

  async #send(): Promise<void> {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      try {
        await this.#append(batch.calls, batch.token)
      } catch (thrown) {
        this.#counters.add('sallyport_store_append_errors_total')
        this.#tell(SallyportError.from(thrown))
        return
      }
      this.#tell(undefined)
      this.#counters.add('sallyport_calls_stored_total', batch.calls.length)
      const at = this.#batches.indexOf(batch)
      if (at < 0) continue
      this.#batches.splice(at, 1)
      this.#held -= batch.calls.length
    }
  }
}
