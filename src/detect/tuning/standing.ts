/** How a running detector stands with what people said of it and with the noise budget. */
export interface DetectorStanding {
  readonly detector: string
  /** Findings that a dismissal kept from being raised. */
  readonly suppressed: number
  /** Signals of the last seven days that were held back. */
  readonly held: number
  /** Score from which on it opens incidents, what it would be without a budget, and why it is what it is. */
  readonly threshold: { readonly value: number; readonly base: number; readonly why: string }
  readonly calibration: { readonly method: 'none' | 'platt' | 'isotonic'; readonly n: number }
}

/** What one dismissal kept from being raised. */
export interface SuppressionHits {
  readonly id: string
  readonly hits: number
  readonly lastHit: number
}

/** How detection stands with people's words, as plain data. */
export interface TuningStanding {
  readonly detectors: readonly DetectorStanding[]
  readonly hits: readonly SuppressionHits[]
}
