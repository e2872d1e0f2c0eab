import { isRecord, type JsonRecord, parseTime } from '../../../call/field-reader.ts'
import type { RawExchange } from '../../../call/raw-exchange.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { defineFileFormat, type FileRecord, type RecordContext } from '../file-format.ts'
import { logTime } from './access-log.ts'
import { requestLine } from './request-line.ts'

/** Where nginx, Envoy, Caddy, Traefik and the Elastic Common Schema put each thing; dotted names are nested or literal. */
const keys = {
  time: [
    'time',
    'timestamp',
    '@timestamp',
    'ts',
    'start_time',
    'time_iso8601',
    'time_local',
    'msec',
    'StartUTC',
    'date',
  ],
  method: ['method', 'request_method', 'request.method', 'RequestMethod', 'http.request.method', 'verb'],
  target: [
    'request_uri',
    'uri',
    'request.uri',
    'x-envoy-original-path',
    'path',
    'RequestPath',
    'url.original',
    'url.path',
    'url',
    'target',
  ],
  line: ['request', 'request_line'],
  /** What else than `http.route` loggers call the framework's route. */
  route: ['route', 'http_route', 'matched_route', 'route_pattern'],
  status: [
    'status',
    'response_code',
    'status_code',
    'response.status',
    'DownstreamStatus',
    'http.response.status_code',
  ],
  ip: [
    'remote_addr',
    'client_ip',
    'remote_ip',
    'request.client_ip',
    'request.remote_ip',
    'downstream_remote_address',
    'ClientHost',
    'ClientAddr',
    'client.ip',
    'source.ip',
    'client',
  ],
  host: [
    'host',
    'authority',
    'http_host',
    'request.host',
    'RequestHost',
    'url.domain',
    'server_name',
    'vhost',
  ],
  bytes: [
    'body_bytes_sent',
    'bytes_sent',
    'size',
    'DownstreamContentSize',
    'http.response.body.bytes',
    'response_size',
  ],
  received: [
    'bytes_received',
    'request_length',
    'bytes_read',
    'RequestContentSize',
    'http.request.body.bytes',
  ],
  agent: ['http_user_agent', 'user_agent', 'user-agent', 'request_User-Agent', 'user_agent.original'],
  referer: ['http_referer', 'referer', 'referrer', 'request_Referer', 'http.request.referrer'],
  forwarded: ['http_x_forwarded_for', 'x_forwarded_for', 'x-forwarded-for'],
  user: ['remote_user', 'user_id', 'ClientUsername', 'user.name'],
  trace: ['trace_id', 'traceId', 'trace.id'],
  version: ['protocol', 'server_protocol', 'request.proto', 'RequestProtocol', 'http.version'],
} as const

const at = (record: JsonRecord, key: string): unknown => {
  if (Object.hasOwn(record, key)) return record[key]
  const dot = key.indexOf('.')
  if (dot < 0) return undefined
  const inner = record[key.slice(0, dot)]
  return isRecord(inner) ? at(inner, key.slice(dot + 1)) : undefined
}

const textOf = (record: JsonRecord, names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = at(record, name)
    if (typeof value === 'string' && value !== '' && value !== '-') return value
    if (typeof value === 'number') return String(value)
  }
  return undefined
}

const numberOf = (record: JsonRecord, names: readonly string[]): number | undefined => {
  const text = textOf(record, names)
  const number = text === undefined ? Number.NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

/** OpenTelemetry's `http.route` as it is; under the other names only a path, for some write a routing rule's name there. */
function routeFrom(record: JsonRecord): string | undefined {
  const named = textOf(record, ['http.route'])
  if (named !== undefined) return named
  const route = textOf(record, keys.route)
  return route?.startsWith('/') === true ? route : undefined
}

/** RFC 3339, the common log's form, or a number: seconds where it is too small for milliseconds. */
function timeFrom(record: JsonRecord): number | undefined {
  const text = textOf(record, keys.time)
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isFinite(number)) return number < 1e11 ? Math.round(number * 1000) : number
  const time = parseTime(text)
  return Number.isNaN(time) ? logTime(text) : time
}

/** Caddy and nginx tell seconds, Envoy milliseconds, Traefik and ECS nanoseconds. */
function durationFrom(record: JsonRecord): number | undefined {
  const milliseconds = numberOf(record, ['duration_ms', 'latency_ms', 'durationMs', 'response_time_ms'])
  if (milliseconds !== undefined) return milliseconds
  const seconds = numberOf(record, ['request_time'])
  if (seconds !== undefined) return seconds * 1000
  const nano = numberOf(record, ['Duration', 'event.duration'])
  if (nano !== undefined) return nano / 1e6
  const duration = numberOf(record, ['duration'])
  return duration === undefined ? undefined : isRecord(record.request) ? duration * 1000 : duration
}

