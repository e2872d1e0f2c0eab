import type { RawBody } from '../../call/raw-exchange.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import type { CaptureCounts } from './capture-counts.ts'
import type { CaptureLimits } from './capture-options.ts'
import type { CapturedBody } from './captured-body.ts'
import { type CapturedResponse, type CaptureNotes, captured, type ExchangeSink } from './captured-exchange.ts'
import type { HeldLedger } from './held-budget.ts'
import { type Delimiter, delimiterOf, Http1Reader, type MessageHead, noMessage } from './http1-message.ts'
import type { Moment } from './tcp-connection.ts'

/** What a connection becomes when both sides agree to speak otherwise. */
export interface Upgrade {
  readonly protocol: string
  /** The request that asked for it. */
  readonly request: PendingRequest
  readonly response: CapturedResponse
}

export interface PendingRequest {
  readonly method: string
  readonly target: string
  readonly host: string | undefined
  readonly version: string
  readonly headers: readonly HeaderPair[]
  readonly time: number
  /** Bytes of answers that the client had seen when it asked. */
  readonly seen: number
  readonly ambiguous: boolean
  /** Characters of its head. */
  readonly weight: number
  body: RawBody | undefined
  response: CapturedResponse | undefined
}

export interface Http1Events {
  /** @returns Whether it was taken over: else the request and its answer are a call as any other. */
  onUpgrade(upgrade: Upgrade): boolean
  /** The first that came is no HTTP. */
  onForeign(): void
}

const requestLineForm = /^([A-Za-z][A-Za-z_-]{0,31}) (.{1,65536}) HTTP\/(1\.[01])$/
const statusLineForm = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: |$)/

/**
 * Requests and answers of one HTTP/1.1 connection, paired in order (RFC 9112 §9.3). After a loss an answer belongs to the request that was
 * sent when its sender had seen exactly what was answered before; an answer of which that cannot be said is dropped rather than given to
 * another request.
 */
export class Http1Conversation {
  readonly #limits: CaptureLimits
  readonly #counts: CaptureCounts
  readonly #ledger: HeldLedger
  readonly #sink: ExchangeSink
  readonly #events: Http1Events
  readonly #notes: () => CaptureNotes
  readonly #requests: Http1Reader
  readonly #responses: Http1Reader
  readonly #pending: PendingRequest[] = []
  /** The request whose body is being read. */
  #asking: PendingRequest | undefined
  /** The request that is being answered; undefined where it was not captured. */
  #answering: PendingRequest | undefined
  #status = 0
  #responseHeaders: readonly HeaderPair[] = []
  #interim = false
  /** Something was lost: order alone does not tell which request an answer belongs to. */
  #doubt: boolean
  #over = false

