/**
 * Formats that are checked, each by a linear pattern no stricter than its RFC. Others say nothing: `password`, `byte`, `int32`
 * and whatever a document makes up.
 */
const formats: Readonly<Record<string, (value: string) => boolean>> = {
  date: value => /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value),
  'date-time': value => /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ][0-2]\d:[0-5]\d/.test(value),
  time: value => /^[0-2]\d:[0-5]\d/.test(value),
  duration: value => /^P(?=.)(?:\d+[YMWD]){0,4}(?:T(?:\d+(?:\.\d+)?[HMS]){1,3})?$/.test(value),
  hostname: value => value.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})$/.test(value),
  uuid: value => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value),
  email: value => /^[^\s@]{1,254}@[^\s@]{1,254}$/.test(value),
  ipv4: value => /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?:\/\d{1,2})?$/.test(value),
  ipv6: value => value.includes(':') && /^[0-9a-fA-F:.%/]{2,60}$/.test(value),
  uri: value => /^[A-Za-z][A-Za-z0-9+.-]{0,40}:/.test(value),
}

/** False where a value is not of a format that is checked. */
export function hasFormat(format: string, value: string): boolean {
  const test = Object.hasOwn(formats, format) ? formats[format] : undefined
  return test === undefined || value === '' || test(value)
}
