const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?$/
const date = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
const email = /^[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}$/
const uri = /^[a-z][a-z0-9+.-]{1,20}:\/\/[^\s]{1,2000}$/i
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/

/** The JSON Schema `format` of a string, `none` where it has none. */
export function formatOf(text: string): string {
  const length = text.length
  if (length < 7 || length > 2048) return 'none'
  const first = text.charCodeAt(0)
  if (first >= 48 && first <= 57) {
    if (length === 10 && date.test(text)) return 'date'
    if (length >= 16 && length <= 40 && dateTime.test(text)) return 'date-time'
    if (length <= 15 && ipv4.test(text)) return 'ipv4'
  }
  if (length === 36 && uuid.test(text)) return 'uuid'
  if (length <= 320 && text.includes('@') && email.test(text)) return 'email'
  if (text.includes('://') && uri.test(text)) return 'uri'
  return 'none'
}