  /** @param whole The connection is captured from its beginning. */
  constructor(
    limits: CaptureLimits,
    counts: CaptureCounts,
    ledger: HeldLedger,
    sink: ExchangeSink,
    events: Http1Events,
    notes: () => CaptureNotes,
    whole: boolean,
  ) {
    this.#doubt = !whole
    this.#limits = limits
    this.#counts = counts
    this.#ledger = ledger
    this.#sink = sink
    this.#events = events
    this.#notes = notes
    const shared = { onSkipped: (bytes: number) => (counts.skippedBytes += bytes) }
    this.#requests = new Http1Reader('request', limits, ledger, {
      ...shared,
      onHead: head => this.#onRequest(head),
      onEnd: (body, trailers, whole) => this.#onRequestEnd(body, trailers, whole),
      onFault: (reason, foreign) => this.#onFault(reason, foreign),
    })
    this.#responses = new Http1Reader('response', limits, ledger, {
      ...shared,
      onHead: head => this.#onResponse(head),
      onEnd: (body, trailers, whole, time) => this.#onResponseEnd(body, trailers, whole, time),
      onFault: (reason, foreign) => this.#onFault(reason, foreign),
    })
  }

  data(fromClient: boolean, bytes: Buffer, moment: Moment): void {
    if (this.#over) return
    if (fromClient) this.#requests.data(bytes, moment)
    else this.#responses.data(bytes, moment)
  }

  gap(fromClient: boolean, size: number, moment: Moment): void {
    if (this.#over) return
    const borne = (fromClient ? this.#requests : this.#responses).gap(size, moment)
    if (!borne) this.#doubt = true
  }

  finish(fromClient: boolean, time: number): void {
    if (this.#over) return
    if (fromClient) this.#requests.finish(time)
    else this.#responses.finish(time)
  }

  pendingSince(): number | undefined {
    return this.#over ? undefined : (this.#pending[0] ?? this.#asking)?.time
  }

  /** The connection is over: what was asked and never answered is told as it is. */
  end(time: number): void {
    if (this.#over) return
    this.#requests.finish(time)
    this.#responses.finish(time)
    this.#close()
  }

  #close(): void {
    this.#over = true
    this.#requests.stop()
    this.#responses.stop()
    const pending = this.#pending.splice(0)
    // Answered before its body was whole: it waits outside the queue.
    const asking = this.#asking
    this.#asking = undefined
    if (asking?.response !== undefined && !pending.includes(asking)) this.#emit(asking)
    for (const request of pending) this.#emit(request)
  }

  #onFault(reason: string, foreign: boolean): void {
    this.#doubt = true
    if (foreign && this.#pending.length === 0 && this.#answering === undefined) {
      this.#over = true
      this.#requests.stop()
      this.#responses.stop()
      this.#events.onForeign()
    } else this.#counts.fault(reason)
  }

  #onRequest(head: MessageHead): Delimiter | 'stop' {
    const match = requestLineForm.exec(head.line)
    const delimiter = delimiterOf(head.headers)
    if (match === null || delimiter === 'broken') {
      this.#requests.reject(match === null ? noMessage : 'a length is no number', head.time)
      return 'stop'
    }
    const { target, host } = originForm(match[2]!)
    const request: PendingRequest = {
      method: match[1]!,
      target,
      host: host ?? head.headers.find(([name]) => name === 'host')?.[1],
      version: match[3]!,
      headers: head.headers,
      time: head.time,
      seen: head.seen,
      ambiguous: head.ambiguous,
      weight: head.length,
      body: undefined,
      response: undefined,
    }
    const tooMany = this.#pending.length >= this.#limits.pipelined
    if (tooMany || !this.#ledger.take(request.weight)) {
      this.#counts.fault(
        tooMany
          ? `a connection has more than ${this.#limits.pipelined} requests without an answer`
          : 'a connection was given up for want of room',
      )
      this.#close()
      return 'stop'
    }
    this.#pending.push(request)
    this.#asking = request
    // A request without a length has no body.
    return delimiter === undefined || delimiter.kind === 'close' ? { kind: 'none' } : delimiter
  }

  #onRequestEnd(body: CapturedBody, trailers: readonly HeaderPair[], whole: boolean): void {
    const request = this.#asking
    this.#asking = undefined
    this.#counts.unheldBytes += body.unheld
    if (request === undefined) {
      body.release()
      return
    }
    request.body = body.take(whole)
    // They would change what was read before; nobody acts on those of requests.
    void trailers
    if (request.response !== undefined) this.#emitFinished(request)
  }

  #onResponse(head: MessageHead): Delimiter | 'stop' {
    const match = statusLineForm.exec(head.line)
    const delimiter = delimiterOf(head.headers)
    if (match === null || delimiter === 'broken') {
      this.#responses.reject(match === null ? noMessage : 'a length is no number', head.time)
      return 'stop'
    }
    const status = Number(match[2])
    this.#status = status
    this.#responseHeaders = head.headers
    this.#interim = status < 200 && status !== 101
    if (this.#interim) return { kind: 'none' }
    const request = this.#requestOf(head)
    this.#answering = request
    if (request === undefined) this.#counts.unpaired += 1
    const tunnels = request?.method === 'CONNECT' && status >= 200 && status < 300
    if (status === 101 || tunnels) return this.#upgrade(request, status, head)
    if (request?.method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' }
    return delimiter ?? { kind: 'close' }
  }

  #upgrade(request: PendingRequest | undefined, status: number, head: MessageHead): 'stop' {
    const asked = head.headers.find(([name]) => name === 'upgrade')?.[1]
    if (request !== undefined) {
      request.body ??= { bytes: new Uint8Array(0), size: 0, truncated: false }
      const body = { bytes: new Uint8Array(0), size: 0, truncated: false }
      const response = { status, headers: head.headers, body, end: head.time }
      request.response = response
      const protocol = status === 101 ? (asked ?? '').toLowerCase() : 'tunnel'
      this.#drop(request)
      if (!this.#events.onUpgrade({ protocol, request, response })) this.#emit(request)
    }
    this.#over = true
    this.#requests.stop()
    this.#responses.stop()
    return 'stop'
  }

  /** Which request an answer belongs to; undefined where that was not captured, or cannot be told. */
  #requestOf(head: MessageHead): PendingRequest | undefined {
    if (!this.#doubt) return this.#pending[0]
    const index = this.#pending.findIndex(({ seen }) => seen === head.offset)
    if (index < 0) return undefined
    // What was asked before it has no answer that was captured.
    for (const request of this.#pending.splice(0, index)) this.#emit(request)
    if (this.#pending.length === 1) this.#doubt = false
    return this.#pending[0]
  }

  #onResponseEnd(body: CapturedBody, trailers: readonly HeaderPair[], whole: boolean, time: number): void {
    this.#counts.unheldBytes += body.unheld
    if (this.#interim) {
      this.#interim = false
      body.release()
      return
    }
    const request = this.#answering
    this.#answering = undefined
    if (request === undefined) {
      body.release()
      return
    }
    const headers = trailers.length === 0 ? this.#responseHeaders : [...this.#responseHeaders, ...trailers]
    request.response = { status: this.#status, headers, body: body.take(whole), end: time }
    // It is no longer the next to be answered, even where its own body goes on.
    this.#drop(request)
    if (request.body !== undefined || this.#asking !== request) this.#emit(request)
  }

  #emitFinished(request: PendingRequest): void {
    this.#drop(request)
    this.#emit(request)
  }

  #drop(request: PendingRequest): void {
    const index = this.#pending.indexOf(request)
    if (index >= 0) this.#pending.splice(index, 1)
  }

  #emit(request: PendingRequest): void {
    this.#ledger.give(request.weight)
    this.#sink.call(requestExchange(this.#sink, request, this.#notes()))
  }
}

export function requestExchange(sink: ExchangeSink, request: PendingRequest, notes: CaptureNotes) {
  return captured(
    sink,
    {
      method: request.method,
      target: request.target,
      host: request.host,
      httpVersion: request.version,
      headers: request.headers,
      body: request.body ?? { bytes: new Uint8Array(0), size: 0, truncated: true },
      time: request.time,
    },
    request.response,
    request.ambiguous ? { ...notes, ambiguousFraming: true } : notes,
  )
}

/** The target without scheme and host, and the host that it named. */
function originForm(target: string): { readonly target: string; readonly host?: string } {
  const scheme = /^https?:\/\//i.exec(target)?.[0]
  if (scheme === undefined) return { target }
  const rest = target.slice(scheme.length)
  const end = rest.search(/[/?#]/)
  const path = end < 0 ? '/' : rest.slice(end)
  return { target: path.startsWith('/') ? path : `/${path}`, host: end < 0 ? rest : rest.slice(0, end) }
}
