import type { MessagePort } from 'node:worker_threads'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { RouteClasses } from '../enforce/route-classes.ts'
import { type Clock, systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import type { Guard } from '../sensors/guard.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import type { SharedBudgets } from '../store/ports/shared-budgets.ts'
import { DecidingGuard } from './deciding-guard.ts'
import { PolicySupply } from './policy-supply.ts'
import type { FromGuardLoop, GuardLoopData, ToGuardLoop } from './protocol.ts'
import { redactorOptions } from './redaction.ts'
import { RingWriter } from './ring.ts'
import { openSharedBudgets } from './shared-budgets.ts'

/** What a loop of decisions carries: a gateway, or decision points. */
export interface Carried {
  health(now: number): readonly SensorHealth[]
  /** Besides those of the loop. */
  counters(): Readonly<Record<string, number>>
  close(drainMs: number): Promise<void>
}

const reportEveryMs = 250
/** Whom this loop shut out the others are to shut out too, without waiting for the next report. */
const urgentMs = 10
/** Control that does not speak in this time is not there: then it decides by the last good bundle on disk. */
const patienceMs = 3_000

/**
 * The loop of a thread that decides: the guard with the last snapshots it was handed, and the reports of what it did. It never waits
 * for analysis.
 */
export class GuardLoop {
  readonly clock: Clock = systemClock
  readonly counters = new CounterSet()
  readonly #port: MessagePort
  readonly #enforcement: Enforcement
  readonly #guard: DecidingGuard
  readonly #supply: PolicySupply
  readonly #budgets: SharedBudgets | undefined
  #reporting: NodeJS.Timeout | undefined
  #urgent: NodeJS.Timeout | undefined
  #report: () => void = () => {}

  /** Opens what the loop shares with others. @throws SallyportError `config/invalid` */
  static async open(port: MessagePort, data: GuardLoopData): Promise<GuardLoop> {
    return new GuardLoop(port, data, await openSharedBudgets(data.budgets, systemClock))
  }

  private constructor(port: MessagePort, data: GuardLoopData, budgets: SharedBudgets | undefined) {
    const { instance, key, redaction, ring: memory, supply, addresses, flow, buckets, routes } = data
    this.#port = port
    this.#budgets = budgets
    const ring = new RingWriter(memory)
    this.#enforcement = new Enforcement({
      ...{ clock: this.clock, instance, key, flow, buckets },
      routes: new RouteClasses(routes),
      ...(budgets === undefined ? {} : { budgets }),
      onQuarantine: () => {
        this.#urgent ??= setTimeout(() => {
          this.#urgent = undefined
          this.#report()
        }, urgentMs)
      },
    })
    this.#guard = new DecidingGuard({
      redactor: new Redactor(redactorOptions(redaction, key)),
      enforcement: this.#enforcement,
      hand: (exchange, inspection) => ring.write(exchange, inspection),
      counters: this.counters,
      addresses,
    })
    this.#supply = new PolicySupply({
      ...supply,
      environment: process.env.SALLYPORT_BYPASS,
      clock: this.clock,
      counters: this.counters,
      obey: control => this.#guard.control(control),
    })
  }

  /** The guard as one sensor is handed it: what it observes is marked with the sensor's id. */
  guardOf(sensor: SensorId): Guard {
    return {
      admit: request => this.#guard.admit(request),
      observe: exchange => this.#guard.observe({ ...exchange, sensor }),
    }
  }

  /**
   * Obeys control and tells how it goes from now on, until it is told to end; then what it carries is closed. Resolves when it knows
   * what to decide by: only then may anything be let in.
   */
  carry(carried: Carried): Promise<void> {
    const briefed = Promise.withResolvers<void>()
    const report = (): void =>
      this.#tell({
        type: 'report',
        health: carried.health(this.clock.now()),
        counters: {
          ...this.counters.toJSON(),
          ...carried.counters(),
          ...this.#enforcement.counters.toJSON(),
          ...this.#budgets?.counters(),
        },
        ...(this.#budgets === undefined ? {} : { budgets: this.#budgets.answering() }),
        decisions: this.#enforcement.drainDecisions(),
        quarantines: this.#enforcement.drainQuarantines(),
      })
    this.#report = report
    this.#reporting = setInterval(() => {
      this.#supply.look()
      report()
    }, reportEveryMs)
    if (this.#supply.ready) setTimeout(briefed.resolve, patienceMs).unref()
    this.#port.on('message', (message: ToGuardLoop) => {
      switch (message.type) {
        case 'analysis':
          this.#guard.learn(message.snapshot)
          return
        case 'knowledge':
          this.#guard.know(message.taught)
          return
        case 'control': {
          const { version } = message.bundle
          const refused = this.#supply.receive(message.bundle)
          this.#tell({ type: 'controlled', version, ...(refused === undefined ? {} : { refused }) })
          if (this.#supply.ready) briefed.resolve()
          return
        }
        case 'close':
          this.#stopReporting()
          void carried.close(message.drainMs).then(() => {
            report()
            this.#tell({ type: 'closed' })
            this.#port.close()
            void this.#budgets?.close()
          })
      }
    })
    this.#tell({ type: 'unbriefed' })
    return briefed.promise
  }

  /** Ends before it began: there is nothing to carry. */
  abandon(): void {
    this.#stopReporting()
    this.#port.close()
    void this.#budgets?.close()
  }

  #stopReporting(): void {
    clearInterval(this.#reporting)
    clearTimeout(this.#urgent)
    this.#report = () => {}
  }

  #tell(message: FromGuardLoop): void {
    this.#port.postMessage(message)
  }
}
