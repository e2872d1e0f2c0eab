import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { CallVerdict } from '../../call/api-call.ts'
import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import {
  type Admission,
  type AmendVerdict,
  type Guard,
  type GuardedRequest,
  type RefusalVerdict,
  refuses,
  type Verdict,
} from '../guard.ts'
import { amendedHeaders } from './amendment.ts'
import { BodyWindow } from './body-window.ts'
import type { ClientConnection, Exchange, MalformedAt } from './client-connection.ts'
import type { HeaderPair } from './header-pair.ts'
import { passableTrailers, returnHeaders } from './header-rules.ts'
import type { GatewaySettings } from './options.ts'
import { failureAnswer, type ProblemAnswer, refusalAnswer, verdictAnswer } from './problem-answer.ts'
import { type Refusal, refusal } from './refusal.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import type { Ticker } from './ticker.ts'
import type { UpstreamConnection } from './upstream-connection.ts'
import type { UpstreamEvents, UpstreamFailure, UpstreamRequest } from './upstream-events.ts'
import type { UpstreamPool } from './upstream-pool.ts'

/** What all passages of a gateway share. */
export interface PassageContext {
  readonly settings: GatewaySettings
  readonly guard: Guard
  readonly clock: Clock
  readonly counters: CounterSet
  readonly ticker: Ticker
  readonly pool: UpstreamPool
  /** New exchanges are no longer awaited on this connection. */
  readonly draining: boolean
  onBegin(passage: Passage): void
  onOver(passage: Passage, exchange: RawExchange): void
  onUpgrade(upgrade: Upgrade): void
  onUpstream(reachable: boolean): void
}

/** A connection that is a tunnel from here on. */
export interface Upgrade {
  readonly client: Socket
  readonly upstream: Socket
  /** What was recorded of the upgrade itself. */
  readonly exchange: RawExchange
  /** What the upstream sent behind its head; the client has it already. */
  readonly first: Buffer
}

/** How an exchange ended, where it did not simply end well. Stands in the record as `extra.gateway.outcome`. */
export type Outcome =
  | UpstreamFailure['code']
  | 'refused'
  | 'client-aborted'
  | 'client-timeout'
  | 'request-withheld'
  | 'response-withheld'

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const emptyBody: RawBody = Object.freeze({ bytes: new Uint8Array(0), size: 0, truncated: false })

/** The body left of a small refused request is read and dropped, so that its connection can stay. */
const dropBytes = 65_536

/** A stream says last what it cost: language models count their tokens there. Of a coded one the end alone cannot be read. */
function isEventStream(headers: readonly HeaderPair[]): boolean {
  let stream = false
  for (const [name, value] of headers) {
    if (name.length === 12 && name === 'content-type')
      stream = value.toLowerCase().startsWith('text/event-stream')
    else if (name.length === 16 && name === 'content-encoding' && value !== 'identity') return false
  }
  return stream
}

/** Keeps a piece; many small ones become one, since each costs far more than its bytes. */
function hold(held: Buffer[], chunk: Buffer): void {
  held.push(chunk)
  if (held.length > 64) held.splice(0, held.length, Buffer.concat(held))
}

/** One exchange on its way through: from the request's head to the record of what happened. */
export class Passage implements UpstreamEvents, Exchange {
  readonly #context: PassageContext
  readonly #client: ClientConnection
  readonly #message: IncomingMessage
  readonly #reply: ServerResponse
  readonly #guarded: GuardedRequest
  readonly #head: RequestHead
  #onward: UpstreamRequest
  readonly #requestWindow: BodyWindow
  readonly #responseWindow: BodyWindow
  #admission: Admission | undefined
  #connection: UpstreamConnection | undefined
  #retried = false
  #requestDone: boolean
  #requestPaused = false
  #responsePaused = false
  /** Body pieces that wait for a decision. */
  #heldRequest: Buffer[] | undefined
  #heldResponse: Buffer[] | undefined
  #response: ResponseHead | undefined
  #responseDone = false
  #answer: ProblemAnswer | undefined
  #verdict: CallVerdict | undefined
  /** Takes the place of the request's body, which nobody sends on. */
  #requestBody: Uint8Array | undefined
  /** What the answer's headers, and its body where given, are changed by. */
  #amendment: AmendVerdict | undefined
  #outcome: Outcome | undefined
  #refusal: Refusal | undefined
  #continued: boolean
  #lingering = false
  #lingered = 0
  #over = false
  #upgraded = false
  #drains = false
  #progress: number

