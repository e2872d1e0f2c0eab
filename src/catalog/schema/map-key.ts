const identifier =
  /^(?:\d{1,40}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d{2}(?:-\d{2})?(?:T[\d:.Z+-]{1,24})?|(?=[a-f]{0,39}\d)[0-9a-f]{16,64})$/i

/** Is this key a value (a number, a UUID, a date, a hash) and the object around it therefore a map? */
export const isMapKey = (key: string): boolean => {
  const first = key.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  return (digit || key.length >= 16) && key.length <= 64 && identifier.test(key)
}
