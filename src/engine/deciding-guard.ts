import type { JsonFields } from '../baseline/json-fields.ts'
import { answerFields, judgeOwner, judgeRead } from '../baseline/judge-owner.ts'
import type { OwnerBinding } from '../baseline/owner-binding.ts'
import { type ApiCall, headerOf } from '../call/api-call.ts'
import type { Content } from '../call/content.ts'
import type { Credential } from '../call/credential.ts'
import { readCredentials } from '../call/credentials.ts'
import { decodeContent, plainJson } from '../call/decode/content.ts'
import { queryPairs } from '../call/form-pairs.ts'
import { type Inspection, payloadFact } from '../call/inspection.ts'
import { MessageInspector } from '../call/payload/message-inspector.ts'
import type { RawBody, RawExchange } from '../call/raw-exchange.ts'
import type { Redactor } from '../call/redactor.ts'
import type { Match } from '../catalog/endpoint.ts'
import { RouteMatcher } from '../catalog/route-matcher.ts'
import type { DecisionContext, Enforcement } from '../enforce/enforcement.ts'
import type { PendingTakes } from '../enforce/pending-takes.ts'
import type { AddressRange } from '../identity/address-table.ts'
import { identify } from '../identity/identify.ts'
import type { Identity } from '../identity/identity.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { CounterSet } from '../kit/counters.ts'
import { callId, type EndpointId, endpointId } from '../kit/id.ts'
import type { PolicyFacts, PolicyNeeds, PolicyPhase } from '../policy/facts.ts'
import {
  type Admission,
  type Guard,
  type GuardedRequest,
  type GuardedResponse,
  type Needs,
  pass,
  type Verdict,
} from '../sensors/guard.ts'
import { type CarriedOperation, CarriedOperations, factsOf } from './carried-operations.ts'
import { type AnswerSource, type CallFacts, requestFacts } from './policy-facts.ts'
import { PolicyKnowledge, type TaughtKnowledge } from './policy-knowledge.ts'
import { type AnalysisSnapshot, type ControlSnapshot, ownersByEndpoint } from './snapshot.ts'

const noNeeds: Needs = Object.freeze({ requestBody: false, response: false, responseBody: false })
const freePass: Admission = Object.freeze({
  verdict: pass,
  needs: noNeeds,
  decideBody: () => pass,
  decideResponse: () => pass,
})
const noPairs: readonly (readonly [string, string])[] = Object.freeze([])
const empty: Content = Object.freeze({ kind: 'empty' })
const noBody: RawBody = Object.freeze({ bytes: new Uint8Array(0), size: 0, truncated: false })
const unknownObject = Object.freeze({ owner: '', tenant: '', foreign: false, foreignTenant: false })

export interface DecidingGuardOptions {
  readonly redactor: Redactor
  readonly enforcement: Enforcement
  /** Takes a finished exchange and what was found in it, where it was looked at; false when there was no room. */
  readonly hand: (exchange: RawExchange, inspection: Inspection | undefined) => boolean
  readonly counters: CounterSet
  /** Where addresses are. */
  readonly addresses?: readonly AddressRange[]
}

/**
 * `decide`: the first of the two questions, for the gateway and every other decision point. Answers from the last snapshots it was given and
 * from nothing else. A fault inside is counted and lets the call pass, where the class of its route does not say otherwise.
 */
export class DecidingGuard implements Guard {
  readonly #redactor: Redactor
  readonly #enforcement: Enforcement
  readonly #inspector: MessageInspector
  readonly #hand: DecidingGuardOptions['hand']
  readonly #counters: CounterSet
  #routes = new RouteMatcher({ version: 0, routes: [] })
  #owners: ReadonlyMap<EndpointId, readonly OwnerBinding[]> = new Map()
  /** Endpoints whose requests carry operations. */
  #carriers: ReadonlySet<EndpointId> = new Set()
  readonly #operations = new CarriedOperations()
  #sessions = new SessionDirectory()
  /** What was found in requests that are under way, so that analysis need not look again. */
  readonly #inspections = new BoundedMap<string, Inspection>(10_000)
  readonly #knowledge: PolicyKnowledge
  #bypass = false

  constructor(options: DecidingGuardOptions) {
    this.#redactor = options.redactor
    this.#inspector = new MessageInspector(options.redactor.limits)
    this.#enforcement = options.enforcement
    this.#hand = options.hand
    this.#counters = options.counters
    this.#knowledge = new PolicyKnowledge(options.addresses, options.enforcement.flow)
  }

