import type { Identity } from '../identity/identity.ts'

const notAttributes = new Set([
  'exp',
  'iat',
  'nbf',
  'jti',
  'iss',
  'aud',
  'scope',
  'scp',
  'typ',
  'azp',
  'amr',
  'acr',
  'auth_time',
  'nonce',
  'sid',
  'at_hash',
  'roles',
  'role',
  'groups',
  'permissions',
])
const tenantClaims = new Set([
  'tenant',
  'tenant_id',
  'tenantid',
  'tid',
  'org',
  'org_id',
  'orgid',
  'organization',
  'organization_id',
  'workspace',
  'workspace_id',
  'company',
  'company_id',
])

/**
 * What a caller is known by: `name`, `tenant` and the scalar claims that can name a person or a tenant, at most 12.
 * Empty for a caller without an identity of its own.
 */
export function attributesOf(identity: Identity): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  if (identity.kind === 'anonymous') return attributes
  if (isNamed(identity)) attributes.set('name', identity.name)
  if (identity.tenant !== undefined) attributes.set('tenant', identity.tenant)
  const account = identity.names?.[0]
  if (account !== undefined && account !== identity.name) attributes.set('account', account)
  const mail = mailOf(identity)
  if (mail !== undefined) attributes.set('email', mail)
  for (const claim in identity.claims) {
    if (attributes.size >= 12) break
    if (notAttributes.has(claim) || attributes.has(claim)) continue
    const value = identity.claims[claim]
    const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
    if (text === '' || text.length > 256) continue
    if (claim === 'sub' && text === identity.name) continue
    if (identity.tenant !== undefined && tenantClaims.has(claim) && text === identity.tenant) continue
    attributes.set(claim, text)
  }
  return attributes
}

/** Is the caller known by anything at all? */
export const hasAttributes = (identity: Identity): boolean =>
  identity.kind !== 'anonymous' && (isNamed(identity) || attributesOf(identity).size > 0)

/** The value of one attribute, by the name a binding has for it. */
export function attributeOf(identity: Identity, name: string): string | undefined {
  if (identity.kind === 'anonymous') return undefined
  if (name === 'name') return isNamed(identity) ? identity.name : undefined
  if (name === 'tenant') return identity.tenant
  if (name === 'account' && identity.names !== undefined) return identity.names[0]
  if (name === 'email') {
    const mail = mailOf(identity)
    if (mail !== undefined) return mail
  }
  const value = identity.claims[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

/** The address that a profile told, where neither the name nor a claim of the token is one. */
const mailOf = ({ name, names, claims }: Identity): string | undefined =>
  names === undefined || name.includes('@') || claims.email !== undefined
    ? undefined
    : names.find(each => each.includes('@'))

/** Whether a value is one of the names an identity goes by: its own, its tenant's, what its profile or its token says. */
export function isOwnName(identity: Identity, value: string): boolean {
  if (identity.name === value || identity.tenant === value || identity.names?.includes(value) === true)
    return true
  for (const claim in identity.claims) {
    const held = identity.claims[claim]
    if (Array.isArray(held) ? held.some(item => String(item) === value) : String(held) === value) return true
  }
  return false
}

export const isTenantClaim = (claim: string): boolean => tenantClaims.has(claim.toLowerCase())

/** A key's or an unknown session's name is a fingerprint: nothing in an answer can equal it. */
const isNamed = (identity: Identity): boolean =>
  identity.kind !== 'anonymous' &&
  identity.kind !== 'session' &&
  identity.kind !== 'token' &&
  identity.kind !== 'apikey'
