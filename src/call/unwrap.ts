import type { DecodeLimits } from './content-limits.ts'
import { percentDecode } from './form-pairs.ts'

const mostVersions = 16

/**
 * The value, and what the encodings in it hold: percent escapes (also overlong UTF-8 and `%uXXXX`), `\uXXXX` and `\xXX`, HTML entities,
 * compatibility forms of letters (NFKC), JSON in strings, base64 that decodes to printable text, JWT payloads; block comments left out; nested up to `limits.encodingLayers`. The value itself comes first; no version comes twice;
 * at most 16 versions, each of at most `limits.stringLength` characters where it was decoded.
 */
export function unwrap(value: string, limits: DecodeLimits): readonly string[] {
  if (isPlain(value)) return [value]
  const versions = [value]
  let layerStart = 0
  for (let layer = 0; layer < limits.encodingLayers; layer += 1) {
    const layerEnd = versions.length
    for (let index = layerStart; index < layerEnd; index += 1) {
      for (const inner of peel(versions[index]!, limits.stringLength)) {
        if (versions.length >= mostVersions) return versions
        if (inner !== '' && !versions.includes(inner)) versions.push(inner)
      }
    }
    if (versions.length === layerEnd) break
    layerStart = layerEnd
  }
  return versions
}

const shortestBase64 = 8

/** Below this no letter has a compatibility form that reads as ASCII, save for a few of Latin-1. */
const compatibility = 0x1d2c

/**
 * True where no encoding can be in it: no escape sign, no bracket or quote to begin JSON, and neither long nor varied enough for
 * base64.
 */
function isPlain(value: string): boolean {
  let upper = false
  let lower = false
  let digit = false
  let other = false
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === 37 || code === 92 || code === 38 || code === 0xad || code >= compatibility) return false
    if (code === 42 && value.charCodeAt(index - 1) === 47) return false
    if (code >= 97 && code <= 122) lower = true
    else if (code >= 65 && code <= 90) upper = true
    else if (code >= 48 && code <= 57) digit = true
    else if (code !== 43 && code !== 47 && code !== 61 && code !== 45 && code !== 95 && code !== 46)
      other = true
  }
  if (opensJson(value)) return false
  if (other && !(digit && upper && lower && value.indexOf(' ') > 0)) return true
  const mixed = (upper && lower) || (upper && digit) || (lower && digit && value.length >= 16)
  return !mixed || !mayBeBase64(value)
}

/** Whether anything may be in a text of ASCII that has no escape sign and no comment: the rest of `isPlain`, without reading all of it. */
export const mayHoldMore = (value: string): boolean => opensJson(value) || mayBeBase64(value)

const opensJson = (value: string): boolean => {
  const first = value.charCodeAt(firstInk(value))
  return first === 123 || first === 91 || first === 34
}

