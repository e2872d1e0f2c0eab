/**
 * The client certificate that a proxy vouches for, in Envoy's form (`x-forwarded-client-cert`): elements by comma, `Key=Value` by semicolon,
 * values with either in double quotes. The fields of the last element, the nearest caller's, by their names in lower case. Linear.
 */
export function readClientCertificate(value: string): ReadonlyMap<string, string> {
  const elements = splitOutsideQuotes(value, ',')
  const fields = new Map<string, string>()
  for (const piece of splitOutsideQuotes(elements[elements.length - 1] ?? '', ';')) {
    const equals = piece.indexOf('=')
    if (equals > 0)
      fields.set(piece.slice(0, equals).trim().toLowerCase(), unquote(piece.slice(equals + 1).trim()))
  }
  return fields
}

const unquote = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('\\"', '"')
    : text

function splitOutsideQuotes(text: string, separator: string): string[] {
  const pieces: string[] = []
  let from = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]
    if (char === '\\') index += 1
    else if (char === '"') quoted = !quoted
    else if (char === separator && !quoted) {
      pieces.push(text.slice(from, index))
      from = index + 1
    }
  }
  pieces.push(text.slice(from))
  return pieces
}
