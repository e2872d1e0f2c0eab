import type { StageView } from './rollout.ts'

/** A policy as it stood, and who made it so. */
export interface PolicyVersionView {
  readonly version: number
  readonly source: string
  readonly at: string
  readonly by: string
  /** `put`, `promote to …`, `rollback to …`, `automatic rollback: …`. */
  readonly change: string
  readonly stage: StageView
}
