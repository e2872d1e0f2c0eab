import type { CallVerdict } from '../../call/api-call.ts'
import type { RawBody, RawExchange } from '../../call/raw-exchange.ts'
import type { Placed } from '../../kit/roster.ts'
import { BodyWindow } from '../gateway/body-window.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import {
  type Admission,
  type GuardedRequest,
  type RefusalVerdict,
  recordedRequest,
  refuses,
  type Verdict,
} from '../guard.ts'
import {
  guardedRequest,
  headerValue,
  impersonating,
  lengthOf,
  type RefusalAnswer,
  refusalAnswer,
  sayBodyFollows,
} from './asked-request.ts'
import { type FilterContext, told } from './filter-context.ts'
import { type GrpcCall, type GrpcReceiver, grpcStatus } from './grpc-call.ts'
import type { EnvoyHead } from './header-map.ts'
import {
  type BodyModes,
  bodyMode,
  decodeProcessingRequest,
  type ProcessingRequest,
  type Side,
} from './processing-request.ts'
import {
  answered,
  bodyGivenBack,
  bodyGoesOn,
  headersGoOn,
  type Mutation,
  trailersGoOn,
} from './processing-response.ts'

/** How an exchange ended, where it did not simply end well. Stands in the record as `extra.envoy.outcome`. */
type Outcome = 'request-withheld' | 'response-withheld' | 'broken' | 'idle'

const unchanged: Mutation = Object.freeze({})
/** Most messages go on as they are: their answers are made once. */
const goOn = {
  headers: { request: headersGoOn('request', unchanged), response: headersGoOn('response', unchanged) },
  body: { request: bodyGoesOn('request', unchanged), response: bodyGoesOn('response', unchanged) },
  trailers: { request: trailersGoOn('request'), response: trailersGoOn('response') },
} as const

/** A body of which nothing came. */
const unseen = (size: number): RawBody => ({ bytes: new Uint8Array(0), size, truncated: size > 0 })

/** Whole bodies are sent before anything of them goes on. */
const holds = (mode: number): boolean => mode === bodyMode.buffered || mode === bodyMode.bufferedPartial

/** What is sent piece by piece for as long as it lasts: waiting for its end would keep it from its reader. */
const endless = /^(?:text\/event-stream|application\/(?:x-ndjson|grpc)|multipart\/x-mixed-replace)/i

/** One stream of ext_proc: an exchange from the request's head to what is known of its end. */
export class ProcessedExchange implements GrpcReceiver, Placed {
  place = -1
  readonly #context: FilterContext
  readonly #call: GrpcCall
  readonly #onOver: (exchange: ProcessedExchange) => void
  readonly #bodies: { readonly request: BodyWindow; readonly response: BodyWindow }
  #request: GuardedRequest | undefined
  #admission: Admission | undefined
  /** Envoy takes no answers. */
  #observed = false
  /** How Envoy is set up; undefined where it does not say. */
  #configured: BodyModes | undefined
  /** How bodies come, as far as we know. */
  #modes: BodyModes | undefined
  #requestDone = false
  #requestDecided = false
  #response: { readonly status: number; readonly headers: readonly HeaderPair[] } | undefined
  #responseDone = false
  #responseDecided = false
  #answer: RefusalAnswer | undefined
  #verdict: CallVerdict | undefined
  #outcome: Outcome | undefined
  #attributes: ReadonlyMap<string, string> | undefined
  #over = false
  /** What came while a decision waits for budgets shared with others. Reading is paused: it is no more than was read at once. */
  #queue: ProcessingRequest[] | undefined
  /** Envoy has said everything, while a decision waits. */
  #ended = false
  /** When something was last heard, ms since the epoch. */
  heardAt: number

  constructor(context: FilterContext, call: GrpcCall, onOver: (exchange: ProcessedExchange) => void) {
    this.#context = context
    this.#call = call
    this.#onOver = onOver
    const { windowBytes } = context.options
    this.#bodies = { request: new BodyWindow(windowBytes), response: new BodyWindow(windowBytes) }
    this.heardAt = context.clock.now()
  }

