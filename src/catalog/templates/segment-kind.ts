/** What a segment looks like on its own. `word` is everything that only its neighbours can tell apart. */
export type SegmentKind =
  | 'empty'
  | 'version'
  | 'locale'
  | 'word'
  | 'uuid'
  | 'ulid'
  | 'object-id'
  | 'hex'
  | 'int'
  | 'decimal'
  | 'date'
  | 'time'
  | 'email'
  | 'ip'
  | 'jwt'
  | 'prefixed-id'
  | 'token'
  | 'code'
  | 'phone'
  | 'slug'
  | 'file'
  | 'list'

/** Kinds that stand as they are in a template. */
const literalKinds: ReadonlySet<SegmentKind> = new Set(['empty', 'version', 'locale', 'word'])

export const isTyped = (kind: SegmentKind): boolean => !literalKinds.has(kind)

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
const version = /^(?:v\d{1,4}(?:\.\d{1,4}){0,3}(?:-?(?:alpha|beta|rc|preview)\d{0,3})?|version\d{1,3})$/i
const locale = /^(?:[a-z]{2}[-_][A-Z]{2}|[a-z]{2}-[A-Z][a-z]{3})$/
const isoDate = /^\d{4}-\d{2}(?:-\d{2})?$/
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:?\d{2}(?::?\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/
const email = /^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}$/
const ipv4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
const ipv6 = /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}$/i
const jwt = /^eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*$/
const prefixedId = /^[a-zA-Z]{2,12}[_-]([A-Za-z0-9]{6,})$/
const code = /^[A-Z0-9]{1,16}(?:[-_.][A-Z0-9]{1,16}){0,4}$/
/** Capitals with a digit among them, not at the end: `WV4HPF`, not `SHA2`. */
const mixedCode = /^[A-Z]{0,11}\d[A-Z0-9]{0,10}[A-Z]$/
const phone = /^\+\d{7,15}$/
const base64 = /^[A-Za-z0-9+_-]{6,}={1,2}$/
const slug = /^[A-Za-z0-9]{1,40}(?:-[A-Za-z0-9]{1,40}){3,20}$/
const numberedSlug = /^[A-Za-z]{1,40}(?:[-_][A-Za-z]{1,40}){0,4}[-_]\d{1,12}$/
const numberedFile = /^[A-Za-z0-9]{1,40}(?:[-_][A-Za-z0-9]{1,40}){0,6}\.[a-z][a-z0-9]{1,4}$/
/** A short prefix and a long tail of capitals, small letters and digits. */
const longTail =
  /^[a-z]{2,5}_(?=[a-z\d]{0,64}[A-Z])(?=[A-Z\d]{0,64}[a-z])(?=[A-Za-z]{0,64}\d)[A-Za-z0-9]{10,64}$/
/** `page-7.atom`: fixed text with a number in it, which its neighbours will show. */
const numberedPage = /^[A-Za-z]{1,40}[-.:]\d{1,18}\.[A-Za-z]/
const list = /^-?[\w.]{1,40}(?:,-?[\w.]{1,40}){1,50}$/

