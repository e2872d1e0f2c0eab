import type { Severity } from '../../kit/severity.ts'
import type { FindingStatus } from '../../store/ports/catalog-state.ts'

/** What should be mended at an endpoint. */
export interface FindingView {
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly endpoint: string
  readonly title: string
  readonly why: string
  readonly fix: string
  readonly owasp: readonly string[]
  readonly evidence: readonly string[]
  /** `gone`: it is no longer so; kept for 90 days. */
  readonly status: FindingStatus
  readonly firstSeen: string
  readonly lastSeen: string
  /** Absent once `until` has passed. */
  readonly dismissed?: {
    readonly by: string
    readonly at: string
    readonly reason: string
    readonly until?: string
  }
}
