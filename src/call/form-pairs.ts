const lenient = (text: string): string => {
  const bytes = Buffer.from(text, 'utf8')
  let length = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const high = bytes[index] === 37 ? hex(bytes[index + 1]) : -1
    const low = high < 0 ? -1 : hex(bytes[index + 2])
    if (low < 0) bytes[length] = bytes[index]!
    else {
      bytes[length] = high * 16 + low
      index += 2
    }
    length += 1
  }
  return bytes.toString('utf8', 0, length)
}

const hex = (code: number | undefined): number => {
  if (code === undefined) return -1
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 65 && code <= 70) return code - 55
  return code >= 97 && code <= 102 ? code - 87 : -1
}

/** Percent-decoding that never fails: what is no escape stays, what is no UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (text.indexOf('%') < 0) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return lenient(text)
  }
}

/** The same for `application/x-www-form-urlencoded`, where `+` is a space. */
export const formDecode = (text: string): string =>
  percentDecode(text.indexOf('+') < 0 ? text : text.replaceAll('+', ' '))

/** A pair as it was sent, and decoded. */
export interface FormPair {
  readonly rawName: string
  readonly rawValue: string | undefined
  readonly name: string
  readonly value: string
}

/** Pairs of a query or form body in the order sent, at most `limit` of them. Empty pieces are skipped. */
export function formPairs(text: string, limit: number): FormPair[] {
  const pairs: FormPair[] = []
  let from = 0
  while (from <= text.length && pairs.length < limit) {
    let end = text.indexOf('&', from)
    if (end < 0) end = text.length
    if (end > from) {
      const piece = text.slice(from, end)
      const equals = piece.indexOf('=')
      const rawName = equals < 0 ? piece : piece.slice(0, equals)
      const rawValue = equals < 0 ? undefined : piece.slice(equals + 1)
      pairs.push({
        rawName,
        rawValue,
        name: formDecode(rawName),
        value: rawValue === undefined ? '' : formDecode(rawValue),
      })
    }
    from = end + 1
  }
  return pairs
}

/** The pairs of a query, decoded: what `URLSearchParams` gives, which is only asked where there is something to decode. */
export function queryPairs(query: string): readonly (readonly [name: string, value: string])[] {
  if (query.indexOf('%') >= 0 || query.indexOf('+') >= 0) return [...new URLSearchParams(query)]
  const pairs: (readonly [string, string])[] = []
  for (let from = query.startsWith('?') ? 1 : 0; from <= query.length; ) {
    let end = query.indexOf('&', from)
    if (end < 0) end = query.length
    if (end > from) {
      const piece = query.slice(from, end)
      const equals = piece.indexOf('=')
      pairs.push(equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)])
    }
    from = end + 1
  }
  return pairs
}
