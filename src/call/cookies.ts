import type { Credential } from './credential.ts'
import { percentDecode } from './form-pairs.ts'
import { isMask } from './mask.ts'
import { credentialOf } from './read-credential.ts'
import { redactText } from './redact-text.ts'
import type { HeaderReading, Redactor } from './redactor.ts'

/** Set by analytics, consent and load-balancing products, or a preference: says nothing about who is signed in. */
const notSessions =
  /^(?:_ga|_gid|_gat|_gcl|_fbp|_fbc|__utm|_hj|ajs_|amplitude|amp_|mp_|optimizely|_pk_|intercom|hubspot|__hs|_uet|__cf|cf_|_dd_|amcv|s_cc|s_sq|optanon|cookie-?consent|cookielaw|euconsent|awsalb|lb-?session|bigip|incap_|visid_|nlbi_|datadome|_clck|_clsk|__stripe|lang|locale|i18n|theme|tz|timezone|currency|_?csrf|_?xsrf|x-?csrf|x-?xsrf)|csrf|xsrf/i

const sessionLike = /sess|sid$|^sid|auth|token|jwt|login|remember|identity|\.aspnet|^connect\./i

const most = 16
const pieces = 128

/** Characters that no cookie secret has once percent-decoded, but structures and payloads do. */
const unlikeSecret = /[\s<>'"`(){}\\;]/

/** A cookie's value without its secret. What cannot be a token stays readable, less the secrets in it by name and by form. */
const maskCookie = (name: string, value: string, redactor: Redactor): string => {
  if (value === '' || isMask(value)) return value
  if (unlikeSecret.test(percentDecode(value))) {
    const decoded = percentDecode(value)
    // A session may be kept as a structure: under such a name nothing of it is shown.
    if (decoded.startsWith('{') && sessionLike.test(name)) return redactor.maskNamed('session', value)
    return redactText(decoded, redactor) === decoded
      ? value
      : redactor.mask('cookie', value, redactor.payloadOf(value))
  }
  return redactor.maskNamed(redactor.names.classOf(name) === 'session' ? 'session' : 'cookie', value)
}

const unquote = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value

const sessionOf = (name: string, value: string, redactor: Redactor): Credential | undefined => {
  if (isMask(value) || notSessions.test(name)) return undefined
  if (value.length < (sessionLike.test(name) ? 4 : 16) || unlikeSecret.test(percentDecode(value)))
    return undefined
  return credentialOf(value, `cookie:${name}`, 'session', redactor)
}

/** The `cookie` header (RFC 6265 §4.2): every value masked, each that could be a session a credential (16 at most). */
export function readCookies(header: string, redactor: Redactor): HeaderReading {
  const credentials: Credential[] = []
  const masked: string[] = []
  for (const piece of header.split(';', pieces)) {
    const equals = piece.indexOf('=')
    const name = piece.slice(0, equals < 0 ? undefined : equals).trim()
    if (equals < 0) {
      // A value without a name: browsers send it so when it was set so.
      if (name !== '')
        masked.push(
          isMask(name) || unlikeSecret.test(name)
            ? redactText(name, redactor)
            : redactor.mask('cookie', name, redactor.payloadOf(name)),
        )
      continue
    }
    const value = unquote(piece.slice(equals + 1).trim())
    masked.push(`${name}=${maskCookie(name, value, redactor)}`)
    const session = credentials.length < most ? sessionOf(name.slice(0, 64), value, redactor) : undefined
    if (session !== undefined) credentials.push(session)
  }
  return { masked: masked.join('; '), credentials }
}

/** One `set-cookie` header: the value masked, the attributes kept. */
export function readSetCookie(header: string, redactor: Redactor): HeaderReading {
  const end = header.indexOf(';')
  const pair = end < 0 ? header : header.slice(0, end)
  const attributes = end < 0 ? '' : header.slice(end)
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : pair.slice(0, equals).trim()
  const value = unquote(pair.slice(equals + 1).trim())
  const masked = maskCookie(name, value, redactor)
  return { masked: `${equals < 0 ? '' : `${name}=`}${masked}${attributes}`, credentials: [] }
}
