import { valuesAt } from '../baseline/fields.ts'
import { type ApiCall, headerOf, type Peer } from '../call/api-call.ts'
import type { Content } from '../call/content.ts'
import type { Credential } from '../call/credential.ts'
import { readJwt } from '../call/jwt.ts'
import { certificateOf, dpopOf, keyThumbprint } from '../call/possession.ts'
import { readOperations } from '../call/protocols/index.ts'
import type { Operation } from '../call/protocols/operation.ts'
import { workloadName } from '../call/workload.ts'
import type { Match } from '../catalog/endpoint.ts'
import { rolesFrom } from '../identity/claims.ts'
import type { Identity } from '../identity/identity.ts'
import type { Place } from '../identity/place.ts'
import { bodyOf, measureBody, mediaTypeOf, recordsIn } from '../policy/body-facts.ts'
import { checkBody, faultText } from '../policy/body-schema.ts'
import { type EndpointAbout, noTraits } from '../policy/endpoint-about.ts'
import type { PolicyFacts } from '../policy/facts.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

const noRecord: Readonly<Record<string, string>> = Object.freeze(Object.create(null))
const none: readonly string[] = Object.freeze([])
const empty: Content = Object.freeze({ kind: 'empty' })

/** What a policy is told of one request, live or recorded. */
export interface FactsSource {
  readonly time: number
  readonly method: string
  readonly path: string
  readonly host: string
  /** Decoded pairs. */
  readonly query: Pairs
  readonly headers: Pairs
  readonly size: number
  /** Kind of the injection payload it carries, or empty. */
  readonly payload: string
  readonly identity: Identity
  readonly endpoint: string
  /** Undefined where the catalog does not know the endpoint yet. */
  readonly match: Match | undefined
  /** Name of the operation that these are the facts of. */
  readonly operation?: string
  /** The decoded body; empty when absent. */
  readonly content?: Content
  /** Empty when absent. */
  readonly source?: Peer
  readonly credentials?: readonly Credential[]
  /** The request as the readers of protocols take it. */
  readonly call?: () => ApiCall
  readonly knowledge?: FactsKnowledge
}

/** What decision points know besides the request at hand. */
export interface FactsKnowledge {
  about(endpoint: string): EndpointAbout | undefined
  placeOf(ip: string): Place | undefined
  /** 0 to 100. */
  riskOf(principal: string): number
  /** See `FlowMemory`. */
  secondsSince(principal: string, endpoint: string, now: number, tokenSince?: number): number | undefined
}

/** What came back. */
export interface AnswerSource {
  readonly status: number
  readonly size: number
  readonly headers: Pairs
  /** Empty when absent. */
  readonly content?: Content
}

/** The facts of one request: each part is worked out when it is first asked for, and then kept. */
export class CallFacts implements PolicyFacts {
  readonly #of: RequestParts
  readonly #endpoint: PolicyFacts['endpoint'] | undefined
  readonly #answer: AnswerSource | undefined
  readonly object: PolicyFacts['object']
  #response: PolicyFacts['response']
  #ai: PolicyFacts['ai'] | undefined

  constructor(
    parts: RequestParts,
    answer?: AnswerSource,
    object?: PolicyFacts['object'],
    endpoint?: PolicyFacts['endpoint'],
  ) {
    this.#of = parts
    this.#answer = answer
    this.#endpoint = endpoint
    this.object = object
  }

  get request() {
    return this.#of.request
  }

  get identity() {
    return this.#of.identity
  }

  get endpoint() {
    return this.#endpoint ?? this.#of.endpoint
  }

  get source() {
    return this.#of.source
  }

  get token() {
    return this.#of.token
  }

  get graphql() {
    return this.#of.graphql
  }

  get flow() {
    return this.#of.flow
  }

  get now() {
    return this.#of.now
  }

