import { parseTime } from '../../../call/field-reader.ts'
import type { RawExchange } from '../../../call/raw-exchange.ts'
import { sealCall } from '../../../call/seal-call.ts'
import { BoundedMap } from '../../../kit/bounded-map.ts'
import { defineFileFormat, type StreamContext } from '../file-format.ts'
import { lineRecords } from '../records.ts'

/** A request whose lines are being gathered. */
interface Execution {
  readonly time: number
  readonly position: number
  method?: string
  path?: string
  query?: string
  headers?: readonly (readonly [string, string])[]
  answered?: number
}

/** Requests under way at a time; the oldest goes first and is rejected. */
const mostUnderWay = 20_000
const mostHeaders = 128

/** `2026-01-02T03:04:05.678Z (request id) text`, with whatever CloudWatch's tools put between the time and the id. */
const lineForm = /^(\d{4}-\d\d-\d\dT[0-9:.]{8,18}(?:Z|[+-]\d\d:?\d\d))\s[^(]{0,256}\(([0-9a-fA-F-]{8,64})\) /

interface ExecutionLine {
  readonly time: number
  readonly id: string
  readonly text: string
}

function lineOf(line: string): ExecutionLine | undefined {
  const match = lineForm.exec(line.slice(0, 512))
  const time = match === null ? Number.NaN : parseTime(match[1]!)
  return match === null || Number.isNaN(time)
    ? undefined
    : { time, id: match[2]!, text: line.slice(match[0].length) }
}

/** `{a=b, c=d, e}` as pairs; a part without a sign belongs to the value before it. */
function pairsIn(text: string): readonly (readonly [string, string])[] {
  const inner = text.trim().replace(/^\{|\}$/g, '')
  const pairs: [string, string][] = []
  for (const part of inner.split(', ', mostHeaders * 2)) {
    const sign = part.indexOf('=')
    const last = pairs.at(-1)
    if (sign > 0 && /^[\w-]+$/.test(part.slice(0, sign)) && pairs.length < mostHeaders)
      pairs.push([part.slice(0, sign), part.slice(sign + 1)])
    else if (last !== undefined) last[1] += `, ${part}`
  }
  return pairs
}

const after = (text: string, start: string): string | undefined =>
  text.startsWith(start) ? text.slice(start.length) : undefined

/** Takes what a line tells into its request; the status once it is over. */
function learn(execution: Execution, text: string, time: number): number | undefined {
  const head = /^HTTP Method: ([A-Z]{3,16}), Resource Path: (\S{1,8192})$/.exec(text)
  if (head !== null) {
    execution.method = head[1]!
    execution.path = head[2]!
    return undefined
  }
  const query = after(text, 'Method request query string: ')
  if (query !== undefined)
    execution.query = pairsIn(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&')
  const headers = after(text, 'Method request headers: ')
  // What API Gateway masks says nothing.
  if (headers !== undefined) execution.headers = pairsIn(headers).filter(([, value]) => !/^\*+/.test(value))
  const status = /^Method completed with status: (\d{3})\s{0,8}$/.exec(text)?.[1]
  if (status === undefined) return undefined
  execution.answered = time
  return Number(status)
}

const headerOf = (execution: Execution, name: string): string | undefined =>
  execution.headers?.find(([key]) => key.toLowerCase() === name)?.[1]

function exchangeOf(id: string, execution: Execution, status: number, context: StreamContext): RawExchange {
  const { time, answered = time, method = '', path = '', query } = execution
  const ip = headerOf(execution, 'x-forwarded-for')?.split(',', 1)[0]?.trim()
  const trace = headerOf(execution, 'x-amzn-trace-id')
    ?.replace(/^Root=/, '')
    .split(';', 1)[0]
  return {
    id: `${context.label}:${id}`,
    time,
    durationMs: Math.max(0, answered - time),
    source: ip === undefined || ip === '' ? {} : { ip },
    destination: { host: headerOf(execution, 'host') ?? context.host },
    request: {
      method,
      target: query === undefined || query === '' ? path : `${path}?${query}`,
      httpVersion: '1.1',
      headers: execution.headers ?? [],
    },
    response: { status, headers: [] },
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
  }
}

async function* read(chunks: AsyncIterable<Uint8Array>, context: StreamContext) {
  const underWay = new BoundedMap<string, Execution>(mostUnderWay, (_, { position }) =>
    context.reject(position, 'The request is never said to be completed.'),
  )
  for await (const piece of lineRecords(chunks, context.maxRecordBytes)) {
    if (!('text' in piece)) {
      context.reject(piece.position, piece.problem)
      continue
    }
    const line = lineOf(piece.text)
    // Bodies go over several lines.
    if (line === undefined) continue
    const execution = underWay.ensure(line.id, () => ({ time: line.time, position: piece.position }))
    const status = learn(execution, line.text, line.time)
    if (status === undefined) continue
    underWay.delete(line.id)
    if (execution.method === undefined || execution.path === undefined)
      context.reject(execution.position, 'The request has no line with its method and path.')
    else yield sealCall(exchangeOf(line.id, execution, status, context), context.redactor)
  }
  for (const { position } of underWay.values())
    context.reject(position, 'The request is never said to be completed.')
}

/**
 * Execution logs of Amazon API Gateway's REST APIs (API Gateway Developer Guide, "Set up CloudWatch logging"), as CloudWatch exports them:
 * the lines of a request, which others stand between, become one call. Bodies are left out.
 */
export const awsApiGatewayExecution = defineFileFormat({
  id: 'aws-api-gateway-execution',
  title: 'Amazon API Gateway execution log',
  records: 'stream',
  recognise: (_: string, lines: readonly string[]) =>
    lines.some(line =>
      /^(?:Starting execution for request|Extended Request Id|HTTP Method|Method request|Verifying Usage Plan)/.test(
        lineOf(line)?.text ?? '',
      ),
    ),
  events: read,
})