/** The first kind that fits. Linear in the segment; segments above 512 characters are tokens. */
export function kindOf(segment: string): SegmentKind {
  const length = segment.length
  if (length === 0) return 'empty'
  if (length > 512) return 'token'
  const first = segment.charCodeAt(0)
  const digitFirst = first >= 48 && first <= 57
  let digits = 0
  let upper = 0
  let lower = 0
  let hexLetters = 0
  let other = 0
  for (let index = 0; index < length; index += 1) {
    const code = segment.charCodeAt(index)
    if (code >= 48 && code <= 57) digits += 1
    else if (code >= 97 && code <= 122) {
      lower += 1
      if (code <= 102) hexLetters += 1
    } else if (code >= 65 && code <= 90) {
      upper += 1
      if (code <= 70) hexLetters += 1
    } else other += 1
  }
  const letters = upper + lower
  if (length >= 8 && segment.endsWith('=') && base64.test(segment)) return 'token'
  if (digits === 0) {
    if (other === 0) {
      if (length === 5 && locale.test(segment)) return 'locale'
      return length >= 16 && (looksRandom(segment, false) || looksDrawn(segment)) ? 'token' : 'word'
    }
    if (locale.test(segment)) return 'locale'
    if (segment.includes('@') && email.test(segment)) return 'email'
    if (segment.includes(',') && list.test(segment)) return 'list'
    const tail = other === 1 && upper > 0 ? prefixedId.exec(segment) : null
    if (
      tail !== null &&
      (tail[1] ?? '').length >= 10 &&
      (looksRandom(tail[1] ?? '', false) || looksDrawn(tail[1] ?? ''))
    )
      return 'prefixed-id'
    if (slug.test(segment)) return 'slug'
    if (length >= 8 && ipv6.test(segment) && segment.includes(':')) return 'ip'
    return 'word'
  }
  if (digits === length) return 'int'
  if (version.test(segment)) return 'version'
  if (digitFirst || first === 45) {
    if (letters === 0) {
      if (/^-\d{1,20}$/.test(segment)) return 'int'
      if (/^-?\d{1,15}\.\d{1,15}$/.test(segment)) return 'decimal'
      if (isoDate.test(segment)) return 'date'
      if (ipv4.test(segment)) return 'ip'
    } else if (isoTime.test(segment)) return 'time'
  }
  if (length === 36 && uuid.test(segment)) return 'uuid'
  if (length === 26 && upper > 0 && ulid.test(segment)) return 'ulid'
  if (other === 0 && letters === hexLetters && (upper === 0 || lower === 0)) {
    if (length === 24) return 'object-id'
    if (length >= 8 && digits >= 2) return 'hex'
  }
  if (first === 43 && phone.test(segment)) return 'phone'
  if (segment.includes('@') && email.test(segment)) return 'email'
  if (segment.includes(',') && list.test(segment)) return 'list'
  if (length > 20 && jwt.test(segment)) return 'jwt'
  if (segment.includes(':') && ipv6.test(segment)) return 'ip'
  if (lower === 0 && letters > 0 && length >= 4 && digits >= 2 && code.test(segment)) return 'code'
  if (lower === 0 && other === 0 && length >= 5 && length <= 12 && upper > 0 && mixedCode.test(segment))
    return 'code'
  if (letters === 0 && length >= 8 && /^\d{6,20}-\d{1,10}$/.test(segment)) return 'code'
  if (other <= 1) {
    const tail = prefixedId.exec(segment)
    if (tail !== null && (looksRandom(tail[1] ?? '', true) || longTail.test(segment))) return 'prefixed-id'
    if (length >= 12 && other === 0 && looksDrawn(segment)) return 'token'
  }
  if (length >= 8 && /^[\w-]+$/.test(segment) && looksRandom(segment, true)) return 'token'
  if (slug.test(segment)) return 'slug'
  if (numberedSlug.test(segment)) return 'slug'
  if (
    numberedFile.test(segment) &&
    !numberedPage.test(segment) &&
    /\d{2,}/.test(segment.slice(0, segment.lastIndexOf('.')))
  )
    return 'file'
  return 'word'
}

/**
 * True where letters and digits change class as often as chance makes them: camelCase and words with a number at the
 * end do not. A capital followed by small letters is one word, not a change.
 */
function looksRandom(text: string, short: boolean): boolean {
  const length = text.length
  let changes = 0
  let run = 0
  let longest = 0
  let before = ''
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index)
    const kind =
      code >= 48 && code <= 57 ? 'd' : code >= 97 && code <= 122 ? 'l' : code >= 65 && code <= 90 ? 'u' : 'o'
    if (kind !== before && before !== '' && !(before === 'u' && kind === 'l')) changes += 1
    run = kind === 'l' ? run + 1 : 0
    if (run > longest) longest = run
    before = kind
  }
  return changes / length >= (short ? 0.27 : 0.25) && longest <= 3 + length / 10
}

/**
 * True for letters and digits drawn from an alphabet with capitals in it: three changes of case or class that no
 * camelCase makes, such as capitals in a row within the text, a single small letter, or a digit between letters.
 */
function looksDrawn(text: string): boolean {
  let odd = 0
  for (let index = 1; index < text.length - 1; index += 1) {
    const before = classOf(text.charCodeAt(index - 1))
    const here = classOf(text.charCodeAt(index))
    const after = classOf(text.charCodeAt(index + 1))
    if (here === 1 && before === 2 && after === 2) odd += 1
    else if (here === 2 && before === 1 && after === 2) odd += 1
    else if (here === 3 && before < 3 && after < 3) odd += 1
  }
  return odd >= 3 && odd / text.length >= 0.15
}

/** 1 small letters, 2 capitals, 3 digits, 4 the rest. */
const classOf = (code: number): number =>
  code >= 97 && code <= 122 ? 1 : code >= 65 && code <= 90 ? 2 : code >= 48 && code <= 57 ? 3 : 4
