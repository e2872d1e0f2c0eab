import type { Json } from '../content.ts'
import { percentDecode } from '../form-pairs.ts'
import { put } from '../redact-tree.ts'
import { familyOf, parseContentType } from './content-type.ts'
import { parseJson } from './json.ts'
import { decodeText } from './text.ts'

const mostParts = 256
const longestHead = 8_192

/**
 * The parts of a multipart body (RFC 7578): fields as strings or, where the part says so, JSON; files as
 * `{ filename, contentType, size }`. Parts without a name are called `part1`, `part2` …; a name that comes again becomes a list.
 * At most 256 parts. Undefined where no part is found.
 */
export function parseMultipart(bytes: Uint8Array, boundary: string): { [key: string]: Json } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  const fields: { [key: string]: Json } = {}
  let count = 0
  let at = buffer.indexOf(mark)
  while (at >= 0 && count < mostParts) {
    const start = at + mark.length
    if (buffer[start] === 45 && buffer[start + 1] === 45) break
    const next = buffer.indexOf(mark, start)
    const part = readPart(
      buffer.subarray(afterLine(buffer, start), next < 0 ? buffer.length : next),
      next < 0,
    )
    at = next
    if (part === undefined) continue
    count += 1
    append(fields, part.name ?? `part${count}`, part.value)
  }
  return count === 0 ? undefined : fields
}

const afterLine = (buffer: Buffer, from: number): number => {
  const end = buffer.indexOf(10, from)
  return end < 0 ? buffer.length : end + 1
}

function readPart(part: Buffer, cut: boolean): { name: string | undefined; value: Json } | undefined {
  const head = headEnd(part)
  if (head === undefined || head.body > longestHead) return undefined
  const headers = part.toString('utf8', 0, head.end)
  let body = part.subarray(head.body)
  // The line break before a boundary belongs to the boundary.
  if (!cut && body.at(-1) === 10) body = body.subarray(0, body.at(-2) === 13 ? -2 : -1)
  const disposition = headerValue(headers, 'content-disposition') ?? ''
  const contentType = headerValue(headers, 'content-type')
  const name = dispositionParameter(disposition, 'name')
  const filename =
    dispositionParameter(disposition, 'filename*') ?? dispositionParameter(disposition, 'filename')
  if (filename !== undefined) {
    return {
      name,
      value: { filename, ...(contentType === undefined ? {} : { contentType }), size: body.length },
    }
  }
  const type = parseContentType(contentType)
  const family = familyOf(type.essence)
  if (family === 'binary') return { name, value: { contentType: contentType ?? '', size: body.length } }
  const { text } = decodeText(body, type.charset)
  return { name, value: family === 'json' ? (parseJson(text) ?? text) : text }
}

const headEnd = (part: Buffer): { end: number; body: number } | undefined => {
  if (part[0] === 10) return { end: 0, body: 1 }
  if (part[0] === 13 && part[1] === 10) return { end: 0, body: 2 }
  const crlf = part.indexOf('\r\n\r\n')
  const lf = part.indexOf('\n\n')
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { end: crlf, body: crlf + 4 }
  return lf < 0 ? undefined : { end: lf, body: lf + 2 }
}

const headerValue = (headers: string, name: string): string | undefined => {
  for (const line of headers.split('\n', 32)) {
    const colon = line.indexOf(':')
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name) return line.slice(colon + 1).trim()
  }
  return undefined
}

/** `name="…"` of a disposition, with backslash escapes; `name*=utf-8''…` of RFC 5987. */
function dispositionParameter(header: string, name: string): string | undefined {
  const lower = header.toLowerCase()
  let at = lower.indexOf(`${name}=`)
  while (at > 0 && !/[;\s]/.test(lower[at - 1]!)) at = lower.indexOf(`${name}=`, at + 1)
  if (at <= 0) return undefined
  const from = at + name.length + 1
  if (header.charCodeAt(from) !== 34) {
    const end = header.indexOf(';', from)
    const bare = header.slice(from, end < 0 ? undefined : end).trim()
    if (!name.endsWith('*')) return bare
    const quote = bare.lastIndexOf("'")
    return percentDecode(quote < 0 ? bare : bare.slice(quote + 1))
  }
  let out = ''
  for (let index = from + 1; index < header.length && header.charCodeAt(index) !== 34; index += 1) {
    if (header.charCodeAt(index) === 92 && header.charCodeAt(index + 1) === 34) index += 1
    out += header[index]
  }
  return out
}

/** Adds to a name that may be taken already: then it is a list. */
export function append(fields: { [key: string]: Json }, name: string, value: Json): void {
  if (!Object.hasOwn(fields, name)) {
    put(fields, name, value)
    return
  }
  const before = fields[name]!
  if (Array.isArray(before)) (before as Json[]).push(value)
  else put(fields, name, [before, value])
}
