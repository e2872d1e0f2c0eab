import { join } from 'node:path'
import type { CounterSet } from '../kit/counters.ts'
import { SallyportError } from '../kit/error.ts'
import type { DecisionPointsConfig } from './decision-config.ts'
import { decisionToken, decisionTokenFileName } from './decision-token.ts'
import type { GuardLoops } from './guard-loops.ts'
import type { DecisionWorkerData, FromDecisions, ToGuardLoop } from './protocol.ts'
import type { RingMemory } from './ring.ts'
import { startLine } from './start-line.ts'
import { Thread } from './thread.ts'

export interface DecisionThreadOptions {
  readonly config: DecisionPointsConfig
  readonly ring: RingMemory
  /** The data folder: absolute. */
  readonly directory: string
  readonly loops: GuardLoops
  readonly counters: CounterSet
  readonly log: (line: string) => void
}

/** The thread of every decision point but the gateway. One that cannot start stops nothing else: it is told, and tried again where it was asked for. */
export class DecisionThread {
  readonly #options: DecisionThreadOptions
  #thread: Thread<ToGuardLoop, FromDecisions> | undefined

  constructor(options: DecisionThreadOptions) {
    this.#options = options
  }

  /** Resolves when each of them has started or failed once. */
  async start(): Promise<void> {
    const { ring, loops, counters, log } = this.#options
    const config = this.#config()
    const ready = Promise.withResolvers<void>()
    const thread: Thread<ToGuardLoop, FromDecisions> = new Thread<ToGuardLoop, FromDecisions>({
      name: 'decisions',
      module: new URL('./decision-worker.ts', import.meta.url),
      data: (): DecisionWorkerData => ({ ...loops.data('d0', ring), config }),
      onMessage: message => {
        if (message.type === 'ready') {
          thread.healthy()
          ready.resolve()
        } else if (message.type === 'started' || message.type === 'failed') {
          const line = startLine('Decision point', message)
          if (line !== undefined) log(line)
        } else loops.take('points', thread, message)
      },
      onFault: (fault, retryInMs) => {
        counters.add('sallyport_thread_restarts_total{thread="decisions"}')
        log(`The decision points stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`)
      },
    })
    this.#thread = thread
    loops.add(thread)
    await ready.promise
  }

  /** Takes no more questions and answers those under way, for no longer than `drainMs`. */
  async close(drainMs: number): Promise<void> {
    await this.#thread?.close({ type: 'close', drainMs }, drainMs * 2)
  }

  /** With a token of the data folder for the decision API, where none is configured. Without any the API is off. */
  #config(): DecisionPointsConfig {
    const { config, directory, log } = this.#options
    const { forwardAuth } = config
    if (forwardAuth.token !== undefined || forwardAuth.enabled === false) return config
    try {
      const { token, made } = decisionToken(directory)
      if (made) log(`Decision API, its token:  ${join(directory, decisionTokenFileName)}`)
      return { ...config, forwardAuth: { ...forwardAuth, token } }
    } catch (thrown) {
      log(`The decision API is off: ${SallyportError.from(thrown).toDisplayString()}`)
      return config
    }
  }
}