  /** Takes over what the catalog and detection say of endpoints and principals. */
  know(taught: TaughtKnowledge): void {
    this.#knowledge.learn(taught)
  }

  /** Takes over what analysis learned. Calls under way finish with what they began with. */
  learn(snapshot: AnalysisSnapshot): void {
    this.#routes = new RouteMatcher(snapshot.routes)
    this.#owners = ownersByEndpoint(snapshot.owners)
    this.#carriers = new Set(snapshot.carriers)
    this.#operations.learn(snapshot.persisted ?? [])
    this.#sessions = SessionDirectory.from(snapshot.sessions)
  }

  /** Takes over policies, quarantine and the kill switch. A bundle that does not compile leaves the last good one. */
  control(snapshot: ControlSnapshot): void {
    this.#bypass = snapshot.bypass
    this.#enforcement.update(snapshot)
  }

  admit(request: GuardedRequest): Admission {
    if (this.#bypass) return freePass
    try {
      return this.#admit(request)
    } catch {
      return this.#unread(request)
    }
  }

  /** Not even who calls could be read: as the class of its route says. */
  #unread(request: GuardedRequest): Admission {
    const path = pathOf(request.target)
    const endpoint = endpointId(request.method, request.destination.host, path)
    const context = { principal: 'unknown', endpoint, call: request.id, time: request.time }
    const verdict = this.#enforcement.fault('request', context)
    return verdict.action === 'pass' ? freePass : { ...freePass, verdict }
  }

  observe(exchange: RawExchange): void {
    const inspection = this.#inspections.get(exchange.id)
    if (inspection !== undefined) this.#inspections.delete(exchange.id)
    if (!this.#hand(exchange, inspection))
      this.#counters.add('sallyport_ingest_dropped_total{reason="ring_full"}')
  }

  #admit(request: GuardedRequest): Admission {
    const path = pathOf(request.target)
    const host = request.destination.host
    const match = this.#routes.match(host, request.method, path)
    const about = match === undefined ? undefined : this.#knowledge.about(match.endpoint)
    const template = match?.template ?? path
    const needs = this.#enforcement.needs(host, request.method, template, about, match !== undefined)
    const credentials = readCredentials(request.headers, request.target, this.#redactor)
    const identity = identify(
      { credentials, source: request.source, headers: request.headers },
      this.#sessions,
    )
    const pending = this.#enforcement.pendingTakes()
    const held = new HeldRequest(request, path, match, identity, credentials, this.#knowledge, needs, pending)
    const looks =
      needs.operations === 'named' ||
      (needs.operations === 'read' && match !== undefined && this.#carriers.has(match.endpoint))
    const needsBody = needs.requestBody || looks
    // A request without a body is decided at once, whatever the policies would read of one.
    const waits = needsBody && hasBody(request)
    const decideRequest = (content: Content, body: RawBody): Verdict => {
      const payload = needs.requestBody ? this.#payloadIn(held, content) : ''
      const facts = held.facts(payload, content, body)
      const message = { headers: request.headers, body, about }
      if (!looks) return this.#enforcement.decide('request', facts, held.context, undefined, message)
      held.carried = this.#operations.ofRequest(held.call(content, body), match)
      return this.#enforcement.decide('request', facts, held.context, factsOf(held.carried, facts), message)
    }
    return {
      verdict: waits ? pass : decideRequest(empty, noBody),
      needs: waits === needs.requestBody ? needs : { ...needs, requestBody: waits },
      decideBody: body =>
        this.#orFault('request', held, () => decideRequest(this.#decode(body, request.headers), body)),
      decideResponse: (response, body) =>
        this.#orFault('response', held, () => {
          if (response.status < 400) {
            const { method } = request
            const known = match !== undefined
            this.#enforcement.flow.note(
              identity.principal,
              method,
              match?.template ?? path,
              known,
              request.time,
            )
          }
          const answered = new Answer(response, body, {
            decode: () => this.#decode(body ?? noBody, response.headers),
            plain: () => this.#plain(body, response.headers),
          })
          if (looks) return this.#decideAnswers(held, response, answered, body)
          const object = this.#objectOf(match, answered, identity)
          const facts = held.known.answered(answered, object)
          const message = { headers: response.headers, body, about }
          return this.#enforcement.decide('response', facts, held.context, undefined, message)
        }),
      ...(pending === undefined ? {} : { settle: () => this.#enforcement.settle(pending) }),
    }
  }

  /** The answer to each operation is judged by what was learned of that operation's owners. */
  #decideAnswers(
    held: HeldRequest,
    response: GuardedResponse,
    answered: Answer,
    body: RawBody | undefined,
  ): Verdict {
    const { match, identity } = held
    const { content } = answered
    const unseen = held.carried.filter(({ unseen }) => unseen === true)
    const carried = [...this.#operations.ofAnswer(held.answered(response, content, body), match), ...unseen]
    const judge = (endpoint: EndpointId | undefined, of: Content, params: Match['params'] | undefined) => {
      const bindings = endpoint === undefined ? undefined : this.#owners.get(endpoint)
      return bindings === undefined ? unknownObject : judgeOwner(bindings, of, identity, params)
    }
    const object = judge(match?.endpoint, content, match?.params)
    const facts = held.known.answered(answered, object)
    const operations = factsOf(carried, facts, ({ match, call, unseen }: CarriedOperation) =>
      unseen === true ? unknownObject : judge(match.endpoint, call.response?.content ?? empty, match.params),
    )
    const about = match === undefined ? undefined : this.#knowledge.about(match.endpoint)
    const message = { headers: response.headers, body, about }
    return this.#enforcement.decide('response', facts, held.context, operations, message)
  }

  /** A fault while deciding is ours, not the caller's: it is counted, and the class of the route says what becomes of the call. */
  #orFault(phase: PolicyPhase, { context }: HeldRequest, decide: () => Verdict): Verdict {
    try {
      return decide()
    } catch {
      return this.#enforcement.fault(phase, context)
    }
  }

  #payloadIn(held: HeldRequest, content: Content): string {
    const { request, path } = held
    const hit = this.#inspector.inspect({ path, query: held.query, headers: request.headers, content })
    this.#inspections.set(request.id, hit ?? 'clean')
    return payloadFact(hit)
  }

