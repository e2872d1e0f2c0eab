import type { Json } from '../call/content.ts'
import { memo } from '../kit/memo.ts'

/** Words of roles that may see what belongs to any user of the application. */
const userWords =
  /(?:^|[^a-z])(?:admin|administrator|superadmin|superuser|root|support|staff|helpdesk|service|moderator|operator|auditor|backoffice|system|internal|platform|compliance)(?:$|[^a-z])/i
/** Words of roles that stand above tenants; `admin` alone does not: every tenant has one. */
const tenantWords =
  /(?:^|[^a-z])(?:superadmin|superuser|root|support|staff|helpdesk|system|internal|platform|backoffice|global|operations?)(?:$|[^a-z])/i

/** Whether a role's name alone says that it crosses owners (or tenants) by design. */
export const crossesByName = (role: string, scope: 'user' | 'tenant'): boolean =>
  scope === 'user' ? crossesUsers(role) : crossesTenants(role)

// camelCase and snake_case are words too.
const wordsOf = (role: string): string => role.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
const crossesUsers = memo(role => userWords.test(wordsOf(role)))
const crossesTenants = memo(role => tenantWords.test(wordsOf(role)))

const flags = new Set(['admin', 'isadmin', 'issuperuser', 'superuser', 'isstaff', 'staff'])

/**
 * Whether an answer is the caller's own profile and says that the caller is an administrator: an object, at the top or
 * one level below, that holds the caller's name and `admin: true`, `is_staff: true`, `role: "admin"` or the like.
 */
export function saysPrivileged(value: Json, name: string): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false
  if (value !== last.value || name !== last.name) last = { value, name, says: privilegedIn(value, name) }
  return last.says
}

/** What was said of the body asked for last: several ask of the same. */
let last: { readonly value: Json; readonly name: string; readonly says: boolean } = {
  value: null,
  name: '',
  says: false,
}

function privilegedIn(value: Json, name: string): boolean {
  const body = value as { readonly [key: string]: Json }
  if (privilegedObject(body, name)) return true
  let looked = 0
  for (const key in body) {
    looked += 1
    if (looked > 16) return false
    const child = body[key]
    if (
      child !== null &&
      typeof child === 'object' &&
      !Array.isArray(child) &&
      privilegedObject(child as { readonly [key: string]: Json }, name)
    )
      return true
  }
  return false
}

function privilegedObject(object: { readonly [key: string]: Json }, name: string): boolean {
  let named = false
  let privileged = false
  let looked = 0
  for (const key in object) {
    looked += 1
    if (looked > 64) break
    const field = object[key]
    if (field === name) named = true
    else if (field === true && flags.has(key.toLowerCase().replaceAll('_', ''))) privileged = true
    else if (typeof field === 'string' && /^(?:user_?)?role$/i.test(key) && crossesByName(field, 'user'))
      privileged = true
  }
  return named && privileged
}
