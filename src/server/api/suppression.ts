import type { DismissalReason, DismissalScope } from '../../detect/tuning/suppression.ts'

/** What is not raised for a while, because somebody said that it is expected. */
export interface SuppressionView {
  readonly id: string
  readonly detector: string
  readonly detectorTitle: string
  /** Absent: any. */
  readonly actor?: string
  readonly endpoint?: string
  readonly scope: DismissalScope
  readonly reason: DismissalReason
  readonly note?: string
  readonly incident: string
  /** Only refused attempts were dismissed: a success is raised. */
  readonly attemptsOnly: boolean
  readonly at: string
  readonly by: string
  readonly expiresAt: string
  readonly removedAt?: string
  readonly removedBy?: string
  /** What it kept from being raised, and when last. */
  readonly hits: number
  readonly lastHit?: string
}
