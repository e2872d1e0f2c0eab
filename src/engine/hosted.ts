import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { SensorId } from '../sensors/sensor-id.ts'

/**
 * How much a listener is wanted: `asked` for, then a failure to start is trouble and it is tried again; only `offered`, then it is left
 * out where it cannot start.
 */
export type Wanted = 'asked' | 'offered'

/** What the configuration says with `enabled: auto | true | false`. */
export const wantedBy = (enabled: boolean | 'auto'): Wanted | undefined =>
  enabled === 'auto' ? 'offered' : enabled ? 'asked' : undefined

const firstRetryMs = 5_000
const lastRetryMs = 60_000

interface Hostable {
  readonly address?: string
  health(now: number): SensorHealth
}

export interface HostedParts<Running> {
  readonly id: SensorId
  /** What it brings, in words. */
  readonly kind: string
  readonly wanted: Wanted
  readonly clock: Clock
  readonly start: () => Promise<Running>
  readonly end: (running: Running) => Promise<void>
}

/** Something that listens, hosted by a thread with others, and its standing: its faults stay its own. */
export class Hosted<Running extends Hostable> {
  readonly #parts: HostedParts<Running>
  #running: Running | undefined
  #starting: Promise<void> | undefined
  #trouble: SallyportError | undefined
  #closed = false
  #retryMs = firstRetryMs
  #retryAt = 0

  constructor(parts: HostedParts<Running>) {
    this.#parts = parts
  }

  get id(): SensorId {
    return this.#parts.id
  }

  get wanted(): Wanted {
    return this.#parts.wanted
  }

  get address(): string | undefined {
    return this.#running?.address
  }

  get trouble(): SallyportError | undefined {
    return this.#trouble
  }

  /** Never rejects: what went wrong is its `trouble` and in its health. */
  start(): Promise<void> {
    this.#starting ??= this.#tryToStart().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #tryToStart(): Promise<void> {
    const { start, end, clock } = this.#parts
    try {
      const running = await start()
      if (this.#closed) return await end(running)
      this.#running = running
      this.#trouble = undefined
    } catch (thrown) {
      this.#trouble = SallyportError.from(thrown)
      this.#retryAt = clock.now() + this.#retryMs
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
    }
  }

  /** Tries again what was asked for and did not start, with growing pauses. True when it runs since just now. */
  async retry(now: number): Promise<boolean> {
    const due =
      this.#running === undefined && !this.#closed && this.wanted === 'asked' && now >= this.#retryAt
    if (!due || this.#starting !== undefined) return false
    await this.start()
    return this.#running !== undefined
  }

  health(now: number): SensorHealth {
    const { id, kind } = this.#parts
    const running = this.#running
    if (running !== undefined) return { ...this.#askHealth(running, now), id }
    const state = this.#trouble === undefined ? 'starting' : this.wanted === 'asked' ? 'degraded' : 'stopped'
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

  #askHealth(running: Running, now: number): SensorHealth {
    try {
      return running.health(now)
    } catch {
      const { id, kind } = this.#parts
      const detail = 'It does not tell how it is.'
      return { id, kind, state: 'degraded', events: 0, dropped: 0, rejected: 0, detail }
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting
    if (this.#running !== undefined) await this.#parts.end(this.#running)
  }
}
