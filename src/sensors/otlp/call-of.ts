import type { FlowEvent } from '../../call/flow-event.ts'
import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { Workload } from '../../call/workload.ts'
import { type Attributes, hexOf, type Span } from './span.ts'
import type { JoinedSpan } from './span-joiner.ts'
import { workloadOf } from './workload-of.ts'

const noBytes = new Uint8Array(0)
/** `package.Service/Method`, as gRPC instrumentations name spans; some put a slash or `grpc.` before it. */
const remoteProcedure =
  /^(?:grpc\.)?\/?((?:[A-Za-z_]\w{0,63}\.){1,8}[A-Za-z_]\w{0,63}\/[A-Za-z_][\w.]{0,127})$/
const methodAndPath = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|QUERY) (\/\S{0,1000})$/

/** The call that a span and its other side tell of; undefined where they tell of none. */
export function exchangeOf(joined: JoinedSpan): RawExchange | undefined {
  const { span, client, caller } = joined
  const outbound = span.kind === 'client' || span.kind === 'producer'
  const told = httpOf(span.attributes) ?? (client === undefined ? undefined : httpOf(client.attributes))
  const request =
    told ?? procedureOf(span) ?? (client === undefined ? undefined : procedureOf(client)) ?? byName(span)
  if (request === undefined) return undefined
  const mine = workloadOf(span.resource)
  const from = outbound ? mine : caller === undefined ? undefined : workloadOf(caller)
  const to = outbound ? undefined : mine
  const { attributes } = span
  const address = outbound ? undefined : (attributes.text('client.address') ?? peerOf(attributes))
  // Of a call that went out, only the caller's side of which was seen, the other end must be named.
  const said = hostOf(joined, outbound)
  // A service that was called by its address goes by its name.
  const host =
    outbound || !isAddress(said) ? (said ?? (outbound ? undefined : mine.name)) : (mine.name ?? said)
  if (host === undefined) return undefined
  const port = attributes.number('server.port') ?? attributes.number('net.peer.port')
  const principal = principalOf(span) ?? (client === undefined ? undefined : principalOf(client))
  const route = attributes.text('http.route')
  return {
    id: hexOf(span.spanId),
    time: span.start,
    durationMs: Math.max(0, span.end - span.start),
    source: {
      ...(address === undefined ? {} : { ip: address }),
      ...(has(from) ? { workload: from } : {}),
    },
    destination: {
      host: host.toLowerCase(),
      ...(port === undefined ? {} : { port }),
      ...(has(to) ? { workload: to } : {}),
    },
    request: {
      method: request.method,
      target: request.target,
      httpVersion: attributes.text('network.protocol.version') ?? (request.procedure ? '2' : '1.1'),
      headers: [...headersOf(span, client, false), ...(request.procedure ? [grpcType] : [])],
      ...(route === undefined ? {} : { route }),
      ...bodyOf(attributes.number('http.request.body.size')),
    },
    ...(request.status === undefined
      ? {}
      : {
          response: {
            status: request.status,
            headers: [
              ...headersOf(span, client, true),
              ...(request.grpcStatus === undefined ? [] : [['grpc-status', request.grpcStatus] as const]),
            ],
            ...bodyOf(attributes.number('http.response.body.size')),
          },
        }),
    trace: traceOf(span),
    ...(principal === undefined ? {} : { principal }),
  }
}

/** Who called whom, where a span says no more than that. */
export function flowOf({ span, caller }: JoinedSpan): FlowEvent | undefined {
  const workload = workloadOf(span.resource)
  if (workload.name === undefined) return undefined
  const outbound = span.kind === 'client' || span.kind === 'producer'
  const host = outbound ? hostOf({ span }, true) : undefined
  const other = caller === undefined ? undefined : workloadOf(caller)
  if (!(has(other) && !outbound) && host === undefined) return undefined
  return {
    type: 'flow',
    id: hexOf(span.spanId),
    time: span.start,
    workload,
    peer: outbound ? { host: host! } : { workload: other! },
    direction: outbound ? 'egress' : 'ingress',
    ...(span.name === '' ? {} : { operation: span.name }),
    source: 'otlp',
    trace: traceOf(span),
  }
}

export function traceOf(span: Span): NonNullable<RawExchange['trace']> {
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    ...(span.parentId === '' ? {} : { parentSpanId: hexOf(span.parentId) }),
  }
}

interface Asked {
  readonly method: string
  readonly target: string
  readonly status?: number
  /** A gRPC call, with its status where that is known. */
  readonly procedure: boolean
  readonly grpcStatus?: string
}

function httpOf(attributes: Attributes): Asked | undefined {
  const method = attributes.text('http.request.method')
  if (method === undefined) return undefined
  const status = attributes.number('http.response.status_code')
  return {
    method: method === '_OTHER' ? 'OTHER' : method,
    target: targetOf(attributes),
    ...(status === undefined ? {} : { status }),
    procedure: false,
  }
}

