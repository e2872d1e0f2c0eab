import type { Credential } from './credential.ts'
import { type FormPair, formPairs } from './form-pairs.ts'
import { isMask } from './mask.ts'
import { credentialOf } from './read-credential.ts'
import { readHeader } from './read-header.ts'
import type { Redactor } from './redactor.ts'

/** Weight of evidence: a checked token first, what was refused by a key last. */
const rank = (credential: Credential): number => {
  if (credential.verification === 'invalid') return 9
  switch (credential.scheme) {
    case 'bearer-jwt':
      return credential.verification === 'verified' ? 0 : 1
    case 'mtls':
      return 2
    case 'bearer':
      return 3
    case 'api-key':
      return 4
    case 'signature':
      return 5
    case 'basic':
      return 6
    case 'session':
      return 7
  }
}

/** Headers that carry credentials besides those whose name says so. */
const carriers = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-forwarded-client-cert'])

/** Query parameters that carry a caller's credential. */
const queryNames = new Set([
  'api_key',
  'apikey',
  'api-key',
  'x-api-key',
  'key',
  'access_token',
  'accesstoken',
  'auth_token',
  'authtoken',
  'token',
  'auth',
  'jwt',
  'id_token',
  'subscription-key',
  'appid',
  'app_key',
  'session',
  'sessionid',
  'session_id',
  'sid',
])

const queryPairs = 64
const most = 32

/** Best evidence first, in the order found where it is equal; at most 32. */
export const byEvidence = (credentials: Credential[]): readonly Credential[] => {
  if (credentials.length > 1) credentials.sort((a, b) => rank(a) - rank(b))
  return credentials.length > most ? credentials.slice(0, most) : credentials
}

const shortest = 8

/** A credential in one query pair, or undefined. */
export function queryCredential(pair: FormPair, redactor: Redactor): Credential | undefined {
  if (pair.value.length < shortest || isMask(pair.value)) return undefined
  const name = pair.name.toLowerCase()
  const at = `query:${pair.name.slice(0, 64)}`
  if (name === 'x-amz-credential') {
    const subject = pair.value.split('/', 1)[0] ?? pair.value
    return {
      scheme: 'signature',
      at,
      fingerprint: redactor.fingerprint(subject),
      subject: subject.slice(0, 128),
      verification: 'unverified',
    }
  }
  const isJwt = pair.value.startsWith('eyJ')
  if (!isJwt && !queryNames.has(name)) return undefined
  const session = name.startsWith('sess') || name === 'sid'
  const found = credentialOf(
    pair.value,
    at,
    session ? 'session' : name.includes('key') || name === 'appid' ? 'api-key' : 'bearer',
    redactor,
  )
  return isJwt && found.scheme !== 'bearer-jwt' && !queryNames.has(name) ? undefined : found
}

/** Whether a value of the query is as long as the shortest credential: decoding makes none longer. */
function mayHoldCredential(target: string, from: number): boolean {
  let start = -1
  for (let index = from; index < target.length; index += 1) {
    const code = target.charCodeAt(index)
    if (code === 38) start = -1
    else if (start < 0) {
      if (code === 61) start = index + 1
    } else if (index - start >= shortest - 1) return true
  }
  return false
}

/**
 * The credentials of a request: bearer tokens, API keys, basic authentication, client certificates vouched for by a proxy
 * (`x-forwarded-client-cert`), signatures (SigV4, HTTP signatures, Digest) and cookies that could be a session.
 * Header names in any case. Best evidence first: checked JWT, JWT, certificate, opaque token, API key, signature, basic,
 * session, and last what a key refused. Masks are no credentials.
 */
export function readCredentials(
  headers: readonly (readonly [string, string])[],
  target: string,
  redactor: Redactor,
): readonly Credential[] {
  const found: Credential[] = []
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase()
    if (!carriers.has(name) && redactor.names.classOf(name) === undefined) continue
    for (const credential of redactor.header(name, value, readHeader).credentials) found.push(credential)
  }
  const question = target.indexOf('?')
  if (question >= 0 && mayHoldCredential(target, question + 1)) {
    for (const pair of formPairs(target.slice(question + 1), queryPairs)) {
      const credential = queryCredential(pair, redactor)
      if (credential !== undefined) found.push(credential)
    }
  }
  return byEvidence(found)
}
