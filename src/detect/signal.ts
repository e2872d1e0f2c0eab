import type { CallId, EndpointId, PrincipalId, SignalId, TenantId } from '../kit/id.ts'
import type { Severity } from '../kit/severity.ts'

export type Facts = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

/** One detector's word about one thing that happened. Shapes and names are those of the analysis document. */
export interface Signal {
  /** Stable over replays: made from the detector, the actor and the evidence. */
  readonly id: SignalId
  readonly detector: string
  readonly time: number
  readonly severity: Severity
  /** 0 to 1. */
  readonly confidence: number
  readonly principal: PrincipalId
  readonly tenant?: TenantId
  readonly endpoint?: EndpointId
  /** One sentence, in plain words. */
  readonly message: string
  readonly observed: Facts
  readonly expected: Facts
  /** True where the abuse was tried and refused, false where it succeeded. */
  readonly attempt: boolean
  readonly owasp: readonly string[]
  readonly attack: readonly string[]
  /** Ids of the calls that show it, oldest first, bounded. */
  readonly evidence: readonly CallId[]
  /** Object references this is about, `type:id`, bounded. */
  readonly objects: readonly string[]
  readonly dataClasses: readonly string[]
  /** Who is to blame where that is not the principal (a stolen identity), e.g. `device:…`. */
  readonly actor?: string
  /** Its confidence was corrected by what people said of `n` incidents of this detector; `raw` is what it said itself. */
  readonly calibrated?: { readonly raw: number; readonly n: number }
  /** Held back for the noise budget: it opens no incident. Its score and from what score on it would. */
  readonly held?: { readonly score: number; readonly threshold: number }
}
