import type { RawExchange } from '../../../call/raw-exchange.ts'
import { defineLogFormat, type FileRecord, type PlainContext } from '../file-format.ts'

/** CloudFront's standard logs always have these first; later versions only add. */
const cloudfront = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(host)',
  'cs-uri-stem',
  'sc-status',
  'cs(referer)',
  'cs(user-agent)',
  'cs-uri-query',
  'cs(cookie)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'x-forwarded-for',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
]
const mostFields = 128

interface Layout {
  readonly names: readonly string[]
  /** CloudFront counts in seconds, IIS in milliseconds. */
  readonly tookMs: number
}

const defaultLayout: Layout = { names: cloudfront, tookMs: 1_000 }

/** The layout that each file, or stream, gave last in its `#Fields` line. */
const layouts = new WeakMap<PlainContext, Layout>()

function layoutOf(line: string): Layout {
  const names = line.slice('#Fields:'.length).trim().toLowerCase().split(/[ \t]/, mostFields)
  return { names, tookMs: names.includes('x-edge-location') ? 1_000 : 1 }
}

/** Values are percent-encoded by CloudFront, sometimes twice; IIS writes `+` for a space. */
function decoded(text: string, plus: boolean): string {
  const spaced = plus ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    const once = decodeURIComponent(spaced)
    return once.includes('%20') ? decodeURIComponent(once) : once
  } catch {
    return spaced
  }
}

const timeOf = (line: string): number | undefined => {
  const match = /^(\d{4}-\d\d-\d\d)[ \t](\d\d:\d\d:\d\d(?:\.\d{1,6})?)[ \t]/.exec(line.slice(0, 64))
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}Z`)
  return Number.isNaN(time) ? undefined : time
}

function tell({ text, position }: FileRecord, context: PlainContext) {
  const reject = (reason: string) => ({ source: context.source, position, reason })
  if (text.startsWith('#')) {
    if (text.startsWith('#Fields:')) layouts.set(context, layoutOf(text))
    return undefined
  }
  const { names, tookMs } = layouts.get(context) ?? defaultLayout
  const values = text.split(text.includes('\t') ? '\t' : ' ', mostFields)
  const field = (name: string): string | undefined => {
    const value = values[names.indexOf(name)]
    return value === undefined || value === '-' || value === '' ? undefined : value
  }
  const time = timeOf(text)
  if (time === undefined) return reject('The line does not begin with a date and a time.')
  const method = field('cs-method')
  const stem = field('cs-uri-stem')
  if (method === undefined || stem === undefined) return reject('The line has no method or no target.')
  const count = (name: string): number | undefined => {
    const number = Number(field(name) ?? Number.NaN)
    return Number.isFinite(number) && number >= 0 ? number : undefined
  }
  const status = count('sc-status')
  const took = count('time-taken')
  const query = field('cs-uri-query')
  const user = field('cs-username')
  const ip = field('c-ip')
  const plus = tookMs === 1
  const headers = (
    [
      ['user-agent', field('cs(user-agent)')],
      ['referer', field('cs(referer)')],
      ['cookie', field('cs(cookie)')],
      ['x-forwarded-for', field('x-forwarded-for')],
    ] as const
  ).flatMap(([name, value]): (readonly [string, string])[] =>
    value === undefined ? [] : [[name, decoded(value, plus)]],
  )
  const raw: RawExchange = {
    id: `${context.label}:${position}`,
    time,
    ...(took === undefined ? {} : { durationMs: took * tookMs }),
    source: ip === undefined ? {} : { ip },
    destination: {
      host: field('x-host-header') ?? field('cs-host') ?? field('cs(host)') ?? field('s-ip') ?? context.host,
    },
    request: {
      method,
      target: query === undefined ? stem : `${stem}?${query}`,
      httpVersion: (field('cs-protocol-version') ?? field('cs-version') ?? '1.1')
        .replace(/^HTTP\//i, '')
        .replace(/^([23])\.0$/, '$1'),
      headers,
      ...(count('cs-bytes') === undefined
        ? {}
        : { body: { bytes: new Uint8Array(0), size: count('cs-bytes') ?? 0, truncated: false } }),
    },
    ...(status === undefined || status < 100 || status > 999
      ? {}
      : {
          response: {
            status: Math.trunc(status),
            headers: [],
            body: { bytes: new Uint8Array(0), size: count('sc-bytes') ?? 0, truncated: false },
          },
        }),
    ...(user === undefined || status === 401 ? {} : { principal: { id: user, kind: 'user' } }),
  }
  return [raw]
}

/** A line of CloudFront's, which may come without its header. */
const isCloudFront = (line: string): boolean => {
  const fields = line.split('\t', 10)
  return fields.length === 10 && timeOf(line) !== undefined && /^[A-Z]{3,7}$/.test(fields[5] ?? '')
}

/** The W3C's extended log format (W3C WD-logfile): Amazon CloudFront's standard logs, IIS. */
export const w3cLog = defineLogFormat({
  id: 'w3c-log',
  title: 'W3C extended log (Amazon CloudFront, IIS)',
  records: 'lines',
  recognise: (_: string, lines: readonly string[]) =>
    lines.some(
      line =>
        (line.startsWith('#Fields:') && line.includes('cs-method') && line.includes('cs-uri-stem')) ||
        isCloudFront(line),
    ),
  timeOf,
  tell,
})
