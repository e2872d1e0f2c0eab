import type { Content, Json } from '../content.ts'
import type { DecodeLimits } from '../content-limits.ts'
import { inflate } from './inflate.ts'
import { parseJson } from './json.ts'
import { type ProtobufMessage, parseProtobuf } from './protobuf.ts'

const binary: Content = Object.freeze({ kind: 'binary' })
const mostFrames = 64
const headLength = 5

/** Bits of a frame's first byte: compressed; the end of a Connect stream; the trailers of gRPC-Web. */
const compressed = 0x01
const endOfStream = 0x02
const trailers = 0x80

/** Is the body framed as gRPC frames it? */
export const isGrpc = (essence: string): boolean =>
  essence.startsWith('application/grpc') || essence.startsWith('application/connect+')

/**
 * A body of gRPC, gRPC-Web (binary or base64) or a Connect stream: frames of a flag byte, a length of four bytes and a message
 * (gRPC over HTTP/2; PROTOCOL-WEB.md). One message is its field tree, several are a list; `note` says `grpc-status <n>` where trailers
 * in the body do. At most 64 frames; one cut off at the end is left out. `binary` where nothing parses.
 */
export function decodeGrpc(bytes: Uint8Array, essence: string, limits: DecodeLimits): Content {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const buffer = essence.startsWith('application/grpc-web-text') ? fromBase64(raw) : raw
  const messages: Json[] = []
  const fields = { depth: limits.depth - 4, fields: limits.leaves }
  let status: string | undefined
  let at = 0
  for (let frame = 0; frame < mostFrames && at + headLength <= buffer.length; frame += 1) {
    const flags = buffer[at]!
    const size = buffer.readUInt32BE(at + 1)
    const from = at + headLength
    if (from + size > buffer.length) break
    at = from + size
    let payload: Uint8Array = buffer.subarray(from, at)
    if ((flags & compressed) !== 0 && payload.length > 0) {
      const inflated = inflate(payload, payload[0] === 0x1f ? 'gzip' : 'deflate', limits.bodyBytes)
      if (!inflated.ok) return messages.length === 0 ? binary : contentOf(messages, status)
      payload = inflated.bytes
    }
    if ((flags & trailers) !== 0 || ((flags & endOfStream) !== 0 && essence.includes('connect'))) {
      status = statusIn(
        Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('latin1'),
      )
      continue
    }
    const message = readMessage(payload, essence, fields)
    if (message === undefined) return messages.length === 0 ? binary : contentOf(messages, status)
    messages.push(message)
  }
  return messages.length === 0 && status === undefined ? binary : contentOf(messages, status)
}

const contentOf = (messages: readonly Json[], status: string | undefined): Content => ({
  kind: 'json',
  value: messages.length === 1 ? messages[0]! : messages,
  ...(status === undefined ? {} : { note: `grpc-status ${status}` }),
})

/** `application/grpc+json` carries JSON; everything else is taken for protobuf. */
function readMessage(
  payload: Uint8Array,
  essence: string,
  limits: { readonly depth: number; readonly fields: number },
): ProtobufMessage | Json | undefined {
  if (essence.endsWith('+json')) return parseJson(Buffer.from(payload).toString('utf8'))
  return parseProtobuf(payload, limits)
}

const statusIn = (text: string): string | undefined => /grpc-status:\s{0,4}(\d{1,3})/i.exec(text)?.[1]

/** gRPC-Web's text form: base64, each frame padded for itself. */
function fromBase64(buffer: Buffer): Buffer {
  const text = buffer.toString('latin1')
  const pieces: Buffer[] = []
  let from = 0
  while (from < text.length && pieces.length < mostFrames) {
    let end = text.indexOf('=', from)
    if (end < 0) end = text.length
    while (end < text.length && text.charCodeAt(end) === 61) end += 1
    pieces.push(Buffer.from(text.slice(from, end), 'base64'))
    from = end
  }
  return Buffer.concat(pieces)
}
