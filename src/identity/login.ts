import type { Headers } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import { isMask, readMask } from '../call/mask.ts'
import type { SessionOwner } from './session-directory.ts'

/** Keys that name the person in a login, best first, compared without case, `_` and `-`. */
const nameKeys = [
  'username',
  'login',
  'user',
  'userid',
  'loginid',
  'account',
  'email',
  'emailaddress',
  'mail',
  'phone',
  'phonenumber',
  'identifier',
  'name',
]
const tenantKeys = [
  'tenant',
  'tenantid',
  'organization',
  'organisation',
  'org',
  'orgid',
  'workspace',
  'company',
  'realm',
]
const loginPath = /(?:log-?in|sign-?in|sign-?up|register|auth|session|token|otp|mfa|2fa|verify)/i
const notBearer = /^(?:password|pin|otp|cvv|payment-card|iban|csrf|private-key)$/

const bareKey = (key: string): string => key.toLowerCase().replace(/[_\-.]/g, '')

/**
 * Who logs in with this body: the user name or e-mail at the top level or one object below, where a password stands
 * beside it or the path is one of logging in. Undefined where it is no login.
 */
export function loginNames(body: Json | undefined, path: string): SessionOwner | undefined {
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) return undefined
  const objects = [body as Record<string, Json>]
  for (const value of Object.values(body).slice(0, 16)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      objects.push(value as Record<string, Json>)
  }
  let name: string | undefined
  let rank = nameKeys.length
  let tenant: string | undefined
  let password = false
  for (const object of objects) {
    for (const [key, value] of Object.entries(object).slice(0, 64)) {
      if (typeof value !== 'string' || value === '' || value.length > 254) continue
      const bare = bareKey(key)
      if (/^(?:password|passwd|passphrase|pass|pwd|secret|pin)$/.test(bare)) password = true
      if (isMask(value)) continue
      const index = nameKeys.indexOf(bare)
      if (index >= 0 && index < rank) {
        name = value
        rank = index
      }
      if (tenant === undefined && tenantKeys.includes(bare)) tenant = value
    }
  }
  if (name === undefined || !(password || loginPath.test(path))) return undefined
  return tenant === undefined ? { name } : { name, tenant }
}

/** A masked secret in a body, and the key it stands under. */
export interface KeyedSecret {
  readonly key: string
  /** Its first twelve characters. */
  readonly fingerprint: string
}

/** The masked bearer secrets in a body, in order of walking; at most eight. */
export function keyedSecrets(body: Json | undefined): readonly KeyedSecret[] {
  const found: KeyedSecret[] = []
  if (body !== undefined) collect(body, '', 0, found)
  return found
}

/** The short fingerprints of the masked bearer secrets in an answer, in order of walking; at most eight. */
export const maskedSecrets = (body: Json | undefined): readonly string[] =>
  keyedSecrets(body).map(({ fingerprint }) => fingerprint)

const challengeKey =
  /^(?:.*_)?(?:challenge|mfa|flow|login|auth|verification|transaction)_?(?:id|token|session|handle|ticket)?$|^(?:session|ticket|state)_?(?:id|token)?$/

/** Values that tie the steps of one login together: what the first answer hands out for the second request. At most four. */
export function challengesIn(body: Json | undefined): readonly string[] {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return []
  const found: string[] = []
  const look = (object: { readonly [key: string]: Json }): void => {
    for (const [key, value] of Object.entries(object).slice(0, 32)) {
      if (typeof value !== 'string' || value.length < 6 || value.length > 512 || found.length >= 4) continue
      if (challengeKey.test(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())) found.push(value)
    }
  }
  const outer = body as { readonly [key: string]: Json }
  look(outer)
  for (const value of Object.values(outer).slice(0, 8))
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      look(value as { readonly [key: string]: Json })
  return found
}

const setCookieMask = /^\s*([^=;\s]{1,128})=\[redacted:[a-z0-9-]{1,40}:([0-9a-f]{12})\]/

/** A cookie that an answer sets: its name, and the short fingerprint of its value. */
export function cookieSet(
  value: string,
): { readonly name: string; readonly fingerprint: string } | undefined {
  const [, name, fingerprint] = setCookieMask.exec(value) ?? []
  return name === undefined || fingerprint === undefined ? undefined : { name, fingerprint }
}

/** The cookies that an answer sets, each under its name; at most eight. */
export function setCookieSecrets(headers: Headers): readonly KeyedSecret[] {
  const found: KeyedSecret[] = []
  for (const [name, value] of headers) {
    const cookie = name === 'set-cookie' ? cookieSet(value) : undefined
    if (cookie !== undefined && found.length < 8)
      found.push({ key: cookie.name, fingerprint: cookie.fingerprint })
  }
  return found
}

function collect(value: Json, key: string, depth: number, found: KeyedSecret[]): void {
  if (found.length >= 8 || depth > 4) return
  if (typeof value === 'string') {
    const masked = readMask(value)
    if (masked !== undefined && !notBearer.test(masked.what))
      found.push({ key, fingerprint: masked.fingerprint })
  } else if (value !== null && typeof value === 'object') {
    if (Array.isArray(value)) {
      const list = value as readonly Json[]
      for (let index = 0; index < Math.min(list.length, 32); index += 1)
        collect(list[index] ?? null, key, depth + 1, found)
      return
    }
    const object = value as { readonly [key: string]: Json }
    let left = 32
    for (const name in object) {
      left -= 1
      if (left < 0) return
      const item = object[name]
      // Numbers and the like are most of it.
      if (typeof item === 'string' || (typeof item === 'object' && item !== null))
        collect(item, name, depth + 1, found)
    }
  }
}
