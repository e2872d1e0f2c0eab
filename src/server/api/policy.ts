import type { RolloutView } from './rollout.ts'

/** A policy as it is in force, and what it did. */
export interface PolicyView {
  readonly name: string
  readonly source: string
  readonly version: number
  readonly updatedAt: string
  readonly updatedBy: string
  readonly mode: string
  readonly phase: string
  readonly action: string
  /** Who answers for it, and until when it holds. */
  readonly owner?: string
  readonly expiresAt?: string
  /**
   * Decisions of the last 24 hours; of them those that it acted on, and on whom. What did not stop a call is written down at most every ten
   * seconds for each caller: there may have been more.
   */
  readonly effect: {
    readonly decisions: number
    readonly principals: number
    readonly acted: number
    readonly actedPrincipals: number
  }
  readonly rollout: RolloutView
}
