import type { Observation } from '../baseline/observation.ts'
import type { Json } from '../call/content.ts'
import { keyedSecrets, loginNames } from '../identity/login.ts'

/** Somebody tries to log in, to register, or to get back in, under a name. */
export interface LoginAttempt {
  readonly kind: 'login' | 'register' | 'recovery'
  /** As sent, in lower case, at most 128 characters. */
  readonly account: string
  /** The password's mask: equal for equal passwords, worth nothing else. Undefined where it was not kept. */
  readonly password?: string
  readonly outcome: 'success' | 'failure'
}

const loginPath =
  /(?:^|[/_.-])(?:log-?in|sign-?in|authenticate|authentication|auth|token|sessions?|logon|otp|mfa|2fa)(?:$|[/_.-])/i
const registerPath = /(?:^|[/_.-])(?:register|registration|sign-?up|signups?)(?:$|[/_.-])/i
/** Asks for a mail to get back in, or whether a name is taken. */
const recoveryPath =
  /(?:^|[/_.-])(?:forgot|forgotten|recover|recovery|reset-?password|password-?reset|request-?reset|check-?(?:email|username|user|account)|(?:email|username|user|account)-?(?:exists|available|availability|check|lookup))(?:$|[/_.-])/i
const otherPath =
  /(?:^|[/_.-])(?:log-?out|sign-?out|revoke|reset|forgot|refresh|introspect|userinfo)(?:$|[/_.-])/i
const passwordKey = /^(?:password|passwd|passphrase|pass|pwd|pin|secret|otp|code)$/i

/** The attempt a call is, or undefined where it is none or its end is not known. */
export function loginAttemptOf(o: Observation): LoginAttempt | undefined {
  if (o.outcome === 'unknown' || o.outcome === 'failed') return undefined
  const outcome = o.outcome === 'success' ? 'success' : 'failure'
  const { request } = o.call
  if (request.method === 'POST' || request.method === 'PUT') {
    const { content, path } = request
    if (content.kind !== 'json' && content.kind !== 'form' && content.kind !== 'multipart') return basicOf(o)
    const login = loginPath.test(path)
    const register = registerPath.test(path)
    const recovery = recoveryPath.test(path)
    if ((!login && !register && !recovery) || (otherPath.test(path) && !recovery)) return undefined
    const owner = loginNames(content.value, recovery ? `${path}/login` : path)
    if (recovery) {
      // With a token or a new password it is the second step, which asks nothing of a name.
      if (owner === undefined || keyedSecrets(content.value).length > 0) return undefined
      if (passwordIn(content.value) !== undefined) return undefined
      return { kind: 'recovery', account: owner.name.toLowerCase().slice(0, 128), outcome }
    }
    const password = passwordIn(content.value)
    if (owner === undefined || password === undefined) return undefined
    return {
      kind: register ? 'register' : 'login',
      account: owner.name.toLowerCase().slice(0, 128),
      ...(password.startsWith('[redacted:') ? { password } : {}),
      outcome,
    }
  }
  return basicOf(o)
}

/** Basic credentials are a login attempt in every call; only refused ones tell anything. */
function basicOf(o: Observation): LoginAttempt | undefined {
  if (o.call.response?.status !== 401) return undefined
  for (const { scheme, subject, fingerprint } of o.call.credentials) {
    if (scheme === 'basic' && subject !== undefined)
      return {
        kind: 'login',
        account: subject.toLowerCase().slice(0, 128),
        password: fingerprint,
        outcome: 'failure',
      }
  }
  return undefined
}

function passwordIn(value: Json): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  for (const [key, field] of Object.entries(value as { readonly [key: string]: Json })) {
    if (typeof field === 'string' && passwordKey.test(key)) return field
    if (field !== null && typeof field === 'object' && !Array.isArray(field)) {
      for (const [inner, text] of Object.entries(field as { readonly [key: string]: Json })) {
        if (typeof text === 'string' && passwordKey.test(inner)) return text
      }
    }
  }
  return undefined
}
