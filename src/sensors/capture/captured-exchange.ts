import type { RawBody, RawExchange, RawMessage } from '../../call/raw-exchange.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'

/** Who spoke with whom; the client is the one that asks. */
export interface Parties {
  readonly client: { readonly ip: string; readonly port: number }
  readonly server: { readonly ip: string; readonly port: number }
}

/** Where finished exchanges go. */
export interface ExchangeSink {
  readonly parties: Parties
  /** Of the next call. */
  nextId(time: number): string
  call(exchange: RawExchange): void
}

export interface CapturedRequest {
  readonly method: string
  readonly target: string
  /** As the request names it; absent where it names none. */
  readonly host: string | undefined
  readonly httpVersion: string
  readonly headers: readonly HeaderPair[]
  readonly body: RawBody
  /** Of the first byte, ms since the epoch. */
  readonly time: number
}

export interface CapturedResponse {
  readonly status: number
  readonly headers: readonly HeaderPair[]
  readonly body: RawBody
  /** Of the last byte that was seen. */
  readonly end: number
}

/** What is worth telling about how a call was captured. */
export type CaptureNotes = Readonly<Record<string, boolean | number>>

export function captured(
  sink: ExchangeSink,
  request: CapturedRequest,
  response: CapturedResponse | undefined,
  notes: CaptureNotes,
  messages?: readonly RawMessage[],
): RawExchange {
  const { client, server } = sink.parties
  return {
    id: sink.nextId(request.time),
    time: Math.floor(request.time),
    ...(response === undefined
      ? {}
      : { durationMs: Math.max(0, Math.round((response.end - request.time) * 1000) / 1000) }),
    source: client,
    destination: { host: request.host ?? server.ip, ip: server.ip, port: server.port },
    request: {
      method: request.method,
      target: request.target,
      httpVersion: request.httpVersion,
      headers: request.headers,
      ...(request.body.size === 0 ? {} : { body: request.body }),
    },
    ...(response === undefined
      ? {}
      : { response: { status: response.status, headers: response.headers, body: response.body } }),
    ...(messages === undefined || messages.length === 0 ? {} : { messages }),
    ...(Object.keys(notes).length === 0 ? {} : { extra: { capture: notes } }),
  }
}
