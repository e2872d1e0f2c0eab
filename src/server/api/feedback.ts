import type { Verdict } from '../../detect/tuning/tuning.ts'

/** What a person said that an incident was; `detectors` are calibrated by it. */
export interface FeedbackView {
  readonly incident: string
  readonly verdict: Verdict
  readonly note?: string
  readonly at: string
  readonly by: string
  readonly detectors: readonly string[]
}
