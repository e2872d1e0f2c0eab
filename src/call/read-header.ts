import { readClientCertificate } from './client-certificate.ts'
import { readCookies, readSetCookie } from './cookies.ts'
import type { Credential } from './credential.ts'
import { isMask } from './mask.ts'
import type { PayloadKind } from './payload/index.ts'
import { sealProof } from './possession.ts'
import { credentialOf } from './read-credential.ts'
import { redactText } from './redact-text.ts'
import type { HeaderReading, Redactor } from './redactor.ts'

const none: readonly Credential[] = []

/** Hold a secret, yet say nothing about who calls. */
const noIdentity = /csrf|xsrf|dpop|^x-amz-|^sec-|^www-|refresh|device|push/

/** Values made of words and numbers by the HTTP stack: no `name=value` of a secret, though a token may be put anywhere. */
const protocolHeaders = new Set([
  'host',
  'date',
  'content-type',
  'content-length',
  'connection',
  'accept',
  'accept-encoding',
  'accept-language',
  'user-agent',
  'server',
  'vary',
  'age',
  'expires',
  'last-modified',
  'etag',
  'cache-control',
  'pragma',
  'transfer-encoding',
  'content-encoding',
  'keep-alive',
  'te',
  'upgrade-insecure-requests',
  'origin',
  'dnt',
  'x-request-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'traceparent',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
  'access-control-allow-origin',
  'if-none-match',
  'if-modified-since',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'priority',
])

/**
 * Does the header hold nothing but its value, secrets by form aside? Then there is no credential in it, and it is cheaper to look
 * than to remember.
 */
export const isProtocolHeader = (name: string): boolean => protocolHeaders.has(name)

/** What a header says: its value without secrets, and the credentials in it. The name in lower case. */
export function readHeader(name: string, value: string, redactor: Redactor): HeaderReading {
  if (name === 'authorization' || name === 'proxy-authorization')
    return readAuthorization(name, value, redactor)
  if (name === 'cookie') return readCookies(value, redactor)
  if (name === 'set-cookie') return readSetCookie(value, redactor)
  if (name === 'x-forwarded-client-cert')
    return { masked: value, credentials: readClientCertificates(value, redactor) }
  if (name === 'dpop') return { masked: sealProof(value, redactor), credentials: none }
  const what = redactor.names.classOf(name)
  if (what === undefined) return { masked: redactText(value, redactor), credentials: none }
  const masked = redactor.maskNamed(what, value)
  if (masked === value || noIdentity.test(name)) return { masked, credentials: none }
  const secret = bare(value)
  if (isMask(secret)) return { masked, credentials: none }
  return {
    masked,
    credentials: [
      credentialOf(secret, `header:${name}`, what === 'session' ? 'session' : 'api-key', redactor),
    ],
  }
}

const bare = (value: string): string => {
  const space = value.indexOf(' ')
  return space > 0 && /^(?:bearer|token)$/i.test(value.slice(0, space))
    ? value.slice(space + 1).trim()
    : value.trim()
}

function readAuthorization(name: string, value: string, redactor: Redactor): HeaderReading {
  const trimmed = value.trim()
  if (trimmed === '' || isMask(trimmed)) return { masked: trimmed, credentials: none }
  const at = `header:${name}`
  const space = trimmed.indexOf(' ')
  if (space < 0) {
    const credential = credentialOf(trimmed, at, 'bearer', redactor)
    return {
      masked: redactor.mask(credential.scheme === 'bearer-jwt' ? 'jwt' : 'bearer', trimmed),
      credentials: [credential],
    }
  }
  const scheme = trimmed.slice(0, space)
  const rest = trimmed.slice(space + 1).trim()
  if (rest === '' || isMask(rest))
    return { masked: rest === '' ? scheme : `${scheme} ${rest}`, credentials: none }
  const credential = authorizationCredential(scheme.toLowerCase(), rest, at, redactor)
  const what = credential.scheme === 'bearer-jwt' ? 'jwt' : credential.scheme
  return {
    masked: `${scheme.slice(0, 64)} ${redactor.mask(what, rest, basicPayload(scheme, rest, redactor))}`,
    credentials: [credential],
  }
}

/** A name or password that is itself an attack; other schemes carry no text of the caller's own. */
const basicPayload = (scheme: string, rest: string, redactor: Redactor): PayloadKind | undefined =>
  scheme.toLowerCase() === 'basic'
    ? redactor.payloadOf(Buffer.from(rest, 'base64').toString('utf8'))
    : undefined

function authorizationCredential(scheme: string, rest: string, at: string, redactor: Redactor): Credential {
  if (scheme === 'basic') {
    const decoded = Buffer.from(rest, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    const subject = (colon < 0 ? decoded : decoded.slice(0, colon)).slice(0, 128)
    return {
      scheme: 'basic',
      at,
      fingerprint: redactor.fingerprint(rest),
      ...(subject === '' ? {} : { subject }),
      verification: 'unverified',
    }
  }
  if (scheme === 'apikey' || scheme === 'api-key' || scheme === 'key')
    return credentialOf(rest, at, 'api-key', redactor)
  const signature = scheme.startsWith('aws4-') ? awsKeyId(rest) : keyIdOf(scheme, rest)
  if (signature !== undefined) {
    return {
      scheme: 'signature',
      at,
      fingerprint: redactor.fingerprint(signature),
      subject: signature.slice(0, 128),
      verification: 'unverified',
    }
  }
  return credentialOf(rest, at, 'bearer', redactor)
}

/** `Credential=<key id>/<date>/<region>/<service>/aws4_request` of AWS Signature Version 4. */
const awsKeyId = (rest: string): string | undefined => {
  const start = rest.indexOf('Credential=')
  if (start < 0) return undefined
  const slash = rest.indexOf('/', start)
  return slash < 0 ? undefined : rest.slice(start + 11, slash)
}

/** `keyId="…"` of HTTP signatures, `username="…"` of Digest, the `id="…"` of Hawk. */
const keyIdOf = (scheme: string, rest: string): string | undefined => {
  if (scheme === 'signature') return parameter(rest, 'keyId')
  if (scheme === 'digest') return parameter(rest, 'username')
  return scheme === 'hawk' ? parameter(rest, 'id') : undefined
}

const parameter = (text: string, name: string): string | undefined => {
  const start = text.indexOf(`${name}="`)
  if (start < 0) return undefined
  const from = start + name.length + 2
  const end = text.indexOf('"', from)
  return end <= from ? undefined : text.slice(from, end)
}

/** A client certificate that a proxy vouches for: its `URI` (a SPIFFE id) or else its `Subject` names the caller. */
function readClientCertificates(value: string, redactor: Redactor): readonly Credential[] {
  const fields = readClientCertificate(value)
  const subject = fields.get('uri') || fields.get('subject')
  const identity = subject || fields.get('hash')
  if (identity === undefined || identity === '') return none
  return [
    {
      scheme: 'mtls',
      at: 'header:x-forwarded-client-cert',
      fingerprint: redactor.fingerprint(fields.get('hash') || identity),
      ...(subject === undefined || subject === '' ? {} : { subject: subject.slice(0, 256) }),
      verification: 'unverified',
    },
  ]
}