  message(bytes: Buffer): void {
    this.heardAt = this.#context.clock.now()
    // What was on its way when the exchange was answered is of no account.
    if (this.#answer !== undefined) return
    const message = decodeProcessingRequest(bytes)
    if (this.#queue !== undefined) this.#queue.push(message)
    else this.#take(message)
  }

  #take(message: ProcessingRequest): void {
    this.#observed = message.observed
    this.#configured ??= message.modes
    this.#modes ??= message.modes
    if (message.attributes !== undefined) this.#attributes ??= message.attributes
    const { part } = message
    if (part === undefined) {
      // An answer that fits is not known: Envoy does as it is set up to for errors.
      this.#context.counters.add('sallyport_envoy_unknown_messages_total')
      this.#call.fail(grpcStatus.unimplemented, 'The message is of an unknown kind.')
      return
    }
    const answer =
      part.kind === 'headers'
        ? this.#onHead(part.side, part.head, part.last)
        : part.kind === 'body'
          ? this.#onBody(part.side, part.bytes, part.last)
          : this.#onTrailers(part.side)
    if (answer !== undefined && !this.#observed) this.#call.send(answer)
    // Envoy closes such a stream only some seconds later.
    if (this.#observed && this.#responseDone) this.#settle()
  }

  end(): void {
    if (this.#queue !== undefined) {
      this.#ended = true
      return
    }
    this.#settle()
    this.#call.end()
  }

  closed(): void {
    this.#settle()
  }

  /** Nothing was heard for long: what is known is handed on, and Envoy goes on without us. */
  giveUp(): void {
    this.#outcome ??= 'idle'
    this.#context.counters.add('sallyport_envoy_streams_idle_total')
    this.#settle()
    this.#call.end()
  }

  // ---- what comes, and the frame that answers it; undefined where it is answered later

  #onHead(side: Side, head: EnvoyHead, last: boolean): Buffer | undefined {
    if (head.leftOut > 0) this.#context.counters.add('sallyport_envoy_headers_left_out_total', head.leftOut)
    return side === 'request' ? this.#onRequest(head, last) : this.#onResponse(head, last)
  }

  #onRequest(head: EnvoyHead, last: boolean): Buffer | undefined {
    if (this.#request !== undefined) return goOn.headers.request
    const { clock, ids, guard } = this.#context
    const time = clock.now()
    const about = this.#attributes
    const request = guardedRequest(ids.next(time), time, head, {
      source: about?.get('source.address'),
      destination: about?.get('destination.address'),
      protocol: about?.get('request.protocol'),
      peerName: about?.get('connection.uri_san_peer_certificate'),
      tls: about?.get('connection.tls_version'),
    })
    this.#request = request
    this.#requestDone = last
    if (this.#observed) return goOn.headers.request
    const admission = guard.admit(last ? request : sayBodyFollows(request))
    this.#admission = admission
    if (refuses(admission.verdict)) return this.#withhold(admission.verdict, 'request-withheld')
    if (!admission.needs.requestBody) {
      this.#requestDecided = true
      return this.#settled(admission.verdict, verdict =>
        this.#headGoesOn(head, last, this.#amending('request', verdict)),
      )
    }
    const mutation = this.#amending('request', admission.verdict)
    if (!last) return this.#headGoesOn(head, last, mutation)
    return this.#settled(this.#decideRequest(unseen(0)), verdict =>
      this.#headGoesOn(head, last, merged(mutation, this.#amending('request', verdict))),
    )
  }

  #headGoesOn(head: EnvoyHead, last: boolean, mutation: Mutation): Buffer {
    const remove = impersonating(head.headers, mutation.set)
    const before = this.#configured?.request
    const modes = this.#wantedModes(last)
    // Where Envoy was set up to hold bodies it does so itself: their length may change.
    if (before === bodyMode.none && modes !== undefined && holds(modes.request)) remove.push('content-length')
    return mutation === unchanged && remove.length === 0 && modes === undefined
      ? goOn.headers.request
      : headersGoOn('request', { ...mutation, remove }, modes)
  }

