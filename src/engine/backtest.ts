import type { SallyportEvent } from '../call/event.ts'
import { detectors } from '../detect/detectors/index.ts'
import { graphDetectors } from '../detect/graph/detectors/index.ts'
import type { Signal } from '../detect/signal.ts'
import { SallyportError } from '../kit/error.ts'
import type { SignalId } from '../kit/id.ts'
import { Analysis, type AnalysisOptions } from './analysis.ts'

type Options = Readonly<Record<string, number>>

export interface BacktestRun {
  /** Those that differ from the detector's own. */
  readonly options: Options
  readonly signals: number
  readonly principals: number
  /** Of everything that is done for a call, the other detectors left out. */
  readonly millisPerThousandCalls: number
  /** Entries of state that the detector held at the end. */
  readonly state: number
}

/** Times in ms since the epoch. */
export interface BacktestResult {
  readonly detector: string
  readonly calls: number
  readonly from?: number
  readonly to?: number
  /** Not all that was asked for was read. */
  readonly truncated: boolean
  readonly before: BacktestRun
  readonly after: BacktestRun
  /** Signals of `after` that `before` has not, and the other way round, at most 200 each, oldest first. */
  readonly appeared: readonly Signal[]
  readonly vanished: readonly Signal[]
}

const signalsTold = 200

/** One detector over recorded events, as it is set and as it would be: two analyses side by side. Dismissals and budgets do not count. */
export class Backtest {
  readonly #detector: string
  readonly #before: Side
  readonly #after: Side | undefined

  /**
   * @param after In place of `before`; without it, one run is all there is.
   * @throws SallyportError `usage/invalid-argument` for an unknown detector or option
   */
  constructor(detector: string, before: Options, after?: Options, base: AnalysisOptions = {}) {
    this.#detector = detector
    this.#before = new Side(detector, before, base)
    const changed = after !== undefined && JSON.stringify(after) !== JSON.stringify(before)
    this.#after = changed ? new Side(detector, after, base) : undefined
  }

  /** @param learning History: nothing is raised from it. */
  observe(event: SallyportEvent, learning = false): void {
    this.#before.observe(event, learning)
    this.#after?.observe(event, learning)
  }

  prepare(each: (analysis: Analysis) => void): void {
    each(this.#before.analysis)
    if (this.#after !== undefined) each(this.#after.analysis)
  }

  result(truncated = false): BacktestResult {
    const before = this.#before.end()
    const after = this.#after?.end() ?? before
    const { analysis } = this.#before
    return {
      detector: this.#detector,
      calls: analysis.calls,
      ...(analysis.span ?? {}),
      truncated,
      before: this.#before.run(before),
      after: (this.#after ?? this.#before).run(after),
      appeared: without(after, before),
      vanished: without(before, after),
    }
  }
}

function without(these: readonly Signal[], those: readonly Signal[]): readonly Signal[] {
  const known = new Set<SignalId>(those.map(({ id }) => id))
  return these.filter(({ id }) => !known.has(id)).slice(0, signalsTold)
}

class Side {
  readonly analysis: Analysis
  readonly #detector: string
  readonly #options: Options
  #millis = 0

  constructor(detector: string, options: Options, base: AnalysisOptions) {
    const only = {
      detectors: detectors.filter(({ id }) => id === detector),
      graphDetectors: graphDetectors.filter(({ id }) => id === detector),
    }
    const [facts] = [...only.detectors, ...only.graphDetectors]
    if (facts === undefined)
      throw new SallyportError('usage/invalid-argument', `There is no detector "${detector}".`, {
        mend: 'List them with: sallyport detector list.',
      })
    for (const name of Object.keys(options))
      if (!Object.hasOwn(facts.options, name))
        throw new SallyportError(
          'usage/invalid-argument',
          `The detector ${detector} has no option "${name}".`,
          {
            mend: `It has: ${Object.keys(facts.options).join(', ') || 'none'}.`,
          },
        )
    this.#detector = detector
    this.#options = options
    this.analysis = new Analysis({ ...base, detectors: { [detector]: options }, disabled: [], only })
  }

  observe(event: SallyportEvent, learning: boolean): void {
    const began = performance.now()
    this.analysis.observe(event, { learning })
    this.#millis += performance.now() - began
  }

  end(): readonly Signal[] {
    const { span } = this.analysis
    // What waits for something to follow has waited long enough.
    if (span !== undefined) this.analysis.settle(span.to + 60_000)
    return this.analysis.signals()
  }

  run(signals: readonly Signal[]): BacktestRun {
    const { calls, detection } = this.analysis
    return {
      options: this.#options,
      signals: signals.length,
      principals: new Set(signals.map(({ principal }) => principal)).size,
      millisPerThousandCalls: calls === 0 ? 0 : Math.round((100_000 * this.#millis) / calls) / 100,
      state: detection.stats.state[this.#detector] ?? 0,
    }
  }
}
