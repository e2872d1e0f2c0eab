import type { ApiCall } from '../call/api-call.ts'
import type { Match } from '../catalog/endpoint.ts'
import type { Identity } from '../identity/identity.ts'

/**
 * `success` 2xx and 3xx whose body does not say it failed; `refused` 401, 403, 404, 405, 410, 422, 423, 429 and bodies that say so;
 * `invalid` other 4xx; `failed` 5xx; `unknown` where no response was seen.
 */
export type Outcome = 'success' | 'refused' | 'invalid' | 'failed' | 'unknown'

/** A call with everything the rooms to the left know about it. What baselines, detectors and policies read. */
export interface Observation {
  readonly call: ApiCall
  readonly identity: Identity
  readonly match: Match
  readonly outcome: Outcome
  /** True while history is read: learn from it, raise nothing. */
  readonly learning: boolean
}
