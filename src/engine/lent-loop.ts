import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { FromGuardLoop, GuardLoopData, ToGuardLoop } from './protocol.ts'

/** A loop of decisions in a thread that is not the system's, as control speaks to it. */
export class LentLoop {
  /** What the loop starts from. */
  readonly data: GuardLoopData
  /** The loop's end of the channel: to be handed to its thread. */
  readonly port: MessagePort
  readonly #own: MessagePort
  readonly #closed = Promise.withResolvers<void>()

  constructor(data: GuardLoopData, onMessage: (message: FromGuardLoop, loop: LentLoop) => void) {
    const { port1, port2 } = new MessageChannel()
    this.data = data
    this.port = port2
    this.#own = port1
    port1.on('message', (message: FromGuardLoop) => {
      if (message.type === 'closed') port1.close()
      else onMessage(message, this)
    })
    // Also when the other thread is no more.
    port1.on('close', () => this.#closed.resolve())
  }

  post(message: ToGuardLoop): void {
    this.#own.postMessage(message)
  }

  /** Asks it to end and waits for its last report, no longer than `patienceMs`. */
  async close(message: ToGuardLoop, patienceMs: number): Promise<void> {
    this.#own.postMessage(message)
    const patience = setTimeout(() => this.#own.close(), patienceMs)
    await this.#closed.promise
    clearTimeout(patience)
  }
}
