import type { ApiCall } from '../call/api-call.ts'
import type { Workload } from '../call/workload.ts'
import type { Identity } from '../identity/identity.ts'
import { mix32 } from '../kit/hash.ts'
import type { EndpointId } from '../kit/id.ts'
import { keptWhole } from '../kit/snapshot.ts'
import { AnswerShape } from './answer-shape.ts'
import { authenticationOf } from './authentication.ts'
import type { CatalogOptions } from './catalog-options.ts'
import { type Criticality, criticalityOf } from './criticality.ts'
import { standardClasses } from './data-classes/registry/standard.ts'
import type { DataField, Endpoint } from './endpoint.ts'
import { exposureOf } from './exposure.ts'
import type { EndpointLabeller, LabelEvidence } from './ownership/labeller.ts'
import { ServingWorkloads } from './ownership/serving-workloads.ts'
import { type TemplateSegment, templateSegments } from './placeholders.ts'
import { protocolOf } from './protocol.ts'
import { riskOf } from './risk.ts'
import { OperationSchema } from './schema/operation-schema.ts'
import type { SchemaNode } from './schema-node.ts'
import type { SpecOperation } from './spec/specification.ts'
import { ResponseShape } from './templates/response-shape.ts'
import type { ValueUse } from './templates/value-use.ts'

/** Callers told apart for admission; more are not needed. */
const maxCallers = 8
/** Milliseconds of traffic before what never came may be called not allowed: three days. */
const closableAfter = 259_200_000

/** An endpoint with labels, and all that they rest on. */
interface Labelled {
  readonly version: number
  readonly labeller: EndpointLabeller
  readonly labels: number
  readonly operation: SpecOperation | undefined
  readonly inventory: Endpoint['inventory']
  readonly endpoint: Endpoint
}

/** What the messages that were learned come to, and what it was made of. */
interface Learned {
  readonly messagesLearned: number
  readonly forgotten: number
  readonly closable: boolean
  readonly operation: string | undefined
  readonly told: Pick<Endpoint, 'dataClasses' | 'fields' | 'requestSchema' | 'responseSchemas' | 'messages'>
  readonly criticality: Criticality
}

/** Everything learned about one operation: the mutable side of `Endpoint`. */
export class EndpointRecord {
  host: string
  readonly method: string
  id: EndpointId
  template: string
  segments: readonly TemplateSegment[]
  protocol = 'rest'
  /** Name of the protocol's operation, where the endpoint is one. */
  operation: string | undefined
  /** Calls that carried operations with endpoints of their own. */
  carried = 0
  calls = 0
  firstSeen = Number.POSITIVE_INFINITY
  lastSeen = Number.NEGATIVE_INFINITY
  lastUse = 0
  admitted = false
  /** True once any call was answered with success: what a candidate needs to be listed at all. */
  succeeded = false
  /** Its answers said that it is on its way out. */
  retired = false
  /** The record that took it in. */
  successor: EndpointRecord | undefined
  readonly shape = new ResponseShape()
  private readonly _statuses = new Map<number, number>()
  private readonly auth = new Set<string>()
  private readonly openAuth = { calls: 0 }
  private readonly callers = new Map<string, number>()
  /** Callers with a name of calls without an answer, until it is admitted. */
  private known: Set<string> | undefined
  private readonly workloads = new ServingWorkloads()
  private readonly answerShape = new AnswerShape()
  private criticality: Criticality = { name: 'other', why: 'nothing is known of it' }
  private schema: OperationSchema | undefined
  private classes = standardClasses
  private answers = 0
  private firstAnswer = Number.POSITIVE_INFINITY
  private lastAnswer = Number.NEGATIVE_INFINITY
  private exposure: Endpoint['exposure'] = 'unknown'
  private _version = 0
  private built: { readonly version: number; readonly endpoint: Endpoint } | undefined
  private _labelled: Labelled | undefined
  /** Rises with each message that was learned from, and with the template: most calls of a busy endpoint change neither. */
  private _messagesLearned = 0
  private _learned: Learned | undefined

  constructor(id: EndpointId, host: string, method: string, template: string) {
    this.id = id
    this.host = host
    this.method = method
    this.template = template
    this.segments = templateSegments(template)
  }