  #onResponse(head: EnvoyHead, last: boolean): Buffer | undefined {
    if (this.#response !== undefined) return goOn.headers.response
    const { status, headers } = head
    this.#response = { status, headers }
    this.#responseDone = last
    // What is still to come of the request comes too late to be decided on.
    return this.#late(() => this.#answerGoesOn(headers, last))
  }

  #answerGoesOn(headers: readonly HeaderPair[], last: boolean): Buffer {
    const admission = this.#admission
    if (admission === undefined || this.#observed) return goOn.headers.response
    const { response, responseBody } = admission.needs
    if (!response) this.#responseDecided = true
    let mutation = unchanged
    if (response && (!responseBody || last)) {
      const verdict = this.#decideResponse(responseBody ? unseen(0) : undefined)
      if (refuses(verdict)) return this.#withhold(verdict, 'response-withheld')
      mutation = this.#amending('response', verdict)
    }
    const modes = last ? undefined : this.#modesFor(headers)
    return mutation === unchanged && modes === undefined
      ? goOn.headers.response
      : headersGoOn('response', mutation, modes)
  }

  #onBody(side: Side, bytes: Buffer, last: boolean): Buffer | undefined {
    const window = this.#bodies[side]
    const { windowBytes } = this.#context.options
    // The whole of a long message is not kept for the few bytes of it that are.
    if (bytes.length <= windowBytes) window.add(bytes)
    else {
      window.add(Buffer.from(bytes.subarray(0, windowBytes)))
      window.size += bytes.length - windowBytes
    }
    if (side === 'request') this.#requestDone = last
    else this.#responseDone = last
    if (side === 'request' ? this.#requestDecided : this.#responseDecided || this.#response === undefined)
      return this.#passBody(side, unchanged, bytes, last)
    if (this.#admission === undefined || this.#observed) return this.#passBody(side, unchanged, bytes, last)
    const whole = last || this.#modes?.[side] === bodyMode.buffered
    const body = this.#bodyOf(side, whole)
    const passes = (verdict: Verdict): Buffer =>
      this.#passBody(side, this.#amending(side, verdict, body), bytes, last)
    if (side === 'request') return this.#settled(this.#decideRequest(body), passes)
    const verdict = this.#decideResponse(body)
    return refuses(verdict) ? this.#withhold(verdict, 'response-withheld') : passes(verdict)
  }

  #onTrailers(side: Side): Buffer | undefined {
    if (side === 'request') this.#requestDone = true
    else this.#responseDone = true
    return side === 'request' ? this.#late(() => goOn.trailers.request) : goOn.trailers.response
  }

  // ---- decisions