  constructor(
    context: PassageContext,
    client: ClientConnection,
    message: IncomingMessage,
    reply: ServerResponse,
    guarded: GuardedRequest,
    head: RequestHead,
    onward: UpstreamRequest,
  ) {
    this.#context = context
    this.#client = client
    this.#message = message
    this.#reply = reply
    this.#guarded = guarded
    this.#head = head
    this.#onward = onward
    this.#requestWindow = new BodyWindow(context.settings.windowBytes)
    this.#responseWindow = new BodyWindow(context.settings.windowBytes)
    this.#requestDone = head.framing.kind === 'none'
    this.#continued = !head.expectContinue
    this.#progress = context.ticker.now
    client.current = this
    reply.on('close', () => this.#settle())
    // Unheard, it would end the process; the exchange itself ends with its connection.
    reply.on('error', () => context.counters.add('sallyport_gateway_reply_errors_total'))
    context.onBegin(this)
  }

  /** Asks the guard, then goes where the answer leads. */
  begin(): void {
    const admission = this.#context.guard.admit(this.#guarded)
    this.#admission = admission
    if (refuses(admission.verdict)) {
      this.#block(admission.verdict, 'request-withheld')
      return
    }
    this.#amendRequest(admission.verdict, undefined)
    if (admission.needs.requestBody) {
      this.#heldRequest = []
      if (this.#requestDone) this.#decideBody()
      else {
        this.#continue()
        this.#readBody()
      }
    } else {
      const connection = this.#forward()
      if (this.#requestDone) connection.end()
      else this.#readBody()
    }
  }

  /** Answers without asking: the request's shape is not let in. */
  refuse(refused: Refusal): void {
    this.#refusal = refused
    this.#outcome = 'refused'
    const body = this.#head.headers.some(
      ([name]) => name === 'content-length' || name === 'transfer-encoding',
    )
    this.#requestDone = !body
    this.#give(refusalAnswer(refused), true)
  }

  /** Looks after the time-outs; called with every tick. */
  sweep(): void {
    const { settings, ticker } = this.#context
    if (this.#over || this.#upgraded) return
    if (this.#lingering) {
      if (ticker.passed(this.#progress, settings.idleTimeoutMs)) this.#reply.end()
      return
    }
    const waitsForUpstream = this.#connection !== undefined && (this.#requestDone || this.#requestPaused)
    if (this.#response === undefined && this.#answer === undefined && waitsForUpstream) {
      if (ticker.passed(this.#progress, settings.responseTimeoutMs)) {
        this.#dropUpstream()
        this.onFailure({ code: 'upstream/timeout', detail: 'response' })
      }
      return
    }
    if (!ticker.passed(this.#progress, settings.idleTimeoutMs)) return
    const upstreamStalls = this.#response !== undefined && !this.#responseDone && !this.#responsePaused
    this.#dropUpstream()
    if (upstreamStalls) this.onFailure({ code: 'upstream/timeout', detail: 'body' })
    else {
      this.#outcome ??= 'client-timeout'
      if (this.#reply.headersSent) this.#cut()
      else this.#give(refusalAnswer(refusal('slow-request')), true)
    }
  }

  /** Cuts it off, wherever it is: the gateway closes. */
  abort(): void {
    this.#client.socket.destroy()
  }

  // ---- the client's side

  onClientGone(): void {
    if (this.#upgraded) return
    this.#settle()
  }

  /** The request's body turned out malformed. The connection's owner answers where nothing has been answered. */
  onMalformed(refused: Refusal): MalformedAt {
    if (this.#answer !== undefined) {
      // Already answered by ourselves: what is wrong further on in a body that is being dropped changes nothing.
      this.#reply.shouldKeepAlive = false
      if (!this.#reply.writableEnded) this.#reply.end()
      return 'answered'
    }
    this.#refusal = refused
    this.#outcome = 'refused'
    this.#dropUpstream()
    if (this.#reply.headersSent) return 'answering'
    this.#answer = refusalAnswer(refused)
    return 'unanswered'
  }

  #readBody(): void {
    const message = this.#message
    message.on('data', (chunk: Buffer) => this.#onBody(chunk))
    message.on('end', () => this.#onBodyEnd())
    // An abort ends the exchange through its connection; here it only must not go unheard.
    message.on('error', () => undefined)
  }

  #onBody(chunk: Buffer): void {
    this.#progress = this.#context.ticker.now
    if (this.#answer !== undefined) {
      this.#drop(chunk.length)
      return
    }
    this.#requestWindow.add(chunk)
    if (this.#heldRequest !== undefined) {
      hold(this.#heldRequest, chunk)
      if (this.#requestWindow.full) this.#decideBody()
    } else this.#send(chunk)
  }

  #onBodyEnd(): void {
    this.#requestDone = true
    this.#progress = this.#context.ticker.now
    if (this.#answer !== undefined) {
      if (this.#lingering) this.#reply.end()
      return
    }
    if (this.#heldRequest !== undefined) this.#decideBody()
    else if (this.#requestBody === undefined)
      this.#connection?.end(passableTrailers(this.#message.rawTrailers))
  }

  #send(chunk: Buffer): void {
    if (this.#connection?.write(chunk) === false) {
      this.#requestPaused = true
      this.#message.pause()
    }
  }

  #continue(): void {
    if (this.#continued) return
    this.#continued = true
    this.#reply.writeContinue()
  }

  #decideBody(): void {
    const held = this.#heldRequest
    if (held === undefined) return
    this.#heldRequest = undefined
    const { framing } = this.#head
    const expected = framing.kind === 'length' ? framing.length : undefined
    const window = this.#requestWindow.take(expected, !this.#requestDone && expected === undefined)
    const verdict = this.#admission?.decideBody(window)
    if (verdict !== undefined && refuses(verdict)) {
      this.#block(verdict, 'request-withheld')
      return
    }
    if (verdict !== undefined) this.#amendRequest(verdict, window)
    const connection = this.#forward()
    if (this.#requestBody !== undefined) {
      connection.write(Buffer.from(this.#requestBody))
      connection.end()
      return
    }
    for (const chunk of held) this.#send(chunk)
    if (this.#requestDone) connection.end(passableTrailers(this.#message.rawTrailers))
  }

  /** Changes what goes on to the upstream; the record keeps what the client sent. */
  #amendRequest(verdict: Verdict, window: RawBody | undefined): void {
    if (verdict.action !== 'amend') return
    this.#tell(verdict)
    this.#context.counters.add('sallyport_gateway_amended_total{phase="request"}')
    const body = window?.truncated === false ? verdict.body : undefined
    if (verdict.body !== undefined && body === undefined) this.#unamended()
    const headers = amendedHeaders(this.#onward.headers, verdict, body)
    this.#requestBody = body
    this.#onward =
      body === undefined
        ? { ...this.#onward, headers }
        : { ...this.#onward, headers, framing: { kind: 'length', length: body.length } }
  }

  /** Says in the record which decision this exchange goes by. */
  #tell({ decisionId, action, policy }: AmendVerdict | RefusalVerdict): void {
    this.#verdict = { decisionId, action, policy }
  }

  /** A body that was to be replaced and is not here as a whole goes on as it is. */
  #unamended(): void {
    this.#context.counters.add('sallyport_gateway_bodies_unamended_total')
  }

  // ---- the upstream's side

  #forward(fresh = false): UpstreamConnection {
    this.#progress = this.#context.ticker.now
    const connection = this.#context.pool.start(this.#onward, this, fresh)
    this.#connection = connection
    return connection
  }

  onInformation(head: ResponseHead): void {
    // Not counted as progress: an endless row of these must not keep an exchange alive.
    if (head.status === 100) {
      this.#continue()
      return
    }
    // Informational responses are unknown to HTTP/1.0, and only early hints can be relayed as they are.
    if (head.status !== 103 || this.#head.httpVersion !== '1.1') return
    const hints: Record<string, string | string[]> = {}
    for (const [name, value] of head.headers) {
      const before = hints[name]
      hints[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
    }
    try {
      if (hints.link !== undefined) this.#reply.writeEarlyHints(hints)
    } catch {
      // A hint that Node will not write is dropped: it is only a hint.
      this.#context.counters.add('sallyport_gateway_hints_dropped_total')
    }
  }

  onHead(head: ResponseHead, bodiless: boolean): void {
    this.#progress = this.#context.ticker.now
    this.#context.onUpstream(true)
    this.#response = head
    if (isEventStream(head.headers)) this.#responseWindow.keepTail()
    const needs = this.#admission?.needs
    if (needs?.responseBody === true && !bodiless) this.#heldResponse = []
    else if (needs?.response === true || needs?.responseBody === true) {
      if (!this.#decideResponse(needs.responseBody ? emptyBody : undefined)) return
      this.#sendHead(head)
    } else this.#sendHead(head)
  }

  onData(chunk: Buffer, last: boolean): void {
    this.#progress = this.#context.ticker.now
    if (last) this.#responseDone = true
    if (this.#answer !== undefined || this.#over) return
    this.#responseWindow.add(chunk)
    if (this.#heldResponse !== undefined) {
      hold(this.#heldResponse, chunk)
      if ((last || this.#responseWindow.full) && this.#releaseResponse() && last) this.#reply.end()
      return
    }
    if (last) this.#reply.end(chunk)
    else this.#relay(chunk)
  }

  onEnd(trailers: readonly string[]): void {
    this.#responseDone = true
    if (this.#answer !== undefined || this.#over) return
    if (this.#heldResponse !== undefined && !this.#releaseResponse()) return
    const passable = trailers.length === 0 ? trailers : passableTrailers(trailers)
    if (passable.length > 0) {
      const pairs: [string, string][] = []
      for (let index = 0; index < passable.length; index += 2)
        pairs.push([passable[index]!, passable[index + 1]!])
      this.#reply.addTrailers(pairs)
    }
    this.#reply.end()
  }

  onUpgrade(head: ResponseHead, upstream: Socket, first: Buffer): void {
    this.#response = head
    this.#responseDone = true
    const blocked = this.#admission?.needs.response === true && !this.#decideResponse(undefined)
    if (blocked || this.#over) {
      upstream.destroy()
      return
    }
    this.#upgraded = true
    const { socket } = this.#client
    this.#reply.detachSocket(socket)
    let text = `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\n`
    const amendment = this.#amendment
    const headers =
      amendment === undefined ? head.rawHeaders : amendedHeaders(head.rawHeaders, amendment, undefined)
    for (let index = 0; index < headers.length; index += 2)
      text += `${headers[index]}: ${headers[index + 1]}\r\n`
    socket.write(`${text}\r\n`, 'latin1')
    if (first.length > 0) socket.write(first)
    const exchange = this.#record()
    this.#context.onUpgrade({ client: socket, upstream, exchange, first })
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.#over || this.#answer !== undefined) return
    const connection = this.#connection
    this.#connection = undefined
    const stale = connection !== undefined && connection.uses > 1 && !connection.received
    if (stale && !this.#retried && this.#replayable && failure.code === 'upstream/reset') {
      this.#retried = true
      this.#context.counters.add('sallyport_gateway_upstream_retries_total')
      this.#forward(true).end()
      return
    }
    this.#context.onUpstream(false)
    this.#context.counters.add(`sallyport_gateway_upstream_failures_total{code="${failure.code}"}`)
    this.#outcome = failure.code
    if (this.#reply.headersSent) this.#cut()
    else this.#give(failureAnswer(failure), false)
  }

  onDrain(): void {
    if (!this.#requestPaused) return
    this.#requestPaused = false
    this.#progress = this.#context.ticker.now
    this.#message.resume()
  }

  /** A request that can be sent again without harm: it asks for nothing twice and its body is not gone. */
  get #replayable(): boolean {
    return this.#head.framing.kind === 'none' && idempotent.has(this.#head.method)
  }

  // ---- the answer

  /** Whether the response may go on; where not, the client has the answer already. */
  #decideResponse(body: RawBody | undefined): boolean {
    const head = this.#response!
    const verdict = this.#admission?.decideResponse({ status: head.status, headers: head.headers }, body)
    if (verdict === undefined || verdict.action === 'pass') return true
    if (verdict.action === 'amend') {
      this.#tell(verdict)
      this.#context.counters.add('sallyport_gateway_amended_total{phase="response"}')
      this.#amendment = verdict
      return true
    }
    this.#dropUpstream()
    this.#block(verdict, 'response-withheld')
    return false
  }

  /** Decides on the held window and, when it may pass, sends it. */
  #releaseResponse(): boolean {
    const held = this.#heldResponse!
    this.#heldResponse = undefined
    const head = this.#response!
    const body = this.#responseWindow.take(head.length, !this.#responseDone && head.length === undefined)
    if (!this.#decideResponse(body)) return false
    const amended = this.#amendment?.body
    if (amended !== undefined && body.truncated) this.#unamended()
    else if (amended !== undefined) {
      if (!this.#sendHead(head, amended)) return false
      this.#relay(Buffer.from(amended))
      return true
    }
    if (!this.#sendHead(head)) return false
    for (const chunk of held) this.#relay(chunk)
    return true
  }

  #sendHead(head: ResponseHead, body?: Uint8Array): boolean {
    const { settings } = this.#context
    const trailers = head.chunked && this.#head.httpVersion === '1.1' && this.#head.method !== 'HEAD'
    let headers = returnHeaders(head.status, head.headers, head.rawHeaders, { via: settings.via, trailers })
    if (this.#amendment !== undefined) headers = amendedHeaders(headers, this.#amendment, body)
    if (this.#context.draining) headers.push('Connection', 'close')
    try {
      this.#reply.writeHead(head.status, head.reason, headers)
      return true
    } catch {
      // Node refuses to write what could split a response; the parser should have refused it before.
      this.#dropUpstream()
      this.onFailure({ code: 'upstream/reset', detail: 'head not representable' })
      return false
    }
  }

  #relay(chunk: Buffer): void {
    if (this.#reply.write(chunk) || this.#responseDone) return
    this.#responsePaused = true
    this.#connection?.pause()
    if (this.#drains) return
    this.#drains = true
    this.#reply.on('drain', () => {
      this.#progress = this.#context.ticker.now
      this.#responsePaused = false
      this.#connection?.resume()
    })
  }

  #block(verdict: RefusalVerdict, outcome: Outcome): void {
    this.#tell(verdict)
    this.#outcome = outcome
    this.#context.counters.add(`sallyport_gateway_withheld_total{action="${verdict.action}"}`)
    this.#give(verdictAnswer(verdict), false)
  }

  /**
   * Sends an answer of our own. A body still under way is dropped; where it is long or unwelcome the connection is
   * closed behind the answer, but only after the client had the chance to read it: closing with unread bytes in the
   * socket resets the connection and can take the answer with it.
   */
  #give(answer: ProblemAnswer, close: boolean): void {
    this.#answer = answer
    const reply = this.#reply
    const { framing } = this.#head
    const small = framing.kind === 'length' && framing.length <= dropBytes
    const pending = !this.#requestDone && this.#continued
    const ends = close || this.#context.draining || (!this.#requestDone && (!small || !this.#continued))
    reply.writeHead(answer.status, ends ? [...answer.headers, 'Connection', 'close'] : [...answer.headers])
    if (!pending || !ends) {
      reply.end(this.#head.method === 'HEAD' ? undefined : answer.body)
      return
    }
    this.#lingering = true
    reply.write(answer.body)
    if (this.#message.listenerCount('data') === 0) this.#readBody()
    if (this.#requestPaused) this.#message.resume()
  }

  #drop(bytes: number): void {
    this.#lingered += bytes
    if (this.#lingering && this.#lingered > this.#context.settings.lingerBytes) this.#reply.end()
  }

  /** Ends a response that cannot be completed so that the client sees it is not complete. */
  #cut(): void {
    this.#client.socket.destroy()
  }

  #dropUpstream(): void {
    const connection = this.#connection
    this.#connection = undefined
    if (!this.#responseDone) connection?.destroy()
  }

  // ---- the record

  /** The exchange is over, however it ended. */
  #settle(): void {
    if (this.#over) return
    if (!this.#reply.writableFinished && this.#outcome === undefined) {
      this.#outcome = 'client-aborted'
      this.#context.counters.add('sallyport_gateway_client_aborts_total')
    }
    if (!this.#responseDone || !this.#requestDone) this.#dropUpstream()
    // What is left of a body nobody wants any more is read past, so that the connection gets to its next request.
    if (this.#requestPaused) this.#message.resume()
    if (!this.#upgraded) this.#record()
    this.#client.release()
  }

  #record(): RawExchange {
    this.#over = true
    const guarded = this.#guarded
    const response = this.#recordedResponse()
    const { framing } = this.#head
    const body = framing.kind === 'none' ? undefined : this.#requestWindow.take(undefined, !this.#requestDone)
    const exchange: RawExchange = {
      id: guarded.id,
      time: guarded.time,
      durationMs: Math.max(0, this.#context.clock.now() - guarded.time),
      source: guarded.source,
      destination: guarded.destination,
      request: {
        method: guarded.method,
        target: guarded.target,
        httpVersion: guarded.httpVersion,
        headers: guarded.headers,
        ...(body === undefined ? {} : { body }),
      },
      ...(response === undefined ? {} : { response }),
      ...(this.#verdict === undefined ? {} : { verdict: this.#verdict }),
      ...(this.#outcome === undefined ? {} : { extra: { gateway: this.#outcomeRecord(this.#outcome) } }),
    }
    this.#context.onOver(this, exchange)
    return exchange
  }

  #outcomeRecord(outcome: Outcome): Readonly<Record<string, unknown>> {
    return this.#refusal === undefined ? { outcome } : { outcome, shape: this.#refusal.shape }
  }

  /** What the upstream said, withheld or not; else what the gateway said in its place. */
  #recordedResponse(): RawExchange['response'] {
    const head = this.#response
    const withheld = this.#outcome === 'response-withheld'
    if (head !== undefined && (withheld || this.#answer === undefined)) {
      const body = this.#responseWindow.take(undefined, !this.#responseDone)
      return { status: head.status, headers: head.headers, body }
    }
    const answer = this.#answer
    if (answer === undefined) return undefined
    const headers: HeaderPair[] = []
    for (let index = 0; index < answer.headers.length; index += 2) {
      headers.push([answer.headers[index]!.toLowerCase(), answer.headers[index + 1]!])
    }
    return {
      status: answer.status,
      headers,
      body: { bytes: answer.body, size: answer.body.length, truncated: false },
    }
  }
}
