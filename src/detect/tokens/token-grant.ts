import type { Observation } from '../../baseline/observation.ts'
import type { Content, Json } from '../../call/content.ts'
import { type KeyedSecret, keyedSecrets, setCookieSecrets } from '../../identity/login.ts'

/** What an answer handed out, by the first twelve digits of fingerprints. */
export interface TokenGrant {
  /** Tokens that calls are made with, and until when each is good, ms since the epoch, where the answer says so. */
  readonly access: readonly string[]
  readonly expires?: number
  /** The token that a new one can be had for. */
  readonly refresh?: string
  /** The refresh token it was had for: this is a refresh. */
  readonly presented?: string
}

const refreshKey = /refresh|renew/i
const refreshPath = /(?:^|[/_.-])(?:refresh|renew)(?:$|[/_.-])/i

/** What a successful call handed out; undefined where nothing. */
export function grantOf(o: Observation): TokenGrant | undefined {
  const { response } = o.call
  if (o.outcome !== 'success' || response === undefined) return undefined
  const body = response.content.kind === 'json' ? response.content.value : undefined
  const inBody = keyedSecrets(body)
  const inCookies = setCookieSecrets(response.headers)
  if (inBody.length === 0 && inCookies.length === 0) return undefined
  const given = [...inBody, ...inCookies]
  const refresh = given.find(({ key }) => refreshKey.test(key))?.fingerprint
  const presented = presentedRefresh(o)
  const expires = body === undefined ? undefined : expiryIn(body, o.call.time)
  return {
    access: given.filter(({ key }) => !refreshKey.test(key)).map(({ fingerprint }) => fingerprint),
    ...(expires === undefined ? {} : { expires }),
    ...(refresh === undefined ? {} : { refresh }),
    ...(presented === undefined ? {} : { presented }),
  }
}

/** The refresh token that a call asks new ones for; undefined where it does not. */
export function presentedRefresh(o: Observation): string | undefined {
  const { method, path, content } = o.call.request
  if (method !== 'POST' && method !== 'PUT') return undefined
  const body = bodyOf(content)
  const grant = isObject(body) ? (body.grant_type ?? body.grantType) : undefined
  if (grant !== 'refresh_token' && !(grant === undefined && refreshPath.test(path))) return undefined
  const named: readonly KeyedSecret[] = keyedSecrets(body)
  const own = named.find(({ key }) => refreshKey.test(key)) ?? named[0]
  if (own !== undefined) return own.fingerprint
  const cookie = o.call.credentials.find(({ at }) => at.startsWith('cookie:') && refreshKey.test(at))
  return (cookie?.fingerprint ?? o.identity.token)?.slice(0, 12)
}

/** The masked secrets that a request names in its body. */
export const namedIn = (content: Content): readonly string[] =>
  keyedSecrets(bodyOf(content)).map(({ fingerprint }) => fingerprint)

const bodyOf = (content: Content): Json | undefined =>
  content.kind === 'json' || content.kind === 'form' ? content.value : undefined

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `expires_in` in seconds (RFC 6749 section 5.1), or a moment under `expires_at`, at the top or one object below. */
function expiryIn(body: Json, now: number): number | undefined {
  if (!isObject(body)) return undefined
  for (const [key, value] of Object.entries(body).slice(0, 32)) {
    if (/^(?:expires_?in|expiresIn)$/.test(key)) {
      const seconds = Number(value)
      if (Number.isFinite(seconds) && seconds > 0) return now + seconds * 1_000
    }
    if (/^(?:expires_?at|expiresAt|expires|expiry)$/.test(key)) {
      const moment =
        typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? epoch(value) : Number.NaN
      if (moment > now) return moment
    }
  }
  for (const value of Object.values(body).slice(0, 8)) {
    const inner: Json = value
    if (!isObject(inner) || keyedSecrets(inner).length === 0) continue
    const found = expiryIn(inner, now)
    if (found !== undefined) return found
  }
  return undefined
}

const epoch = (value: number): number => (value < 1e11 ? value * 1_000 : value)