  /** Names changed: another id and template for the same operation. */
  rename(id: EndpointId, template: string, host = this.host): void {
    const before = this.segments
    this.id = id
    this.host = host
    this.template = template
    this.segments = templateSegments(template)
    this.schema?.learnLiterals(before, this.segments)
    this._version += 1
    this._messagesLearned += 1
  }

  /** A workload that answers here, told from beside; true where it is news. */
  servedBy(workload: Workload): boolean {
    const news = this.workloads.learn(workload)
    if (news) this._version += 1
    return news
  }

  /** Takes in a call of this operation. `path` are the decoded segments of its path. */
  learn(call: ApiCall, identity: Identity, path: readonly string[], options: CatalogOptions): void {
    const { response, time } = call
    this._version += 1
    const schema = this.schemaFor(options)
    this.calls += 1
    if (time < this.firstSeen) this.firstSeen = time
    if (time > this.lastSeen) this.lastSeen = time
    const status = response?.status
    if (status !== undefined) this._statuses.set(status, (this._statuses.get(status) ?? 0) + 1)
    const success = status !== undefined && status >= 200 && status < 400
    this.admit(status, identity, time, options)
    if (this.exposure !== 'external') this.exposure = exposureOf(call, this.exposure)
    if (call.destination.workload !== undefined) this.workloads.learn(call.destination.workload)
    const looked = this.isLookedAt(options)
    if (this.calls === 1 || (looked && this.protocol === 'rest')) this.protocol = protocolOf(call)
    if (success || status === undefined) {
      const auth = authenticationOf(call)
      this.auth.add(auth)
      if (auth === 'none' && success) this.openAuth.calls += 1
    }
    if (!looked) return
    this._messagesLearned += 1
    if (success) {
      this.succeeded = true
      if (status < 300) {
        this.shape.learn(response!.content)
        this.answerShape.learn(response!)
      }
      schema.learnRequest(call, path, this.segments)
    } else if (status === undefined && identity.kind !== 'anonymous') {
      // Seen by a sensor that sees no answers: what a known caller sends is the best there is.
      schema.learnRequest(call, path, this.segments)
    }
    schema.learnResponse(call)
  }

  /** Is the message of this call learned from? Its number decides: the same calls teach the same. */
  private isLookedAt({ learnDense, learnEvery, learnSparse, learnSeldom }: CatalogOptions): boolean {
    const { calls } = this
    if (calls <= learnDense) return true
    // Spread over all calls alike, whatever their rhythm.
    return calls <= learnSparse ? calls % learnEvery === 0 : mix32(calls) % learnSeldom === 0
  }

  /** What is learned of its messages; from the first call on, with the data classes of that time. */
  private schemaFor({ classes = standardClasses, budget }: CatalogOptions): OperationSchema {
    if (this.schema !== undefined) return this.schema
    this.classes = classes
    this.schema = new OperationSchema(classes, budget)
    return this.schema
  }

  /** Answers by status. */
  get statuses(): ReadonlyMap<number, number> {
    return this._statuses
  }

  /**
   * Gives the calls of one word, which turned out to be an operation of its own, to a record for that. It starts with what was kept of
   * the word; who called it and with what fields is learned from its next call on.
   */
  part(id: EndpointId, template: string, use: ValueUse): EndpointRecord {
    const own = new EndpointRecord(id, this.host, this.method, template)
    own.protocol = this.protocol
    own.lastUse = this.lastUse
    own.exposure = this.exposure
    own.calls = Math.min(this.calls, use.calls)
    own.firstSeen = use.firstSeen
    own.lastSeen = use.lastSeen
    own.shape.absorb(use.shape)
    for (const [status, count] of use.statuses) {
      const all = this._statuses.get(status) ?? 0
      const given = Math.min(all, count)
      if (given === 0) continue
      own._statuses.set(status, given)
      if (given === all) this._statuses.delete(status)
      else this._statuses.set(status, all - given)
      if (status >= 200 && status < 400) own.succeeded = true
    }
    own.admitted = this.admitted && own.succeeded
    this.calls -= own.calls
    this._version += 1
    return own
  }

