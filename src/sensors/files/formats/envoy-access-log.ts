import { parseTime } from '../../../call/field-reader.ts'
import type { FlowEvent } from '../../../call/flow-event.ts'
import type { RawExchange } from '../../../call/raw-exchange.ts'
import { defineLogFormat, type FileRecord, type PlainContext } from '../file-format.ts'
import { requestLine } from './request-line.ts'

const begin = /^\[(\d{4}-\d\d-\d\dT[0-9:.]{8,18}Z)\] "/
const mostFields = 40

interface Field {
  readonly text: string
  readonly quoted: boolean
}

/** Fields between spaces, in quotes where they hold some. Envoy does not escape: a quote that ends a field stands before a space. */
function fieldsOf(line: string, from: number): readonly Field[] {
  const fields: Field[] = []
  let index = from
  while (index < line.length && fields.length < mostFields) {
    if (line[index] === ' ') {
      index += 1
      continue
    }
    const quoted = line[index] === '"'
    let end = quoted ? index + 1 : line.indexOf(' ', index)
    if (quoted) while (end < line.length && !(line[end] === '"' && (line[end + 1] ?? ' ') === ' ')) end += 1
    if (end < 0) end = line.length
    fields.push({ text: line.slice(quoted ? index + 1 : index, end), quoted })
    index = end + 1
  }
  return fields
}

const present = (field: Field | undefined): string | undefined =>
  field === undefined || field.text === '' || field.text === '-' ? undefined : field.text

const counted = (field: Field | undefined): number =>
  field !== undefined && /^\d{1,15}$/.test(field.text) ? Number(field.text) : 0

/** `192.0.2.7:5000`, `[2001:db8::1]:5000`; undefined for paths and internal listeners. */
function addressOf(text: string | undefined): { readonly ip: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text ?? '')
  return match === null ? undefined : { ip: (match[1] ?? match[2])!, port: Number(match[3]) }
}

/** Where the three counts stand: bytes received, bytes sent, duration. Istio writes more before them than Envoy. */
function countsAt(fields: readonly Field[]): number {
  for (let index = 2; index + 2 < fields.length && index < 12; index += 1)
    if (
      [0, 1, 2].every(step => !fields[index + step]!.quoted && /^\d{1,15}$/.test(fields[index + step]!.text))
    )
      return index
  return -1
}

function tell({ text, position }: FileRecord, context: PlainContext) {
  const reject = (reason: string) => ({ source: context.source, position, reason })
  const head = begin.exec(text.slice(0, 64))
  const time = head === null ? Number.NaN : parseTime(head[1]!)
  if (head === null || Number.isNaN(time)) return reject('The line has no `[time]` in the form of Envoy.')
  const [asked, ...fields] = fieldsOf(text, head[0].length - 1)
  const counts = countsAt(fields)
  if (asked === undefined || counts < 0) return reject('The line has no bytes and duration in a row.')
  const [received, sent, duration] = [0, 1, 2].map(step => counted(fields[counts + step]))
  const [, forwarded, agent, requestId, authority, upstream, cluster, , called, caller, serverName, route] =
    fields.slice(counts + 3)
  const flags = present(fields[1])
  const to = addressOf(present(upstream))
  const from = addressOf(present(caller))
  const id = `${context.label}:${position}`
  const request = requestLine(asked.text)
  if (request === undefined || request.method === '-') {
    const flow = flowOf(id, time, from, to, received! + sent!, present(cluster), present(serverName))
    return flow === undefined ? undefined : [flow]
  }
  const status = counted(fields[0])
  const headers: (readonly [string, string])[] = []
  for (const [name, field] of [
    ['user-agent', agent],
    ['x-forwarded-for', forwarded],
    ['x-request-id', requestId],
  ] as const) {
    const value = present(field)
    if (value !== undefined) headers.push([name, value])
  }
  const client = present(forwarded)?.split(',', 1)[0]?.trim()
  const ip = from?.ip ?? (client !== undefined && /^[0-9a-fA-F:.]{2,45}$/.test(client) ? client : undefined)
  const about = {
    ...(flags === undefined ? {} : { flags: flags.split(',') }),
    ...(present(cluster) === undefined ? {} : { upstreamCluster: present(cluster) }),
    ...(present(route) === undefined ? {} : { route: present(route) }),
  }
  const raw: RawExchange = {
    id,
    time,
    durationMs: duration!,
    source: { ...(ip === undefined ? {} : { ip }), ...(from === undefined ? {} : { port: from.port }) },
    destination: {
      host: present(authority) ?? request.host ?? context.host,
      ...(to === undefined || to.ip.startsWith('127.') ? addressOf(present(called)) : to),
    },
    request: {
      method: request.method,
      target: request.target,
      httpVersion: request.version,
      headers,
      body: { bytes: new Uint8Array(0), size: received!, truncated: false },
    },
    ...(status < 100 || status > 999
      ? {}
      : {
          response: {
            status,
            headers: [],
            body: { bytes: new Uint8Array(0), size: sent!, truncated: false },
          },
        }),
    ...(Object.keys(about).length === 0 ? {} : { extra: { envoy: about } }),
  }
  return [raw]
}

/** A TCP connection, whose line has `- - -` for a request; undefined where the line does not say between whom. */
function flowOf(
  id: string,
  time: number,
  from: { readonly ip: string } | undefined,
  to: { readonly ip: string; readonly port: number } | undefined,
  bytes: number,
  cluster: string | undefined,
  serverName: string | undefined,
): FlowEvent | undefined {
  if (from === undefined || to === undefined) return undefined
  const named = cluster?.startsWith('outbound|') === true ? cluster.split('|', 5)[3] : undefined
  const host = (serverName ?? named)?.toLowerCase()
  return {
    type: 'flow',
    id,
    time,
    workload: { name: from.ip },
    peer: { ...(host === undefined || host === '' ? {} : { host }), ...to },
    direction: 'egress',
    protocol: serverName === undefined ? 'tcp' : 'tls',
    bytes,
    source: 'envoy',
  }
}

/** Envoy's default text format, and Istio's, which says more (envoyproxy.io, "Access logging"; istio.io, "Envoy Access Logs"). */
export const envoyAccessLog = defineLogFormat({
  id: 'envoy-access-log',
  title: 'Envoy and Istio access log (default text format)',
  records: 'lines',
  recognise: (_: string, lines: readonly string[]) => lines.some(line => begin.test(line.slice(0, 64))),
  timeOf: (line: string) => {
    const head = begin.exec(line.slice(0, 64))
    const time = head === null ? Number.NaN : parseTime(head[1]!)
    return Number.isNaN(time) ? undefined : time
  },
  tell,
})