  get ai(): PolicyFacts['ai'] {
    if (this.#answer === undefined) return this.#of.ai
    this.#ai ??= this.#of.answeredAi(this.#answer)
    return this.#ai
  }

  get response(): PolicyFacts['response'] {
    if (this.#answer !== undefined) this.#response ??= new AnswerView(this.#answer, this.#of.about)
    return this.#response
  }

  /** The facts of the response phase. */
  answered(answer: AnswerSource, object: PolicyFacts['object']): CallFacts {
    return new CallFacts(this.#of, answer, object, this.#endpoint)
  }

  /** The facts of one operation that the request carries: the request's own with the endpoint, parameters and object of the operation. */
  ofOperation({ endpoint, params }: Match, operation: string, object: PolicyFacts['object']): CallFacts {
    const own = { ...this.endpoint, id: endpoint, params: joined(params, '/'), operation }
    return new CallFacts(this.#of, this.#answer, object ?? this.object, own)
  }
}

export const requestFacts = (source: FactsSource): CallFacts => new CallFacts(new RequestParts(source))

/** The parts of a request's facts. */
class RequestParts {
  readonly #from: FactsSource
  #request: PolicyFacts['request'] | undefined
  #identity: PolicyFacts['identity'] | undefined
  #endpoint: PolicyFacts['endpoint'] | undefined
  #source: PolicyFacts['source'] | undefined
  #token: PolicyFacts['token'] | undefined
  #graphql: PolicyFacts['graphql'] | undefined
  #ai: PolicyFacts['ai'] | undefined
  #flow: PolicyFacts['flow'] | undefined
  #now: PolicyFacts['now'] | undefined
  #operations: readonly Operation[] | undefined
  #about: EndpointAbout | undefined | null = null

  constructor(from: FactsSource) {
    this.#from = from
  }

  get about(): EndpointAbout | undefined {
    if (this.#about === null) this.#about = this.#from.knowledge?.about(this.#from.endpoint)
    return this.#about
  }

  get request(): PolicyFacts['request'] {
    this.#request ??= new RequestView(this.#from, this)
    return this.#request
  }

  get identity(): PolicyFacts['identity'] {
    const { identity, knowledge } = this.#from
    this.#identity ??= {
      principal: identity.principal,
      kind: identity.kind,
      name: identity.name,
      tenant: identity.tenant ?? '',
      roles: identity.roles,
      claims: identity.claims,
      confidence: identity.confidence,
      risk: knowledge?.riskOf(identity.principal) ?? 0,
    }
    return this.#identity
  }

  get endpoint(): PolicyFacts['endpoint'] {
    const { endpoint, match, path, operation } = this.#from
    const { exposure, criticality, dataClasses, inventory, risk, service, owner } = this.about ?? noTraits
    this.#endpoint ??= {
      id: endpoint,
      template: match?.template ?? path,
      params: match === undefined ? noRecord : joined(match.params, '/'),
      known: match !== undefined,
      operation: operation ?? '',
      exposure,
      criticality,
      dataClasses,
      inventory,
      risk,
      service,
      owner,
    }
    return this.#endpoint
  }

  get source(): PolicyFacts['source'] {
    if (this.#source !== undefined) return this.#source
    const { source: peer = {}, knowledge } = this.#from
    const place = peer.ip === undefined ? undefined : knowledge?.placeOf(peer.ip)
    this.#source = {
      ip: peer.ip ?? '',
      country: place?.country ?? '',
      asn: place?.asn ?? 0,
      network: place?.name ?? '',
      networkKind: place?.kind ?? '',
      workload: peer.workload === undefined ? '' : (workloadName(peer.workload) ?? ''),
      serviceAccount: peer.workload?.serviceAccount ?? '',
      namespace: peer.workload?.namespace ?? '',
      ja4: peer.ja4 ?? '',
    }
    return this.#source
  }

  get token(): PolicyFacts['token'] {
    this.#token ??= tokenFacts(this.#from)
    return this.#token
  }

  get flow(): PolicyFacts['flow'] {
    if (this.#flow !== undefined) return this.#flow
    const { identity, knowledge, time } = this.#from
    const issued = identity.claims.iat
    const since = typeof issued === 'number' ? issued * 1000 : undefined
    this.#flow = {
      secondsSince: endpoint => knowledge?.secondsSince(identity.principal, endpoint, time, since),
    }
    return this.#flow
  }

  get now(): PolicyFacts['now'] {
    this.#now ??= momentOf(this.#from.time)
    return this.#now
  }

  /** What the request asks for in the words of its protocol. */
  get operations(): readonly Operation[] {
    const call = this.#from.call?.()
    this.#operations ??= call === undefined ? [] : readOperations(call)
    return this.#operations
  }

  /** A body that cannot be read may ask for anything: its numbers are undefined, and an expression that reads them fails. */
  get #unread(): boolean {
    return this.#from.content?.kind === 'malformed'
  }

  get graphql(): PolicyFacts['graphql'] {
    if (this.#graphql !== undefined) return this.#graphql
    const counts = this.operations.flatMap(({ protocol, counts }) =>
      protocol === 'graphql' && counts !== undefined ? [counts] : [],
    )
    const most = (name: string): number => counts.reduce((max, one) => Math.max(max, one[name] ?? 0), 0)
    const sum = (name: string): number => counts.reduce((all, one) => all + (one[name] ?? 0), 0)
    this.#graphql = this.#unread
      ? ({} as PolicyFacts['graphql'])
      : { depth: most('depth'), aliases: sum('aliases'), complexity: sum('fields') }
    return this.#graphql
  }

  get ai(): PolicyFacts['ai'] {
    this.#ai ??= this.#unread ? ({} as PolicyFacts['ai']) : aiFacts(this.operations, this.#from.content)
    return this.#ai
  }

  answeredAi({ status, headers, content = empty, size }: AnswerSource): PolicyFacts['ai'] {
    const call = this.#from.call?.()
    if (call === undefined) return this.ai
    const response = { status, headers, content, bodySize: size, bodyTruncated: content.kind === 'malformed' }
    return { ...this.ai, ...tokensIn(readOperations({ ...call, response })) }
  }
}

/** What is dear is worked out when it is asked for. */
class RequestView implements NonNullable<PolicyFacts['request']> {
  readonly #from: FactsSource
  readonly #parts: RequestParts
  readonly method: string
  readonly path: string
  readonly host: string
  readonly size: number
  readonly payload: string
  #query: Readonly<Record<string, string>> | undefined
  #headers: Readonly<Record<string, string>> | undefined
  #measured: ReturnType<typeof measureBody> | undefined
  #violations: readonly string[] | undefined

  constructor(from: FactsSource, parts: RequestParts) {
    this.#from = from
    this.#parts = parts
    this.method = from.method
    this.path = from.path
    this.host = from.host
    this.size = from.size
    this.payload = from.payload
  }

  get query(): Readonly<Record<string, string>> {
    const { query } = this.#from
    this.#query ??= query.length === 0 ? noRecord : joined(query, '&')
    return this.#query
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= joined(this.#from.headers, ', ')
    return this.#headers
  }

  lookup(field: string, name: string): string | undefined {
    return field === 'query' ? textsOf(this.#from.query, name, '&') : textsOf(this.#from.headers, name, ', ')
  }

  get contentType(): string {
    return mediaTypeOf(textsOf(this.#from.headers, 'content-type', ', '))
  }

  get bodyKind(): string {
    return this.#from.content?.kind ?? 'empty'
  }

  get body() {
    return bodyOf(this.#from.content ?? empty)
  }

  get #measure(): ReturnType<typeof measureBody> | undefined {
    const { content = empty } = this.#from
    if (content.kind === 'malformed') return undefined
    this.#measured ??= measureBody('value' in content ? content.value : null)
    return this.#measured
  }

  get depth(): number {
    return this.#measure?.depth as number
  }

  get fields(): number {
    return this.#measure?.fields as number
  }

  get violations(): readonly string[] {
    this.#violations ??= this.#check()
    return this.#violations
  }

  #check(): readonly string[] {
    const schema = this.#parts.about?.requestSchema
    const { content = empty } = this.#from
    if (schema === undefined) return none
    if (content.kind === 'json' || content.kind === 'form')
      return checkBody(content.value, schema, { text: content.kind === 'form' }).map(faultText)
    if (content.kind === 'empty') return none
    return [content.kind === 'malformed' ? `$: ${content.reason}` : `$: is ${content.kind}, no JSON`]
  }
}

class AnswerView implements NonNullable<PolicyFacts['response']> {
  readonly #from: AnswerSource
  readonly #about: EndpointAbout | undefined
  readonly status: number
  readonly size: number
  #headers: Readonly<Record<string, string>> | undefined

  constructor(from: AnswerSource, about: EndpointAbout | undefined) {
    this.#from = from
    this.#about = about
    this.status = from.status
    this.size = from.size
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= joined(this.#from.headers, ', ')
    return this.#headers
  }

  lookup(_: string, name: string): string | undefined {
    return textsOf(this.#from.headers, name, ', ')
  }

  get body() {
    return bodyOf(this.#from.content ?? empty)
  }

  get records(): number {
    const { content = empty } = this.#from
    if (content.kind === 'malformed') return undefined as unknown as number
    return recordsIn('value' in content ? content.value : null)
  }

  get dataClasses(): readonly string[] {
    const { content = empty } = this.#from
    if (content.kind !== 'json') return none
    const found = new Set<string>()
    for (const { field, classes } of this.#about?.answerFields ?? [])
      if (valuesAt(content.value, field).length > 0) for (const one of classes) found.add(one)
    return [...found]
  }
}

function tokenFacts({ identity, credentials = [], headers, time }: FactsSource): PolicyFacts['token'] {
  const credential = credentials.find(({ fingerprint }) => fingerprint === identity.token) ?? credentials[0]
  const claims = credential?.claims ?? {}
  const seconds = (name: string): number => (typeof claims[name] === 'number' ? claims[name] : Number.NaN)
  const audience = claims.aud
  const issued = time / 1000 - seconds('iat')
  const expires = seconds('exp') - time / 1000
  return {
    kind: credential?.scheme ?? '',
    algorithm: credential?.algorithm ?? '',
    issuer: typeof claims.iss === 'string' ? claims.iss : '',
    audience:
      typeof audience === 'string' ? [audience] : Array.isArray(audience) ? audience.map(String) : none,
    ageSeconds: Number.isNaN(issued) ? Number.POSITIVE_INFINITY : issued,
    expiresIn: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires,
    senderConstrained: isShown(claims, headers),
    verified: credential?.verification === 'verified',
    scopes: rolesFrom(claims).flatMap(role => (role.startsWith('scope:') ? [role.slice(6)] : [])),
    oddities: credential?.oddities ?? none,
  }
}

/** Whether the request shows the key or certificate that its token is bound to (RFC 9449, RFC 8705). Headers may be sealed or not. */
function isShown(claims: Readonly<Record<string, unknown>>, headers: Pairs): boolean {
  const key = claims['cnf.jkt']
  const certificate = claims['cnf.x5t#S256']
  if (typeof key !== 'string' && typeof certificate !== 'string') return false
  const lower = headers.map(([name, value]) => [name.toLowerCase(), value] as const)
  if (typeof key === 'string') {
    const proof = headerOf(lower, 'dpop')
    const sealed = dpopOf(lower)
    const shown =
      sealed !== undefined && sealed !== 'unread'
        ? sealed.thumbprint
        : proof === undefined
          ? undefined
          : keyThumbprint(readJwt(proof)?.key)
    return shown === key
  }
  const shown = certificateOf(lower)
  return shown !== undefined && shown !== 'unread' && shown.thumbprint === certificate
}

const limits = ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_tokens_to_sample']

function aiFacts(operations: readonly Operation[], content: Content | undefined): PolicyFacts['ai'] {
  const model = operations.find(operation => operation.model !== undefined)?.model ?? ''
  const called = operations.flatMap(({ protocol, tools }) => (protocol === 'mcp' ? (tools ?? []) : []))
  const body = content?.kind === 'json' ? content.value : undefined
  const asked = limits.flatMap(name => {
    const value =
      body !== null && typeof body === 'object' && !Array.isArray(body)
        ? (body as Record<string, unknown>)[name]
        : undefined
    return typeof value === 'number' ? [value] : []
  })
  return {
    model,
    tool: called[0] ?? '',
    tools: [...new Set(operations.flatMap(({ tools }) => tools ?? []))],
    maxTokens: model === '' ? 0 : Math.max(0, ...asked),
    ...tokensIn(operations),
  }
}

function tokensIn(operations: readonly Operation[]): Pick<PolicyFacts['ai'], 'inputTokens' | 'outputTokens'> {
  let [inputTokens, outputTokens] = [0, 0]
  for (const { tokens } of operations) {
    inputTokens += tokens?.input ?? 0
    outputTokens += tokens?.output ?? 0
  }
  return { inputTokens, outputTokens }
}

/** The source of a recorded call's facts. */
export function recordedSource(
  call: ApiCall,
  about: {
    readonly identity: Identity
    readonly endpoint: string
    readonly match: Match | undefined
    readonly payload: string
    readonly knowledge?: FactsKnowledge
  },
): FactsSource {
  const { request } = call
  const { response: _, ...asked } = call
  return {
    time: call.time,
    method: request.method,
    path: request.path,
    host: call.destination.host,
    query: request.query,
    headers: request.headers,
    size: request.bodySize,
    content: request.content,
    source: call.source,
    credentials: call.credentials,
    call: () => asked,
    ...about,
  }
}

/** The same of one name: lower case of headers, which are tokens, so that case does not change their length. */
function textsOf(pairs: Pairs, name: string, separator: '&' | ', '): string | undefined {
  let found: string | undefined
  for (const [given, value] of pairs) {
    if (given.length !== name.length) continue
    if ((separator === '&' ? given : given.toLowerCase()) !== name) continue
    found = found === undefined ? value : `${found}${separator}${value}`
  }
  return found
}

function momentOf(time: number): PolicyFacts['now'] {
  const moment = new Date(time)
  return { hour: moment.getUTCHours(), weekday: moment.getUTCDay() }
}

/**
 * Pairs as a record with lower-case names and without a prototype, for the names are the caller's. Repeated headers are
 * joined as RFC 9110 §5.3 says; repeated parameters likewise, so that a policy sees every value.
 */
function joined(pairs: Pairs, separator: string): Readonly<Record<string, string>> {
  const record = Object.create(null) as Record<string, string>
  for (const [name, value] of pairs) {
    const key = separator === ', ' ? name.toLowerCase() : name
    const known = record[key]
    record[key] = known === undefined ? value : `${known}${separator}${value}`
  }
  return record
}
