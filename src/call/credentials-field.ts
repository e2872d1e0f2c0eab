import type { Fingerprint } from '../kit/id.ts'
import type { Claims, Credential, CredentialScheme, JsonScalar, TokenOddity } from './credential.ts'
import { byEvidence } from './credentials.ts'
import { InvalidField, isRecord } from './field-reader.ts'

const schemes: ReadonlySet<string> = new Set<CredentialScheme>([
  'bearer-jwt',
  'bearer',
  'api-key',
  'basic',
  'session',
  'mtls',
  'signature',
])
const verifications: ReadonlySet<string> = new Set<Credential['verification']>([
  'verified',
  'unverified',
  'invalid',
])

const oddities: ReadonlySet<unknown> = new Set<TokenOddity>(['unsigned', 'jku', 'x5u', 'jwk', 'x5c', 'kid'])

const isScalar = (value: unknown): value is JsonScalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null

const isClaims = (value: unknown): value is Claims =>
  isRecord(value) &&
  Object.values(value).every(claim => isScalar(claim) || (Array.isArray(claim) && claim.every(isScalar)))

/** The `credentials` of a line written by `formatEventLine`: the secrets are gone, what was known of them is not. */
export function readSealedCredentials(value: unknown): readonly Credential[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new InvalidField('`credentials` must be a list.')
  return value.map((item, index) => readOne(item, `credentials[${index}]`))
}

function readOne(item: unknown, path: string): Credential {
  if (!isRecord(item)) throw new InvalidField(`\`${path}\` must be an object.`)
  const { scheme, at, fingerprint, subject, claims, algorithm, keyId, verification } = item
  if (typeof scheme !== 'string' || !schemes.has(scheme))
    throw new InvalidField(`\`${path}.scheme\` is no known scheme.`)
  if (typeof at !== 'string') throw new InvalidField(`\`${path}.at\` must be a string.`)
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{32}$/.test(fingerprint)) {
    throw new InvalidField(`\`${path}.fingerprint\` must be 32 lower-case hex digits.`)
  }
  if (subject !== undefined && typeof subject !== 'string')
    throw new InvalidField(`\`${path}.subject\` must be a string.`)
  if (algorithm !== undefined && typeof algorithm !== 'string')
    throw new InvalidField(`\`${path}.algorithm\` must be a string.`)
  if (keyId !== undefined && typeof keyId !== 'string')
    throw new InvalidField(`\`${path}.keyId\` must be a string.`)
  if (claims !== undefined && !isClaims(claims))
    throw new InvalidField(`\`${path}.claims\` must hold scalars and lists of scalars.`)
  if (typeof verification !== 'string' || !verifications.has(verification)) {
    throw new InvalidField(`\`${path}.verification\` must be "verified", "unverified" or "invalid".`)
  }
  return {
    scheme: scheme as CredentialScheme,
    at,
    fingerprint: fingerprint as Fingerprint,
    ...(subject === undefined ? {} : { subject }),
    ...(claims === undefined ? {} : { claims }),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(keyId === undefined ? {} : { keyId }),
    ...readOddities(item.oddities, path),
    verification: verification as Credential['verification'],
  }
}

function readOddities(value: unknown, path: string): Pick<Credential, 'oddities'> {
  if (value === undefined) return {}
  if (!Array.isArray(value) || !value.every(item => oddities.has(item)))
    throw new InvalidField(`\`${path}.oddities\` holds what is none.`)
  return { oddities: value as readonly TokenOddity[] }
}

/** What was read from the line's own headers, and what it declares beside; the headers win where both speak of one place. */
export function mergeCredentials(
  read: readonly Credential[],
  declared: readonly Credential[],
): readonly Credential[] {
  const places = new Set(read.map(credential => credential.at))
  return byEvidence([...read, ...declared.filter(credential => !places.has(credential.at))])
}
