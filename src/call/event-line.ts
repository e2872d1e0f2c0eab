import type { Rejection } from '../kit/rejection.ts'
import type { StoreAccess } from './access.ts'
import type { CallRequest, CallResponse } from './api-call.ts'
import {
  readFlow,
  readIdentityEvent,
  readResource,
  requireText,
  requireWorkload,
  sealExtra,
} from './context-lines.ts'
import { readSealedCredentials } from './credentials-field.ts'
import type { ContextEvent, SallyportEvent } from './event.ts'
import { FieldReader, InvalidField, isRecord, type JsonRecord } from './field-reader.ts'
import type { RawBody, RawExchange } from './raw-exchange.ts'
import type { Redactor } from './redactor.ts'
import type { RuntimeEvent } from './runtime-event.ts'
import { sealCall } from './seal-call.ts'
import { readSealedContent, sealedContentFields } from './sealed-content.ts'
import { TextBody } from './text-body.ts'

/** Is it a line that could not be read? */
export const isRejection = (value: SallyportEvent | Rejection): value is Rejection =>
  'reason' in value && !('type' in value)

/**
 * One event line, validated and sealed. `position` (1-based) is the event's id where the line gives none. Fields that this version
 * does not know are kept under `extra`, nested ones by their path (`request.foo`). A line that cannot be read becomes a rejection that
 * names the field. Never throws.
 */
export function parseEventLine(
  line: string,
  source: string,
  position: number,
  redactor: Redactor,
): SallyportEvent | Rejection {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { source, position, reason: line.trim() === '' ? 'The line is empty.' : 'The line is not JSON.' }
  }
  if (!isRecord(value)) return { source, position, reason: 'The line is not a JSON object.' }
  return eventFrom(value, source, position, redactor)
}

/** The same for a line that is parsed already. */
export function eventFrom(
  value: JsonRecord,
  source: string,
  position: number,
  redactor: Redactor,
): SallyportEvent | Rejection {
  const told = exchangeOrEventFrom(value, source, position, redactor)
  return 'request' in told ? sealCall(told, redactor) : told
}

/** The same without sealing calls: for sensors, behind which they are. */
export function exchangeOrEventFrom(
  value: JsonRecord,
  source: string,
  position: number,
  redactor: Redactor,
): RawExchange | ContextEvent | Rejection {
  try {
    const type = value.type ?? 'call'
    const reader = new FieldReader(value)
    if (type === 'call') return readCall(reader, position)
    if (type === 'access') return readAccess(reader, position, redactor)
    if (type === 'runtime') return readRuntime(reader, position, redactor)
    if (type === 'flow') return readFlow(reader, position, redactor)
    if (type === 'identity') return readIdentityEvent(reader, position, redactor)
    if (type === 'resource') return readResource(reader, position, redactor)
    return {
      source,
      position,
      reason: '`type` must be "call", "access", "runtime", "flow", "identity" or "resource".',
    }
  } catch (thrown) {
    if (thrown instanceof InvalidField) return { source, position, reason: thrown.message }
    // Nothing else is expected; a line must not stop the rest whatever it holds.
    return { source, position, reason: 'The line could not be read.' }
  }
}

/** A call that is parsed already, unsealed. Other events, and what cannot be read, are rejections. Never throws. */
export function exchangeFrom(value: JsonRecord, source: string, position: number): RawExchange | Rejection {
  if ((value.type ?? 'call') !== 'call') return { source, position, reason: '`type` must be "call".' }
  try {
    return readCall(new FieldReader(value), position)
  } catch (thrown) {
    return {
      source,
      position,
      reason: thrown instanceof InvalidField ? thrown.message : 'The call could not be read.',
    }
  }
}

function readCall(reader: FieldReader, position: number): RawExchange {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const durationMs = reader.number('durationMs')
  const request = reader.object('request')
  if (request === undefined) throw new InvalidField('`request` is missing.')
  const method = request.text('method')
  if (method === undefined || method === '') throw new InvalidField('`request.method` is missing.')
  const target = request.text('target')
  if (target === undefined) throw new InvalidField('`request.target` is missing.')
  const headers = request.headers('headers')
  const requestSealed = readSealedContent(request)
  const requestBody = readBody(request, requestSealed !== undefined)
  const httpVersion = request.text('httpVersion') ?? '1.1'
  const route = request.text('route')

  const response = reader.object('response')
  const responseSealed = response === undefined ? undefined : readSealedContent(response)
  const status = response?.number('status')
  if (
    response !== undefined &&
    (status === undefined || !Number.isInteger(status) || status < 0 || status > 999)
  ) {
    throw new InvalidField('`response.status` must be a whole number from 0 to 999.')
  }
  const responseHeaders = response?.headers('headers')
  const responseBody = response === undefined ? undefined : readBody(response, responseSealed !== undefined)

  const source = reader.peer('source')
  const destination = reader.destination('destination', headers)
  const trace = reader.trace('trace')
  const sensor = reader.text('sensor')
  const principal = reader.principal('principal')
  const verdict = reader.verdict('verdict')
  const declared = readSealedCredentials(reader.take('credentials'))
  const extra = reader.extra()
  const sealed =
    requestSealed === undefined && responseSealed === undefined && declared.length === 0
      ? undefined
      : {
          ...(requestSealed === undefined ? {} : { request: requestSealed }),
          ...(responseSealed === undefined ? {} : { response: responseSealed }),
          credentials: declared,
        }

  const sent: Writable<RawExchange['request']> = { method, target, httpVersion, headers }
  if (route !== undefined) sent.route = route
  if (requestBody !== undefined) sent.body = requestBody
  const exchange: Writable<RawExchange> = { id, time, source, destination, request: sent }
  if (response !== undefined) {
    const answer: Writable<NonNullable<RawExchange['response']>> = {
      status: status!,
      headers: responseHeaders!,
    }
    if (responseBody !== undefined) answer.body = responseBody
    exchange.response = answer
  }
  if (durationMs !== undefined) exchange.durationMs = durationMs
  if (trace !== undefined) exchange.trace = trace
  if (sensor !== undefined) exchange.sensor = sensor.slice(0, 64)
  if (principal !== undefined) exchange.principal = principal
  if (verdict !== undefined) exchange.verdict = verdict
  if (sealed !== undefined) exchange.sealed = sealed
  if (extra !== undefined) exchange.extra = extra
  return exchange
}

