import { MessageFault } from './chunked-decoder.ts'
import type { HeaderPair } from './header-pair.ts'
import { decimal } from './request-head.ts'

/** The head of an upstream's response, read strictly (RFC 9112 §4, §5). */
export interface ResponseHead {
  readonly status: number
  readonly reason: string
  readonly http10: boolean
  /** Names in lower case, in the order sent. */
  readonly headers: readonly HeaderPair[]
  /** The same as on the wire: name, value, name, value … */
  readonly rawHeaders: readonly string[]
  readonly length: number | undefined
  readonly chunked: boolean
  /** The connection ends with this response. */
  readonly close: boolean
}

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/

/**
 * Reads a head given as latin-1 text without its closing empty line. Throws `MessageFault` for bare CR or LF, NUL,
 * folded lines, blanks before the colon, contradicting lengths and codings other than `chunked`.
 */
export function readResponseHead(text: string, maxHeaderCount: number): ResponseHead {
  const lineEnd = text.indexOf('\r\n')
  const line = statusLine.exec(lineEnd === -1 ? text : text.slice(0, lineEnd))
  if (line === null) throw new MessageFault('status line malformed')
  const http10 = line[1] === '0'
  const headers: HeaderPair[] = []
  const rawHeaders: string[] = []
  let length: number | undefined
  let chunked = false
  let close = http10
  if (lineEnd !== -1) readHeaderLines(text, lineEnd + 2, maxHeaderCount, headers, rawHeaders)
  for (const [name, value] of headers) {
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
    rawHeaders,
    length,
    chunked,
    close,
  }
}

/** Header lines from `from` to the end of `text`, CRLF between them. Also reads trailers. */
export function readHeaderLines(
  text: string,
  from: number,
  maxHeaderCount: number,
  headers: HeaderPair[],
  rawHeaders: string[],
): void {
  let at = from
  while (at < text.length) {
    let end = text.indexOf('\r\n', at)
    if (end === -1) end = text.length
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon >= end || colon === at) throw new MessageFault('header line without a name')
    if (headers.length >= maxHeaderCount) throw new MessageFault('too many headers')
    const name = text.slice(at, colon)
    if (!isToken(name)) throw new MessageFault('header name malformed')
    const value = fieldValue(text, colon + 1, end)
    headers.push([name.toLowerCase(), value])
    rawHeaders.push(name, value)
    at = end + 2
  }
}

/** `text[from..to)` without the blanks around it; throws on control characters. */
function fieldValue(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if ((code < 32 && code !== 9) || code === 127) throw new MessageFault('control character in a header')
  }
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === 32 || code === 9

const tokenCharacters = new Uint8Array(128)
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  tokenCharacters[character.charCodeAt(0)] = 1
}

function isToken(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (tokenCharacters[name.charCodeAt(index)] !== 1) return false
  }
  return name.length > 0
}
