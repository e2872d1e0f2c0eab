import type { Severity } from '../../kit/severity.ts'

/** A signal of a test. Nothing is raised from it. */
export interface BacktestSignalView {
  readonly id: string
  readonly time: string
  readonly severity: Severity
  readonly confidence: number
  readonly principal: string
  readonly endpoint?: string
  readonly message: string
  readonly evidence: readonly string[]
}

/** One detector over recorded calls, as it is set and as it would be. */
export interface BacktestView {
  readonly detector: string
  readonly calls: number
  readonly from?: string
  readonly to?: string
  /** More calls were recorded than one test reads: it read the newest. */
  readonly truncated: boolean
  readonly before: BacktestRunView
  readonly after: BacktestRunView
  /** Signals that only the one or the other raises, at most 200 each. */
  readonly appeared: readonly BacktestSignalView[]
  readonly vanished: readonly BacktestSignalView[]
}

/** One run of a detector over the recorded calls, with these options. */
export interface BacktestRunView {
  readonly options: Readonly<Record<string, number>>
  readonly signals: number
  readonly principals: number
  readonly millisPerThousandCalls: number
  /** Entries of state it held at the end. */
  readonly state: number
}
