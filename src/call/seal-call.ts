import { callId } from '../kit/id.ts'
import { memo } from '../kit/memo.ts'
import { type ApiCall, type CallRequest, type Destination, type Headers, headerOf } from './api-call.ts'
import type { Content, Json } from './content.ts'
import type { Credential } from './credential.ts'
import { byEvidence } from './credentials.ts'
import { mergeCredentials } from './credentials-field.ts'
import { decodeContent } from './decode/content.ts'
import { parseJson } from './decode/json.ts'
import type { RawBody, RawExchange, RawMessage } from './raw-exchange.ts'
import { isProtocolHeader, readHeader } from './read-header.ts'
import { sealTarget } from './redact-target.ts'
import { redactText } from './redact-text.ts'
import { redactTree } from './redact-tree.ts'
import type { Redactor } from './redactor.ts'

const empty: Content = Object.freeze({ kind: 'empty' })
const mostHeaders = 256
/** Characters of a framework's route; a longer one names no route and is left out. */
export const longestRoute = 512

/**
 * The one door from a sensor's raw exchange to an `ApiCall`: bodies are decoded, header names put in lower case, and every secret is
 * replaced by its mask (`[redacted:<what>:<12 hex>]`), the same secret by the same mask wherever it stands. What identifies
 * the caller is kept as `credentials`. Personal data stay: classification needs them. With `bodies: 'none'` every body is `empty` and
 * only its size is kept. At most 256 headers a message. Never throws.
 */
export function sealCall(raw: RawExchange, redactor: Redactor): ApiCall {
  const credentials: Credential[] = []
  const headers = sealHeaders(raw.request.headers, redactor, credentials)
  const target = sealTarget(raw.request.target, redactor)
  credentials.push(...target.credentials)
  const response = raw.response
  const { route } = raw.request
  const request: Writable<CallRequest> = {
    method: raw.request.method,
    target: target.target,
    path: target.path,
    query: target.query,
    httpVersion: raw.request.httpVersion,
    headers,
    content: sealContentOf(raw.sealed?.request, raw.request.body, headers, redactor),
    bodySize: raw.request.body?.size ?? 0,
    bodyTruncated: raw.request.body?.truncated ?? false,
  }
  if (route !== undefined && route !== '' && route.length <= longestRoute)
    // A template names no value, but a source that knows none may send the path itself.
    request.route = redactText(route, redactor)
  const call: Writable<ApiCall> = {
    type: 'call',
    id: callId(raw.id),
    time: raw.time,
    source: raw.source,
    destination: sealDestination(raw.destination),
    request,
    credentials:
      raw.sealed === undefined
        ? byEvidence(credentials)
        : mergeCredentials(byEvidence(credentials), raw.sealed.credentials),
  }
  if (response !== undefined) call.response = sealResponse(response, raw.sealed?.response, redactor)
  if (raw.durationMs !== undefined) call.durationMs = raw.durationMs
  if (raw.trace !== undefined) call.trace = raw.trace
  if (raw.sensor !== undefined) call.sensor = raw.sensor
  if (raw.principal !== undefined) call.principal = raw.principal
  if (raw.verdict !== undefined) call.verdict = raw.verdict
  if (raw.inspection !== undefined) call.inspection = raw.inspection
  const extra = sealExtra(raw, redactor)
  if (extra !== undefined) call.extra = extra
  return call
}

/** Filled field by field: a spread for each field that may be absent costs more than the rest. */
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** What a source says beside the call; messages as HAR has them, their data JSON where it is. */
function sealExtra({ extra, messages }: RawExchange, redactor: Redactor): Record<string, Json> | undefined {
  if (extra === undefined && messages === undefined) return undefined
  const told =
    messages === undefined ? {} : { webSocketMessages: messages.map(m => toldMessage(m, redactor)) }
  const tree = { ...(structuredClone(extra) as Record<string, Json> | undefined), ...told }
  return redactTree(tree, redactor) as Record<string, Json>
}

function toldMessage({ sent, time, size, truncated, binary, text }: RawMessage, redactor: Redactor): Json {
  const about = {
    type: sent ? 'send' : 'receive',
    time,
    size,
    ...(truncated ? { truncated } : {}),
    ...(binary ? { binary } : {}),
  }
  if (text === undefined || redactor.bodies === 'none') return about
  const value = truncated ? undefined : parseJson(text)
  return { ...about, data: typeof value === 'object' && value !== null ? value : text }
}

function sealResponse(
  response: NonNullable<RawExchange['response']>,
  sealed: Content | undefined,
  redactor: Redactor,
): NonNullable<ApiCall['response']> {
  const headers = sealHeaders(response.headers, redactor, undefined)
  return {
    status: response.status,
    headers,
    content: sealContentOf(sealed, response.body, headers, redactor),
    bodySize: response.body?.size ?? 0,
    bodyTruncated: response.body?.truncated ?? false,
  }
}

function sealHeaders(
  raw: readonly (readonly [string, string])[],
  redactor: Redactor,
  credentials: Credential[] | undefined,
): Headers {
  const sealed: (readonly [string, string])[] = []
  const count = Math.min(raw.length, mostHeaders)
  for (let index = 0; index < count; index += 1) {
    const pair = raw[index]!
    const name = pair[0].toLowerCase()
    if (isProtocolHeader(name)) {
      sealed.push([name, redactor.byForm(pair[1])])
      continue
    }
    const reading = redactor.header(name, pair[1], readHeader)
    sealed.push([name, reading.masked])
    if (credentials !== undefined && reading.credentials.length > 0) credentials.push(...reading.credentials)
  }
  return sealed
}

/** The content of a body, or what an earlier sealing left of it. */
function sealContentOf(
  sealed: Content | undefined,
  body: RawBody | undefined,
  headers: Headers,
  redactor: Redactor,
): Content {
  if (sealed === undefined) return sealBody(body, headers, redactor)
  return redactor.bodies === 'none' ? empty : sealContent(sealed, redactor)
}

function sealBody(body: RawBody | undefined, headers: Headers, redactor: Redactor): Content {
  if (body === undefined || redactor.bodies === 'none') return empty
  const content = decodeContent(
    body,
    headerOf(headers, 'content-type'),
    headerOf(headers, 'content-encoding'),
    redactor.limits,
  )
  return sealContent(content, redactor)
}

/** A decoded body without its secrets. The tree is changed in place. */
export function sealContent(content: Content, redactor: Redactor): Content {
  switch (content.kind) {
    case 'empty':
    case 'binary':
      return content
    case 'json': {
      const value = redactTree(content.value, redactor)
      return value === content.value ? content : { ...content, value }
    }
    case 'form':
    case 'multipart':
      redactTree(content.value, redactor)
      return content
    case 'text':
    case 'malformed': {
      const text = redactText(content.text, redactor)
      return text === content.text ? content : { ...content, text }
    }
  }
}

const defaultPort = /:(?:80|443)$/
const plainHost = memo(host => host.toLowerCase().replace(defaultPort, '').replace(/\.$/, ''))

/** The host in lower case, without a default port and without a trailing dot. */
export function sealDestination(destination: Destination): Destination {
  const host = plainHost(destination.host)
  return host === destination.host ? destination : { ...destination, host }
}
