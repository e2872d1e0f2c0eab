import { FieldReader, InvalidField, isRecord, type JsonRecord } from '../../../call/field-reader.ts'
import type { RawBody, RawExchange } from '../../../call/raw-exchange.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { defineFileFormat, type FileRecord, type RecordContext } from '../file-format.ts'
import { timeOfLine } from './jsonl.ts'

type Pairs = (readonly [string, string])[]

/** `[{ name, value }]`; pseudo headers of HTTP/2 are none. */
function headerPairs(value: unknown): Pairs {
  const pairs: Pairs = []
  if (!Array.isArray(value)) return pairs
  for (const item of value) {
    if (!isRecord(item) || typeof item.name !== 'string') continue
    if (typeof item.value === 'string' && !item.name.startsWith(':')) pairs.push([item.name, item.value])
  }
  return pairs
}

const has = (pairs: Pairs, name: string): boolean => pairs.some(([key]) => key.toLowerCase() === name)

const bodyOf = (text: unknown, encoding: unknown, size: unknown): RawBody | undefined => {
  const known = typeof size === 'number' && size >= 0 ? size : undefined
  if (typeof text !== 'string')
    return known === undefined || known === 0
      ? undefined
      : { bytes: new Uint8Array(0), size: known, truncated: false }
  const bytes = encoding === 'base64' ? Buffer.from(text, 'base64') : Buffer.from(text, 'utf8')
  return { bytes, size: known ?? bytes.length, truncated: false }
}

/** The posted text; where only `params` were kept, the form they came from. */
const postedText = (post: JsonRecord): unknown => {
  if (typeof post.text === 'string' && post.text !== '') return post.text
  if (!Array.isArray(post.params) || post.params.length === 0) return post.text
  const form = new URLSearchParams()
  for (const item of post.params) {
    if (isRecord(item) && typeof item.name === 'string')
      form.append(item.name, typeof item.value === 'string' ? item.value : '')
  }
  return form.toString()
}

const versionOf = (value: unknown): string => {
  const text = typeof value === 'string' ? value.toLowerCase().replace(/^http\//, '') : ''
  if (text === 'h2' || text === '2.0') return '2'
  if (text === 'h3' || text === '3.0') return '3'
  return /^\d(?:\.\d)?$/.test(text) ? text : '1.1'
}

/** Scheme, authority and target of an absolute URL, unchanged. */
function splitUrl(url: string): { secure: boolean; host: string; port: number; target: string } | undefined {
  const scheme = url.indexOf('://')
  if (scheme < 1 || scheme > 8) return undefined
  const from = scheme + 3
  let end = from
  while (end < url.length && url[end] !== '/' && url[end] !== '?' && url[end] !== '#') end += 1
  const authority = url.slice(url.lastIndexOf('@', end) >= from ? url.lastIndexOf('@', end) + 1 : from, end)
  if (authority === '') return undefined
  const secure = url.startsWith('https') || url.startsWith('wss')
  const port = /:(\d{1,5})$/.exec(authority)
  return {
    secure,
    host: authority,
    port: port === null ? (secure ? 443 : 80) : Number(port[1]),
    target: url.slice(end) || '/',
  }
}

function exchangeOf(entry: JsonRecord, id: string): RawExchange {
  const reader = new FieldReader(entry)
  const time = reader.time('startedDateTime')
  const { request, response, time: duration, serverIPAddress } = entry
  if (!isRecord(request)) throw new InvalidField('`request` is missing.')
  if (typeof request.method !== 'string' || request.method === '')
    throw new InvalidField('`request.method` is missing.')
  if (typeof request.url !== 'string') throw new InvalidField('`request.url` is missing.')
  const url = splitUrl(request.url)
  if (url === undefined) throw new InvalidField('`request.url` is not an absolute URL.')
  const headers = headerPairs(request.headers)
  if (!has(headers, 'cookie') && Array.isArray(request.cookies) && request.cookies.length > 0) {
    headers.push([
      'cookie',
      headerPairs(request.cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; '),
    ])
  }
  const post = isRecord(request.postData) ? request.postData : undefined
  if (
    post !== undefined &&
    typeof post.mimeType === 'string' &&
    post.mimeType !== '' &&
    !has(headers, 'content-type')
  ) {
    headers.push(['content-type', post.mimeType])
  }
  const body =
    post === undefined
      ? bodyOf(undefined, undefined, request.bodySize)
      : bodyOf(postedText(post), post.encoding, request.bodySize)
  return {
    id,
    time,
    ...(typeof duration === 'number' && duration >= 0 ? { durationMs: duration } : {}),
    source: {},
    destination: {
      host: url.host,
      port: url.port,
      ...(typeof serverIPAddress === 'string' && serverIPAddress !== ''
        ? { ip: serverIPAddress.replace(/^\[|\]$/g, '') }
        : {}),
    },
    request: {
      method: request.method,
      target: url.target,
      httpVersion: versionOf(request.httpVersion),
      headers,
      ...(body === undefined ? {} : { body }),
    },
    ...responseOf(response),
  }
}

function responseOf(response: unknown): Pick<RawExchange, 'response'> {
  // Browsers write status 0 where no answer came.
  if (
    !isRecord(response) ||
    typeof response.status !== 'number' ||
    !(response.status >= 100 && response.status <= 999)
  )
    return {}
  const headers = headerPairs(response.headers)
  const content = isRecord(response.content) ? response.content : {}
  if (typeof content.mimeType === 'string' && content.mimeType !== '' && !has(headers, 'content-type')) {
    headers.push(['content-type', content.mimeType])
  }
  const body = bodyOf(content.text, content.encoding, content.size)
  return {
    response: { status: Math.trunc(response.status), headers, ...(body === undefined ? {} : { body }) },
  }
}

function read(record: FileRecord, context: RecordContext) {
  const reject = (reason: string) => ({ source: context.source, position: record.position, reason })
  let entry: unknown
  try {
    entry = JSON.parse(record.text)
  } catch {
    return reject('The entry is not JSON.')
  }
  if (!isRecord(entry)) return reject('The entry is not an object.')
  try {
    return sealCall(exchangeOf(entry, `${context.label}:${record.position}`), context.redactor)
  } catch (thrown) {
    return reject(thrown instanceof InvalidField ? thrown.message : 'The entry could not be read.')
  }
}

export const har = defineFileFormat({
  id: 'har',
  title: 'HTTP Archive (HAR 1.2)',
  records: 'har-entries',
  recognise: head =>
    head.trimStart().startsWith('{') &&
    head.includes('"log"') &&
    (head.includes('"entries"') || head.includes('"creator"')),
  timeOf: text => timeOfLine(text, '"startedDateTime"'),
  read,
})