/** The six bits of each character of either alphabet, and of the space that a plus sign was read as; 255 of all others. */
const sixBits = new Uint8Array(128).fill(255)
for (const alphabet of ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_'])
  for (let index = 0; index < alphabet.length; index += 1)
    sixBits[alphabet.charCodeAt(index)] = alphabet.length === 2 ? 62 + index : index
sixBits[32] = 62

/**
 * False where `base64Text` would find nothing, told by the first bytes: of words and numbers that are none a few already make a control
 * character or a break of UTF-8.
 */
function mayBeBase64(value: string): boolean {
  if (value.length < shortestBase64) return false
  if (value.startsWith('eyJ')) return true
  let bits = 0
  let held = 0
  let following = 0
  for (let index = 0; index < shortestBase64; index += 1) {
    const code = value.charCodeAt(index)
    const six = code < 128 ? sixBits[code]! : 255
    // Padding may come behind six characters at the earliest.
    if (six === 255) return code === 61 && index >= shortestBase64 - 2
    bits = ((bits << 6) | six) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    const byte = (bits >> held) & 255
    if (following > 0) {
      if ((byte & 0xc0) !== 0x80) return false
      following -= 1
    } else if (byte >= 0x80) {
      if (byte < 0xc2 || byte > 0xf4) return false
      following = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    } else if (byte === 127 || (byte < 32 && byte !== 0 && byte !== 9 && byte !== 10 && byte !== 13))
      return false
  }
  return true
}

const firstInk = (value: string): number => {
  let index = 0
  while (index < value.length && value.charCodeAt(index) <= 32) index += 1
  return index
}

function peel(whole: string, longest: number): readonly string[] {
  const value = whole.length > longest ? whole.slice(0, longest) : whole
  const out: string[] = []
  const add = (text: string | undefined): void => {
    if (text !== undefined && text !== value) out.push(text)
  }
  if (value.indexOf('%') >= 0) add(percentDecode(overlong(unicodePercent(value))))
  if (value.indexOf('\\') >= 0) add(unescapeBackslashes(value))
  if (value.indexOf('&') >= 0) add(unescapeEntities(value))
  if (value.indexOf('/*') >= 0) add(value.replace(/\/\*(?!!)[^*]{0,256}\*\//g, ''))
  if (hasCompatibility(value)) add(value.normalize('NFKC').replaceAll('\u00ad', ''))
  if (opensJson(value)) for (const text of jsonStrings(value)) add(text)
  else add(base64Text(value))
  return out
}

/** `%uXXXX`, the form of old scripts and some servers. */
const unicodePercent = (value: string): string =>
  value.indexOf('%u') < 0 && value.indexOf('%U') < 0
    ? value
    : value.replace(/%[uU]([0-9a-fA-F]{4})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )

/** ASCII in two or three bytes of UTF-8 (`%c0%ae`, `%e0%80%af`), which RFC 3629 forbids and lax decoders read. */
const overlong = (value: string): string =>
  /%(?:c[01]|e0%80)/i.test(value)
    ? value.replace(/%(?:c([01])|e0%80)%([89ab])([0-9a-f])/gi, (_, lead, high: string, low: string) =>
        String.fromCharCode(
          ((lead === '1' ? 1 : 0) << 6) | ((Number.parseInt(high, 16) & 3) << 4) | Number.parseInt(low, 16),
        ),
      )
    : value

function hasCompatibility(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === 0xad || (code >= compatibility && !(code >= 0x3040 && code < 0xd800))) return true
  }
  return false
}

const unescapeBackslashes = (value: string): string =>
  value.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt/"'\\]))/g,
    (match, brace, four, two, char) => {
      const hex: string | undefined = brace ?? four ?? two
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : match
      }
      return char === 'n' ? '\n' : char === 'r' ? '\r' : char === 't' ? '\t' : String(char)
    },
  )

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  colon: ':',
  lpar: '(',
  rpar: ')',
  tab: '\t',
  newline: '\n',
  sol: '/',
  bsol: '\\',
  equals: '=',
  semi: ';',
  excl: '!',
  num: '#',
  lbrace: '{',
  rbrace: '}',
  lsqb: '[',
  rsqb: ']',
  grave: '`',
  comma: ',',
  period: '.',
  dollar: '$',
}

const unescapeEntities = (value: string): string =>
  value.replace(
    /&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-zA-Z]{2,8}));?/g,
    (match, hex, decimal, name) => {
      if (typeof name === 'string')
        return Object.hasOwn(entities, name.toLowerCase()) ? entities[name.toLowerCase()]! : match
      const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10)
      return code <= 0x10ffff ? String.fromCodePoint(code) : match
    },
  )

/** Strings (and keys) within JSON that is itself a string. */
function jsonStrings(value: string): readonly string[] {
  let tree: unknown
  try {
    tree = JSON.parse(value)
  } catch {
    return []
  }
  const out: string[] = []
  const visit = (node: unknown, depth: number): void => {
    if (out.length >= mostVersions || depth > 8) return
    if (typeof node === 'string') out.push(node)
    else if (Array.isArray(node)) for (const item of node) visit(item, depth + 1)
    else if (typeof node === 'object' && node !== null) {
      for (const [key, item] of Object.entries(node)) {
        if (/[^A-Za-z0-9_ .-]/.test(key) || key === '__proto__') out.push(key)
        visit(item, depth + 1)
      }
    }
  }
  visit(tree, 0)
  return out
}

/** What base64 (either alphabet) holds, if that is printable; of a JWT its payload. */
function base64Text(value: string): string | undefined {
  if (value.length < shortestBase64) return undefined
  let body = value
  if (value.startsWith('eyJ')) {
    const first = value.indexOf('.')
    const second = first < 0 ? -1 : value.indexOf('.', first + 1)
    if (second > 0) body = value.slice(first + 1, second)
  }
  // A plus sign that was read as a form's space.
  if (
    body.length >= 16 &&
    body.indexOf(' ') > 0 &&
    /^[A-Za-z0-9+/]+(?: [A-Za-z0-9+/]+){1,4}={0,2}$/.test(body) &&
    /\d/.test(body)
  )
    body = body.replaceAll(' ', '+')
  const trimmed = body.replace(/={1,2}$/, '')
  if (trimmed.length % 4 === 1 || /[^A-Za-z0-9+/_-]/.test(trimmed)) return undefined
  const text = Buffer.from(trimmed, 'base64').toString('utf8')
  return isPrintable(text) ? text : undefined
}

const isPrintable = (text: string): boolean => {
  if (text.length < 4) return false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (
      code === 0xfffd ||
      code === 127 ||
      (code < 32 && !(code === 0 && text.length >= 16) && code !== 9 && code !== 10 && code !== 13)
    )
      return false
  }
  return true
}
