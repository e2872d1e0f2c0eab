import type { ApiCall } from '../call/api-call.ts'
import type { Json } from '../call/content.ts'
import type { Identity } from '../identity/identity.ts'
import type { EndpointId } from '../kit/id.ts'
import { authenticationOf } from './authentication.ts'
import type { CatalogOptions } from './catalog-options.ts'
import { criticalityOf } from './criticality.ts'
import type { DataField, Endpoint } from './endpoint.ts'
import { exposureOf } from './exposure.ts'
import { paramsOf, type TemplateSegment, templateSegments } from './placeholders.ts'
import { protocolOf } from './protocol.ts'
import { riskOf } from './risk.ts'
import { defaultSchemaLimits, FieldNode, type SchemaScope } from './schema/field-node.ts'
import type { SchemaNode } from './schema-node.ts'
import { ResponseShape } from './templates/response-shape.ts'

/** Callers told apart for admission; more are not needed. */
const maxCallers = 8
/** Path, query and header fields with evidence of their own. */
const maxParameters = 64

/** Everything learned about one operation: the mutable side of `Endpoint`. */
export class EndpointRecord {
  readonly host: string
  readonly method: string
  id: EndpointId
  template: string
  segments: readonly TemplateSegment[]
  protocol = 'rest'
  calls = 0
  firstSeen = Number.POSITIVE_INFINITY
  lastSeen = Number.NEGATIVE_INFINITY
  lastUse = 0
  admitted = false
  /** True once any call was answered with success: what a candidate needs to be listed at all. */
  succeeded = false
  readonly shape = new ResponseShape()
  readonly #statuses = new Map<number, number>()
  readonly #auth = new Set<string>()
  readonly #openAuth = { calls: 0 }
  readonly #callers = new Map<string, number>()
  readonly #parameters = new Map<string, FieldNode>()
  readonly #responses = new Map<string, FieldNode>()
  #request: FieldNode | undefined
  readonly #requestScope: SchemaScope = { limits: defaultSchemaLimits, fields: 1 }
  readonly #responseScope: SchemaScope = { limits: defaultSchemaLimits, fields: 1 }
  #answers = 0
  #firstAnswer = Number.POSITIVE_INFINITY
  #lastAnswer = Number.NEGATIVE_INFINITY
  #exposure: Endpoint['exposure'] = 'unknown'
  #version = 0
  #built: { readonly version: number; readonly endpoint: Endpoint } | undefined

  constructor(id: EndpointId, host: string, method: string, template: string) {
    this.id = id
    this.host = host
    this.method = method
    this.template = template
    this.segments = templateSegments(template)
  }

  /** Names changed: another id and template for the same operation. */
  rename(id: EndpointId, template: string): void {
    this.id = id
    this.template = template
    this.segments = templateSegments(template)
    this.#version += 1
  }

