import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { readExport } from './export-request.ts'
import type { ExportListener } from './http-receiver.ts'
import type { OtlpOptions } from './otlp-options.ts'
import { isAllowed } from './sender.ts'

const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const headLength = 5
/** One empty message. */
const taken = Buffer.alloc(headLength)

/** Status codes of gRPC (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const invalidArgument = 3
const resourceExhausted = 8
const unimplemented = 12
const unauthenticated = 16

/**
 * OTLP over gRPC: the unary `TraceService/Export`, on cleartext HTTP/2. The framing is our own: half the CPU of a gRPC library, and only
 * one method is spoken.
 */
export function createGrpcReceiver(options: OtlpOptions, listener: ExportListener): Http2Server {
  const server = createServer({
    settings: { maxConcurrentStreams: 100, initialWindowSize: 1024 * 1024 },
    maxSessionMemory: 64,
  })
  let sessions = 0
  server.on('session', session => {
    sessions += 1
    session.on('close', () => (sessions -= 1))
    session.on('error', () => {})
    if (sessions > options.maxConnections) session.destroy()
  })
  server.on('stream', (stream, headers) => serve(stream, headers, options, listener))
  server.on('sessionError', () => {})
  return server
}

function serve(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: OtlpOptions,
  listener: ExportListener,
): void {
  stream.on('error', () => {})
  stream.setTimeout(options.idleMs, () => stream.close())
  const refusal = refusalOf(headers, options.token)
  if (refusal !== undefined) {
    fail(stream, ...refusal)
    return
  }
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= options.maxBodyBytes + headLength) chunks.push(chunk)
    else fail(stream, resourceExhausted, `The message has more than ${options.maxBodyBytes} bytes.`)
  })
  stream.on('end', () => {
    if (stream.headersSent) return
    const frame = Buffer.concat(chunks, size)
    const length = frame.length < headLength ? -1 : frame.readUInt32BE(1)
    if (length !== frame.length - headLength) {
      fail(stream, invalidArgument, 'The body is not one framed message.')
      return
    }
    const coding = frame[0] === 1 ? String(headers['grpc-encoding'] ?? 'gzip') : undefined
    const outcome = readExport(frame.subarray(headLength), 'protobuf', coding, options.maxBodyBytes, span =>
      listener.span(span),
    )
    listener.done(outcome)
    if (!outcome.ok) {
      fail(stream, outcome.tooLarge === true ? resourceExhausted : invalidArgument, outcome.fault)
      return
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(taken)
  })
}

function refusalOf(
  headers: IncomingHttpHeaders,
  token: string | undefined,
): readonly [status: number, sentence: string] | undefined {
  if (headers[':path'] !== exportPath) return [unimplemented, `Only ${exportPath} is served.`]
  return isAllowed(headers.authorization, token)
    ? undefined
    : [unauthenticated, 'The bearer token is missing or wrong.']
}

/** The answer without a message: status and sentence in the headers. */
function fail(stream: ServerHttp2Stream, status: number, sentence: string): void {
  if (stream.headersSent || stream.destroyed) return
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': encodeURIComponent(sentence),
    },
    { endStream: true },
  )
  stream.close()
}