function targetOf(attributes: Attributes): string {
  const path = attributes.text('url.path')
  const query = attributes.text('url.query')
  if (path !== undefined) return query === undefined ? path : `${path}?${query}`
  const target = attributes.text('http.target')
  if (target !== undefined) return target
  const full = attributes.text('url.full')
  if (full !== undefined) {
    const authority = full.indexOf('//')
    const slash = full.indexOf('/', authority < 0 ? 0 : authority + 2)
    return slash < 0 ? '/' : full.slice(slash).split('#', 1)[0]!
  }
  return attributes.text('http.route') ?? '/'
}

/** Connection errors and statuses of gRPC are told as the header that carries them. */
function procedureOf(span: Span): Asked | undefined {
  const { attributes } = span
  const system = attributes.text('rpc.system.name')
  if (system === undefined || (system !== 'grpc' && system !== 'connect_rpc')) return undefined
  const method = attributes.text('rpc.method')
  const service = attributes.text('rpc.service')
  const full = method?.includes('/')
    ? method
    : service === undefined
      ? undefined
      : `${service}/${method ?? ''}`
  const procedure = full ?? remoteProcedure.exec(span.name)?.[1]
  return procedure === undefined ? undefined : answered(procedure, span)
}

const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

function answered(procedure: string, span: Span): Asked {
  const said = span.attributes.text('rpc.response.status_code')
  const named = said === undefined ? -1 : codes.indexOf(said.toUpperCase())
  const status = named >= 0 ? String(named) : said !== undefined && /^\d{1,2}$/.test(said) ? said : undefined
  return {
    method: 'POST',
    target: `/${procedure.replace(/^\//, '')}`,
    status: 200,
    procedure: true,
    grpcStatus: status ?? (span.failed ? '2' : '0'),
  }
}

function byName(span: Span): Asked | undefined {
  if (span.kind !== 'server' && span.kind !== 'client') return undefined
  const procedure = remoteProcedure.exec(span.name)?.[1]
  // `Recv.` and the like name a step, not a method.
  if (procedure !== undefined && !procedure.endsWith('.')) return answered(procedure, span)
  const named = methodAndPath.exec(span.name)
  return named === null ? undefined : { method: named[1]!, target: named[2]!, procedure: false }
}

const grpcType = ['content-type', 'application/grpc'] as const

/** Where a call went, as its caller named it. */
function hostOf({ span, client }: JoinedSpan, outbound: boolean): string | undefined {
  const { attributes } = span
  const header = attributes.headers?.find(([name, , response]) => name === 'host' && !response)?.[1]
  const host =
    attributes.text('server.address') ??
    attributes.text('http.host') ??
    header ??
    (outbound ? (attributes.text('net.peer.name') ?? attributes.text('service.peer.name')) : undefined) ??
    authorityIn(attributes.text('url.full')) ??
    (client === undefined
      ? undefined
      : (client.attributes.text('server.address') ?? authorityIn(client.attributes.text('url.full'))))
  return host === undefined ? undefined : withoutPort(host)
}

function authorityIn(url: string | undefined): string | undefined {
  const authority = url === undefined ? -1 : url.indexOf('//')
  if (url === undefined || authority < 0) return undefined
  const host = url.slice(authority + 2).split(/[/?#]/, 1)[0]!
  return host.slice(host.lastIndexOf('@') + 1) || undefined
}

/** An IPv4 or IPv6 address, with or without a port. */
const isAddress = (host: string | undefined): boolean =>
  host === undefined ||
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-fA-F:]*:[0-9a-fA-F:.]*\]?)(?::\d{1,5})?$/.test(host)

const withoutPort = (host: string): string => host.replace(/:(?:80|443)$/, '')

/** The other end of a server's connection. Older conventions called it the peer. */
const peerOf = (attributes: Attributes): string | undefined => attributes.text('network.peer.address')

function principalOf({ attributes }: Span): RawExchange['principal'] {
  const id = attributes.text('user.id')
  if (id === undefined) return undefined
  const roles = attributes.get('user.roles')
  return {
    id,
    kind: 'user',
    ...(roles === undefined ? {} : { roles: Array.isArray(roles) ? roles.map(String) : [String(roles)] }),
  }
}

function headersOf(span: Span, client: Span | undefined, response: boolean): (readonly [string, string])[] {
  const recorded = (one: Span): (readonly [string, string])[] =>
    (one.attributes.headers ?? []).flatMap(([name, value, of]) =>
      of === response ? [[name, value] as const] : [],
    )
  const headers = recorded(span)
  if (client !== undefined)
    for (const pair of recorded(client)) if (!headers.some(([name]) => name === pair[0])) headers.push(pair)
  const agent = span.attributes.text('user_agent.original')
  if (!response && agent !== undefined && !headers.some(([name]) => name === 'user-agent'))
    headers.push(['user-agent', agent])
  return headers
}

/** Spans tell a body's size and never its bytes. */
const bodyOf = (size: number | undefined): { body?: RawBody } =>
  size === undefined || size <= 0 ? {} : { body: { bytes: noBytes, size, truncated: true } }

const has = (workload: Workload | undefined): workload is Workload => workload?.name !== undefined
