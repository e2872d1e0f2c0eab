import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { CounterReports } from './counter-reports.ts'
import type { FromSensors, SensorWorkerData, ToSensors } from './protocol.ts'
import { startLine } from './start-line.ts'
import { Thread } from './thread.ts'

export interface SensorThreadOptions extends SensorWorkerData {
  readonly counters: CounterReports
  readonly log: (line: string) => void
}

/** The thread of the sensors beside the request path. One that cannot start stops nothing else: it is told, and tried again where it was asked for. */
export class SensorThread {
  readonly #options: SensorThreadOptions
  #thread: Thread<ToSensors, FromSensors> | undefined
  #health: readonly SensorHealth[] = []

  constructor(options: SensorThreadOptions) {
    this.#options = options
  }

  /** As they told it last; empty before. */
  get health(): readonly SensorHealth[] {
    return this.#health
  }

  /** Resolves when each of them has started or failed once. */
  async start(): Promise<void> {
    const { config, ring, counters, log } = this.#options
    const ready = Promise.withResolvers<void>()
    const thread: Thread<ToSensors, FromSensors> = new Thread<ToSensors, FromSensors>({
      name: 'sensors',
      module: new URL('./sensor-worker.ts', import.meta.url),
      data: (): SensorWorkerData => ({ config, ring }),
      onMessage: message => {
        if (message.type === 'ready') {
          thread.healthy()
          ready.resolve()
        } else if (message.type === 'report') {
          this.#health = message.health
          counters.take('sensors', message.counters)
        } else if (message.type === 'started' || message.type === 'failed') {
          const line = startLine('Sensor', message)
          if (line !== undefined) log(line)
        }
      },
      onFault: (fault, retryInMs) => {
        counters.own.add('sallyport_thread_restarts_total{thread="sensors"}')
        log(`The sensors stopped (${fault?.message ?? 'no reason given'}); again in ${retryInMs} ms.`)
      },
    })
    this.#thread = thread
    await ready.promise
  }

  /** Asks them to end and waits, for no longer than `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    await this.#thread?.close({ type: 'close' }, patienceMs)
  }
}
