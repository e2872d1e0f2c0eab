import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { DetectorSetting, Feedback } from '../../detect/tuning/tuning.ts'

/** When somebody last looked at a page of the console. */
export interface Visit {
  readonly user: string
  readonly page: string
  readonly at: number
}

/** What people say of detection. Part of `StateStore`. */
export interface TuningState {
  /** Adds or replaces by id, all or nothing. Of those that ended the oldest go beyond a bound. */
  putSuppressions(suppressions: readonly Suppression[]): Promise<void>
  /** Newest first, then by id; with `all`, also those that ran out at `now` or were taken back. */
  suppressions(now: number, options?: { readonly all?: boolean }): Promise<readonly Suppression[]>
  /** As it is afterwards; undefined where there is none, or it ended before `at`. */
  removeSuppression(id: string, by: string, at: number): Promise<Suppression | undefined>

  /** One per incident: the last word counts. */
  putFeedback(feedback: Feedback): Promise<void>
  /** Oldest first, then by incident. */
  feedback(): Promise<readonly Feedback[]>

  /** One per detector. */
  putDetectorSetting(setting: DetectorSetting): Promise<void>
  /** By detector. */
  detectorSettings(): Promise<readonly DetectorSetting[]>

  /** @returns when the same user was there before. */
  putVisit(visit: Visit): Promise<number | undefined>
  visit(user: string, page: string): Promise<number | undefined>

  /** Signals by detector since a time, inclusive. */
  signalCounts(since: number): Promise<ReadonlyMap<string, number>>
}
