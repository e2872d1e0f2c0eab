import { isRecord, type JsonRecord, parseTime } from '../../../call/field-reader.ts'
import type { RawExchange } from '../../../call/raw-exchange.ts'
import type { AccessField, AccessShape } from '../access-shapes/access-shape.ts'
import { accessShapes } from '../access-shapes/index.ts'
import { at, firstText } from '../fields.ts'
import { defineJsonFormat, type JsonPlace, type JsonReading } from '../json-format.ts'
import { logTime } from './access-log.ts'
import { requestLine } from './request-line.ts'

const shapeOf = (record: JsonRecord): AccessShape => accessShapes.find(shape => shape.is(record))!

/** Of a target more is kept than of names: `sealCall` has its own bound. */
const longestTarget = 32_768

/** One record as a shape lays it out. */
class AccessRecord {
  readonly #record: JsonRecord
  readonly shape: AccessShape

  constructor(record: JsonRecord) {
    this.#record = record
    this.shape = shapeOf(record)
  }

  text(field: AccessField): string | undefined {
    return firstText(this.#record, this.shape.fields[field] ?? [], longestTarget)
  }

  number(field: AccessField): number | undefined {
    return amount(this.text(field))
  }

  /** RFC 3339, the common log's form, or a number: of seconds, of milliseconds where it is too large for them, of micro- and nanoseconds. */
  get time(): number | undefined {
    const text = this.text('time')
    if (text === undefined) return undefined
    const number = Number(text)
    if (Number.isFinite(number)) return plausibleTime(number)
    const time = parseTime(text)
    return Number.isNaN(time) ? logTime(text) : time
  }

  get durationMs(): number | undefined {
    for (const [path, milliseconds] of this.shape.durations) {
      const given = amount(firstText(this.#record, [path]))
      if (given !== undefined) return given * milliseconds
    }
    return undefined
  }

  /** OpenTelemetry's `http.route` as it is; under other names only a path, for some write a routing rule's name there. */
  get route(): string | undefined {
    const named = firstText(this.#record, ['http.route'])
    if (named !== undefined) return named
    const route = this.text('route')
    const path = route?.slice(route.indexOf(' ') + 1)
    return path?.startsWith('/') === true ? path : undefined
  }

  headers(paths: readonly string[] | undefined): (readonly [string, string])[] {
    const pairs: (readonly [string, string])[] = []
    for (const path of paths ?? []) {
      const value = at(this.#record, path)
      if (isRecord(value)) addHeaders(pairs, Object.entries(value), '')
    }
    return pairs
  }

  get requestHeaders(): (readonly [string, string])[] {
    const pairs = this.headers(this.shape.requestHeaders)
    const prefix = this.shape.requestHeaderPrefix
    if (prefix !== undefined) addHeaders(pairs, Object.entries(this.#record), prefix)
    const named = new Set(pairs.map(([name]) => name.toLowerCase()))
    for (const [name, field] of writtenApart) {
      const text = named.has(name) ? undefined : this.text(field)
      if (text !== undefined) pairs.push([name, text])
    }
    return pairs
  }

  get extra(): Readonly<Record<string, string>> | undefined {
    const found: [string, string][] = []
    for (const [name, paths] of Object.entries(this.shape.extra ?? {})) {
      const text = firstText(this.#record, paths)
      if (text !== undefined) found.push([name, text])
    }
    return found.length === 0 ? undefined : Object.fromEntries(found)
  }
}

const writtenApart = [
  ['user-agent', 'agent'],
  ['referer', 'referer'],
  ['x-forwarded-for', 'forwarded'],
] as const

const mostHeaders = 256

function addHeaders(
  pairs: (readonly [string, string])[],
  entries: readonly (readonly [string, unknown])[],
  prefix: string,
): void {
  for (const [name, content] of entries) {
    if (!name.startsWith(prefix) || name.length === prefix.length) continue
    for (const item of Array.isArray(content) ? content : [content])
      if (typeof item === 'string' && pairs.length < mostHeaders)
        pairs.push([name.slice(prefix.length), item])
  }
}

/** A number that counts something, also with a unit's letters after it. */
function amount(text: string | undefined): number | undefined {
  const number = text === undefined ? Number.NaN : Number(text)
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

function plausibleTime(number: number): number | undefined {
  if (!(number > 0)) return undefined
  if (number < 1e11) return Math.round(number * 1_000)
  if (number < 1e14) return number
  return Math.round(number < 1e17 ? number / 1e3 : number / 1e6)
}

/** `1.2.3.4:5678` and `[::1]:5678` as address and port; of a list the first. */
function peerFrom(text: string | undefined, port: number | undefined): RawExchange['source'] {
  if (text === undefined) return {}
  const first = text.split(',', 1)[0]!.trim()
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(first)
  if (match !== null) return { ip: match[1] ?? match[2]!, port: Number(match[3]) }
  return { ip: first, ...(port === undefined ? {} : { port }) }
}

function read(record: JsonRecord, place: JsonPlace): JsonReading {
  const log = new AccessRecord(record)
  const time = log.time
  if (time === undefined) return 'No time was found under any of the usual names.'
  const line = log.text('line')
  const head = line === undefined ? undefined : requestLine(line)
  const method = log.text('method') ?? head?.method
  if (method === undefined) return 'No method was found under any of the usual names.'
  const given = log.text('target') ?? head?.target
  if (given === undefined) return 'No target was found under any of the usual names.'
  const absolute = given.startsWith('/') ? undefined : requestLine(`${method} ${given} HTTP/1.1`)
  const target = absolute?.host === undefined ? given : absolute.target
  const query = log.text('query')
  const status = log.number('status')
  const duration = log.durationMs
  const user = log.text('user')
  const trace = log.text('trace')
  const received = log.number('received')
  const route = log.route
  const extra = log.extra
  const raw: RawExchange = {
    id: place.id,
    time,
    ...(duration === undefined ? {} : { durationMs: duration }),
    source: peerFrom(log.text('ip'), log.number('port')),
    destination: { host: log.text('host') ?? absolute?.host ?? head?.host ?? place.host },
    request: {
      method,
      target: query === undefined || target.includes('?') ? target : `${target}?${query.replace(/^\?/, '')}`,
      ...(route === undefined ? {} : { route }),
      httpVersion: (log.text('version') ?? head?.version ?? '1.1')
        .replace(/^HTTP\//i, '')
        .replace(/^([23])\.0$/, '$1'),
      headers: log.requestHeaders,
      ...(received === undefined
        ? {}
        : { body: { bytes: new Uint8Array(0), size: received, truncated: false } }),
    },
    ...(status !== undefined && status >= 100 && status <= 999
      ? {
          response: {
            status: Math.trunc(status),
            headers: log.headers(log.shape.responseHeaders),
            body: { bytes: new Uint8Array(0), size: log.number('bytes') ?? 0, truncated: false },
          },
        }
      : {}),
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
    // A refused name is only a claim.
    ...(user === undefined || status === 401
      ? {}
      : { principal: { id: user, kind: log.shape.userKind ?? 'user' } }),
    ...(extra === undefined ? {} : { extra }),
  }
  return [raw]
}

function isLog(record: JsonRecord): boolean {
  const log = new AccessRecord(record)
  if (log.time === undefined) return false
  const line = log.text('line')
  if (line !== undefined && requestLine(line) !== undefined) return true
  return log.text('method') !== undefined && log.text('target') !== undefined
}

export const jsonAccessLog = defineJsonFormat({
  id: 'json-access-log',
  title:
    'Access log as JSON (nginx, Envoy, Caddy, Traefik, Kong, Apigee, Amazon API Gateway, Azure API Management, ECS …)',
  is: isLog,
  timeOf: record => new AccessRecord(record).time,
  read,
})
