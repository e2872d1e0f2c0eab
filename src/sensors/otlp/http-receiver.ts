import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Exported, readExport } from './export-request.ts'
import type { OtlpOptions } from './otlp-options.ts'
import { isAllowed } from './sender.ts'
import type { Span } from './span.ts'

/** What a receiver hands on: each export's spans, and how it went. */
export interface ExportListener {
  span(span: Span): void
  /** After each export, good or bad. */
  done(outcome: Exported): void
}

const others = new Set(['/v1/metrics', '/v1/logs', '/v1development/profiles'])

/** OTLP over HTTP (opentelemetry-proto, docs/specification.md): `POST /v1/traces` in protobuf or JSON, plain or gzip. */
export function createHttpReceiver(options: OtlpOptions, listener: ExportListener): Server {
  const server = createServer(
    { requestTimeout: options.idleMs, headersTimeout: options.idleMs },
    (request, response) => {
      const form = formOf(request.headers['content-type'])
      const refusal = refusalOf(request, options.token)
      if (refusal !== undefined) {
        refuse(request, response, form, ...refusal)
        return
      }
      if (others.has(pathOf(request))) {
        accept(request, response, form, 'Only traces are read here.')
        return
      }
      if (form === undefined) {
        refuse(request, response, form, 415, 'Send application/x-protobuf or application/json.')
        return
      }
      const chunks: Buffer[] = []
      let size = 0
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= options.maxBodyBytes) chunks.push(chunk)
        else if (!response.headersSent)
          refuse(request, response, form, 413, `The body has more than ${options.maxBodyBytes} bytes.`)
      })
      request.on('error', () => {})
      request.on('end', () => {
        if (response.headersSent) return
        const outcome = readExport(
          Buffer.concat(chunks, size),
          form,
          coded(request),
          options.maxBodyBytes,
          span => listener.span(span),
        )
        listener.done(outcome)
        if (outcome.ok) answer(response, form, 200, form === 'json' ? '{}' : '')
        else refuse(request, response, form, outcome.tooLarge === true ? 413 : 400, outcome.fault)
      })
    },
  )
  server.maxConnections = options.maxConnections
  return server
}

const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '/'

function refusalOf(
  request: IncomingMessage,
  token: string | undefined,
): readonly [status: number, sentence: string] | undefined {
  if (request.headers.origin !== undefined) return [403, 'Browsers do not export spans here.']
  if (!isAllowed(request.headers.authorization, token)) return [401, 'The bearer token is missing or wrong.']
  const path = pathOf(request)
  if (others.has(path)) return undefined
  if (path !== '/v1/traces') return [404, 'Traces go to /v1/traces.']
  return request.method === 'POST' ? undefined : [405, 'Traces are sent with POST.']
}

const coded = (request: IncomingMessage): string | undefined => request.headers['content-encoding']

type Form = 'protobuf' | 'json'

function formOf(contentType: string | undefined): Form | undefined {
  const essence = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return essence === 'application/x-protobuf' || essence === 'application/protobuf'
    ? 'protobuf'
    : essence === 'application/json'
      ? 'json'
      : undefined
}

function answer(
  response: ServerResponse,
  form: Form | undefined,
  status: number,
  body: string | Uint8Array,
): void {
  response.writeHead(status, {
    'content-type': form === 'protobuf' ? 'application/x-protobuf' : 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** `google.rpc.Status` with the sentence, in the form that was spoken. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  form: Form | undefined,
  status: number,
  sentence: string,
): void {
  request.resume()
  response.setHeader('connection', 'close')
  answer(
    response,
    form,
    status,
    form === 'protobuf' ? field(2, sentence) : JSON.stringify({ message: sentence }),
  )
}

/** Taken, and nothing of it was used: `partial_success` says so. */
function accept(
  request: IncomingMessage,
  response: ServerResponse,
  form: Form | undefined,
  sentence: string,
): void {
  request.resume()
  request.on('end', () =>
    answer(
      response,
      form,
      200,
      form === 'protobuf'
        ? Buffer.concat([Buffer.from([0x0a]), sized(field(2, sentence))])
        : JSON.stringify({ partialSuccess: { errorMessage: sentence } }),
    ),
  )
}

/** A text field of protobuf; texts here are shorter than 128 bytes. */
const field = (number: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), sized(Buffer.from(text))])

const sized = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes])
