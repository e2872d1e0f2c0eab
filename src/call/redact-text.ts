import { maskEnd, type Redactor } from './redactor.ts'

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
    const nameStart = index
    while (index < length && isNameChar(text.charCodeAt(index))) index += 1
    const value = valueAfter(text, nameStart, index)
    if (value === undefined) continue
    const what = redactor.names.classOf(text.slice(nameStart, index))
    if (what === undefined) continue
    const raw = text.slice(value.start, value.end)
    if (maskEnd(text, value.start) > 0) {
      index = maskEnd(text, value.start)
      continue
    }
    index = value.end
    if (raw === '' || literals.has(raw)) continue
    const masked = redactor.maskNamed(what, raw)
    if (masked === raw) continue
    out += text.slice(copied, value.start) + masked
    copied = value.end
  }
  return copied === 0 ? text : out + text.slice(copied)
}

/** Where the value of the name `[start, end)` stands, when what follows makes it a name. */
function valueAfter(text: string, start: number, end: number): { start: number; end: number } | undefined {
  const length = text.length
  if (text.charCodeAt(end) === 62 && text.charCodeAt(start - 1) === 60) {
    const close = text.indexOf('<', end + 1)
    return { start: end + 1, end: close < 0 ? length : close }
  }
  let index = end
  if (text.charCodeAt(index) === 92) index += 1
  if (isQuote(text.charCodeAt(index))) index += 1
  for (let gap = 0; gap < longestGap && isBlank(text.charCodeAt(index)); gap += 1) index += 1
  const sign = text.charCodeAt(index)
  if (sign !== 61 && sign !== 58) return undefined
  index += 1
  for (let gap = 0; gap < longestGap && isBlank(text.charCodeAt(index)); gap += 1) index += 1
  const escaped = text.charCodeAt(index) === 92 && isQuote(text.charCodeAt(index + 1))
  if (escaped) index += 1
  const quote = text.charCodeAt(index)
  if (isQuote(quote)) return { start: index + 1, end: quotedEnd(text, index + 1, quote, escaped) }
  let stop = bareEnd(text, index)
  if (schemes.has(text.slice(index, stop).toLowerCase()) && isBlank(text.charCodeAt(stop)))
    stop = bareEnd(text, stop + 1)
  return { start: index, end: stop }
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
