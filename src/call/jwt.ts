import type { Claims, JsonScalar, TokenOddity } from './credential.ts'

/** A JWT taken apart, signature unchecked. */
export interface Jwt {
  readonly algorithm: string
  readonly kid: string | undefined
  readonly typ: string | undefined
  readonly oddities: readonly TokenOddity[]
  /** A public key that it brings along. */
  readonly key: unknown
  readonly payload: Readonly<Record<string, unknown>>
  /** What the signature is over (RFC 7515 §5.1). */
  readonly signingInput: string
  readonly signature: string
}

const longestToken = 16_384

const jsonPart = (part: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Takes a compact JWS apart (RFC 7519); undefined where it is none. Tokens beyond 16 KiB are not looked at. */
export function readJwt(token: string): Jwt | undefined {
  if (token.length > longestToken || !token.startsWith('ey')) return undefined
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 4 || second < 0 || token.indexOf('.', second + 1) >= 0) return undefined
  const header = jsonPart(token.slice(0, first))
  const payload = jsonPart(token.slice(first + 1, second))
  if (header === undefined || payload === undefined || typeof header.alg !== 'string') return undefined
  return {
    algorithm: header.alg.slice(0, 32),
    kid: typeof header.kid === 'string' ? header.kid : undefined,
    typ: typeof header.typ === 'string' ? header.typ.slice(0, 32) : undefined,
    oddities: odditiesOf(header, token.length === second + 1),
    key: header.jwk,
    payload,
    signingInput: token.slice(0, second),
    signature: token.slice(second + 1),
  }
}

const none: readonly TokenOddity[] = Object.freeze([])

/** A key id is a name, a thumbprint or a URL; whoever puts a path, a query or a command there hopes that it is looked up. */
const keyName = /^[\w.:=+@/~%-]{1,512}$/

function odditiesOf(header: Readonly<Record<string, unknown>>, unsigned: boolean): readonly TokenOddity[] {
  const found: TokenOddity[] = []
  if (unsigned || String(header.alg).toLowerCase() === 'none') found.push('unsigned')
  for (const name of ['jku', 'x5u', 'jwk', 'x5c'] as const) if (header[name] !== undefined) found.push(name)
  const { kid } = header
  if (
    kid !== undefined &&
    (typeof kid !== 'string' || !keyName.test(kid) || kid.includes('..') || kid.startsWith('/'))
  )
    found.push('kid')
  return found.length === 0 ? none : found
}

/** Claims with a standard or customary meaning: kept first, whatever their number. */
const known = [
  'iss',
  'sub',
  'aud',
  'azp',
  'client_id',
  'cid',
  'tenant',
  'tenant_id',
  'org',
  'org_id',
  'tid',
  'account',
  'account_id',
  'scope',
  'scp',
  'roles',
  'role',
  'groups',
  'permissions',
  'email',
  'preferred_username',
  'username',
  'name',
  'jti',
  'sid',
  'exp',
  'iat',
  'nbf',
  'auth_time',
  'typ',
  'token_use',
  'acr',
] as const
const knownSet: ReadonlySet<string> = new Set(known)

const customClaims = 24
const claimLength = 256
const listLength = 64

const scalar = (value: unknown): JsonScalar | undefined => {
  if (typeof value === 'string') return value.length > claimLength ? value.slice(0, claimLength) : value
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  return undefined
}

const kept = (value: unknown): JsonScalar | readonly JsonScalar[] | undefined => {
  if (!Array.isArray(value)) return scalar(value)
  const list = value.slice(0, listLength).map(scalar)
  const scalars = list.filter(item => item !== undefined)
  return scalars.length === list.length ? scalars : undefined
}

const within = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)[key]
    : undefined

/** Nested claims that matter, under a dotted name: delegation (RFC 8693), sender constraint (RFC 7800, 9449, 8705), Keycloak's roles. */
const nested: readonly (readonly [name: string, outer: string, inner: string])[] = [
  ['act.sub', 'act', 'sub'],
  ['act.client_id', 'act', 'client_id'],
  ['cnf.jkt', 'cnf', 'jkt'],
  ['cnf.x5t#S256', 'cnf', 'x5t#S256'],
  ['realm_access.roles', 'realm_access', 'roles'],
]

/** Who acts, then for whom that one acts, and so on (RFC 8693 section 4.1); four at most. */
function actorsOf(payload: Readonly<Record<string, unknown>>): readonly string[] {
  const chain: string[] = []
  let act = Object.hasOwn(payload, 'act') ? payload.act : undefined
  while (chain.length < 4 && act !== undefined) {
    const actor = kept(within(act, 'sub')) ?? kept(within(act, 'client_id'))
    if (typeof actor !== 'string') break
    chain.push(actor)
    act = within(act, 'act')
  }
  return chain
}

/**
 * The claims worth keeping of a token: the customary ones, the chain of those who act (`act.chain`) where there are several, and up to 24 custom scalars or lists of scalars. Strings are cut at
 * 256 characters, lists at 64. `isSecret` names claims that are dropped.
 */
export function keepClaims(jwt: Jwt, isSecret: (name: string) => boolean): Claims {
  const claims: Record<string, JsonScalar | readonly JsonScalar[]> = {}
  for (const name of known) {
    const value = Object.hasOwn(jwt.payload, name) ? kept(jwt.payload[name]) : undefined
    if (value !== undefined) claims[name] = value
  }
  if (claims.typ === undefined && jwt.typ !== undefined) claims.typ = jwt.typ
  for (const [name, outer, inner] of nested) {
    const value = Object.hasOwn(jwt.payload, outer) ? kept(within(jwt.payload[outer], inner)) : undefined
    if (value !== undefined) claims[name] = value
  }
  const chain = actorsOf(jwt.payload)
  if (chain.length > 1) claims['act.chain'] = chain
  let room = customClaims
  for (const name of Object.keys(jwt.payload)) {
    if (room === 0) break
    if (knownSet.has(name) || name === '__proto__' || name.length > claimLength || isSecret(name)) continue
    const value = kept(jwt.payload[name])
    if (value === undefined) continue
    claims[name] = value
    room -= 1
  }
  return claims
}