  /** Gives back what it holds of the catalog's bounds; not used after this. */
  dispose(): void {
    this.schema?.dispose()
  }

  private admit(status: number | undefined, identity: Identity, time: number, options: CatalogOptions): void {
    if (this.admitted || status === 404 || status === 405) return
    const anonymous = identity.kind === 'anonymous'
    if (status === undefined) {
      this.admitUnanswered(identity, anonymous, options)
      return
    }
    // A refusal to a stranger is what a scanner gets everywhere.
    if (anonymous && (status === 401 || status === 403)) return
    this.answers += 1
    if (time < this.firstAnswer) this.firstAnswer = time
    if (time > this.lastAnswer) this.lastAnswer = time
    if (status >= 200 && status < 400) this.succeeded = true
    const count = this.callers.get(identity.principal)
    if (count !== undefined || this.callers.size < maxCallers) {
      this.callers.set(identity.principal, (count ?? 0) + (anonymous || status >= 400 ? 0 : 1))
    }
    this.settleAdmission(options)
  }

  /** Where no answers are seen, only callers can tell an endpoint from what a scanner tries: several with a name, or many without. */
  private admitUnanswered(identity: Identity, anonymous: boolean, options: CatalogOptions): void {
    if (this.callers.size < maxCallers && !this.callers.has(identity.principal))
      this.callers.set(identity.principal, 0)
    if (!anonymous) {
      this.known ??= new Set()
      this.known.add(identity.principal)
    }
    this.admitted = (this.known?.size ?? 0) >= options.admitUnanswered || this.callers.size >= maxCallers
    if (this.admitted) this.known = undefined
  }

  /**
   * Looks at admission again on a host that has said 404 to enough unknown paths: where not everything is answered, an
   * answer proves more. True where it was admitted by that.
   */
  reconsider(options: CatalogOptions): boolean {
    if (this.admitted || !this.succeeded || this.answers < options.admitSelective) return false
    let successes = 0
    for (const count of this.callers.values()) successes += count
    this.admitted =
      successes > 0 && (this.callers.size >= options.admitPrincipals || successes >= options.admitSelective)
    return this.admitted
  }

  private settleAdmission(options: CatalogOptions): void {
    if (this.answers >= options.admitAnswers) {
      this.admitted =
        this.callers.size >= options.admitPrincipals ||
        this.lastAnswer - this.firstAnswer >= options.admitAfterMs
    }
    if (!this.admitted)
      for (const successes of this.callers.values())
        if (successes >= options.admitSuccesses) this.admitted = true
  }

