import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { ContextSink, RunningSensor } from '../sensors/context-sensor.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import type { SensorsConfig } from './sensor-config.ts'
import type { SensorStarter, Wanted } from './sensor-starters.ts'

/** Of an event beyond the present, ms: more than clocks differ by. It would make everything else look old. */
const aheadMs = 300_000
const firstRetryMs = 5_000
const lastRetryMs = 60_000

/** Where sensors put what they see; false when there was no room. */
export interface SensorRing {
  write(exchange: Parameters<ContextSink['call']>[0]): boolean
  writeEvent(event: Parameters<ContextSink['event']>[0]): boolean
}

/**
 * One sensor and its standing: its faults stay its own. What it hands on is marked with its id, where nobody marked it before; what does not fit in the ring, or is of
 * a time to come, is dropped and counted.
 */
export class HostedSensor {
  readonly #starter: SensorStarter
  readonly #wanted: Wanted
  readonly #clock: Clock
  readonly #config: SensorsConfig
  readonly #sink: ContextSink
  #running: RunningSensor | undefined
  #starting: Promise<void> | undefined
  #trouble: SallyportError | undefined
  #closed = false
  #retryMs = firstRetryMs
  #retryAt = 0
  #dropped = 0
  #ahead = 0

  constructor(
    starter: SensorStarter,
    wanted: Wanted,
    parts: { readonly config: SensorsConfig; readonly clock: Clock; readonly ring: SensorRing },
  ) {
    const { clock, config, ring } = parts
    this.#starter = starter
    this.#wanted = wanted
    this.#clock = clock
    this.#config = config
    const { id } = starter
    const fits = (time: number): boolean => {
      if (time <= clock.now() + aheadMs) return true
      this.#ahead += 1
      return false
    }
    this.#sink = {
      call: exchange => {
        if (fits(exchange.time) && !ring.write({ sensor: id, ...exchange })) this.#dropped += 1
      },
      event: event => {
        if (!fits(event.time)) return
        const marked = event.type === 'access' ? { sensor: id, ...event } : event
        if (!ring.writeEvent(marked)) this.#dropped += 1
      },
    }
  }

  get id(): SensorId {
    return this.#starter.id
  }

  get address(): string | undefined {
    return this.#running?.address
  }

  get trouble(): SallyportError | undefined {
    return this.#trouble
  }

  get wanted(): Wanted {
    return this.#wanted
  }

  /** Never rejects: what went wrong is its `trouble` and in its health. */
  start(): Promise<void> {
    this.#starting ??= this.#tryToStart().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #tryToStart(): Promise<void> {
    try {
      const running = await this.#starter.start(this.#sink, this.#clock, this.#config)
      if (this.#closed) return await running.close()
      this.#running = running
      this.#trouble = undefined
    } catch (thrown) {
      this.#trouble = SallyportError.from(thrown)
      this.#retryAt = this.#clock.now() + this.#retryMs
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
    }
  }

  /** Tries again what was asked for and did not start, with growing pauses. True when it runs since just now. */
  async retry(now: number): Promise<boolean> {
    const due =
      this.#running === undefined && !this.#closed && this.#wanted === 'asked' && now >= this.#retryAt
    if (!due || this.#starting !== undefined) return false
    await this.start()
    return this.#running !== undefined
  }

  health(now: number): SensorHealth {
    const { id, kind } = this.#starter
    const running = this.#running
    if (running === undefined) {
      const state =
        this.#trouble === undefined ? 'starting' : this.#wanted === 'asked' ? 'degraded' : 'stopped'
      return {
        id,
        kind,
        state: this.#closed ? 'stopped' : state,
        events: 0,
        dropped: 0,
        rejected: 0,
        ...(this.#trouble === undefined ? {} : { detail: this.#trouble.toDisplayString() }),
      }
    }
    const own = this.#askHealth(running, now)
    return {
      ...own,
      id,
      dropped: own.dropped + this.#dropped,
      rejected: own.rejected + this.#ahead,
      ...(this.#ahead === 0
        ? {}
        : {
            detail:
              `${own.detail ?? ''} ${this.#ahead} events were of a time to come: check the clocks.`.trim(),
          }),
    }
  }

  #askHealth(running: RunningSensor, now: number): SensorHealth {
    try {
      return running.health(now)
    } catch {
      const { id, kind } = this.#starter
      const detail = 'It does not tell how it is.'
      return { id, kind, state: 'degraded', events: 0, dropped: 0, rejected: 0, detail }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting
    await this.#running?.close()
  }
}