/** `1.2.3.4:5678` and `[::1]:5678` as address and port. */
function peerFrom(text: string | undefined): RawExchange['source'] {
  if (text === undefined) return {}
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text)
  return match === null ? { ip: text } : { ip: match[1] ?? match[2]!, port: Number(match[3]) }
}

/** Caddy writes `request.headers` and `resp_headers` as lists by name. */
function headersFrom(value: unknown): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  if (!isRecord(value)) return pairs
  for (const [name, content] of Object.entries(value)) {
    for (const item of Array.isArray(content) ? content : [content])
      if (typeof item === 'string') pairs.push([name, item])
  }
  return pairs
}

function read(record: FileRecord, context: RecordContext) {
  const reject = (reason: string) => ({ source: context.source, position: record.position, reason })
  let value: unknown
  try {
    value = JSON.parse(record.text)
  } catch {
    return reject('The line is not JSON.')
  }
  if (!isRecord(value)) return reject('The line is not a JSON object.')
  const time = timeFrom(value)
  if (time === undefined) return reject('No time was found under any of the usual names.')
  const line = textOf(value, keys.line)
  const head = line === undefined ? undefined : requestLine(line)
  const method = textOf(value, keys.method) ?? head?.method
  if (method === undefined) return reject('No method was found under any of the usual names.')
  const target = textOf(value, keys.target) ?? head?.target
  if (target === undefined) return reject('No target was found under any of the usual names.')
  const query = textOf(value, ['url.query', 'query_string', 'args'])
  const headers = isRecord(value.request) ? headersFrom(value.request.headers) : []
  const named = new Set(headers.map(([name]) => name.toLowerCase()))
  for (const [name, names] of [
    ['user-agent', keys.agent],
    ['referer', keys.referer],
    ['x-forwarded-for', keys.forwarded],
  ] as const) {
    const text = named.has(name) ? undefined : textOf(value, names)
    if (text !== undefined) headers.push([name, text])
  }
  const status = numberOf(value, keys.status)
  const duration = durationFrom(value)
  const user = textOf(value, keys.user)
  const trace = textOf(value, keys.trace)
  const received = numberOf(value, keys.received)
  const route = routeFrom(value)
  const raw: RawExchange = {
    id: `${context.label}:${record.position}`,
    time,
    ...(duration === undefined ? {} : { durationMs: duration }),
    source: peerFrom(textOf(value, keys.ip)),
    destination: { host: textOf(value, keys.host) ?? head?.host ?? context.host },
    request: {
      method,
      target: query === undefined || target.includes('?') ? target : `${target}?${query}`,
      ...(route === undefined ? {} : { route }),
      httpVersion: (textOf(value, keys.version) ?? head?.version ?? '1.1')
        .replace(/^HTTP\//i, '')
        .replace(/^([23])\.0$/, '$1'),
      headers,
      ...(received === undefined
        ? {}
        : { body: { bytes: new Uint8Array(0), size: received, truncated: false } }),
    },
    ...(status !== undefined && status >= 100 && status <= 999
      ? {
          response: {
            status: Math.trunc(status),
            headers: headersFrom(value.resp_headers),
            body: { bytes: new Uint8Array(0), size: numberOf(value, keys.bytes) ?? 0, truncated: false },
          },
        }
      : {}),
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
    ...(user === undefined || status === 401 ? {} : { principal: { id: user, kind: 'user' } }),
  }
  return sealCall(raw, context.redactor)
}

const isLog = (line: string): boolean => {
  try {
    const value: unknown = JSON.parse(line)
    if (!isRecord(value) || timeFrom(value) === undefined) return false
    const head = textOf(value, keys.line)
    if (head !== undefined && requestLine(head) !== undefined) return true
    return textOf(value, keys.method) !== undefined && textOf(value, keys.target) !== undefined
  } catch {
    return false
  }
}

export const jsonAccessLog = defineFileFormat({
  id: 'json-access-log',
  title: 'Access log as JSON lines (nginx, Envoy, Caddy, Traefik, ECS)',
  records: 'lines',
  recognise: (_, lines) => lines.some(isLog),
  timeOf: line => {
    try {
      const value: unknown = JSON.parse(line)
      return isRecord(value) ? timeFrom(value) : undefined
    } catch {
      return undefined
    }
  },
  read,
})
