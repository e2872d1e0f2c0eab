import { MessageFault } from './chunked-decoder.ts'
import { type HeaderLines, noLines, readHeaderLines } from './header-lines.ts'
import type { HeaderName } from './header-name.ts'
import type { HeaderPair } from './header-pair.ts'
import { decimal } from './request-head.ts'

/** The head of an upstream's response, read strictly (RFC 9112 §4, §5). */
export interface ResponseHead {
  readonly status: number
  readonly reason: string
  readonly http10: boolean
  /** Names in lower case, in the order sent. */
  readonly headers: readonly HeaderPair[]
  /** What each of them is. */
  readonly names: readonly HeaderName[]
  readonly length: number | undefined
  readonly chunked: boolean
  /** The connection ends with this response. */
  readonly close: boolean
}

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n/

/**
 * Reads a head given as latin-1 text, the CRLF of its last line included, without its closing empty line. Throws `MessageFault` for
 * bare CR or LF, NUL, folded lines, blanks before the colon, contradicting lengths and codings other than `chunked`.
 */
export function readResponseHead(text: string, maxHeaderCount: number): ResponseHead {
  const line = statusLine.exec(text)
  if (line === null) throw new MessageFault('status line malformed')
  const http10 = line[1] === '0'
  const lines: HeaderLines = noLines()
  const { pairs: headers, names } = lines
  let length: number | undefined
  let chunked = false
  let close = http10
  const fault = readHeaderLines(text, line[0].length, maxHeaderCount, lines)
  if (fault !== undefined) throw new MessageFault(`header malformed: ${fault}`)
  for (let index = 0; index < names.length; index += 1) {
    if (!names[index]!.special) continue
    const [name, value] = headers[index]!
    if (name === 'content-length') {
      const bytes = decimal(value)
      if (bytes === undefined || length !== undefined) throw new MessageFault('length malformed or repeated')
      length = bytes
    } else if (name === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked' || http10)
        throw new MessageFault('transfer coding not understood')
      chunked = true
    } else if (name === 'connection') {
      const options = value.toLowerCase()
      if (options === 'keep-alive') close = false
      else if (options.includes('close')) close = true
    }
  }
  if (chunked && length !== undefined) throw new MessageFault('both a length and a transfer coding')
  return {
    status: Number(line[2]),
    reason: line[3] ?? '',
    http10,
    headers,
    names,
    length,
    chunked,
    close,
  }
}
