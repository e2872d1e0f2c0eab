import type { Manifest } from './manifest.ts'
import type { Standing } from './seen.ts'

/** Something that was seen and would not pass. */
export interface DeniedUse {
  /** `cart → orders at 8080` */
  readonly what: string
  /** Times in the last seven days. */
  readonly lastWeek: number
  /** Times in the window. */
  readonly calls: number
  /** `2026-03-14` */
  readonly lastDay: string
  readonly why: Standing | 'unsaid'
  readonly sentence: string
}

/** What share of what was seen would go on to pass. */
export interface Coverage {
  /** Kinds of uses: who at which port, who which endpoint. */
  readonly uses: { readonly allowed: number; readonly seen: number }
  readonly calls: { readonly allowed: number; readonly seen: number }
  /** Allowed calls of those seen, 0 to 1; 1 where nothing was seen. */
  readonly share: number
  /** Days of the window on which anything of it was seen. */
  readonly seenDays: number
  readonly days: number
  /** `seen on 9 of 14 days` */
  readonly confidence: string
}

/** Policies for a workload, or those of a namespace, that allow what was seen and nothing else. */
export interface Recommendation {
  readonly kind: string
  /** As it was asked for: `workload:shop/orders`, `namespace:shop`. */
  readonly subject: string
  /** `2026-03-01`; both are part of it. */
  readonly from: string
  readonly to: string
  readonly manifests: readonly Manifest[]
  /** The manifests as one text, with the reasons as comments. */
  readonly yaml: string
  readonly coverage: Coverage
  /** What would have been denied in the last seven days of the window, the most frequent first; at most 200. */
  readonly denied: readonly DeniedUse[]
  /** What was left out and did not happen in the last seven days; at most 200. */
  readonly leftOut: readonly DeniedUse[]
  /** Workloads about which nothing could be recommended, with the reason. */
  readonly nothing: readonly { readonly workload: string; readonly why: string }[]
}
