import type { Socket } from 'node:net'
import type { CallVerdict } from '../../call/api-call.ts'
import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { Placed } from '../../kit/roster.ts'
import {
  type Admission,
  type AmendVerdict,
  type Guard,
  type GuardedRequest,
  type RefusalVerdict,
  recordedRequest,
  refuses,
  type Verdict,
} from '../guard.ts'
import { amendedHeaders } from './amendment.ts'
import { BodyWindow } from './body-window.ts'
import type { ClientSide, Exchange } from './client-side.ts'
import type { HeaderPair } from './header-pair.ts'
import { returnHeaders } from './header-rules.ts'
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
  /** Now, as a `Date` header says it. */
  readonly date: string
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
export class Passage implements UpstreamEvents, Exchange, Placed {
  place = -1
  readonly #context: PassageContext
  readonly #client: ClientSide
  readonly #guarded: GuardedRequest
  readonly #head: RequestHead
  #onward: UpstreamRequest
  #requestWindow: BodyWindow | undefined
  #responseWindow: BodyWindow | undefined
  #admission: Admission | undefined
  #connection: UpstreamConnection | undefined
  #retried = false
  #requestDone: boolean
  #requestPaused = false
  #responsePaused = false
  /** The decision waits for budgets shared with others. */
  #settling = false
  /** Body pieces that wait for a decision. */
  #heldRequest: Buffer[] | undefined
  #heldResponse: Buffer[] | undefined
  #response: ResponseHead | undefined
  #responseBodiless = false
  #responseDone = false
  #answer: ProblemAnswer | undefined
  #verdict: CallVerdict | undefined
  /** Takes the place of the request's body, which nobody sends on. */
  #requestBody: Uint8Array | undefined
  #trailers: readonly string[] = []
  /** What the answer's headers, and its body where given, are changed by. */
  #amendment: AmendVerdict | undefined
  #outcome: Outcome | undefined
  #refusal: Refusal | undefined
  #over = false
  #upgraded = false
  #progress: number

