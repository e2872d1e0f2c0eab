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
 * What no honest issuer writes into a token's header: no signature, a key or a place of a key that the token brings along (RFC 8725,
 * sections 3.1 and 3.10), a key id with more than a name in it.
 */
export type TokenOddity = 'unsigned' | 'jku' | 'x5u' | 'jwk' | 'x5c' | 'kid'

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
  /** JOSE `kid` for JWTs, at most 64 characters. */
  readonly keyId?: string
  /** Of JWTs, where there is any. */
  readonly oddities?: readonly TokenOddity[]
  /** `verified` and `invalid` only where keys were given; `unverified` otherwise. */
  readonly verification: 'verified' | 'unverified' | 'invalid'
}
