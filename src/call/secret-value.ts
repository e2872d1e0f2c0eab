import { maskEnd } from './mask.ts'

/** A secret found by its form within a text: `[start, end)` and its class. */
export interface SecretSpan {
  readonly start: number
  readonly end: number
  readonly what: string
}

interface Shape {
  readonly what: string
  readonly prefix: string
  /** Characters after the prefix: at least. */
  readonly least: number
  /** And exactly, where the issuer fixes the length. */
  readonly exact?: number
}

/**
 * Prefixes by which vendors mark their secrets, from their public documentation on secret formats. After the prefix comes a run
 * of `[A-Za-z0-9_.-]`.
 */
const shapes: readonly Shape[] = [
  { what: 'aws-key', prefix: 'AKIA', least: 16, exact: 16 },
  { what: 'aws-key', prefix: 'ASIA', least: 16, exact: 16 },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map(prefix => ({ what: 'github-token', prefix, least: 30 })),
  { what: 'github-token', prefix: 'github_pat_', least: 30 },
  { what: 'gitlab-token', prefix: 'glpat-', least: 16 },
  ...['xoxa-', 'xoxb-', 'xoxe-', 'xoxp-', 'xoxr-', 'xoxs-'].map(prefix => ({
    what: 'slack-token',
    prefix,
    least: 10,
  })),
  ...['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_'].map(prefix => ({
    what: 'stripe-key',
    prefix,
    least: 10,
  })),
  { what: 'stripe-key', prefix: 'whsec_', least: 16 },
  { what: 'google-key', prefix: 'AIza', least: 35 },
  { what: 'google-token', prefix: 'ya29.', least: 20 },
  { what: 'anthropic-key', prefix: 'sk-ant-', least: 20 },
  { what: 'openai-key', prefix: 'sk-proj-', least: 20 },
  { what: 'openai-key', prefix: 'sk-svcacct-', least: 20 },
  { what: 'huggingface-token', prefix: 'hf_', least: 30 },
  { what: 'npm-token', prefix: 'npm_', least: 30 },
  { what: 'pypi-token', prefix: 'pypi-AgE', least: 40 },
  { what: 'sendgrid-key', prefix: 'SG.', least: 40 },
  { what: 'digitalocean-token', prefix: 'dop_v1_', least: 40 },
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map(prefix => ({ what: 'shopify-token', prefix, least: 30 })),
  { what: 'vault-token', prefix: 'hvs.', least: 24 },
  { what: 'vault-token', prefix: 'hvb.', least: 24 },
  { what: 'slack-token', prefix: 'xapp-', least: 10 },
  ...['sqa_', 'sqp_', 'squ_'].map(prefix => ({ what: 'sonar-token', prefix, least: 40 })),
  { what: 'sourcegraph-token', prefix: 'sgp_', least: 40 },
  { what: 'huggingface-token', prefix: 'api_org_', least: 30 },
  { what: 'notion-token', prefix: 'ntn_', least: 40 },
  ...['sntrys_', 'sntryu_'].map(prefix => ({ what: 'sentry-token', prefix, least: 40 })),
  { what: 'onepassword-token', prefix: 'ops_eyJ', least: 100 },
  { what: 'atlassian-token', prefix: 'ATATT3', least: 60 },
  { what: 'age-key', prefix: 'AGE-SECRET-KEY-1', least: 50 },
  ...['glc_', 'glsa_'].map(prefix => ({ what: 'grafana-token', prefix, least: 30 })),
  { what: 'linear-key', prefix: 'lin_api_', least: 30 },
  { what: 'postman-key', prefix: 'PMAK-', least: 50 },
  { what: 'rubygems-key', prefix: 'rubygems_', least: 40 },
  { what: 'docker-token', prefix: 'dckr_pat_', least: 20 },
  { what: 'doppler-token', prefix: 'dp.pt.', least: 40 },
  { what: 'perplexity-key', prefix: 'pplx-', least: 40 },
  { what: 'groq-key', prefix: 'gsk_', least: 40 },
  { what: 'tailscale-key', prefix: 'tskey-', least: 20 },
  { what: 'facebook-token', prefix: 'EAAC', least: 80 },
  { what: 'facebook-token', prefix: 'EAAM', least: 80 },
]

/** What begins a secret: the prefixes, and the marks of JWTs, PEM keys and URLs with a password. */
const marks = [...shapes.map(shape => shape.prefix), 'eyJ', '-----BEGIN ', '://']

/** By the first two characters, so that a text is passed over at about a nanosecond a character. */
const pairs = new Uint8Array(128 * 128)
const marksByPair = new Map<number, readonly string[]>()
const shapesByPair = new Map<number, readonly Shape[]>()
/** The place of two characters in the table; that of two NULs, where nothing begins, for what is not ASCII. */
const pairAt = (text: string, index: number): number => {
  const first = text.charCodeAt(index)
  const second = text.charCodeAt(index + 1)
  return first < 128 && second < 128 ? (first << 7) | second : 0
}
for (const mark of marks) {
  pairs[pairAt(mark, 0)] = 1
  marksByPair.set(pairAt(mark, 0), [...(marksByPair.get(pairAt(mark, 0)) ?? []), mark])
}
for (const shape of shapes) {
  shapesByPair.set(pairAt(shape.prefix, 0), [...(shapesByPair.get(pairAt(shape.prefix, 0)) ?? []), shape])
}

