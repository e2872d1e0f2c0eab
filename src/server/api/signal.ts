import type { Severity } from '../../kit/severity.ts'

/** What one detector said, and what shows it. */
export interface SignalView {
  readonly id: string
  readonly detector: string
  readonly detectorTitle: string
  readonly time: string
  readonly severity: Severity
  readonly confidence: number
  readonly principal: string
  readonly tenant?: string
  readonly endpoint?: string
  readonly message: string
  readonly observed: Readonly<Record<string, unknown>>
  readonly expected: Readonly<Record<string, unknown>>
  readonly attempt: boolean
  readonly owasp: readonly string[]
  readonly attack: readonly string[]
  readonly evidence: readonly string[]
  readonly objects: readonly string[]
  readonly dataClasses: readonly string[]
  /** Who is to blame where that is not the principal. */
  readonly actor?: string
  /** `confidence` was corrected by what people said of `n` incidents; `raw` is what the detector said. */
  readonly calibrated?: { readonly raw: number; readonly n: number }
  /** Held back for the noise budget: it opens no incident. */
  readonly held?: { readonly score: number; readonly threshold: number }
}