  /** Whose the answer is. Where nothing was learned of the endpoint's owners there is no need to read it. */
  #objectOf(
    match: Match | undefined,
    answered: Answer,
    identity: Identity,
  ): NonNullable<PolicyFacts['object']> {
    const bindings = match === undefined ? undefined : this.#owners.get(match.endpoint)
    if (bindings === undefined) return unknownObject
    const values = answered.read(answerFields(bindings))
    return values === undefined
      ? judgeOwner(bindings, answered.content, identity, match?.params)
      : judgeRead(bindings, values, identity, match?.params)
  }

  /** The bytes of an answer that need not be decoded for a few of its fields. */
  #plain(body: RawBody | undefined, headers: GuardedRequest['headers']): Uint8Array | undefined {
    return body === undefined
      ? undefined
      : plainJson(
          body,
          header(headers, 'content-type'),
          header(headers, 'content-encoding'),
          this.#redactor.limits,
        )
  }

  #decode(body: RawBody, headers: GuardedRequest['headers']): Content {
    return decodeContent(
      body,
      header(headers, 'content-type'),
      header(headers, 'content-encoding'),
      this.#redactor.limits,
    )
  }
}

/** One request while it is being decided; its facts are built when a policy first asks for them. */
class HeldRequest {
  readonly request: GuardedRequest
  readonly path: string
  readonly context: DecisionContext
  readonly match: Match | undefined
  readonly identity: Identity
  readonly #credentials: readonly Credential[]
  readonly #knowledge: PolicyKnowledge
  /** What it asks for, once that was read. */
  carried: readonly CarriedOperation[] = []
  #call: ApiCall | undefined
  #query: readonly (readonly [string, string])[] | undefined
  #facts: CallFacts | undefined

  constructor(
    request: GuardedRequest,
    path: string,
    match: Match | undefined,
    identity: Identity,
    credentials: readonly Credential[],
    knowledge: PolicyKnowledge,
    needs: PolicyNeeds,
    pending: PendingTakes | undefined,
  ) {
    this.#credentials = credentials
    this.#knowledge = knowledge
    this.request = request
    this.path = path
    this.match = match
    this.identity = identity
    this.context = {
      principal: identity.principal,
      ...(identity.token === undefined ? {} : { token: identity.token }),
      ...(tellsDevice(request) ? { device: identity.device } : {}),
      ...(identity.confidence <= addressConfidence ? { addressOnly: true } : {}),
      endpoint: match?.endpoint ?? endpointId(request.method, request.destination.host, path),
      call: request.id,
      time: request.time,
      needs,
      ...(pending === undefined ? {} : { pending }),
    }
  }

