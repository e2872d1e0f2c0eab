import type { SimulationSummaryView } from './simulation.ts'

/** Policies that may stop it, the best first. */
export interface PolicyRecommendationsView {
  readonly items: readonly {
    readonly name: string
    readonly title: string
    readonly why: string
    /** In shadow: to be read, applied and promoted. */
    readonly source: string
    readonly action: string
    /** Distinct callers it would have touched. */
    readonly principals: number
    readonly simulation: SimulationSummaryView
  }[]
  /** The span of the calls that were looked at. */
  readonly from?: string
  readonly to?: string
}
