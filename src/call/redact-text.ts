import { maskEnd } from './mask.ts'
import type { Redactor } from './redactor.ts'

const isNameChar = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code === 45 ||
  code === 46

const isBlank = (code: number): boolean => code === 32 || code === 9

const isQuote = (code: number): boolean => code === 34 || code === 39

/** Ends a value without quotes: white space and `& ; , " ' < > ) } ]`. */
const endsBare = (code: number): boolean =>
  code <= 32 ||
  code === 38 ||
  code === 59 ||
  code === 44 ||
  isQuote(code) ||
  code === 60 ||
  code === 62 ||
  code === 41 ||
  code === 125 ||
  code === 93

const literals = new Set(['true', 'false', 'null', 'undefined', 'none'])
const schemes = new Set(['bearer', 'basic', 'token'])
const longestGap = 8
const longestScheme = 6

/** Is there anything in the text that could be a name and its value, or a secret by its form? */
export const mayBeNamed = (text: string): boolean =>
  text.length >= 5 && (text.indexOf('=') >= 0 || text.indexOf(':') >= 0 || text.indexOf('</') >= 0)

/**
 * Free text without its secrets: by form first (JWTs, vendor keys), then every `name=value`, `"name": "value"`, `name: value` and
 * `<name>value</name>` whose name is a secret's. One pass over the text for each; redacting twice changes nothing.
 */
export function redactText(text: string, redactor: Redactor): string {
  const byForm = redactor.byForm(text)
  return mayBeNamed(byForm) ? redactNamed(byForm, redactor) : byForm
}

function redactNamed(text: string, redactor: Redactor): string {
  let out = ''
  let copied = 0
  let index = 0
  const length = text.length
  while (index < length) {
    if (!isNameChar(text.charCodeAt(index))) {
      const end = text.charCodeAt(index) === 91 ? maskEnd(text, index) : -1
      index = end > 0 ? end : index + 1
      continue
    }
    const start = index
    while (index < length && isNameChar(text.charCodeAt(index))) index += 1
    const sign = signAfter(text, start, index)
    if (sign < 0) continue
    const what = redactor.names.classOf(text.slice(start, index))
    if (what === undefined) continue
    const value = valueAt(text, sign)
    const mask = maskEnd(text, value.start)
    if (mask > 0) {
      index = mask
      continue
    }
    index = value.end
    const raw = text.slice(value.start, value.end)
    if (raw === '' || literals.has(raw)) continue
    const masked = redactor.maskNamed(what, raw)
    if (masked === raw) continue
    out += text.slice(copied, value.start) + masked
    copied = value.end
  }
  return copied === 0 ? text : out + text.slice(copied)
}

const blanksFrom = (text: string, from: number): number => {
  let index = from
  for (let gap = 0; gap < longestGap && isBlank(text.charCodeAt(index)); gap += 1) index += 1
  return index
}

/** Where the sign stands that makes `[start, end)` a name: `=`, `:`, or the `>` of its tag; -1 without one. */
function signAfter(text: string, start: number, end: number): number {
  if (text.charCodeAt(end) === 62 && text.charCodeAt(start - 1) === 60) return end
  let index = end
  if (text.charCodeAt(index) === 92) index += 1
  if (isQuote(text.charCodeAt(index))) index += 1
  index = blanksFrom(text, index)
  const code = text.charCodeAt(index)
  return code === 61 || code === 58 ? index : -1
}

/** The value after a sign, without its quotes and without the scheme before a token. */
function valueAt(text: string, sign: number): { start: number; end: number } {
  if (text.charCodeAt(sign) === 62) {
    const close = text.indexOf('<', sign + 1)
    return { start: sign + 1, end: close < 0 ? text.length : close }
  }
  let index = blanksFrom(text, sign + 1)
  const escaped = text.charCodeAt(index) === 92 && isQuote(text.charCodeAt(index + 1))
  if (escaped) index += 1
  const quote = text.charCodeAt(index)
  if (isQuote(quote)) return { start: index + 1, end: quotedEnd(text, index + 1, quote, escaped) }
  const end = bareEnd(text, index)
  if (end - index <= longestScheme && schemes.has(text.slice(index, end).toLowerCase())) {
    const start = blanksFrom(text, end)
    const stop = bareEnd(text, start)
    if (start > end && stop > start) return { start, end: stop }
  }
  return { start: index, end }
}

function quotedEnd(text: string, from: number, quote: number, escaped: boolean): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 92) {
      if (escaped && text.charCodeAt(index + 1) === quote) return index
      index += 1
    } else if (code === quote) return index
  }
  return text.length
}

function bareEnd(text: string, from: number): number {
  let index = from
  while (index < text.length && !endsBare(text.charCodeAt(index))) index += 1
  return index
}