/** Filled field by field: a spread for each field that may be absent takes longer than reading the line. */
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

const none = new Uint8Array(0)

/** `sealed`: the body was decoded when the line was written and is read as content, so only its size matters here. */
function readBody(message: FieldReader, sealed: boolean): RawBody | undefined {
  const body = message.text('body')
  const encoding = message.text('bodyEncoding') ?? 'utf8'
  if (encoding !== 'utf8' && encoding !== 'utf-8' && encoding !== 'base64') {
    throw new InvalidField(`\`${message.path}.bodyEncoding\` must be "utf8" or "base64".`)
  }
  const size = message.number('bodySize')
  if (size !== undefined && size < 0)
    throw new InvalidField(`\`${message.path}.bodySize\` must not be negative.`)
  const truncated = message.flag('bodyTruncated') ?? false
  if (sealed || body === undefined) {
    return size === undefined && !truncated && body === undefined
      ? undefined
      : { bytes: none, size: size ?? 0, truncated }
  }
  if (encoding !== 'base64') return new TextBody(body, size, truncated)
  const bytes = Buffer.from(body, 'base64')
  return { bytes, size: size ?? bytes.length, truncated }
}

function readAccess(reader: FieldReader, position: number, redactor: Redactor): StoreAccess {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const workload = requireWorkload(reader)
  const store = reader.object('store')
  const system = store?.text('system')
  if (store === undefined || system === undefined || system === '')
    throw new InvalidField('`store.system` is missing.')
  const identity = reader.text('identity')
  const host = store.text('host')
  const namespace = store.text('namespace')
  const collection = store.text('collection')
  const operation = reader.text('operation')
  const rows = reader.number('rows')
  const trace = reader.trace('trace')
  const sensor = reader.text('sensor')
  const extra = sealExtra(reader.extra(), redactor)
  return {
    type: 'access',
    id,
    time,
    workload,
    ...(identity === undefined ? {} : { identity }),
    store: {
      system,
      ...(host === undefined ? {} : { host }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(collection === undefined ? {} : { collection }),
    },
    ...(operation === undefined ? {} : { operation }),
    ...(rows === undefined ? {} : { rows }),
    ...(trace === undefined ? {} : { trace }),
    ...(sensor === undefined ? {} : { sensor: sensor.slice(0, 64) }),
    ...(extra === undefined ? {} : { extra }),
  }
}

function readRuntime(reader: FieldReader, position: number, redactor: Redactor): RuntimeEvent {
  reader.skip('type')
  const id = reader.id('id') ?? String(position)
  const time = reader.time('time')
  const workload = requireWorkload(reader)
  const source = requireText(reader, 'source')
  const action = requireText(reader, 'action')
  const object = reader.text('object')
  const outcome = reader.text('outcome')
  const policy = reader.text('policy')
  const extra = sealExtra(reader.extra(), redactor)
  return {
    type: 'runtime',
    id,
    time,
    workload,
    source,
    action,
    ...(object === undefined ? {} : { object }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(policy === undefined ? {} : { policy }),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** RFC 3339 with milliseconds; epoch milliseconds where the time has a fraction of one or lies outside the years of RFC 3339. */
const timeField = (time: number): string | number =>
  Number.isInteger(time) && time >= -62_167_219_200_000 && time <= 253_402_300_799_999
    ? new Date(time).toISOString()
    : time

/**
 * The event as one line, without the line break. What is read back from it equals the event: a sealed call carries its `credentials`
 * and, beside each body, `content` with the kind it was decoded to.
 */
export function formatEventLine(event: SallyportEvent): string {
  if (event.type !== 'call') return JSON.stringify({ ...event, time: timeField(event.time) })
  const { response } = event
  return JSON.stringify({
    type: 'call',
    id: event.id,
    time: timeField(event.time),
    durationMs: event.durationMs,
    source: event.source,
    destination: event.destination,
    request: formatRequest(event.request),
    response: response === undefined ? undefined : formatResponse(response),
    trace: event.trace,
    sensor: event.sensor,
    principal: event.principal,
    verdict: event.verdict,
    credentials: event.credentials.length === 0 ? undefined : event.credentials,
    extra: event.extra,
  })
}

const formatRequest = (request: CallRequest): JsonRecord => ({
  method: request.method,
  target: request.target,
  route: request.route,
  httpVersion: request.httpVersion,
  headers: request.headers,
  ...sealedContentFields(request.content),
  bodySize: request.bodySize,
  bodyTruncated: request.bodyTruncated,
})

const formatResponse = (response: CallResponse): JsonRecord => ({
  status: response.status,
  headers: response.headers,
  ...sealedContentFields(response.content),
  bodySize: response.bodySize,
  bodyTruncated: response.bodyTruncated,
})