  #decideRequest(body: RawBody): Verdict {
    this.#requestDecided = true
    return this.#admission!.decideBody(body)
  }

  #decideResponse(body: RawBody | undefined): Verdict {
    this.#responseDecided = true
    return this.#admission!.decideResponse(this.#response!, body)
  }

  /** Answers a message on the request by the verdict that counts: now, or once budgets shared with others have answered. */
  #settled(verdict: Verdict, goesOn: (verdict: Verdict) => Buffer): Buffer | undefined {
    if (refuses(verdict)) return this.#withhold(verdict, 'request-withheld')
    const settling = this.#admission!.settle?.()
    if (settling === undefined) return goesOn(verdict)
    const queue: ProcessingRequest[] = []
    this.#queue = queue
    this.#call.pause()
    void settling.then(settled => {
      this.#queue = undefined
      if (this.#over) return
      this.#call.send(refuses(settled) ? this.#withhold(settled, 'request-withheld') : goesOn(settled))
      this.#call.resume()
      this.#catchUp(queue)
    })
    return undefined
  }

  #catchUp(waited: ProcessingRequest[]): void {
    for (const message of waited) {
      if (this.#answer !== undefined) break
      if (this.#queue !== undefined) this.#queue.push(message)
      else this.#take(message)
    }
    if (this.#ended) this.end()
  }

  /** The body that policies wanted to read was never sent: they decide without it. */
  #late(goesOn: () => Buffer): Buffer | undefined {
    if (this.#requestDecided || this.#admission === undefined || this.#observed) return goesOn()
    this.#context.counters.add('sallyport_envoy_bodies_missing_total{side="request"}')
    return this.#settled(this.#decideRequest(unseen(lengthOf(this.#request!.headers) ?? 0)), goesOn)
  }

  #bodyOf(side: Side, whole: boolean): RawBody {
    const headers = side === 'request' ? this.#request!.headers : this.#response!.headers
    const expected = lengthOf(headers)
    return this.#bodies[side].take(expected, !whole && this.#bodies[side].size !== expected)
  }

  /** What a verdict changes. With the body in hand the head can be changed only where it waited for the body, and so can the body. */
  #amending(side: Side, verdict: Verdict, body?: RawBody): Mutation {
    if (verdict.action !== 'amend') return unchanged
    const { counters } = this.#context
    this.#verdict = told(verdict)
    counters.add(`sallyport_envoy_amended_total{phase="${side}"}`)
    const mode = this.#modes?.[side] ?? bodyMode.none
    const waited = holds(mode)
    const { headers = [], body: replaced } = verdict
    const set = body === undefined || waited ? headers : []
    if (set.length < headers.length) counters.add('sallyport_envoy_heads_unamended_total')
    if (replaced === undefined) return { set }
    const replaceable = (waited || mode === bodyMode.fullDuplexStreamed) && body?.truncated === false
    if (!replaceable) {
      counters.add('sallyport_envoy_bodies_unamended_total')
      return { set }
    }
    if (!waited) return { body: replaced }
    return {
      set: [
        ...set.filter(([name]) => name !== 'content-length'),
        ['content-length', String(replaced.length)],
      ],
      remove: ['content-encoding', 'transfer-encoding'],
      body: replaced,
    }
  }

  #withhold(verdict: RefusalVerdict, outcome: Outcome): Buffer {
    const answer = refusalAnswer(verdict)
    this.#answer = answer
    this.#verdict = told(verdict)
    this.#outcome = outcome
    this.#context.counters.add(`sallyport_envoy_withheld_total{action="${verdict.action}"}`)
    const speaksGrpc = /^application\/grpc/i.test(
      headerValue(this.#request?.headers ?? [], 'content-type') ?? '',
    )
    return answered(
      answer.status,
      answer.headers,
      answer.body,
      speaksGrpc ? grpcStatusOf(answer.status) : undefined,
    )
  }

  // ---- how bodies come

  /** For the bodies that policies must read and Envoy is not set up to hold; undefined where it may stay as it is. */
  #wantedModes(last: boolean): BodyModes | undefined {
    const configured = this.#configured
    if (configured === undefined) return undefined
    const { needs } = this.#admission!
    const asks = this.#context.options.bodies
    const mode = (now: number, needed: boolean): number => {
      if (needed) return holds(now) || now === bodyMode.fullDuplexStreamed ? now : bodyMode.bufferedPartial
      return asks === 'all' ? now : bodyMode.none
    }
    return this.#change({
      request: last ? configured.request : mode(configured.request, needs.requestBody),
      response: mode(configured.response, needs.response && needs.responseBody),
    })
  }

  /** Of an answer that is read while it is written. */
  #modesFor(headers: readonly HeaderPair[]): BodyModes | undefined {
    const modes = this.#modes
    if (
      modes === undefined ||
      !holds(modes.response) ||
      !endless.test(headerValue(headers, 'content-type') ?? '')
    )
      return undefined
    const waits = this.#admission?.needs.responseBody === true && !this.#responseDecided
    return waits ? undefined : this.#change({ ...modes, response: bodyMode.streamed })
  }

  #change(modes: BodyModes): BodyModes | undefined {
    const now = this.#modes
    if (now !== undefined && now.request === modes.request && now.response === modes.response)
      return undefined
    this.#modes = modes
    return modes
  }

  #passBody(side: Side, mutation: Mutation, bytes: Buffer, last: boolean): Buffer {
    if (this.#modes?.[side] === bodyMode.fullDuplexStreamed)
      return bodyGivenBack(side, mutation.body ?? bytes, last)
    return mutation === unchanged ? goOn.body[side] : bodyGoesOn(side, mutation)
  }

  // ---- the record

  /** Whether everything was heard that Envoy would say. */
  get #complete(): boolean {
    if (this.#answer !== undefined || this.#responseDone) return true
    const mode = this.#modes?.response
    return this.#response !== undefined && mode !== bodyMode.streamed && mode !== bodyMode.fullDuplexStreamed
  }

  #settle(): void {
    if (this.#over) return
    this.#over = true
    this.#onOver(this)
    const { clock, counters } = this.#context
    // How Envoy ends the stream says nothing: it resets also one on which all was said.
    if (this.#outcome === undefined && !this.#complete) {
      this.#outcome = 'broken'
      counters.add('sallyport_envoy_streams_broken_total')
    }
    const request = this.#request
    if (request === undefined) return
    const response = this.#recordedResponse()
    if (this.#response !== undefined && this.#admission?.needs.response === true && !this.#responseDecided)
      counters.add('sallyport_envoy_bodies_missing_total{side="response"}')
    const body = this.#recordedBody('request', request.headers)
    const exchange: RawExchange = {
      id: request.id,
      time: request.time,
      durationMs: Math.max(0, clock.now() - request.time),
      source: request.source,
      destination: request.destination,
      request: recordedRequest(request, body),
      ...(response === undefined ? {} : { response }),
      ...(this.#verdict === undefined ? {} : { verdict: this.#verdict }),
      extra: { envoy: this.#about() },
    }
    this.#context.onOver('ext_proc', exchange)
  }

  #about(): Readonly<Record<string, string | boolean>> {
    const route = this.#attributes?.get('xds.route_name')
    const cluster = this.#attributes?.get('xds.cluster_name')
    return {
      filter: 'ext_proc',
      ...(this.#observed ? { observed: true } : {}),
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
      ...(route ? { route } : {}),
      ...(cluster ? { upstreamCluster: cluster } : {}),
    }
  }

  /** What the service said, withheld or not; else what was said in its place. */
  #recordedResponse(): RawExchange['response'] {
    const response = this.#response
    if (response !== undefined) {
      const body = this.#recordedBody('response', response.headers)
      return { ...response, ...(body === undefined ? {} : { body }) }
    }
    const answer = this.#answer
    if (answer === undefined) return undefined
    const { status, headers, body } = answer
    return { status, headers, body: { bytes: body, size: body.length, truncated: false } }
  }

  /** What was seen of a body. Of one that was not sent here only the length that the head announced. */
  #recordedBody(side: Side, headers: readonly HeaderPair[]): RawBody | undefined {
    const window = this.#bodies[side]
    const expected = lengthOf(headers)
    const done = side === 'request' ? this.#requestDone : this.#responseDone
    if (window.size > 0) return window.take(expected, !done && window.size !== expected)
    return done || expected === undefined || expected === 0 ? undefined : unseen(expected)
  }
}

const merged = (first: Mutation, second: Mutation): Mutation =>
  second === unchanged ? first : { ...second, set: [...(first.set ?? []), ...(second.set ?? [])] }

/** Of google.rpc.Code for what Sallyport answers with. */
const grpcStatusOf = (status: number): number =>
  status === 401 ? 16 : status === 429 ? 8 : status === 503 ? 14 : 7
