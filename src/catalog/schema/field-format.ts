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

/** The JSON Schema `format` of a string, `none` where it has none that this knows. */
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
  return 'none'
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
