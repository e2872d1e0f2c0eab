import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import { Roster } from '../../kit/roster.ts'
import type { RunningDecisionPoint } from '../decision-point.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import type { Guard } from '../guard.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { bodyOf, decodeCheckRequest } from './check-request.ts'
import { checkDenies, checkPasses } from './check-response.ts'
import { check } from './checked-request.ts'
import type { FilterContext, Way } from './filter-context.ts'
import { defaultEnvoyFilterOptions, type EnvoyFilterOptions } from './filter-options.ts'
import type { GrpcCall, GrpcReceiver } from './grpc-call.ts'
import { GrpcListener } from './grpc-listener.ts'
import { httpCheckServer } from './http-check.ts'
import { ProcessedExchange } from './processed-exchange.ts'

const processPath = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'
const checkPath = '/envoy.service.auth.v3.Authorization/Check'

const sweepMs = 10_000
const passes = checkPasses([], [])

/**
 * Where Envoy's filters ask what may pass: ext_proc and ext_authz over gRPC, and the HTTP form of ext_authz, all on one port. Every
 * exchange is handed to `observe` once.
 */
export class EnvoyFilter implements RunningDecisionPoint, FilterContext {
  readonly guard: Guard
  readonly clock: Clock
  readonly counters: CounterSet
  readonly options: EnvoyFilterOptions
  readonly ids = new ExchangeIds()
  readonly #watch = new SourceWatch()
  readonly #processed = new Roster<ProcessedExchange>()
  readonly #sweeping: NodeJS.Timeout
  readonly #counts: Record<Way, number> = { ext_proc: 0, ext_authz: 0, http: 0 }
  #listener: GrpcListener | undefined
  #rejected = 0
  #lastFault: string | undefined
  #lastEventAt: number | undefined
  #closed = false

  private constructor(options: EnvoyFilterOptions, guard: Guard, clock: Clock, counters: CounterSet) {
    this.options = options
    this.guard = guard
    this.clock = clock
    this.counters = counters
    this.#sweeping = setInterval(() => this.sweep(), sweepMs)
    this.#sweeping.unref()
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    given: Partial<EnvoyFilterOptions>,
    guard: Guard,
    clock: Clock,
    counters: CounterSet,
  ): Promise<EnvoyFilter> {
    const options = { ...defaultEnvoyFilterOptions, ...given }
    const filter = new EnvoyFilter(options, guard, clock, counters)
    const reject = (sentence: string): void => filter.#reject(sentence)
    try {
      filter.#listener = await GrpcListener.start(
        { ...options, what: "The point that Envoy's filters ask", http1: httpCheckServer(filter, reject) },
        { [processPath]: call => filter.#process(call), [checkPath]: call => filter.#check(call) },
        { refused: reject, broken: reject },
      )
    } catch (thrown) {
      clearInterval(filter.#sweeping)
      throw thrown
    }
    return filter
  }

  get address(): string {
    return this.#listener?.address ?? ''
  }

  health(now: number): SensorHealth {
    const { ext_proc, ext_authz, http } = this.#counts
    const details = [
      `${ext_proc} exchanges by ext_proc (${this.#processed.size} under way), ${ext_authz + http} requests by ext_authz.`,
      this.#lastFault === undefined ? undefined : `${this.#rejected} refused, lately: ${this.#lastFault}`,
    ]
    return {
      id: 'envoy-filter',
      kind: 'Envoy ext_proc and ext_authz',
      state: this.#closed ? 'stopped' : 'running',
      events: ext_proc + ext_authz + http,
      // What the guard has no room for it counts itself.
      dropped: 0,
      rejected: this.#rejected,
      ...(this.#lastEventAt === undefined ? {} : { lastEventAt: this.#lastEventAt }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sees: ext_authz + http > ext_proc ? 'request' : 'full',
    }
  }

  async close(drainMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeping)
    await this.#listener?.close(drainMs)
  }

  /** Ends exchanges of which nothing was heard for long; called every ten seconds. */
  sweep(): void {
    const before = this.clock.now() - this.options.idleMs
    for (const exchange of this.#processed) if (exchange.heardAt < before) exchange.giveUp()
  }

  onOver(way: Way, exchange: RawExchange): void {
    const now = this.clock.now()
    this.#counts[way] += 1
    this.#lastEventAt = exchange.time
    this.#watch.heard(undefined, now, now)
    this.guard.observe(exchange)
  }

  #process(call: GrpcCall): GrpcReceiver {
    const exchange = new ProcessedExchange(this, call, over => this.#processed.delete(over))
    this.#processed.add(exchange)
    return exchange
  }

  #check(call: GrpcCall): GrpcReceiver {
    let asked = false
    return {
      message: bytes => {
        // A second is none of the method's: the first is answered.
        if (asked) return
        const request = decodeCheckRequest(bytes)
        const { head, connection } = request
        asked = true
        check(this, 'ext_authz', head, connection, bodyOf(request, this.options.windowBytes), answer => {
          if ('status' in answer) call.end(checkDenies(answer))
          else if (answer.set.length === 0 && answer.remove.length === 0) call.end(passes)
          else call.end(checkPasses(answer.set, answer.remove))
        })
      },
      end: () => {
        if (!asked) call.fail(13, 'There was no message.')
      },
    }
  }

  #reject(sentence: string): void {
    this.#rejected += 1
    this.#lastFault = sentence
    this.counters.add('sallyport_envoy_refused_total')
  }
}
