import type { Credential, CredentialScheme } from './credential.ts'
import { keepClaims, readJwt } from './jwt.ts'
import type { Redactor } from './redactor.ts'

/** A secret as a credential: a JWT whatever it was taken for, otherwise of the scheme given. */
export function credentialOf(
  secret: string,
  at: string,
  scheme: CredentialScheme,
  redactor: Redactor,
): Credential {
  const fingerprint = redactor.fingerprint(secret)
  const jwt = readJwt(secret)
  if (jwt === undefined) return { scheme, at, fingerprint, verification: 'unverified' }
  const claims = keepClaims(jwt, name => redactor.names.classOf(name) !== undefined)
  const verification = redactor.verify(jwt)
  return {
    scheme: 'bearer-jwt',
    at,
    fingerprint,
    ...(typeof claims.sub === 'string' && claims.sub !== '' ? { subject: claims.sub } : {}),
    claims,
    algorithm: jwt.algorithm,
    ...(jwt.kid === undefined ? {} : { keyId: jwt.kid.slice(0, 64) }),
    ...(jwt.oddities.length === 0 ? {} : { oddities: jwt.oddities }),
    verification,
  }
}