  /** Decoded pairs of the query. */
  get query(): readonly (readonly [string, string])[] {
    const at = this.request.target.indexOf('?')
    this.#query ??= at < 0 ? noPairs : queryPairs(this.request.target.slice(at + 1))
    return this.#query
  }

  facts(payload: string, content: Content, body: RawBody): CallFacts {
    const { size } = body
    const { request, path } = this
    this.#facts = requestFacts({
      time: request.time,
      method: request.method,
      path,
      host: request.destination.host,
      query: this.query,
      headers: request.headers,
      size: size === 0 ? Number(header(request.headers, 'content-length') ?? 0) : size,
      payload,
      identity: this.identity,
      endpoint: this.context.endpoint,
      match: this.match,
      content,
      source: request.source,
      credentials: this.#credentials,
      call: () => this.call(content, body),
      knowledge: this.#knowledge,
    })
    return this.#facts
  }

  /** As the readers of protocols take it. It is not sealed and goes no further. */
  call(content: Content, body: RawBody): ApiCall {
    const { request, path, query } = this
    this.#call = {
      type: 'call',
      id: callId(request.id),
      time: request.time,
      source: request.source,
      destination: request.destination,
      request: {
        method: request.method,
        target: request.target,
        path,
        query,
        httpVersion: request.httpVersion,
        headers: request.headers.map(([name, value]) => [name.toLowerCase(), value] as const),
        content,
        bodySize: body.size,
        bodyTruncated: body.truncated,
      },
      credentials: [],
    }
    return this.#call
  }

  answered({ status, headers }: GuardedResponse, content: Content, body: RawBody | undefined): ApiCall {
    return {
      ...(this.#call ?? this.call(empty, noBody)),
      response: {
        status,
        headers: headers.map(([name, value]) => [name.toLowerCase(), value] as const),
        content,
        bodySize: body?.size ?? 0,
        bodyTruncated: body?.truncated ?? false,
      },
    }
  }

  /** The facts as they were decided on last. */
  get known(): CallFacts {
    return this.#facts ?? this.facts('', empty, noBody)
  }
}

/** The body of an answer: what it holds, and its bytes where they are JSON as it stands. */
interface AnswerBody {
  decode(): Content
  plain(): Uint8Array | undefined
}

/** An answer whose body is decoded when somebody asks. */
class Answer implements AnswerSource {
  readonly status: number
  readonly size: number
  readonly headers: GuardedResponse['headers']
  readonly #body: AnswerBody
  #content: Content | undefined

  constructor({ status, headers }: GuardedResponse, body: RawBody | undefined, reads: AnswerBody) {
    this.status = status
    this.size = body?.size ?? Number(header(headers, 'content-length') ?? 0)
    this.headers = headers
    this.#body = reads
  }

  get content(): Content {
    this.#content ??= this.#body.decode()
    return this.#content
  }

  /** Some fields of an answer that nobody had decoded yet; undefined where it has to be. */
  read(fields: JsonFields): ReturnType<JsonFields['read']> {
    const bytes = this.#content === undefined ? this.#body.plain() : undefined
    return bytes === undefined ? undefined : fields.read(bytes)
  }
}

/** The confidence of an identity of which nothing but the address is known. */
const addressConfidence = 0.1

/** Whether more than the address tells the device apart. */
const tellsDevice = ({ source, headers }: GuardedRequest): boolean =>
  source.ja4 !== undefined || header(headers, 'user-agent') !== undefined

const pathOf = (target: string): string => {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  return path.startsWith('/') ? path : `/${path}`
}

const header = (headers: GuardedRequest['headers'], name: string): string | undefined => {
  const exact = headerOf(headers, name)
  if (exact !== undefined) return exact
  for (const [key, value] of headers)
    if (key.length === name.length && key.toLowerCase() === name) return value
  return undefined
}

const hasBody = ({ headers }: GuardedRequest): boolean =>
  header(headers, 'transfer-encoding') !== undefined || Number(header(headers, 'content-length') ?? 0) > 0
