import type { Json } from '../call/content.ts'
import type { Claims } from '../call/credential.ts'
import type { PrincipalKind } from '../kit/id.ts'
import { isServiceToken, rolesFrom, subjectFrom, tenantFrom } from './claims.ts'

/** What an answer says of who asked. */
export interface Profile {
  readonly tenant?: string
  readonly roles: readonly string[]
  /** What answers call the caller besides the name of its login: the account's id first, then its address and user name. */
  readonly names?: readonly string[]
}

/** Paths that answer with who the caller is, or with who logged in. */
const ownPath =
  /(?:^|[/_.-])(?:me|self|whoami|profile|userinfo|user-?info|current-?user|log-?in|sign-?in|sessions?|authenticate|token)\/?$/i
/** Paths of the second step of a login and of what renews it: they answer with who it is under `user`. */
const laterPath =
  /\/(?:auth|oauth2?|accounts?|identity|log-?in|sign-?in|sessions?|mfa|2fa|otp|factors?|tokens?)\/(?:[\w-]{1,32}\/)?(?:refresh|renew|verify|verification|mfa|2fa|otp|challenge|confirm)\/?$/i
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH'])
/** What those words end in, and the slash; in lower case, which leaves the slash what it is. */
const lastLetters = new Set([...'aefhimnoprswy/'].map(letter => letter.charCodeAt(0)))
/** Whether a path is that of the caller's own profile. */
export const isProfilePath = (path: string): boolean =>
  /\/(?:me|self|whoami|profile|userinfo|user-?info|current-?user)\/?$/i.test(path)

const identifier = /^[\w.:@-]{1,64}$/
/** Of the words for a tenant, those that hold its id: a company's name is none. */
const tenantKeys =
  /^(?:tenant(?:_?id)?|org(?:anization|anisation)?_?id|workspace_?id|team_?id|account_?id|tid)$/i
const roleKeys = /^(?:roles?|groups?|scopes?|is_?admin|admin|is_?staff|is_?superuser)$/i

const idKeys =
  /^(?:_?id|uuid|uid|sub|(?:user|customer|account|member|person|patient|employee|client|profile)_?(?:id|uuid|ref))$/i
const nameKeys = /^(?:e_?mail|e_?mail_?address|user_?name|login|handle)$/i

/** Tenant, roles and names of the caller; undefined where the answer is not about the caller or says none. */
export function profileIn(method: string, path: string, body: Json | undefined): Profile | undefined {
  if (!methods.has(method)) return undefined
  // Most paths end in a number or a word of another letter.
  if (!lastLetters.has(path.charCodeAt(path.length - 1) | 32)) return undefined
  const own = ownPath.test(path)
  if (!own && !laterPath.test(path)) return undefined
  const object = record(body)
  if (object === undefined || (!own && record(object.user) === undefined)) return undefined
  const objects = [object]
  for (const key of ['user', 'data', 'profile', 'account', 'me']) {
    const inner = record(object[key])
    if (inner !== undefined) objects.push(inner)
  }
  const claims: Record<string, string | number | boolean | (string | number)[]> = {}
  for (const each of objects) {
    for (const [key, value] of Object.entries(each).slice(0, 64)) {
      const tenant = tenantKeys.test(key) && (typeof value === 'string' || typeof value === 'number')
      if (tenant && identifier.test(String(value))) claims[key] = value
      else if (roleKeys.test(key)) {
        if (Array.isArray(value)) claims[key] = value.filter(item => typeof item === 'string').slice(0, 32)
        else if (typeof value === 'string' || typeof value === 'boolean') claims[key] = value
      }
    }
  }
  // A login answers with the id of the session, a profile with the account's.
  const names = namesIn(isProfilePath(path) ? objects : objects.slice(1))
  const profile = profileOf(claims)
  if (names.length === 0) return profile
  return { ...(profile ?? { roles: [] }), names }
}

/** What an answer says of somebody, with what earlier ones said and it leaves out: a login tells less than a profile. */
export function joinProfiles(known: Profile, said: Profile): Profile {
  const tenant = said.tenant ?? known.tenant
  const shared = said.names?.some(name => known.names?.includes(name)) ?? true
  const names = shared
    ? [...new Set([...(said.names ?? []), ...(known.names ?? [])])].slice(0, 4)
    : said.names
  return {
    ...(tenant === undefined ? {} : { tenant }),
    roles: said.roles.length > 0 ? said.roles : known.roles,
    ...(names === undefined || names.length === 0 ? {} : { names }),
  }
}

function namesIn(objects: readonly { readonly [key: string]: Json }[]): readonly string[] {
  const ids: string[] = []
  const names: string[] = []
  for (const object of objects)
    for (const [key, value] of Object.entries(object).slice(0, 64)) {
      if ((typeof value !== 'string' && typeof value !== 'number') || !identifier.test(String(value)))
        continue
      if (idKeys.test(key)) ids.push(String(value))
      else if (nameKeys.test(key)) names.push(String(value))
    }
  return ids.length === 0 ? [] : [...new Set([...ids, ...names])].slice(0, 4)
}

function profileOf(claims: Claims): Profile | undefined {
  const tenant = tenantFrom(snakeCased(claims))
  const roles = rolesFrom(snakeCased(claims))
  if (tenant === undefined && roles.length === 0) return undefined
  return { ...(tenant === undefined ? {} : { tenant }), roles }
}

/** Answers write `orgId` where tokens write `org_id`. */
const snakeCased = (claims: Claims): Claims =>
  Object.fromEntries(
    Object.entries(claims).map(([key, value]) => [
      key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase(),
      value,
    ]),
  )

export interface Introspected {
  readonly name: string
  readonly tenant?: string
  readonly kind?: PrincipalKind
  readonly profile?: Profile
}

/** Whose an active token is by an introspection answer (RFC 7662 section 2.2). */
export function introspected(body: Json | undefined): Introspected | undefined {
  const object = record(body)
  if (object?.active !== true) return undefined
  const claims = Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value === null || typeof value !== 'object' || Array.isArray(value),
    ),
  ) as Claims
  const name = subjectFrom(claims)
  if (name === undefined) return undefined
  const tenant = tenantFrom(claims)
  const profile = profileOf(claims)
  return {
    name,
    ...(tenant === undefined ? {} : { tenant }),
    ...(isServiceToken(claims, name) ? { kind: 'service' } : {}),
    ...(profile === undefined ? {} : { profile }),
  }
}

const record = (value: Json | undefined): { readonly [key: string]: Json } | undefined =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })
    : undefined
