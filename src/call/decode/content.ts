import type { Content, Json } from '../content.ts'
import type { DecodeLimits } from '../content-limits.ts'
import { formPairs } from '../form-pairs.ts'
import type { RawBody } from '../raw-exchange.ts'
import { TextBody } from '../text-body.ts'
import { type ContentType, type Family, familyOf, parseContentType } from './content-type.ts'
import { parseEventStream, parseStreamEnd } from './event-stream.ts'
import { decodeGrpc, isGrpc } from './grpc.ts'
import { inflate, isCoded, looksPlain } from './inflate.ts'
import { looksLikeJson, parseJson, parseJsonLines } from './json.ts'
import { append, parseMultipart } from './multipart.ts'
import { parseProtobuf } from './protobuf.ts'
import { decodeText, isPlainCharset } from './text.ts'

const empty: Content = Object.freeze({ kind: 'empty' })
const binary: Content = Object.freeze({ kind: 'binary' })

/** How far beyond the inspection window a compressed body may inflate before it counts as a bomb. */
const inflationFactor = 16

/**
 * What a body holds, secrets and all; `sealCall` takes them out. JSON (also by suffix, and by look where the type says text, form or
 * nothing), JSON lines as a list, forms, multipart, text, binary. At most `limits.bodyBytes` bytes are looked at, before and after
 * inflating; what inflates beyond 16 times as much is `malformed`. Never throws.
 */
export function decodeContent(
  body: RawBody | undefined,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  limits: DecodeLimits,
): Content {
  if (body === undefined) return empty
  const ready = body instanceof TextBody ? decodeReady(body, contentType, contentEncoding, limits) : undefined
  if (ready !== undefined) return ready
  if (body.bytes.length === 0) return empty
  let bytes = body.bytes
  let cut = body.truncated
  if (bytes.length > limits.bodyBytes) {
    bytes = bytes.subarray(0, limits.bodyBytes)
    cut = true
  }
  if (isCoded(contentEncoding)) {
    const inflated = inflate(bytes, contentEncoding, limits.bodyBytes * inflationFactor)
    if (!inflated.ok) return { kind: 'malformed', reason: inflated.reason, text: '' }
    bytes = inflated.bytes
    if (bytes.length === 0) return empty
    if (bytes.length > limits.bodyBytes) {
      bytes = bytes.subarray(0, limits.bodyBytes)
      cut = true
    }
  }
  const type = parseContentType(contentType)
  if (body.tail !== undefined && type.essence === 'text/event-stream' && !isCoded(contentEncoding))
    return decodeStream(bytes, body.tail, body.size, type, limits)
  return decodeAs(bytes, type, cut, limits)
}

/** The bytes of a body that `decodeContent` reads as the JSON they are, if they are; undefined where it does more than that. */
export function plainJson(
  body: RawBody,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  limits: DecodeLimits,
): Uint8Array | undefined {
  if (body instanceof TextBody || body.truncated || body.tail !== undefined || isCoded(contentEncoding))
    return undefined
  if (body.bytes.length > limits.bodyBytes) return undefined
  const { essence, charset } = parseContentType(contentType)
  return familyOf(essence) === 'json' && !isGrpc(essence) && isPlainCharset(charset) ? body.bytes : undefined
}

/** The beginning and the end of a stream as its events; between the two some are left out where the two do not meet. */
function decodeStream(
  bytes: Uint8Array,
  tail: Uint8Array,
  size: number,
  type: ContentType,
  limits: DecodeLimits,
): Content {
  if (bytes.length + tail.length === size) {
    const { text, note } = decodeText(Buffer.concat([bytes, tail]), type.charset)
    const value = parseEventStream(text, limits.leaves, false)
    return { kind: 'json', value, note: note ?? 'server-sent events' }
  }
  const begun = parseEventStream(decodeText(bytes, type.charset).text, limits.leaves, true)
  const ended = parseStreamEnd(decodeText(tail, type.charset).text, limits.leaves)
  return { kind: 'json', value: [...begun, ...ended], note: 'server-sent events, the middle left out' }
}

