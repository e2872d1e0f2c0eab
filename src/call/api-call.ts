import type { CallId } from '../kit/id.ts'
import type { Content } from './content.ts'
import type { Credential } from './credential.ts'
import type { Inspection } from './inspection.ts'
import type { Workload } from './workload.ts'

/** Header pairs in the order sent, names in lower case, secrets already replaced. */
export type Headers = readonly (readonly [name: string, value: string])[]

export interface Peer {
  readonly ip?: string
  readonly port?: number
  readonly ja4?: string
  readonly workload?: Workload
}

export interface Destination {
  /** Lower case, without a default port. */
  readonly host: string
  readonly ip?: string
  readonly port?: number
  readonly tls?: string
  readonly workload?: Workload
}

export interface CallRequest {
  readonly method: string
  /** Path and query as sent, secrets in the query replaced. */
  readonly target: string
  /** The path as sent, without query, not decoded. Always begins with `/` (`*` and authority forms become `/*`). */
  readonly path: string
  /** The route as the serving framework names it (OpenTelemetry `http.route`), in that framework's notation; at most 512 characters. */
  readonly route?: string
  /** Decoded query pairs in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly httpVersion: string
  readonly headers: Headers
  readonly content: Content
  /** Bytes on the wire, also where the body was not kept. */
  readonly bodySize: number
  readonly bodyTruncated: boolean
}

export interface CallResponse {
  readonly status: number
  readonly headers: Headers
  readonly content: Content
  readonly bodySize: number
  readonly bodyTruncated: boolean
}

export interface TraceRef {
  readonly traceId?: string
  readonly spanId?: string
  readonly parentSpanId?: string
  /** Of the request that the workload was answering when this happened, where the spans above lead to it. */
  readonly withinSpanId?: string
}

/** A principal that the source itself vouches for (a mesh, a gateway that authenticates). */
export interface DeclaredPrincipal {
  readonly id: string
  readonly kind?: string
  readonly tenant?: string
  readonly roles?: readonly string[]
}

/** Set only by our own gateway: what was decided about this call. */
export interface CallVerdict {
  readonly decisionId: string
  readonly action: string
  readonly policy?: string
}

/** Verdicts under which a call goes on; `monitor` is what recordings of before say. */
const passing = new Set(['pass', 'amend', 'monitor'])

/** Whether the gateway answered in place of the service. */
export const isRefusal = ({ action }: CallVerdict): boolean => !passing.has(action)

/**
 * Who called what, with what, and what came back. Made by `sealCall` from a sensor's raw exchange, immutable after
 * that, and free of secrets.
 */
export interface ApiCall {
  readonly type: 'call'
  readonly id: CallId
  /** Arrival of the request, milliseconds since the epoch. */
  readonly time: number
  readonly durationMs?: number
  readonly source: Peer
  readonly destination: Destination
  readonly request: CallRequest
  /** Absent when none was seen. */
  readonly response?: CallResponse
  readonly credentials: readonly Credential[]
  readonly trace?: TraceRef
  /** Which sensor saw it: `gateway`, `otlp`, `mirror` …; absent of what was read from a file. */
  readonly sensor?: string
  readonly principal?: DeclaredPrincipal
  readonly verdict?: CallVerdict
  /** Set where the payloads were looked for already; not part of the event line. */
  readonly inspection?: Inspection
  /** Fields of the line that this version does not know. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** The value of the first header of that (lower-case) name. */
export function headerOf(headers: Headers, name: string): string | undefined {
  for (const [key, value] of headers) if (key === name) return value
  return undefined
}
