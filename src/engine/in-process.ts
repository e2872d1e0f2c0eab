import type { RawExchange } from '../call/raw-exchange.ts'
import { SallyportError } from '../kit/error.ts'
import type { Admission, Guard, GuardedRequest } from '../sensors/guard.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { loadConfig } from './config.ts'
import { GuardLoop } from './guard-loop.ts'
import type { ApplicationWorkerData, FromApplication, ToApplication } from './protocol.ts'
import { Thread } from './thread.ts'

export interface GuardOptions {
  /** Configuration; `sallyport.yaml` of the working directory when absent and there. */
  readonly config?: string
  /** Folder of policies; before what the configuration says. */
  readonly policies?: string
  /** Where state and calls live; before what the configuration says. One Sallyport at a time uses a data folder. */
  readonly dataDir?: string
  /** As the command line takes settings from it; the process's own when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Told what a person should read; nobody is when absent. */
  readonly log?: (line: string) => void
}

/** Longest that a close waits: calls under way, what was learned and the store are then written. */
const closeMs = 120_000

/**
 * A Sallyport inside an application: what the middleware is given as `guard`. Decisions are made in the thread of the caller, by policies
 * in force; control, analysis and the stores run in threads of their own, and calls reach them over shared memory.
 */
export class ApplicationGuard implements Guard {
  #loop: GuardLoop | undefined
  #guard: Guard | undefined
  #observed = 0
  #newest: number | undefined
  readonly #control: Thread<ToApplication, FromApplication>
  readonly #ready = Promise.withResolvers<void>()

  private constructor(data: ApplicationWorkerData, log: (line: string) => void) {
    this.#control = new Thread<ToApplication, FromApplication>({
      name: 'control',
      module: new URL('./application-worker.ts', import.meta.url),
      data: () => data,
      onMessage: message => {
        if (message.type === 'said') log(message.line)
        else if (message.type === 'failed') {
          const failed = SallyportError.fromPlain(message)
          log(failed.toDisplayString())
          this.#ready.reject(failed)
        } else if (message.type === 'lent') this.#take(message).then(this.#ready.resolve, this.#ready.reject)
      },
      onFault: (fault, retryInMs) =>
        log(`Control stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`),
    })
  }

  /**
   * Resolves when it knows the policies to decide by.
   * @throws SallyportError `config/…`, `policy/invalid`, `store/…`
   */
  static async start(options: GuardOptions = {}): Promise<ApplicationGuard> {
    const { environment = process.env, policies, dataDir, log = () => {} } = options
    const config = loadConfig(options.config, {
      ...environment,
      ...(policies === undefined ? {} : { SALLYPORT_POLICIES: policies }),
      ...(dataDir === undefined ? {} : { SALLYPORT_DATA_DIR: dataDir }),
    })
    const guard = new ApplicationGuard({ config }, log)
    try {
      await guard.#ready.promise
      return guard
    } catch (thrown) {
      await guard.close()
      throw thrown
    }
  }

  /** Control that starts again lends another loop; until then the one before decides as it last was told. */
  async #take({ port, data }: Extract<FromApplication, { type: 'lent' }>): Promise<void> {
    const before = this.#loop
    const loop = await GuardLoop.open(port, data)
    await loop.carry({
      health: () => [this.#health(loop)],
      counters: () => ({}),
      close: async () => {
        this.#loop = undefined
      },
    })
    this.#loop = loop
    this.#guard = loop.guardOf('application')
    this.#control.healthy()
    before?.abandon()
  }

  admit(request: GuardedRequest): Admission {
    return this.#deciding.admit(request)
  }

  observe(exchange: RawExchange): void {
    this.#observed += 1
    this.#newest = exchange.time
    this.#deciding.observe(exchange)
  }

  #health({ counters }: GuardLoop): SensorHealth {
    return {
      id: 'application',
      kind: 'Inside an application',
      state: 'running',
      events: this.#observed,
      dropped: counters.get('sallyport_ingest_dropped_total{reason="ring_full"}'),
      rejected: 0,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest }),
      sees: 'full',
    }
  }

  get #deciding(): Guard {
    if (this.#guard === undefined) throw new SallyportError('internal/defect', 'The guard has not begun.')
    return this.#guard
  }

  /** Writes down what was learned and what was seen. Requests after it are decided on as before, and told to nobody. */
  async close(): Promise<void> {
    await this.#control.close({ type: 'close' }, closeMs)
    // Still there where control was gone.
    this.#loop?.abandon()
    this.#loop = undefined
  }
}

/** Starts a Sallyport inside this process; see `ApplicationGuard.start`. */
export const startGuard = (options?: GuardOptions): Promise<ApplicationGuard> =>
  ApplicationGuard.start(options)
