import {
  constants,
  createHmac,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { SallyportError } from '../kit/error.ts'
import type { Jwt } from './jwt.ts'

/** A key that tokens are checked with. A `secret` key checks HS* alone, a public key never does. */
export interface JwtKey {
  readonly kid?: string
  /** The only algorithm it may be used with; any that fits its type when absent. */
  readonly algorithm?: string
  readonly key: KeyObject
}

const curves: Readonly<Record<string, string>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
  ES256K: 'secp256k1',
}

/** May this key check that algorithm? RFC 8725 §3.1: the key decides, never the token. */
function fits(key: KeyObject, algorithm: string): boolean {
  if (key.type === 'secret') return algorithm === 'HS256' || algorithm === 'HS384' || algorithm === 'HS512'
  if (key.type !== 'public') return false
  const type = key.asymmetricKeyType
  if (type === 'rsa') return /^[RP]S(?:256|384|512)$/.test(algorithm)
  if (type === 'rsa-pss') return /^PS(?:256|384|512)$/.test(algorithm)
  if (type === 'ec')
    return curves[algorithm] !== undefined && curves[algorithm] === key.asymmetricKeyDetails?.namedCurve
  if (type === 'ed25519' || type === 'ed448') return algorithm === 'EdDSA' || algorithm.toLowerCase() === type
  return false
}

function checks(jwt: Jwt, key: KeyObject): boolean {
  const data = Buffer.from(jwt.signingInput)
  const signature = Buffer.from(jwt.signature, 'base64url')
  const digest = `sha${jwt.algorithm.slice(2, 5)}`
  if (key.type === 'secret') {
    const expected = createHmac(digest, key).update(data).digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
  if (jwt.algorithm.startsWith('Ed')) return verify(null, data, key, signature)
  if (jwt.algorithm.startsWith('ES'))
    return verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  if (jwt.algorithm.startsWith('PS')) {
    return verify(
      digest,
      data,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
      signature,
    )
  }
  return verify(digest, data, key, signature)
}

/**
 * Is the signature right? `unverified` without keys; `invalid` where keys were given and none of them checks the token, also for
 * `alg: none` and for a `kid` nobody knows. Expiry is not looked at: it depends on the time of the call.
 */
export function verifyJwt(jwt: Jwt, keys: readonly JwtKey[]): 'verified' | 'unverified' | 'invalid' {
  if (keys.length === 0) return 'unverified'
  for (const candidate of keys) {
    if (candidate.kid !== undefined && jwt.kid !== undefined && candidate.kid !== jwt.kid) continue
    if (candidate.algorithm !== undefined && candidate.algorithm !== jwt.algorithm) continue
    if (!fits(candidate.key, jwt.algorithm)) continue
    try {
      if (checks(jwt, candidate.key)) return 'verified'
    } catch {
      // A signature that the key cannot even be tried on is a wrong one.
    }
  }
  return 'invalid'
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * Keys of a JSON Web Key Set (RFC 7517), or of a single JWK. Encryption keys are skipped; a private key serves as its public half.
 * @throws SallyportError `config/invalid`
 */
export function readJwks(json: unknown): readonly JwtKey[] {
  const list =
    isRecord(json) && Array.isArray(json.keys)
      ? json.keys
      : isRecord(json) && 'kty' in json
        ? [json]
        : undefined
  if (list === undefined) throw invalid('The key set has no `keys` list.', 'keys')
  const keys: JwtKey[] = []
  for (const [index, jwk] of list.entries()) {
    if (!isRecord(jwk)) throw invalid('A key of the set is not an object.', `keys[${index}]`)
    if (jwk.use === 'enc') continue
    keys.push(keyFromJwk(jwk, `keys[${index}]`))
  }
  if (keys.length === 0) throw invalid('The key set holds no signature key.', 'keys')
  return keys
}

function keyFromJwk(jwk: Record<string, unknown>, where: string): JwtKey {
  const kid = text(jwk.kid)
  const algorithm = text(jwk.alg)
  try {
    const key =
      jwk.kty === 'oct'
        ? createSecretKey(Buffer.from(text(jwk.k) ?? '', 'base64url'))
        : createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
    if (key.type === 'secret' && (key.symmetricKeySize ?? 0) === 0)
      throw invalid('A symmetric key of the set is empty.', where)
    return { ...(kid === undefined ? {} : { kid }), ...(algorithm === undefined ? {} : { algorithm }), key }
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause
    throw new SallyportError('config/invalid', 'A key of the set cannot be read.', {
      where,
      mend: 'Give an RSA, EC, OKP or oct key as in RFC 7517.',
      cause,
    })
  }
}

/**
 * Keys from whatever form they are kept in: PEM (one or more public keys or certificates), a JWKS or JWK as JSON, and anything
 * else as a shared secret for HS*.
 * @throws SallyportError `config/invalid`
 */
export function readJwtKeys(source: string): readonly JwtKey[] {
  const trimmed = source.trim()
  if (trimmed === '') throw invalid('The key is empty.', 'jwt keys')
  if (trimmed.includes('-----BEGIN ')) return readPem(trimmed)
  if (trimmed.startsWith('{')) {
    let json: unknown
    try {
      json = JSON.parse(trimmed)
    } catch (cause) {
      throw new SallyportError('config/invalid', 'The key set is not JSON.', {
        mend: 'Give a JWKS, a PEM or a secret.',
        cause,
      })
    }
    return readJwks(json)
  }
  return [{ key: createSecretKey(Buffer.from(trimmed, 'utf8')) }]
}

function readPem(pem: string): readonly JwtKey[] {
  const keys: JwtKey[] = []
  let from = pem.indexOf('-----BEGIN ')
  while (from >= 0) {
    const next = pem.indexOf('-----BEGIN ', from + 1)
    try {
      keys.push({ key: createPublicKey(pem.slice(from, next < 0 ? undefined : next)) })
    } catch (cause) {
      throw new SallyportError('config/invalid', 'A PEM block is not a key that can be read.', {
        where: `block ${keys.length + 1}`,
        mend: 'Give public keys (SPKI) or certificates.',
        cause,
      })
    }
    from = next
  }
  return keys
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (message: string, where: string): SallyportError =>
  new SallyportError('config/invalid', message, {
    where,
    mend: 'Give a JSON Web Key Set, a PEM or a secret.',
  })
