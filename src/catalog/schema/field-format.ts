const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** RFC 3339, section 5.6; a zone is part of it. */
const dateTime =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,12})?(?:[Zz]|[+-]\d{2}:\d{2})$/
const date = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
const time = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,12})?(?:[Zz]|[+-]\d{2}:\d{2})$/
const duration =
  /^P(?=[\dT])(?:\d{1,9}Y)?(?:\d{1,9}M)?(?:\d{1,9}W)?(?:\d{1,9}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,9})?S)?)?$/
const email = /^[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}$/
const uri = /^[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"{}|\\^`]{1,2000}$/i
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/
const ipv6Characters = /^[0-9a-f:]{2,39}$/i
const ipv6Group = /^[0-9a-f]{1,4}$/i

/** RFC 4648, section 4, of at least twelve characters. */
const base64 = /^[A-Za-z0-9+/]{10,2048}={0,2}$/
const minBase64 = 12
const upper = /[A-Z]/
const lower = /[a-z]/
const digit = /\d/
/** RFC 1123, section 2.1, of two labels or more, the last one of letters. */
const hostname = /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}([a-z]{2,24})$/i
/** Last labels that are hardly ever anything else: words, names of files and of events end otherwise. */
const domains = new Set(
  'com org net edu gov mil int info biz arpa local internal localdomain lan corp example invalid localhost test io dev cloud online site eu uk de fr nl ch se pl cz dk fi pt ro hu ru ua cn jp kr br mx ar au nz ca za tr'.split(
    ' ',
  ),
)

/** Formats that a single value may have by chance: another one that is sure goes before them. */
export const weakFormats: ReadonlySet<string> = new Set(['byte', 'hostname'])

/** Is this base64 no word, path or identifier? It is padded or has one of the two signs, and letters of both cases with digits. */
export const isMarkedBase64 = (text: string): boolean =>
  (text.endsWith('=') || text.includes('+') || text.includes('/')) &&
  upper.test(text) &&
  lower.test(text) &&
  digit.test(text)

/**
 * The format of a string in OpenAPI's registry, `none` where it has none that this knows. `byte` and `hostname` say only that the text
 * may be one.
 */
export function formatOf(text: string): string {
  const length = text.length
  if (length < 2 || length > 2048) return 'none'
  const first = text.charCodeAt(0)
  if (first >= 48 && first <= 57 && length >= 7) {
    if (length === 10 && date.test(text)) return 'date'
    if (length >= 20 && length <= 40 && dateTime.test(text)) return 'date-time'
    if (length >= 9 && length <= 28 && text.charCodeAt(2) === 58 && time.test(text)) return 'time'
    if (length <= 15 && ipv4.test(text)) return 'ipv4'
  }
  if (first === 80 && length >= 3 && length <= 64 && duration.test(text)) return 'duration'
  if (length === 36 && uuid.test(text)) return 'uuid'
  if (length <= 39 && text.includes(':') && isIpv6(text)) return 'ipv6'
  if (length >= 6 && length <= 320 && text.includes('@') && email.test(text)) return 'email'
  if (text.includes('://') && uri.test(text)) return 'uri'
  if (length <= 253 && isHostname(text)) return 'hostname'
  return (length & 3) === 0 && length >= minBase64 && base64.test(text) ? 'byte' : 'none'
}

function isHostname(text: string): boolean {
  const dot = text.lastIndexOf('.')
  if (dot <= 0 || !domains.has(text.slice(dot + 1).toLowerCase())) return false
  return hostname.test(text)
}

const int32 = 2 ** 31

/** `int64` of whole numbers beyond 32 bits, `int32` where twice what was seen is within them and enough was. */
export function integerFormat(low: number, high: number, isEnough: boolean): string | undefined {
  if (low < -int32 || high >= int32) return 'int64'
  return isEnough && low * 2 >= -int32 && high * 2 < int32 ? 'int32' : undefined
}

/** RFC 4291, section 2.2, without the embedded dotted form. */
function isIpv6(text: string): boolean {
  if (!ipv6Characters.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (const half of halves) {
    if (half === '') continue
    for (const group of half.split(':')) {
      if (!ipv6Group.test(group)) return false
      groups += 1
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8
}
