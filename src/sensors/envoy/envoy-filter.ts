import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { RunningDecisionPoint } from '../decision-point.ts'
import type { Guard } from '../guard.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { defaultEnvoyFilterOptions, type EnvoyFilterOptions } from './filter-options.ts'
import { GrpcListener } from './grpc-listener.ts'

/** Where Envoy's filters ask what may pass. */
export class EnvoyFilter implements RunningDecisionPoint {
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #counters: CounterSet
  readonly #watch = new SourceWatch()
  #listener: GrpcListener | undefined
  #events = 0
  #refused = 0
  #broken = 0
  #lastFault: string | undefined
  #lastEventAt: number | undefined
  #closed = false

  private constructor(guard: Guard, clock: Clock, counters: CounterSet) {
    this.#guard = guard
    this.#clock = clock
    this.#counters = counters
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    given: Partial<EnvoyFilterOptions>,
    guard: Guard,
    clock: Clock,
    counters: CounterSet,
  ): Promise<EnvoyFilter> {
    const options = { ...defaultEnvoyFilterOptions, ...given }
    const filter = new EnvoyFilter(guard, clock, counters)
    filter.#listener = await GrpcListener.start(
      { ...options, what: "The point that Envoy's filters ask" },
      {},
      {
        refused: sentence => {
          filter.#refused += 1
          filter.#lastFault = sentence
        },
        broken: sentence => {
          filter.#broken += 1
          filter.#lastFault = sentence
        },
      },
    )
    return filter
  }

  get address(): string {
    return this.#listener?.address ?? ''
  }

  health(now: number): SensorHealth {
    return {
      id: 'envoy-filter',
      kind: 'Envoy ext_proc and ext_authz',
      state: this.#closed ? 'stopped' : 'running',
      events: this.#events,
      dropped: 0,
      rejected: this.#refused + this.#broken,
      ...(this.#lastEventAt === undefined ? {} : { lastEventAt: this.#lastEventAt }),
      detail: [
        `${this.#listener?.connections ?? 0} connections of proxies.`,
        this.#lastFault === undefined
          ? undefined
          : `${this.#refused + this.#broken} streams were refused: ${this.#lastFault}`,
      ]
        .filter(text => text !== undefined)
        .join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sees: 'full',
    }
  }

  async close(drainMs: number): Promise<void> {
    this.#closed = true
    await this.#listener?.close(drainMs)
  }
}
