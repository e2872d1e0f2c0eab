import { parseTime } from '../../../call/field-reader.ts'
import type { RawExchange } from '../../../call/raw-exchange.ts'
import { defineLogFormat, type FileRecord, type PlainContext } from '../file-format.ts'
import { requestLine } from './request-line.ts'

const mostFields = 40

/** Fields between spaces, in quotes where they hold some; 40 at most. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = []
  let index = 0
  while (index < line.length && fields.length < mostFields) {
    if (line[index] === ' ') {
      index += 1
      continue
    }
    const quoted = line[index] === '"'
    let end = quoted ? index + 1 : line.indexOf(' ', index)
    if (quoted) while (end < line.length && line[end] !== '"') end += line[end] === '\\' ? 2 : 1
    if (end < 0 || end > line.length) end = line.length
    fields.push(line.slice(quoted ? index + 1 : index, end))
    index = end + 1
  }
  return fields
}

/** Where the fields of a line begin: application load balancers name the kind of connection before the time. */
function startOf(line: string): 0 | 1 | undefined {
  const first = line.slice(0, 64)
  if (/^(?:https?|h2|grpcs|wss?) \d{4}-\d\d-\d\dT/.test(first)) return 1
  return /^\d{4}-\d\d-\d\dT[0-9:.]{8,18}Z [\w-]{1,32} [0-9a-fA-F.:[\]]{3,45}/.test(first) ? 0 : undefined
}

const present = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && text !== '-'

const counted = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

const seconds = (text: string | undefined): number =>
  text !== undefined && /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN

/** `192.0.2.7:5000`, IPv6 with or without brackets. */
function endOf(text: string | undefined): { readonly ip?: string; readonly port?: number } {
  if (!present(text)) return {}
  const colon = text.lastIndexOf(':')
  const ip = (colon < 0 ? text : text.slice(0, colon)).replace(/^\[|\]$/g, '')
  const port = colon < 0 ? undefined : counted(text.slice(colon + 1))
  return { ip, ...(port === undefined ? {} : { port }) }
}

/** When the request came; classic balancers only say when it was answered. */
function timesOf(fields: readonly string[], start: 0 | 1): number | undefined {
  const came = start === 1 ? parseTime(fields[20] ?? '') : Number.NaN
  const time = Number.isNaN(came) ? parseTime(fields[0] ?? '') : came
  return Number.isNaN(time) ? undefined : time
}

function tell({ text, position }: FileRecord, context: PlainContext) {
  const reject = (reason: string) => ({ source: context.source, position, reason })
  const start = startOf(text)
  if (start === undefined) return reject('The line does not begin like a load balancer’s.')
  const fields = fieldsOf(text).slice(start)
  const time = timesOf(fields, start)
  if (time === undefined) return reject('The time is no RFC 3339 time.')
  const [, balancer, client, target, waited, served, sent] = fields
  const request = requestLine(fields[11] ?? '')
  if (request === undefined) return reject('The request is not `METHOD target HTTP/version`.')
  const status = counted(fields[7])
  const durationMs = (seconds(waited) + seconds(served) + seconds(sent)) * 1_000
  const trace = start === 1 && present(fields[16]) ? fields[16].replace(/^Root=/, '') : undefined
  const domain = start === 1 && present(fields[17]) ? fields[17] : undefined
  const upstream = endOf(target)
  const group = start === 1 && present(fields[15]) ? fields[15].split(':').at(-1)?.split('/')[1] : undefined
  const raw: RawExchange = {
    id: `${context.label}:${position}`,
    time,
    ...(Number.isNaN(durationMs) ? {} : { durationMs: Math.round(durationMs * 1_000) / 1_000 }),
    source: endOf(client),
    destination: { host: domain ?? request.host ?? context.host, ...upstream },
    request: {
      method: request.method,
      target: request.target,
      httpVersion: request.version,
      headers: present(fields[12]) ? [['user-agent', fields[12]]] : [],
      body: { bytes: new Uint8Array(0), size: counted(fields[9]) ?? 0, truncated: false },
    },
    ...(status === undefined || status < 100
      ? {}
      : {
          response: {
            status,
            headers: [],
            body: { bytes: new Uint8Array(0), size: counted(fields[10]) ?? 0, truncated: false },
          },
        }),
    ...(trace === undefined ? {} : { trace: { traceId: trace } }),
    extra: {
      ...(present(balancer) ? { balancer } : {}),
      ...(group === undefined ? {} : { targetGroup: group }),
    },
  }
  return [raw]
}

/** Access logs of AWS' application and classic load balancers (Elastic Load Balancing, "Access logs for your Application Load Balancer"). */
export const awsLoadBalancer = defineLogFormat({
  id: 'aws-load-balancer',
  title: 'AWS load balancer access log (ALB, classic ELB)',
  records: 'lines',
  recognise: (_: string, lines: readonly string[]) =>
    lines.some(line => startOf(line) !== undefined && line.includes(' "')),
  timeOf: (line: string) => {
    const start = startOf(line)
    return start === undefined ? undefined : timesOf(fieldsOf(line).slice(start), start)
  },
  tell,
})
