import { isPlaceholder, looksRandom } from '../reference/randomness.ts'
import { findVendorSecrets } from '../reference/vendor-secrets.ts'
import type { DataSpan } from './data-span.ts'

// Every count below is bounded, so a search costs at most a constant a character.
const jwt = /\beyJ[\w-]{8,2000}\.eyJ[\w-]{2,3000}\.[\w-]{0,2000}/g
/** An application's id and its secret, the pair Facebook calls an access token; Contribsys and Sumo Logic credentials by their names. */
const application = /(?<!\d)\d{15,16}\|[\w-]{27}(?![\w-])/g
const byIssuer =
  /(?:contribsys__com["']?\s{0,2}[:=]\s{0,2}["']?([a-f0-9]{8}:[a-f0-9]{8})|sumo(?:logic)?[._-]?access[._-]?id["']?\s{0,2}[:=]\s{0,2}["']?(su[A-Za-z0-9]{12})(?![A-Za-z0-9]))/gi
const azure = /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g
const pair =
  /([\w.-]{0,40}(?:key|token|secret|passw(?:or)?d|passwd|pwd|credentials?|auth|login)[\w.-]{0,24})["'\])]{0,2}\s{0,8}(?::{1,3}=|\?=|=>|[:=,])\s{0,8}\\?["'`]?([^\s"'`,;)<>\\]{8,512})/gi
const header =
  /(?<![a-z])(?:authorization|(?:x-)?(?:[a-z]{1,20}-)?(?:api-?)?(?:key|token)):\s{0,4}(?:(?:bearer|basic|token|api-token)\s{1,4})?([^\s"'`\\]{11,2000})/gi
const curlUser = /(?:\s-u|--user)[ =]{1,3}["']?([^\s:"'/]{0,80})["']?:["']?([^\s"']{3,100})/g
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Names that hold the word and no secret: identifiers, sizes, addresses, public halves, forgery tokens. */
const harmless =
  /(?:id|ids|name|url|uri|file|path|size|length|type|version|selector|distance|pressed|pair|code|vault|chars|str|author|store)$|public|csrf|xsrf|keyboard|keyword|author(?!iz)|monkey|accessor|license|chk|rev_/i

const wordsIn = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()

function isSecretName(name: string): boolean {
  return !harmless.test(wordsIn(name).replace(/[_.-]+$/, ''))
}

/** What a program puts in when it runs: `$TOKEN`, `${x}`, `{{ x }}`, `$(cmd)`, `<token>`, `[PASSWORD]`, a word for itself. */
const isVariable = (text: string): boolean =>
  /^[$<{[%(*]|\$\{|\{\{|\$\(/.test(text) ||
  /^(?:user(?:name)?|pass(?:word)?|token|test|x+|y+|\.+|secret)$/i.test(text)

/** The secrets in a text, by their form, or by their name and their randomness; in order, without overlap. */
export function findSecretSpans(text: string): readonly DataSpan[] {
  const found: DataSpan[] = findVendorSecrets(text).map(({ start, end }) => ({
    start,
    end,
    dataClass: 'secret',
  }))
  for (const match of text.matchAll(jwt)) found.push(spanOf(match, match[0], 'jwt'))
  for (const match of text.matchAll(azure))
    if (!/x{8}/i.test(match[0]) && /[A-Z]/.test(match[0])) found.push(spanOf(match, match[0], 'secret'))
  for (const match of text.matchAll(application)) found.push(spanOf(match, match[0], 'secret'))
  for (const match of text.matchAll(byIssuer)) found.push(spanOf(match, match[1] ?? match[2] ?? '', 'secret'))
  for (const match of text.matchAll(pair)) {
    const [, name = '', value = ''] = match
    if (!isSecretName(name) || isVariable(value) || isPlaceholder(value) || value.includes('://')) continue
    if (looksRandom(value) || uuid.test(value)) found.push(spanOf(match, value, 'generic-secret'))
  }
  for (const match of text.matchAll(header)) {
    const [, value = ''] = match
    if (!isVariable(value) && !isPlaceholder(value) && /\d|=$/.test(value) && !/^https?:/.test(value))
      found.push(spanOf(match, value, 'generic-secret'))
  }
  if (text.includes('curl'))
    for (const match of text.matchAll(curlUser)) {
      const [, user = '', password = ''] = match
      if (!isVariable(password) && !isVariable(user) && password !== ':')
        found.push(spanOf(match, password, 'password'))
    }
  found.sort((a, b) => a.start - b.start || b.end - a.end)
  return withoutOverlap(found)
}

function spanOf(match: RegExpMatchArray, value: string, dataClass: string): DataSpan {
  const start = (match.index ?? 0) + match[0].lastIndexOf(value)
  return { start, end: start + value.length, dataClass }
}

export function withoutOverlap(spans: readonly DataSpan[]): readonly DataSpan[] {
  const kept: DataSpan[] = []
  for (const span of spans) if ((kept.at(-1)?.end ?? 0) <= span.start) kept.push(span)
  return kept
}
