/** A request line of a log. */
export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: string
  /** Where the target was absolute. */
  readonly host?: string
}

/** `GET /a b HTTP/1.1`: the target is all between the first space and the version, as attacks leave spaces in it. */
export function requestLine(text: string): RequestLine | undefined {
  const space = text.indexOf(' ')
  if (space < 1 || space > 32 || !/^[A-Za-z][A-Za-z_-]*$/.test(text.slice(0, space))) return undefined
  const last = text.lastIndexOf(' HTTP/')
  const target = (last > space ? text.slice(space + 1, last) : text.slice(space + 1)).trim()
  if (target === '') return undefined
  const method = text.slice(0, space)
  const version =
    last > space
      ? text
          .slice(last + 6)
          .trim()
          .replace(/^([23])\.0$/, '$1')
      : '0.9'
  const scheme = target.startsWith('/') ? -1 : target.indexOf('://')
  if (scheme < 1 || scheme > 8) return { method, target, version }
  const slash = target.indexOf('/', scheme + 3)
  const host = target.slice(scheme + 3, slash < 0 ? undefined : slash)
  return host === ''
    ? { method, target, version }
    : { method, target: slash < 0 ? '/' : target.slice(slash), version, host }
}
