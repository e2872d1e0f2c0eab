import type { Severity } from '../kit/severity.ts'

/** Something about an endpoint that should be mended, as the analysis document tells it. */
export interface Finding {
  /** Stable: the same rule, endpoint and subject give the same id in every run. */
  readonly id: string
  readonly rule: string
  readonly severity: Severity
  readonly endpoint: string
  readonly title: string
  readonly why: string
  readonly fix: string
  readonly owasp: readonly string[]
  /** Ids of calls that show it, oldest first, bounded. */
  readonly evidence: readonly string[]
}
