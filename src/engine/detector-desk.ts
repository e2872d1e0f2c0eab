import { allDetectors } from '../detect/registry.ts'
import type { Tuning } from '../detect/tuning/tuning.ts'
import type { CallStore } from '../store/ports/call-store.ts'
import type { BacktestResult } from './backtest.ts'
import { BacktestDesk } from './backtest-desk.ts'
import type { Config } from './config.ts'
import type { BacktestWorkerData } from './protocol.ts'

export interface DetectorDeskOptions {
  readonly config: Config['analysis']
  /** What people say of detection at this moment. */
  readonly tuning: () => Tuning
  /** Recorded calls that a detector is tried on. */
  readonly calls: CallStore
  /** What a backtest reads besides them. */
  readonly backtest: Pick<BacktestWorkerData, 'dataClasses' | 'store'>
}

/** Every detector: how it is set, and what it would say of recorded calls if it were set otherwise. */
export class DetectorDesk {
  readonly #options: DetectorDeskOptions
  readonly #backtests: BacktestDesk

  constructor(options: DetectorDeskOptions) {
    this.#options = options
    this.#backtests = new BacktestDesk(options.calls)
  }

  /** By id: its own defaults, the configuration over them, people's settings over that. */
  all() {
    const { config, tuning } = this.#options
    const set = new Map(tuning().settings.map(setting => [setting.detector, setting]))
    const { detectors: configured, disabled } = config
    return allDetectors.map(facts => {
      const own = Object.entries(facts.options).map(([name, option]) => [name, option.default] as const)
      const given = configured[facts.id] ?? {}
      const setting = set.get(facts.id)
      return {
        facts,
        enabled: setting?.enabled ?? !disabled.includes(facts.id),
        options: { ...Object.fromEntries(own), ...given, ...setting?.options },
        configured: given,
      }
    })
  }

  /** One detector over the recorded calls, as it is set and with `options` in place of that. Rejects as `BacktestDesk.run`. */
  async backtest(asked: {
    readonly detector: string
    /** Milliseconds since the epoch. */
    readonly since?: number
    readonly options: Readonly<Record<string, number>>
  }): Promise<BacktestResult> {
    const { config, backtest } = this.#options
    const before = this.all().find(({ facts }) => facts.id === asked.detector)?.options ?? {}
    return await this.#backtests.run({
      detector: asked.detector,
      before,
      after: { ...before, ...asked.options },
      ...(asked.since === undefined ? {} : { since: asked.since }),
      exceptions: config.exceptions,
      ...backtest,
    })
  }

  /** Ends the backtest that runs. */
  async close(): Promise<void> {
    await this.#backtests.close()
  }
}