  /** Adds what another record of the same operation learned; the other is not used after this. */
  absorb(other: EndpointRecord, options: CatalogOptions): void {
    this._version += 1
    this._messagesLearned += 1
    this.calls += other.calls
    this.carried += other.carried
    this.firstSeen = Math.min(this.firstSeen, other.firstSeen)
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen)
    this.lastUse = Math.max(this.lastUse, other.lastUse)
    this.succeeded ||= other.succeeded
    this.shape.absorb(other.shape)
    for (const [status, count] of other._statuses)
      this._statuses.set(status, (this._statuses.get(status) ?? 0) + count)
    for (const auth of other.auth) this.auth.add(auth)
    this.openAuth.calls += other.openAuth.calls
    this.workloads.absorb(other.workloads)
    this.answerShape.absorb(other.answerShape)
    for (const [caller, successes] of other.callers) {
      const mine = this.callers.get(caller)
      if (mine !== undefined || this.callers.size < maxCallers)
        this.callers.set(caller, (mine ?? 0) + successes)
    }
    this.answers += other.answers
    this.firstAnswer = Math.min(this.firstAnswer, other.firstAnswer)
    this.lastAnswer = Math.max(this.lastAnswer, other.lastAnswer)
    this.admitted ||= other.admitted
    if (!this.admitted) this.settleAdmission(options)
    if (this.exposure !== 'external' && other.exposure !== 'unknown') this.exposure = other.exposure
    if (other.schema !== undefined) {
      other.schema.learnLiterals(other.segments, this.segments)
      this.schemaFor(options).absorb(other.schema)
    }
  }

  toEndpoint(): Endpoint {
    if (this.built?.version === this._version) return this.built.endpoint
    const endpoint = this.build()
    this.built = { version: this._version, endpoint }
    return endpoint
  }

  /** As it is told, with its labels; worked out again only where it, its specification or the labeller changed. */
  labelled(told: Endpoint, labeller: EndpointLabeller, operation: SpecOperation | undefined): Endpoint {
    const known = this._labelled
    if (
      known?.version === this._version &&
      known.labeller === labeller &&
      known.labels === labeller.version &&
      known.operation === operation &&
      known.inventory === told.inventory
    )
      return known.endpoint
    const endpoint = labeller.label(told, operation?.tags ?? [], this.evidence(told, operation))
    this._labelled = {
      version: this._version,
      labeller,
      labels: labeller.version,
      operation,
      inventory: told.inventory,
      endpoint,
    }
    return endpoint
  }

  private evidence(told: Endpoint, operation: SpecOperation | undefined): LabelEvidence {
    return {
      ...(operation?.labels === undefined ? {} : { specification: operation.labels }),
      workloads: this.workloads.list(),
      criticality: this.criticality,
      riskAs: criticality =>
        riskOf({ ...told, openSuccesses: this.openAuth.calls, criticality, classes: this.classes }),
    }
  }

  /** Worked out again only where a message was learned from since. */
  private learned(): Learned {
    const schema = this.schema ?? new OperationSchema()
    const { operation } = this
    const { forgotten } = schema
    const closable = this.lastSeen - this.firstSeen >= closableAfter
    const known = this._learned
    if (
      known?.messagesLearned === this._messagesLearned &&
      known.forgotten === forgotten &&
      known.closable === closable &&
      known.operation === operation
    )
      return known
    const fields = schema.dataFields(this.segments)
    const classes = (side: DataField['side']): readonly string[] =>
      [...new Set(fields.filter(field => field.side === side).map(field => field.dataClass))].sort()
    const dataClasses = { request: classes('request'), response: classes('response') }
    const messages = schema.build(this.segments, closable)
    const requestSchema = messages.requests.find(({ schema }) => schema !== undefined)?.schema
    const responseSchemas: Record<string, SchemaNode> = {}
    // Of a status class, the most seen body that has a structure.
    for (const { group, schema } of messages.responses)
      if (schema !== undefined) responseSchemas[group] ??= schema
    const criticality = criticalityOf(
      this.method,
      operation === undefined ? this.template : `${this.template}/${operation}`,
      dataClasses,
      this.classes,
      this.answerShape.facts(messages),
    )
    const told = {
      dataClasses,
      fields,
      ...(requestSchema === undefined ? {} : { requestSchema }),
      responseSchemas,
      messages,
    }
    const { _messagesLearned: messagesLearned } = this
    this._learned = { messagesLearned, forgotten, closable, operation, told, criticality }
    return this._learned
  }

  private build(): Endpoint {
    const { told, criticality } = this.learned()
    const { dataClasses, fields, requestSchema, responseSchemas, messages } = told
    const auth = [...this.auth].sort()
    const statuses: Record<string, number> = {}
    for (const [status, count] of [...this._statuses].sort(([a], [b]) => a - b))
      statuses[String(status)] = count
    this.criticality = criticality
    return {
      id: this.id,
      protocol: this.protocol,
      host: this.host,
      method: this.method,
      template: this.template,
      calls: this.calls,
      statuses,
      firstSeen: this.firstSeen,
      lastSeen: this.lastSeen,
      auth,
      dataClasses,
      fields,
      exposure: this.exposure,
      inventory: this.admitted ? 'unknown' : 'candidate',
      criticality: criticality.name,
      risk: riskOf({
        exposure: this.exposure,
        dataClasses,
        openSuccesses: this.openAuth.calls,
        auth,
        criticality,
        method: this.method,
        classes: this.classes,
      }),
      ...(requestSchema === undefined ? {} : { requestSchema }),
      responseSchemas,
      ...(messages === undefined ? {} : { messages }),
      ...(this.workloads.size === 0 ? {} : { workloads: this.workloads.names() }),
    }
  }

  static {
    keptWhole(EndpointRecord, 'catalog/endpoint-record', 1, { without: ['_labelled', '_learned'] })
  }
}
