import { Worker } from 'node:worker_threads'

export interface ThreadOptions<Outgoing> {
  /** Shown by the system's tools: at most 15 characters. */
  readonly name: string
  /** Module of the thread. */
  readonly module: URL
  readonly data: () => unknown
  readonly onMessage: (message: Outgoing) => void
  /** The thread ended without being asked to: with the fault, if it had one, and the milliseconds until the next try. */
  readonly onFault: (fault: Error | undefined, retryInMs: number) => void
}

const firstRetryMs = 200
/**
 * What one call allocates is garbage before the next but one: with more room for the young, less of it is looked at. A sixth
 * less CPU per request than with the runtime's default, for 64 MB a thread.
 */
const youngMegabytes = 64
const lastRetryMs = 10_000

/** A worker thread that is started again when it dies, with growing pauses. What was posted meanwhile is lost. */
export class Thread<Incoming, Outgoing extends { readonly type: string }> {
  readonly #options: ThreadOptions<Outgoing>
  #worker: Worker
  #closing = false
  #retryMs = firstRetryMs
  #retry: NodeJS.Timeout | undefined
  readonly #ended = Promise.withResolvers<void>()

  constructor(options: ThreadOptions<Outgoing>) {
    this.#options = options
    this.#worker = this.#start()
  }

  post(message: Incoming): void {
    this.#worker.postMessage(message)
  }

  /** The thread did what it is there for: the next fault is retried at once again. */
  healthy(): void {
    this.#retryMs = firstRetryMs
  }

  /** Asks it to end with `message` and waits; after `patienceMs` it is ended by force. */
  async close(message: Incoming, patienceMs: number): Promise<void> {
    this.#closing = true
    if (this.#retry !== undefined) {
      clearTimeout(this.#retry)
      return
    }
    this.#worker.postMessage(message)
    const patience = setTimeout(() => void this.#worker.terminate(), patienceMs)
    await this.#ended.promise
    clearTimeout(patience)
  }

  #start(): Worker {
    const worker = new Worker(this.#options.module, {
      workerData: this.#options.data(),
      name: this.#options.name,
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
    })
    let fault: Error | undefined
    worker.on('message', this.#options.onMessage)
    worker.on('error', (error: Error) => {
      fault = error
    })
    worker.on('exit', () => {
      if (this.#closing) return this.#ended.resolve()
      const pause = this.#retryMs
      this.#retryMs = Math.min(pause * 2, lastRetryMs)
      this.#options.onFault(fault, pause)
      this.#retry = setTimeout(() => {
        this.#retry = undefined
        this.#worker = this.#start()
      }, pause)
    })
    return worker
  }
}
