import { type HeaderName, headerName } from './header-name.ts'
import type { HeaderPair } from './header-pair.ts'

/** The fields of a head or a trailer section, in the order sent. */
export interface HeaderLines {
  /** Names in lower case. */
  readonly pairs: HeaderPair[]
  /** What each of them is. */
  readonly names: HeaderName[]
}

type LineFault = 'bad-header' | 'bare-cr' | 'bare-lf' | 'header-count' | 'obs-fold'

export const noLines = (): HeaderLines => ({ pairs: [], names: [] })

/**
 * Reads header lines strictly (RFC 9112 §5): each ends with CRLF, a token and a colon without a blank between them, a value without
 * control characters, no folding.
 *
 * @param text latin-1; from `from` on nothing but header lines, the last one's CRLF included
 */
export function readHeaderLines(
  text: string,
  from: number,
  maxCount: number,
  { pairs, names }: HeaderLines,
): LineFault | undefined {
  const { length } = text
  let at = from
  while (at < length) {
    if (pairs.length >= maxCount) return 'header-count'
    const colon = text.indexOf(':', at)
    const name = colon === -1 ? undefined : headerName(text.slice(at, colon))
    if (name === undefined) return isBlank(text.charCodeAt(at)) ? 'obs-fold' : 'bad-header'
    let start = colon + 1
    while (isBlank(text.charCodeAt(start))) start += 1
    let end = start
    let code = 0
    for (; end < length; end += 1) {
      code = text.charCodeAt(end)
      if (code < 32 ? code !== 9 : code === 127) break
    }
    if (code !== 13) return code === 10 ? 'bare-lf' : 'bad-header'
    if (text.charCodeAt(end + 1) !== 10) return 'bare-cr'
    at = end + 2
    while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
    names.push(name)
    pairs.push([name.lower, text.slice(start, end)])
  }
  return undefined
}

const isBlank = (code: number): boolean => code === 32 || code === 9