  /** Takes in a call of this operation. `path` are the decoded segments of its path. */
  learn(call: ApiCall, identity: Identity, path: readonly string[], options: CatalogOptions): void {
    const { response, time } = call
    this.#version += 1
    this.calls += 1
    if (time < this.firstSeen) this.firstSeen = time
    if (time > this.lastSeen) this.lastSeen = time
    const status = response?.status
    if (status !== undefined) this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
    const success = status !== undefined && status >= 200 && status < 400
    this.#admit(status, identity, time, options)
    if (this.#exposure !== 'external') this.#exposure = exposureOf(call, this.#exposure)
    if (this.calls === 1 || this.protocol === 'rest') this.protocol = protocolOf(call)
    if (success || status === undefined) {
      const auth = authenticationOf(call)
      this.#auth.add(auth)
      if (auth === 'none' && success) this.#openAuth.calls += 1
    }
    if (this.calls > options.learnDense && this.calls % options.learnEvery !== 0) return
    if (success) {
      this.succeeded = true
      if (status < 300) this.shape.learn(response!.content)
      this.#learnRequest(call, path)
    }
    if (response !== undefined && response.content.kind === 'json' && status !== 404 && status !== 405) {
      this.#learnResponse(`${Math.floor(response.status / 100)}xx`, response.content.value)
    }
  }

  #admit(status: number | undefined, identity: Identity, time: number, options: CatalogOptions): void {
    if (this.admitted || status === undefined || status === 404 || status === 405) return
    const anonymous = identity.kind === 'anonymous'
    // A refusal to a stranger is what a scanner gets everywhere.
    if (anonymous && (status === 401 || status === 403)) return
    this.#answers += 1
    if (time < this.#firstAnswer) this.#firstAnswer = time
    if (time > this.#lastAnswer) this.#lastAnswer = time
    if (status >= 200 && status < 400) this.succeeded = true
    const count = this.#callers.get(identity.principal)
    if (count !== undefined || this.#callers.size < maxCallers) {
      this.#callers.set(identity.principal, (count ?? 0) + (anonymous || status >= 400 ? 0 : 1))
    }
    this.#settleAdmission(options)
  }

  #settleAdmission(options: CatalogOptions): void {
    if (this.#answers >= options.admitAnswers) {
      this.admitted =
        this.#callers.size >= options.admitPrincipals ||
        this.#lastAnswer - this.#firstAnswer >= options.admitAfterMs
    }
    if (!this.admitted)
      for (const successes of this.#callers.values())
        if (successes >= options.admitSuccesses) this.admitted = true
  }

  #learnRequest(call: ApiCall, path: readonly string[]): void {
    const { request } = call
    const content = request.content
    if (content.kind === 'json' || content.kind === 'form' || content.kind === 'multipart') {
      this.#request ??= new FieldNode()
      this.#request.learn(content.value, '', 0, this.#requestScope)
    }
    if (request.query.length > 0)
      for (const [name, value] of request.query) this.#learnParameter(`query:${name}`, name, value)
    if (this.segments.length === path.length)
      for (const [name, value] of paramsOf(this.segments, path))
        this.#learnParameter(`path:${name}`, name, value)
  }

  #learnParameter(field: string, name: string, value: string): void {
    let node = this.#parameters.get(field)
    if (node === undefined) {
      if (this.#parameters.size >= maxParameters || field.length > 128) return
      node = new FieldNode()
      this.#parameters.set(field, node)
    }
    node.learn(value, name, 0, this.#requestScope)
  }

  #learnResponse(group: string, value: Json): void {
    let node = this.#responses.get(group)
    if (node === undefined) {
      node = new FieldNode()
      this.#responses.set(group, node)
    }
    node.learn(value, '', 0, this.#responseScope)
  }

  /** Adds what another record of the same operation learned; the other is not used after this. */
  absorb(other: EndpointRecord, options: CatalogOptions): void {
    this.#version += 1
    this.calls += other.calls
    this.firstSeen = Math.min(this.firstSeen, other.firstSeen)
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen)
    this.lastUse = Math.max(this.lastUse, other.lastUse)
    this.succeeded ||= other.succeeded
    this.shape.absorb(other.shape)
    for (const [status, count] of other.#statuses)
      this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + count)
    for (const auth of other.#auth) this.#auth.add(auth)
    this.#openAuth.calls += other.#openAuth.calls
    for (const [caller, successes] of other.#callers) {
      const mine = this.#callers.get(caller)
      if (mine !== undefined || this.#callers.size < maxCallers)
        this.#callers.set(caller, (mine ?? 0) + successes)
    }
    this.#answers += other.#answers
    this.#firstAnswer = Math.min(this.#firstAnswer, other.#firstAnswer)
    this.#lastAnswer = Math.max(this.#lastAnswer, other.#lastAnswer)
    this.admitted ||= other.admitted
    if (!this.admitted) this.#settleAdmission(options)
    if (this.#exposure !== 'external' && other.#exposure !== 'unknown') this.#exposure = other.#exposure
    for (const [field, node] of other.#parameters) {
      const mine = this.#parameters.get(field)
      if (mine !== undefined) mine.absorb(node, this.#requestScope)
      else if (this.#parameters.size < maxParameters) this.#parameters.set(field, node)
    }
    if (other.#request !== undefined) {
      if (this.#request === undefined) this.#request = other.#request
      else this.#request.absorb(other.#request, this.#requestScope)
    }
    for (const [group, node] of other.#responses) {
      const mine = this.#responses.get(group)
      if (mine === undefined) this.#responses.set(group, node)
      else mine.absorb(node, this.#responseScope)
    }
  }

  toEndpoint(): Endpoint {
    if (this.#built?.version === this.#version) return this.#built.endpoint
    const endpoint = this.#build()
    this.#built = { version: this.#version, endpoint }
    return endpoint
  }

  #build(): Endpoint {
    const fields = this.#fields()
    const classes = (side: DataField['side']): readonly string[] =>
      [...new Set(fields.filter(field => field.side === side).map(field => field.dataClass))].sort()
    const dataClasses = { request: classes('request'), response: classes('response') }
    const auth = [...this.#auth].sort()
    const statuses: Record<string, number> = {}
    for (const [status, count] of [...this.#statuses].sort(([a], [b]) => a - b))
      statuses[String(status)] = count
    const responseSchemas: Record<string, SchemaNode> = {}
    for (const group of [...this.#responses.keys()].sort()) {
      const node = this.#responses.get(group)
      if (node !== undefined) responseSchemas[group] = node.toSchema(defaultSchemaLimits)
    }
    const criticality = criticalityOf(this.method, this.template, dataClasses)
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
      exposure: this.#exposure,
      inventory: this.admitted ? 'unknown' : 'candidate',
      criticality: criticality.name,
      risk: riskOf({
        exposure: this.#exposure,
        dataClasses,
        openSuccesses: this.#openAuth.calls,
        auth,
        criticality,
        method: this.method,
      }),
      ...(this.#request === undefined ? {} : { requestSchema: this.#request.toSchema(defaultSchemaLimits) }),
      responseSchemas,
    }
  }

  #fields(): readonly DataField[] {
    const fields: DataField[] = []
    for (const [field, node] of this.#parameters) collect('request', field, node, fields)
    if (this.#request !== undefined) collect('request', '', this.#request, fields)
    for (const node of this.#responses.values()) collect('response', '', node, fields)
    const seen = new Map<string, DataField>()
    for (const field of fields) {
      const key = `${field.side} ${field.field} ${field.dataClass}`
      const known = seen.get(key)
      seen.set(key, known === undefined ? field : { ...field, values: known.values + field.values })
    }
    return [...seen.keys()].sort().map(key => seen.get(key)!)
  }
}

function collect(side: DataField['side'], path: string, node: FieldNode, into: DataField[]): void {
  const dataClass = node.evidence?.label()
  if (dataClass !== undefined)
    into.push({ side, field: path === '' ? '$' : path, dataClass, values: node.evidence?.values ?? 0 })
  if (node.items !== undefined) collect(side, `${path}[]`, node.items, into)
  for (const [key, child] of node.properties ?? [])
    collect(side, path === '' ? key : `${path}.${key}`, child, into)
}
