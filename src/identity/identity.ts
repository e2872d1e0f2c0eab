import type { Claims } from '../call/credential.ts'
import type { Fingerprint, PrincipalId, PrincipalKind, TenantId } from '../kit/id.ts'

/** Who made a call, from the best evidence there was, and the rest of the evidence beside it. Immutable. */
export interface Identity {
  readonly principal: PrincipalId
  readonly kind: PrincipalKind
  /** The part of the principal after the colon: a subject, user name, certificate name or fingerprint prefix. */
  readonly name: string
  readonly tenant?: TenantId
  readonly roles: readonly string[]
  /** What answers call the caller where its token does not say: the account's id first. From its own profile. */
  readonly names?: readonly string[]
  /** Fingerprint of the credential that carried the principal. */
  readonly token?: Fingerprint
  /** Claims of that credential; empty where it has none. */
  readonly claims: Claims
  /** The client software that the token was given to, by its word: `azp` or `client_id`. */
  readonly client?: string
  /** Who acts for the principal, by the token's word, the nearest first (RFC 8693 `act`): agents, services. */
  readonly actors?: readonly string[]
  /** The login that the token belongs to, by its word: `sid`. */
  readonly session?: string
  /** 1 verified claim, .8 unverified claim, .6 session or opaque credential, .3 device, .1 address only. */
  readonly confidence: number
  /** `anonymous` device id: a hash of JA4 (or header order), user agent family and address prefix. */
  readonly device: string
  /** Human words for "how do we know", e.g. `JWT subject (signature not checked)`. */
  readonly evidence: string
}