  constructor(
    context: PassageContext,
    client: ClientSide,
    guarded: GuardedRequest,
    head: RequestHead,
    onward: UpstreamRequest,
  ) {
    this.#context = context
    this.#client = client
    this.#guarded = guarded
    this.#head = head
    this.#onward = onward
    this.#requestDone = head.framing.kind === 'none'
    if (!this.#requestDone) this.#requestWindow = new BodyWindow(context.settings.windowBytes)
    this.#progress = context.ticker.now
    client.attach(this)
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
    if (!admission.needs.requestBody) {
      this.#settle(admission.verdict, undefined)
      return
    }
    this.#amendRequest(admission.verdict, undefined)
    this.#heldRequest = []
    if (this.#requestDone) this.#decideBody()
    else this.#client.sendContinue()
  }

  /** Looks after the time-outs; called with every tick. */
  sweep(): void {
    const { settings, ticker } = this.#context
    if (this.#over || this.#upgraded) return
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
      this.#context.counters.add('sallyport_gateway_client_timeouts_total')
      if (this.#client.answering) this.#client.abort()
      else this.#give(refusalAnswer(refusal('slow-request')), true)
    }
  }

  /** Cuts it off, wherever it is: the gateway closes. */
  abort(): void {
    this.#client.abort()
  }

  // ---- the client's side

  onClientGone(): void {
    if (!this.#upgraded) this.#finish(false)
  }

  onAnswered(): void {
    this.#finish(true)
  }

  onRefused(refused: Refusal): boolean {
    // Answered by ourselves already: what is wrong further on in a body that is being dropped changes nothing.
    if (this.#answer !== undefined) return false
    this.#refusal = refused
    this.#outcome = 'refused'
    this.#dropUpstream()
    if (this.#client.answering) this.#client.abort()
    else this.#give(refusalAnswer(refused), true)
    return true
  }

  onBody(chunk: Buffer): void {
    this.#progress = this.#context.ticker.now
    if (this.#answer !== undefined || this.#over) return
    const window = this.#requestWindow!
    window.add(chunk)
    if (this.#heldRequest !== undefined) {
      hold(this.#heldRequest, chunk)
      if (window.full && !this.#settling) this.#decideBody()
    } else if (this.#requestBody === undefined) this.#connection?.write(chunk)
  }

  onBodyEnd(trailers: readonly string[]): void {
    this.#requestDone = true
    this.#trailers = trailers
    this.#progress = this.#context.ticker.now
    if (this.#answer !== undefined || this.#over) return
    if (this.#settling) return
    if (this.#heldRequest !== undefined) this.#decideBody()
    else if (this.#requestBody === undefined) this.#connection?.end(trailers)
  }

  onReadEnd(): void {
    const goesOn = this.#connection === undefined ? !this.#settling : this.#connection.flush()
    if (goesOn || this.#requestDone) return
    this.#requestPaused = true
    this.#client.holdBody()
  }

  onClientDrain(): void {
    if (!this.#responsePaused) return
    this.#progress = this.#context.ticker.now
    this.#responsePaused = false
    this.#connection?.resume()
  }

  #decideBody(): void {
    if (this.#heldRequest === undefined) return
    const { framing } = this.#head
    const expected = framing.kind === 'length' ? framing.length : undefined
    const window =
      this.#requestWindow?.take(expected, !this.#requestDone && expected === undefined) ?? emptyBody
    const verdict = this.#admission!.decideBody(window)
    if (refuses(verdict)) {
      this.#heldRequest = undefined
      this.#block(verdict, 'request-withheld')
    } else this.#settle(verdict, window)
  }

  /** Goes on by what the verdict turns out to be. Pieces of the body that come before that is known are held. */
  #settle(verdict: Verdict, window: RawBody | undefined): void {
    const settling = this.#admission?.settle?.()
    if (settling === undefined) {
      this.#pass(verdict, window)
      return
    }
    this.#settling = true
    this.#heldRequest ??= []
    void settling.then(settled => {
      this.#settling = false
      if (this.#over || this.#answer !== undefined) return
      if (refuses(settled)) {
        this.#heldRequest = undefined
        this.#block(settled, 'request-withheld')
        return
      }
      this.#pass(settled, window)
      // No read of the client's sends what was held.
      const flows = this.#connection?.flush() !== false
      if (flows && this.#requestPaused) this.onDrain()
    })
  }

  /** @param window of the body, where the verdict is about it */
  #pass(verdict: Verdict, window: RawBody | undefined): void {
    this.#amendRequest(verdict, window)
    const held = this.#heldRequest
    this.#heldRequest = undefined
    const connection = this.#forward()
    if (this.#requestBody !== undefined) {
      connection.write(this.#requestBody)
      connection.end()
      return
    }
    if (held !== undefined) for (const chunk of held) connection.write(chunk)
    if (this.#requestDone) connection.end(this.#trailers)
    // Whoever waits for the upstream's word sends no body that could take the head along.
    else if (this.#head.expectContinue && window === undefined) connection.flush()
  }

  /** Changes what goes on to the upstream; the record keeps what the client sent. */
  #amendRequest(verdict: Verdict, window: RawBody | undefined): void {
    if (verdict.action !== 'amend') return
    this.#tell(verdict)
    this.#context.counters.add('sallyport_gateway_amended_total{phase="request"}')
    const { framing } = this.#head
    const body = window?.truncated === false && framing.kind !== 'none' ? verdict.body : undefined
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
    if (head.status === 100) this.#client.sendContinue()
    // Of the others only early hints can be relayed as they are.
    if (head.status !== 103 || this.#client.answering) return
    const hints: string[] = []
    for (const [index, name] of head.names.entries())
      if (!name.hop) hints.push(name.spelling, head.headers[index]![1])
    this.#client.sendHints(hints)
  }

  onHead(head: ResponseHead, bodiless: boolean): void {
    this.#progress = this.#context.ticker.now
    this.#context.onUpstream(true)
    this.#response = head
    this.#responseBodiless = bodiless
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
    this.#window.add(chunk)
    if (this.#heldResponse !== undefined) {
      hold(this.#heldResponse, chunk)
      if ((last || this.#window.full) && this.#releaseResponse() && last) this.#client.end([])
      return
    }
    this.#client.write(chunk)
    if (last) this.#client.end([])
  }

  onEnd(trailers: readonly string[]): void {
    this.#responseDone = true
    if (this.#answer !== undefined || this.#over) return
    if (this.#heldResponse !== undefined && !this.#releaseResponse()) return
    this.#client.end(trailers)
  }

  onFlush(): void {
    if (this.#answer !== undefined || this.#over || !this.#client.answering) return
    if (this.#client.flush() || this.#responseDone) return
    this.#responsePaused = true
    this.#connection?.pause()
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
    let headers: string[] = []
    for (const [index, name] of head.names.entries()) headers.push(name.spelling, head.headers[index]![1])
    if (this.#amendment !== undefined) headers = amendedHeaders(headers, this.#amendment, undefined)
    let text = `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\n`
    for (let index = 0; index < headers.length; index += 2)
      text += `${headers[index]}: ${headers[index + 1]}\r\n`
    const socket = this.#client.takeOver()
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
    if (this.#client.answering) {
      // What came is the client's, and then an end that is none.
      this.#client.flush()
      this.#client.abort()
    } else this.#give(failureAnswer(failure), false)
  }

  onDrain(): void {
    if (!this.#requestPaused) return
    this.#requestPaused = false
    this.#progress = this.#context.ticker.now
    this.#client.resumeBody()
  }

  /** A request that can be sent again without harm: it asks for nothing twice and its body is not gone. */
  get #replayable(): boolean {
    return this.#head.framing.kind === 'none' && idempotent.has(this.#head.method)
  }

  /** Of the response's body; made with the first of its bytes. */
  get #window(): BodyWindow {
    if (this.#responseWindow === undefined) {
      this.#responseWindow = new BodyWindow(this.#context.settings.windowBytes)
      if (this.#response !== undefined && isEventStream(this.#response.headers))
        this.#responseWindow.keepTail()
    }
    return this.#responseWindow
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
    const body = this.#window.take(head.length, !this.#responseDone && head.length === undefined)
    if (!this.#decideResponse(body)) return false
    const amended = this.#amendment?.body
    if (amended !== undefined && !body.truncated) {
      this.#sendHead(head, amended)
      this.#client.write(amended)
      return true
    }
    if (amended !== undefined) this.#unamended()
    this.#sendHead(head)
    for (const chunk of held) this.#client.write(chunk)
    return true
  }

  /** @param body takes the place of the response's own */
  #sendHead(head: ResponseHead, body?: Uint8Array): void {
    const { settings, date } = this.#context
    const trailers = head.chunked && this.#head.httpVersion !== '1.0' && this.#head.method !== 'HEAD'
    let headers = returnHeaders(head, { via: settings.via, trailers, date })
    if (this.#amendment !== undefined) headers = amendedHeaders(headers, this.#amendment, body)
    this.#client.sendHead({
      status: head.status,
      reason: head.reason,
      headers,
      length: body?.length ?? head.length,
      bodiless: this.#responseBodiless,
    })
  }

  #block(verdict: RefusalVerdict, outcome: Outcome): void {
    this.#tell(verdict)
    this.#outcome = outcome
    this.#context.counters.add(`sallyport_gateway_withheld_total{action="${verdict.action}"}`)
    this.#give(verdictAnswer(verdict), false)
  }

  /** Sends an answer of our own. @param close what the client still sends is not to be understood */
  #give(answer: ProblemAnswer, close: boolean): void {
    this.#answer = answer
    if (this.#requestPaused) this.onDrain()
    this.#client.answer(answer, close)
  }

  #dropUpstream(): void {
    const connection = this.#connection
    this.#connection = undefined
    if (!this.#responseDone) connection?.destroy()
  }

  // ---- the record

  /** The exchange is over, however it ended. @param answered the client has the whole answer */
  #finish(answered: boolean): void {
    if (this.#over) return
    if (!answered && this.#outcome === undefined) {
      this.#outcome = 'client-aborted'
      this.#context.counters.add('sallyport_gateway_client_aborts_total')
    }
    if (!this.#responseDone || !this.#requestDone) this.#dropUpstream()
    if (!this.#upgraded) this.#record()
  }

  #record(): RawExchange {
    this.#over = true
    const guarded = this.#guarded
    const response = this.#recordedResponse()
    const { framing } = this.#head
    const body =
      framing.kind === 'none' ? undefined : this.#requestWindow?.take(undefined, !this.#requestDone)
    const exchange: RawExchange = {
      id: guarded.id,
      time: guarded.time,
      durationMs: Math.max(0, this.#context.clock.now() - guarded.time),
      source: guarded.source,
      destination: guarded.destination,
      request: recordedRequest(guarded, body),
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
      const body = this.#responseWindow?.take(undefined, !this.#responseDone) ?? {
        ...emptyBody,
        truncated: !this.#responseDone,
      }
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