function decodeAs(bytes: Uint8Array, type: ContentType, cut: boolean, limits: DecodeLimits): Content {
  const family = familyOf(type.essence)
  if (family === 'multipart') return decodeMultipart(bytes, type, cut)
  if (isGrpc(type.essence)) return decodeGrpc(bytes, type.essence, limits)
  if (type.essence === 'application/proto') {
    const value = cut ? undefined : parseProtobuf(bytes, { depth: limits.depth - 4, fields: limits.leaves })
    return value === undefined ? binary : { kind: 'json', value }
  }
  if (family === 'binary') return binary
  if (family === 'unknown' && !looksPlain(bytes)) return binary
  const { text, note } = decodeText(bytes, type.charset)
  return decodeTextAs(text, note, type, cut, limits)
}

const textFamilies: ReadonlySet<Family> = new Set<Family>(['json', 'ndjson', 'form', 'text'])

/** What came as text and whose bytes would be read as just this text; undefined of others. Three bytes are the most of a character. */
function decodeReady(
  body: TextBody,
  contentType: string | undefined,
  contentEncoding: string | undefined,
  limits: DecodeLimits,
): Content | undefined {
  const { text, truncated } = body
  if (text === '') return empty
  if (text.length * 3 > limits.bodyBytes || isCoded(contentEncoding)) return undefined
  const type = parseContentType(contentType)
  if (!isPlainCharset(type.charset) || isGrpc(type.essence) || !textFamilies.has(familyOf(type.essence)))
    return undefined
  return decodeTextAs(body.plainText, undefined, type, truncated, limits)
}

function decodeTextAs(
  text: string,
  note: string | undefined,
  type: ContentType,
  cut: boolean,
  limits: DecodeLimits,
): Content {
  const family = familyOf(type.essence)
  const noted = note === undefined ? {} : { note }
  if (type.essence === 'text/event-stream') {
    const events = parseEventStream(text, limits.leaves, cut)
    if (events.length > 0) return { kind: 'json', value: events, note: note ?? 'server-sent events' }
  }
  if (family === 'ndjson') {
    const values = parseJsonLines(cut ? text.slice(0, text.lastIndexOf('\n') + 1) : text, limits.leaves)
    return values === undefined
      ? malformed('not JSON lines', text)
      : { kind: 'json', value: values, ...noted }
  }
  if (family === 'json' || looksLikeJson(text)) {
    const value = parseJson(text)
    if (value !== undefined)
      return note === undefined ? { kind: 'json', value } : { kind: 'json', value, note }
    if (family === 'json')
      return text.trim() === '' ? empty : malformed(cut ? 'JSON cut off' : 'not JSON', text)
  }
  if (family === 'form') return { kind: 'form', value: decodeForm(text, limits), ...noted }
  return { kind: 'text', text, ...noted }
}

const malformed = (reason: string, text: string): Content => ({ kind: 'malformed', reason, text })

/** Form pairs as an object: a string, or a list of strings where the name came more than once. */
export function decodeForm(text: string, limits: DecodeLimits): { [key: string]: Json } {
  const fields: { [key: string]: Json } = {}
  for (const pair of formPairs(text, limits.leaves)) append(fields, pair.name, pair.value)
  return fields
}

function decodeMultipart(bytes: Uint8Array, type: ContentType, cut: boolean): Content {
  const text = (): string => decodeText(bytes, undefined).text
  if (type.boundary === undefined || type.boundary === '' || type.boundary.length > 200) {
    return malformed('multipart without a boundary', looksPlain(bytes) ? text() : '')
  }
  const value = parseMultipart(bytes, type.boundary)
  if (value === undefined) return malformed('multipart without parts', looksPlain(bytes) ? text() : '')
  return cut ? { kind: 'multipart', value, note: 'cut off' } : { kind: 'multipart', value }
}
