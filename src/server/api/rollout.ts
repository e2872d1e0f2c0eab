import type { SimulationSummaryView } from './simulation.ts'

/** Shadow, canary or enforce. `percent` is a canary's share of principals. */
export interface StageView {
  readonly mode: 'shadow' | 'canary' | 'enforce'
  readonly percent?: number
}

/** How far a policy has come on its way from shadow to enforce. */
export interface RolloutView {
  readonly stage: StageView
  readonly since: string
  /** Share of the calls of no attack that it was expected to stop, 0 to 1. */
  readonly estimate?: number
  /** It was put back to shadow by itself. */
  readonly rolledBack?: { readonly at: string; readonly why: string; readonly from: string }
  /** Of one policy only: where it goes next, why not yet, and what the simulation of these very rules said. */
  readonly next?: StageView
  readonly waits?: string
  readonly simulation?: SimulationSummaryView
  /** Its whole way from shadow to enforce: by the configuration, and what the policy says of itself. */
  readonly plan?: {
    readonly shadowMinutes: number
    readonly shadowCalls: number
    /** Steps of the canary, rising. */
    readonly steps: readonly { readonly percent: number; readonly minutes: number }[]
    readonly automaticRollback: boolean
    /** Where it does: what takes it back, measured in windows of so many minutes. */
    readonly rollback?: {
      readonly windowMinutes: number
      /** Times the share of calls that was simulated. */
      readonly blockFactor: number
      /** Of the callers that were well before. */
      readonly newlyStoppedPercent: number
      /** More failures, or longer answers, than in the control group. */
      readonly worsePercent: number
      /** Of decisions. */
      readonly faultsPercent: number
    }
  }
  /** What was seen in the last ten minutes at most, where it acts: of those it acts for, and of the others (a canary's control group). */
  readonly effect?: {
    readonly from: string
    readonly acting: GroupReadingView
    readonly control: GroupReadingView
    /** Distinct callers it acts for, and how many of them it stopped. */
    readonly principals: number
    readonly stoppedPrincipals: number
  }
}

/** What became of the calls of one group. */
export interface GroupReadingView {
  readonly calls: number
  readonly stopped: number
  /** By the service; of them those with 5xx, and the 99th percentile of their durations in milliseconds. */
  readonly answered: number
  readonly failed: number
  readonly p99?: number
}
