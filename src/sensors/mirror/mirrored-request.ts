import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'

/** A copy as it arrived. */
export interface MirroredCopy {
  readonly id: string
  /** Ms since the epoch. */
  readonly time: number
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly headers: readonly HeaderPair[]
  readonly body: RawBody
  /** Who sent the copy: the proxy. */
  readonly sender: string | undefined
}

/** Headers by which a proxy says what the original was; they are no part of it. */
const told = new Set([
  'x-original-uri',
  'x-original-url',
  'x-original-host',
  'x-original-method',
  'x-original-remote-addr',
  'x-mirror-token',
])

/**
 * The call that a copy was made of. nginx copies the request with its headers, and is told to add `X-Original-URI` and `X-Original-Host`;
 * Envoy appends `-shadow` to the host. The client is the first of `X-Forwarded-For`, the one that the first proxy saw.
 */
export function mirroredCall(copy: MirroredCopy): RawExchange {
  const header = (name: string): string | undefined => {
    const value = copy.headers.find(([key]) => key === name)?.[1]
    return value === undefined || value === '' ? undefined : value
  }
  const uri = header('x-original-uri') ?? header('x-original-url')
  const { target, host: named } = originOf(uri ?? copy.target)
  const host =
    header('x-original-host') ??
    named ??
    header('x-forwarded-host')?.split(',', 1)[0]?.trim() ??
    withoutShadow(header('host') ?? 'unknown')
  const client =
    header('x-original-remote-addr') ??
    header('x-forwarded-for')?.split(',', 1)[0]?.trim() ??
    header('x-envoy-external-address') ??
    header('x-real-ip') ??
    copy.sender
  const port = /^\d{1,5}$/.exec(header('x-forwarded-port') ?? '')?.[0]
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/.exec(header('traceparent') ?? '')
  return {
    id: copy.id,
    time: copy.time,
    source: client === undefined || !isAddress(client) ? {} : { ip: client },
    destination: { host, ...(port === undefined ? {} : { port: Number(port) }) },
    request: {
      method: header('x-original-method') ?? copy.method,
      target,
      httpVersion: copy.httpVersion,
      headers: copy.headers
        .filter(([name]) => !told.has(name))
        .map(([name, value]): HeaderPair => (name === 'host' ? [name, host] : [name, value])),
      ...(copy.body.size === 0 ? {} : { body: copy.body }),
    },
    ...(trace === null ? {} : { trace: { traceId: trace[1]!, parentSpanId: trace[2]! } }),
  }
}

const isAddress = (text: string): boolean => /^[0-9a-fA-F:.]{2,45}$/.test(text)

/** `cluster.example:8080` of Envoy's `cluster.example-shadow:8080`. */
function withoutShadow(host: string): string {
  const match = /^(.{1,255})-shadow(:\d{1,5})?$/.exec(host)
  return match === null ? host : match[1]! + (match[2] ?? '')
}

function originOf(uri: string): { readonly target: string; readonly host?: string } {
  const scheme = /^https?:\/\//i.exec(uri)?.[0]
  if (scheme === undefined) return { target: uri.startsWith('/') || uri === '*' ? uri : `/${uri}` }
  const rest = uri.slice(scheme.length)
  const end = rest.search(/[/?#]/)
  const path = end < 0 ? '/' : rest.slice(end)
  return { target: path.startsWith('/') ? path : `/${path}`, host: end < 0 ? rest : rest.slice(0, end) }
}
