import { isRecord, type JsonRecord, parseTime } from '../../../call/field-reader.ts'
import type { RawBody, RawExchange } from '../../../call/raw-exchange.ts'
import { numberAt, recordAt, textAt } from '../fields.ts'
import { defineJsonFormat, type JsonPlace, type JsonReading } from '../json-format.ts'

type Pairs = (readonly [string, string])[]

const mostHeaders = 256
const bodyWindow = 65_536
const longestTarget = 32_768

const traceIn = (record: JsonRecord): JsonRecord | undefined =>
  recordAt(record, 'http_buffered_trace') ?? recordAt(record, 'httpBufferedTrace')

/** `[{ key, value }]`, the value also as `raw_value` in base64. */
function pairsIn(value: unknown): Pairs {
  const pairs: Pairs = []
  if (!Array.isArray(value)) return pairs
  for (const item of value) {
    if (!isRecord(item) || typeof item.key !== 'string' || pairs.length >= mostHeaders) continue
    const raw = item.raw_value ?? item.rawValue
    const text =
      typeof item.value === 'string' && item.value !== ''
        ? item.value
        : typeof raw === 'string'
          ? Buffer.from(raw, 'base64').toString('latin1')
          : ''
    pairs.push([item.key.toLowerCase(), text])
  }
  return pairs
}

const headerIn = (pairs: Pairs, name: string): string | undefined => pairs.find(([key]) => key === name)?.[1]
const withoutPseudo = (pairs: Pairs): Pairs => pairs.filter(([name]) => !name.startsWith(':'))

function bodyIn(message: JsonRecord | undefined, headers: Pairs): RawBody | undefined {
  const body = recordAt(message, 'body')
  if (body === undefined) return undefined
  const coded = body.as_bytes ?? body.asBytes
  const plain = body.as_string ?? body.asString
  const bytes =
    typeof coded === 'string'
      ? Buffer.from(coded, 'base64')
      : Buffer.from(typeof plain === 'string' ? plain : '', 'utf8')
  const said = Number(headerIn(headers, 'content-length'))
  const size = Math.max(bytes.length, Number.isSafeInteger(said) && said >= 0 ? said : 0)
  if (size === 0) return undefined
  const kept = bytes.subarray(0, bodyWindow)
  return { bytes: kept, size, truncated: body.truncated === true || kept.length < size }
}

/** When the headers came, where the tap was told to record it, else the answer's date, which is in whole seconds. */
function timeOf(record: JsonRecord): number | undefined {
  const trace = traceIn(record)
  const request = recordAt(trace, 'request')
  const came = textAt(request, 'headers_received_time') ?? textAt(request, 'headersReceivedTime')
  const time = came === undefined ? Number.NaN : parseTime(came)
  if (!Number.isNaN(time)) return time
  const date = headerIn(pairsIn(recordAt(trace, 'response')?.headers), 'date')
  const answered = date === undefined || date.length > 40 ? Number.NaN : Date.parse(date)
  return Number.isNaN(answered) ? undefined : answered
}

function endOf(trace: JsonRecord, snake: string, camel: string): { ip?: string; port?: number } {
  const connection = recordAt(trace, 'downstream_connection') ?? recordAt(trace, 'downstreamConnection')
  const address = recordAt(connection, snake) ?? recordAt(connection, camel)
  const socket = recordAt(address, 'socket_address') ?? recordAt(address, 'socketAddress')
  const ip = textAt(socket, 'address', 64)
  const port = numberAt(socket, 'port_value') ?? numberAt(socket, 'portValue')
  return { ...(ip === undefined ? {} : { ip }), ...(port === undefined ? {} : { port }) }
}

function read(record: JsonRecord, place: JsonPlace): JsonReading {
  const trace = traceIn(record)
  const request = recordAt(trace, 'request')
  if (trace === undefined || request === undefined) return 'The trace has no request.'
  const asked = pairsIn(request.headers)
  const method = headerIn(asked, ':method')
  const target = headerIn(asked, ':path') ?? headerIn(asked, ':authority')
  if (method === undefined || target === undefined) return 'The request has no `:method` and `:path`.'
  const time = timeOf(record)
  if (time === undefined) return 'Neither the request nor the answer says when it was.'
  const response = recordAt(trace, 'response')
  const answered = [...pairsIn(response?.headers), ...pairsIn(response?.trailers)]
  const status = Number(headerIn(answered, ':status'))
  const requestBody = bodyIn(request, asked)
  const responseBody = bodyIn(response, answered)
  const raw: RawExchange = {
    id: place.id,
    time,
    source: endOf(trace, 'remote_address', 'remoteAddress'),
    destination: {
      host: headerIn(asked, ':authority') ?? headerIn(asked, 'host') ?? place.host,
      ...endOf(trace, 'local_address', 'localAddress'),
    },
    request: {
      method,
      target: target.slice(0, longestTarget),
      // A tap does not say which version was spoken.
      httpVersion: '1.1',
      headers: withoutPseudo(asked),
      ...(requestBody === undefined ? {} : { body: requestBody }),
    },
    ...(status >= 100 && status <= 999
      ? {
          response: {
            status,
            headers: withoutPseudo(answered),
            ...(responseBody === undefined ? {} : { body: responseBody }),
          },
        }
      : {}),
  }
  return [raw]
}

/** What Envoy's HTTP tap writes with bodies (envoy/data/tap/v3/http.proto, `HttpBufferedTrace`), as JSON: a trace a file, or one after the other. */
export const envoyTap = defineJsonFormat({
  id: 'envoy-tap',
  title: 'Envoy HTTP tap (JSON, buffered)',
  is: record => traceIn(record) !== undefined,
  timeOf,
  read,
})
