import type { Claims, Credential } from '../call/credential.ts'
import type { Identity } from './identity.ts'
import type { Profile } from './profile.ts'

/** Claims that name the tenant, best first. Compared without case and without a namespace before the last `/` or `:`. */
const tenantNames = [
  'tenant',
  'tenant_id',
  'tenantid',
  'org_id',
  'orgid',
  'org',
  'organization_id',
  'organization',
  'organisation',
  'tid',
  'account_id',
  'accountid',
  'account',
  'workspace_id',
  'workspace',
  'company_id',
  'company',
  'customer_id',
  'realm',
]
const roleNames = new Set([
  'role',
  'roles',
  'group',
  'groups',
  'permissions',
  'authorities',
  'entitlements',
  'cognito:groups',
  'wids',
  'scope',
  'scopes',
  'scp',
])
const scopeNames = new Set(['scope', 'scopes', 'scp'])
/** Boolean claims that are roles by themselves: `admin: true`. */
const flagNames = new Set([
  'admin',
  'is_admin',
  'isadmin',
  'superuser',
  'is_superuser',
  'staff',
  'is_staff',
  'root',
  'moderator',
  'owner',
  'support',
])
const maxRoles = 32

/** Azure writes `roles`, Auth0 `https://shop.example/roles`, Cognito `cognito:groups`: the last part says what it is. */
function bareName(name: string): string {
  const lower = name.toLowerCase()
  const slash = lower.lastIndexOf('/')
  return slash >= 0 ? lower.slice(slash + 1) : lower
}

export function tenantFrom(claims: Claims): string | undefined {
  let best: string | undefined
  let rank = tenantNames.length
  for (const name in claims) {
    const index = tenantNames.indexOf(bareName(name))
    if (index < 0 || index >= rank) continue
    const value = claims[name]
    if (typeof value !== 'string' && typeof value !== 'number') continue
    if (value === '') continue
    best = String(value)
    rank = index
  }
  return best
}

/** Roles in order of first mention: role and group claims, scopes as `scope:<name>`, and booleans such as `admin: true`. */
export function rolesFrom(claims: Claims): readonly string[] {
  let roles: string[] | undefined
  for (const name in claims) {
    const value = claims[name]
    const bare = bareName(name)
    if (value === true && flagNames.has(bare)) {
      roles ??= []
      roles.push(bare.replace(/^is_?/, ''))
      continue
    }
    if (!roleNames.has(bare)) continue
    roles ??= []
    const prefix = scopeNames.has(bare) ? 'scope:' : ''
    const items =
      typeof value === 'string' ? value.split(/[\s,]+/, maxRoles) : Array.isArray(value) ? value : [value]
    for (const item of items as readonly unknown[]) {
      if ((typeof item === 'string' && item !== '') || typeof item === 'number')
        roles.push(`${prefix}${item}`)
    }
  }
  if (roles === undefined) return none
  return [...new Set(roles)].slice(0, maxRoles)
}

const none: readonly string[] = Object.freeze([])

/** The subject of a token: `sub`, or what issuers without one use. */
export function subjectFrom(claims: Claims): string | undefined {
  for (const name of [
    'sub',
    'oid',
    'preferred_username',
    'username',
    'user_id',
    'userId',
    'uid',
    'email',
    'upn',
    'client_id',
    'azp',
  ]) {
    const value = claims[name]
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value)
  }
  return undefined
}

/**
 * True where the token speaks for a program: the client credentials grant (the subject is the client itself, RFC 9068
 * section 2.2, or `gty`), Keycloak and Kubernetes service accounts.
 */
export function isServiceToken(claims: Claims, subject: string): boolean {
  const client = claims.azp ?? claims.client_id ?? claims.cid ?? claims.appid
  if (client !== undefined && String(client) === subject) return true
  const grant = claims.gty ?? claims.grant_type
  if (grant === 'client-credentials' || grant === 'client_credentials') return true
  if (claims.idtyp === 'app' || claims.token_use === 'client') return true
  return (
    /^(?:system:serviceaccount:|service-account-|service:|client:|spiffe:\/\/)/.test(subject) ||
    subject.endsWith('@clients')
  )
}

/** True where the token says that an AI agent acts. */
export function isAgentToken(claims: Claims, subject: string): boolean {
  return (
    claims.agent === true ||
    typeof claims.agent_id === 'string' ||
    claims.actor_type === 'agent' ||
    subject.startsWith('agent:')
  )
}

const nameLength = 128
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, nameLength) : undefined

/** Who acts for the subject, the nearest first; none where the subject acts itself. */
function actorsFrom(claims: Claims): readonly string[] {
  const chain = claims['act.chain']
  if (Array.isArray(chain)) return chain.flatMap(actor => text(actor) ?? [])
  const actor = text(claims['act.sub']) ?? text(claims['act.client_id'])
  return actor === undefined ? none : [actor]
}

/** All that one set of claims says, worked out once per token. */
export interface ClaimReading {
  readonly subject: string | undefined
  readonly tenant: string | undefined
  readonly roles: readonly string[]
  readonly service: boolean
  readonly agent: boolean
  readonly client: string | undefined
  readonly actors: readonly string[]
  readonly session: string | undefined
  /** Who the bearer was last: see `identify`. */
  last: LastIdentity | undefined
}

/** An identity, and all it rests on besides the device that it names. */
export interface LastIdentity {
  readonly identity: Identity
  readonly credential: Credential
  readonly profile: Profile | undefined
  /** Tokens of several issuers were in use. */
  readonly several: boolean
}

/** Claims are immutable and come back with the same token, so their reading is kept as long as they are. */
const readings = new WeakMap<Claims, ClaimReading>()

export function readClaims(claims: Claims): ClaimReading {
  const known = readings.get(claims)
  if (known !== undefined) return known
  const subject = subjectFrom(claims)
  const reading: ClaimReading = {
    subject,
    tenant: tenantFrom(claims),
    roles: rolesFrom(claims),
    service: subject !== undefined && isServiceToken(claims, subject),
    agent: subject !== undefined && isAgentToken(claims, subject),
    client: text(claims.azp ?? claims.client_id ?? claims.cid ?? claims.appid),
    actors: actorsFrom(claims),
    session: text(claims.sid),
    last: undefined,
  }
  readings.set(claims, reading)
  return reading
}
