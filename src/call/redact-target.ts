import type { Credential } from './credential.ts'
import { queryCredential } from './credentials.ts'
import { formPairs } from './form-pairs.ts'
import { isMask } from './mask.ts'
import { redactText } from './redact-text.ts'
import type { Redactor } from './redactor.ts'

/** A request target without secrets. */
export interface SealedTarget {
  readonly target: string
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly credentials: readonly Credential[]
}

const longestTarget = 32_768
const noQuery: SealedTarget['query'] = []
const noCredentials: readonly Credential[] = []

/**
 * Takes the secrets out of a target: in the path by form, after a secret's name (`;jsessionid=…`, `/reset-token/…`), in the query
 * by name and by form. Targets beyond 32 KiB are cut. Absolute targets lose scheme and authority; `*` and authority forms become
 * the path `/*`.
 */
export function sealTarget(rawTarget: string, redactor: Redactor): SealedTarget {
  const whole = rawTarget.length > longestTarget ? rawTarget.slice(0, longestTarget) : rawTarget
  const local = originForm(whole)
  const fragment = local.indexOf('#')
  const target = fragment < 0 ? local : local.slice(0, fragment)
  const question = target.indexOf('?')
  const path = sealPath(question < 0 ? target : target.slice(0, question), redactor)
  if (question < 0) return { target: path, path, query: noQuery, credentials: noCredentials }
  const raw = target.slice(question + 1)
  const query: (readonly [string, string])[] = []
  const credentials: Credential[] = []
  let changed = false
  const pieces: string[] = []
  for (const pair of formPairs(raw, redactor.limits.leaves)) {
    const credential = queryCredential(pair, redactor)
    if (credential !== undefined) credentials.push(credential)
    const value = sealValue(pair.name, pair.value, credential, redactor)
    const name = redactText(pair.name, redactor)
    query.push([name, value])
    if (value === pair.value && name === pair.name) {
      pieces.push(pair.rawValue === undefined ? pair.rawName : `${pair.rawName}=${pair.rawValue}`)
    } else {
      changed = true
      const shown = name === pair.name ? pair.rawName : encodeMasked(name)
      pieces.push(
        pair.rawValue === undefined
          ? shown
          : `${shown}=${value === pair.value ? pair.rawValue : encodeMasked(value)}`,
      )
    }
  }
  // What was not read as pairs (beyond the bound) may hold anything: it goes.
  const full = !changed && query.length < redactor.limits.leaves
  return { target: `${path}?${full ? raw : pieces.join('&')}`, path, query, credentials }
}

/** Escapes what would end a pair; masks stay readable. */
const encodeMasked = (value: string): string => value.replace(/[%&+#=\s]/g, char => encodeURIComponent(char))

function sealValue(
  name: string,
  value: string,
  credential: Credential | undefined,
  redactor: Redactor,
): string {
  if (value === '' || isMask(value)) return value
  const what = redactor.names.classOf(name)
  if (what !== undefined) return redactor.maskNamed(what, value)
  const lower = name.toLowerCase()
  if (
    lower === 'x-amz-signature' ||
    lower === 'x-goog-signature' ||
    lower === 'sig' ||
    lower === 'signature'
  ) {
    return redactor.maskNamed('signature', value)
  }
  if (
    credential !== undefined &&
    credential.scheme !== 'signature' &&
    (lower !== 'key' || looksOpaque(value))
  ) {
    return redactor.maskNamed(credential.scheme === 'bearer-jwt' ? 'jwt' : 'token', value)
  }
  return redactText(value, redactor)
}

const originForm = (target: string): string => {
  if (target.charCodeAt(0) === 47) return target
  const scheme = target.indexOf('://')
  if (scheme > 0 && scheme < 12) {
    const from = scheme + 3
    for (let index = from; index < target.length; index += 1) {
      const code = target.charCodeAt(index)
      if (code === 47) return target.slice(index)
      if (code === 63) return `/${target.slice(index)}`
    }
    return '/'
  }
  if (target.charCodeAt(0) === 63) return `/${target}`
  return target === '' ? '/' : '/*'
}

/** Long, with digits and letters, of the alphabet of tokens: a segment that no person wrote. */
function looksOpaque(text: string): boolean {
  if (text.length < 20) return false
  let digits = 0
  let letters = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code >= 48 && code <= 57) digits += 1
    else if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) letters += 1
    else if (code !== 45 && code !== 95 && code !== 46 && code !== 126) return false
  }
  return digits > 1 && letters > 1
}

function sealPath(path: string, redactor: Redactor): string {
  const redacted = redactText(path, redactor)
  const pieces = redacted.split('/')
  let changed = false
  for (let index = 1; index < pieces.length; index += 1) {
    const piece = pieces[index]!
    if (piece.length < 20 || isMask(piece) || !looksOpaque(piece)) continue
    const what = redactor.names.classOf(pieces[index - 1]!)
    if (what === undefined) continue
    pieces[index] = redactor.mask(what, piece)
    changed = true
  }
  return changed ? pieces.join('/') : redacted
}
