import type { DetectorFamily } from '../../detect/detector-family.ts'
import type { Severity } from '../../kit/severity.ts'

/** One detector: how it is set, what it said, and what people made of it. */
export interface DetectorView {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly kind: 'deterministic' | 'statistical'
  readonly family: DetectorFamily
  readonly severity: Severity
  readonly owasp: readonly string[]
  readonly attack: readonly string[]
  readonly whenNotAnAttack: string
  readonly enabled: boolean
  readonly options: readonly {
    readonly name: string
    readonly value: number
    /** What it would be if nobody had said anything: of the configuration, or the detector's own. */
    readonly default: number
    readonly reason: string
  }[]
  readonly signals7d: number
  readonly signals30d: number
  readonly incidents30d: number
  /** Incidents that people said were attacks, and were not. */
  readonly confirmed: number
  readonly dismissed: number
  /** Confirmed among those that somebody spoke of; 95 % interval of Wilson. `value` is null while nobody has. */
  readonly precision: {
    readonly value: number | null
    readonly low: number
    readonly high: number
    readonly n: number
  }
  /** Dismissals that hold now, and findings they kept from being raised. */
  readonly suppressions: number
  readonly suppressed: number
  /** Signals of the last seven days that were held back for the noise budget. */
  readonly held: number
  /** Score from which on it opens incidents; 0: everything does. */
  readonly threshold: { readonly value: number; readonly base: number; readonly why: string }
  readonly calibration: { readonly method: 'none' | 'platt' | 'isotonic'; readonly n: number }
}
