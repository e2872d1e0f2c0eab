import type { Fingerprint } from '../kit/id.ts'

export type CredentialScheme =
  | 'bearer-jwt'
  | 'bearer'
  | 'api-key'
  | 'basic'
  | 'session'
  | 'mtls'
  | 'signature'

export type JsonScalar = string | number | boolean | null

/** The claims worth keeping of a token: scalars and short lists of scalars; the rest is dropped at the sensor. */
export type Claims = Readonly<Record<string, JsonScalar | readonly JsonScalar[]>>

/**
 * A credential as it is known past the sensor: what kind, where it stood, a keyed fingerprint of it and the claims
 * worth keeping. The secret itself never leaves the sensor.
 */
export interface Credential {
  readonly scheme: CredentialScheme
  /** Where it stood: `header:authorization`, `query:api_key`, `cookie:sid`, `header:x-forwarded-client-cert`. */
  readonly at: string
  readonly fingerprint: Fingerprint
  /** Basic user name, certificate subject or SPIFFE id, SigV4 key id: the public part of the credential. */
  readonly subject?: string
  readonly claims?: Claims
  /** JOSE `alg` for JWTs. */
  readonly algorithm?: string
  /** `verified` and `invalid` only where keys were given; `unverified` otherwise. */
  readonly verification: 'verified' | 'unverified' | 'invalid'
}