/** Shorter texts hold none of the known forms. */
export const shortestSecret = 14

/** Is any of the marks in the text? Most texts have none and are done with. */
export function mayHoldSecret(text: string): boolean {
  if (text.length < shortestSecret) return false
  const end = text.length - 2
  let first = text.charCodeAt(0)
  for (let index = 0; index < end; index += 1) {
    const second = text.charCodeAt(index + 1)
    const place = (first << 7) | second
    first = second
    // Outside ASCII a place may be another's or none: then the mark itself decides.
    if (pairs[place] !== 1) continue
    const candidates = marksByPair.get(place)
    if (candidates === undefined) continue
    for (const mark of candidates) if (text.startsWith(mark, index)) return true
  }
  return false
}

/** 1 for `[A-Za-z0-9_-]`, 2 for `.`: the alphabet of tokens. */
const tokenClass = new Uint8Array(128)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-')
  tokenClass[char.charCodeAt(0)] = 1
tokenClass[46] = 2

const classAt = (text: string, index: number): number => {
  const code = text.charCodeAt(index)
  return code < 128 ? tokenClass[code]! : 0
}

/**
 * The end of the JWT (or JWE) that starts at `start`: 3 or 5 base64url parts, the first of which is a JSON object. Where there is none:
 * 0, or the negative end of a run in which none can begin for want of dots.
 */
function jwtEnd(text: string, start: number): number {
  let dots = 0
  let thirdDot = -1
  let index = start
  for (; index < text.length; index += 1) {
    const kind = classAt(text, index)
    if (kind === 1) continue
    if (kind === 0 || dots === 4) break
    if (dots === 0 && index - start < 8) return 0
    dots += 1
    if (dots === 3) thirdDot = index
  }
  if (dots < 2) return -index
  // Four parts are no token: three, and the full stop of a sentence.
  return dots === 3 ? thirdDot : index
}

/** The end of the run of token characters; with `most`, only that far. */
const runEnd = (text: string, start: number, most = text.length): number => {
  let index = start
  const limit = Math.min(text.length, start + most)
  while (index < limit && classAt(text, index) !== 0) index += 1
  return index
}

/** `scheme://user:password@host`: the span of the password. Bounded look-ahead, so linear. */
function userinfoPassword(text: string, slashes: number): SecretSpan | undefined {
  const from = slashes + 3
  const limit = Math.min(text.length, from + 512)
  let colon = -1
  for (let index = from; index < limit; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 64)
      return colon > 0 && index > colon + 1 ? { start: colon + 1, end: index, what: 'password' } : undefined
    // The colons of a mask end no user's name.
    if (code === 91) index = Math.max(index, maskEnd(text, index) - 1)
    if (code === 58 && colon < 0) colon = index
    if (code <= 32 || code === 47 || code === 63 || code === 35 || code === 34 || code === 39 || code === 60)
      return undefined
  }
  return undefined
}

/** A PEM private key from its BEGIN line to its END line, or to the end of the text where that is missing. */
function privateKey(text: string, start: number): SecretSpan | undefined {
  if (text.slice(start, start + 52).indexOf('PRIVATE KEY') < 0) return undefined
  const foot = text.indexOf('-----END', start + 11)
  if (foot < 0) return { start, end: text.length, what: 'private-key' }
  const close = text.indexOf('-----', foot + 8)
  return { start, end: close < 0 ? text.length : close + 5, what: 'private-key' }
}

/**
 * Secrets that their form gives away, in order and without overlap: JWTs, vendor-prefixed keys, PEM private keys and the password
 * of a URL. One pass.
 */
export function findSecrets(text: string): readonly SecretSpan[] {
  const found: SecretSpan[] = []
  let index = 0
  // Up to here no JWT can begin: the run of token characters has been seen to lack its dots.
  let barren = 0
  while (index < text.length) {
    if (text.charCodeAt(index) === 101) {
      const end = index < barren || !text.startsWith('eyJ', index) ? 0 : jwtEnd(text, index)
      if (end < 0) barren = -end
      if (end > 0) found.push({ start: index, end, what: 'jwt' })
      index = end > 0 ? end : index + 1
      continue
    }
    const span = secretAt(text, index)
    if (span !== undefined) found.push(span)
    index = span === undefined ? index + 1 : span.end
  }
  return found
}

function secretAt(text: string, index: number): SecretSpan | undefined {
  const code = text.charCodeAt(index)
  if (code === 58) return text.startsWith('://', index) ? userinfoPassword(text, index) : undefined
  if (code === 45) return text.startsWith('-----BEGIN ', index) ? privateKey(text, index) : undefined
  const place = pairAt(text, index)
  if (pairs[place] === 0) return undefined
  const candidates = shapesByPair.get(place)
  if (candidates === undefined) return undefined
  for (const shape of candidates) {
    if (!text.startsWith(shape.prefix, index)) continue
    // Within a longer word it is not the prefix of anything.
    if (index > 0 && classAt(text, index - 1) === 1 && isAlphanumeric(text.charCodeAt(index - 1))) continue
    const end = runEnd(
      text,
      index + shape.prefix.length,
      shape.exact === undefined ? undefined : shape.exact + 1,
    )
    const length = end - index - shape.prefix.length
    if (length < shape.least || (shape.exact !== undefined && length !== shape.exact)) continue
    return { start: index, end, what: shape.what }
  }
  return undefined
}

const isAlphanumeric = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
