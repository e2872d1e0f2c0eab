import type { ApiCall, Headers } from '../../call/api-call.ts'
import { headerOf, isRefusal } from '../../call/api-call.ts'
import type { Json } from '../../call/content.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { ClassRegistry } from '../data-classes/registry/class-registry.ts'
import { standardClasses } from '../data-classes/registry/standard.ts'
import type { DataField } from '../endpoint.ts'
import type { LearnedCredential, LearnedMessages } from '../messages.ts'
import { fixedTexts, type TemplateSegment, valuesBetween } from '../placeholders.ts'
import { BodySchemas, compare } from './body-schemas.ts'
import type { FieldBudget, FieldHolder } from './field-budget.ts'
import type { FieldNode } from './field-node.ts'
import { isParameterHeader } from './parameter-header.ts'
import { ParameterSchemas } from './parameter-schemas.ts'
import { SchemaScope } from './schema-limits.ts'

/** Credentials told apart. */
const maxCredentials = 8
/** Requests with a credential, as a share of all, above which only they say what a request looks like. */
const knownShare = 0.05

/** What successful requests of one sort of caller looked like. */
class RequestSide {
  readonly scope: SchemaScope
  readonly bodies = new BodySchemas()
  readonly parameters = new ParameterSchemas()
  calls = 0

  constructor(classes: ClassRegistry, budget: FieldBudget | undefined) {
    this.scope = new SchemaScope(undefined, classes, budget)
  }

  absorb(other: RequestSide): void {
    this.calls += other.calls
    this.scope.skippedFields += other.scope.skippedFields
    this.scope.skippedDepth += other.scope.skippedDepth
    this.bodies.absorb(other.bodies, this.scope)
    this.parameters.absorb(other.parameters, this.scope)
  }

  static {
    keptWhole(RequestSide, 'catalog/request-side', 1)
  }
}

/**
 * What goes in and comes out of one operation. Requests are learned from calls that succeeded only, and apart for callers
 * with a credential and without: where credentials are in use, strangers do not teach what a request looks like. Bounded
 * by `SchemaLimits` for each side; deterministic.
 */
export class OperationSchema implements FieldHolder {
  private known: RequestSide | undefined
  private open: RequestSide | undefined
  private responses: BodySchemas | undefined
  private responseScope: SchemaScope | undefined
  private readonly classes: ClassRegistry
  private readonly budget: FieldBudget | undefined
  private credentials: readonly LearnedCredential[] = none
  /** How often what was learned was forgotten to make room. */
  forgotten = 0
  usedAt = 0
  older: FieldHolder | undefined
  newer: FieldHolder | undefined

  /** @param budget Fields that all operations share; unbounded without one. */
  constructor(classes: ClassRegistry = standardClasses, budget?: FieldBudget) {
    this.classes = classes
    this.budget = budget
  }

  /** `path` are the decoded segments of the call's path, `template` those of the operation's. */
  learnRequest(call: ApiCall, path: readonly string[], template: readonly TemplateSegment[]): void {
    const { request, credentials } = call
    this.budget?.touch(this, call.time)
    const side = this.sideOf(credentials.length > 0 || call.principal !== undefined)
    const { scope, parameters } = side
    scope.body += 1
    side.calls += 1
    side.bodies.learn(request.content, headerOf(request.headers, 'content-type'), '', 0, scope)
    if (request.query.length > 0)
      for (const [name, value] of grouped(request.query))
        if (!carries(call, 'query:', name)) parameters.learn('query', name, value, scope)
    if (template.length === path.length) learnPath(parameters, path, template, scope)
    for (const [name, value] of request.headers)
      if (isParameterHeader(name) && !carries(call, 'header:', name))
        parameters.learn('header', name, value, scope)
    for (const { scheme, at } of credentials) this.addCredential(scheme, at)
  }

  private addCredential(scheme: string, at: string): void {
    if (this.credentials.length >= maxCredentials) return
    for (const known of this.credentials) if (known.at === at && known.scheme === scheme) return
    this.credentials = this.credentials.concat([{ scheme, at }])
  }

  /** Segments that were literals of the path and are values now: each literal was one value. */
  learnLiterals(before: readonly TemplateSegment[], now: readonly TemplateSegment[]): void {
    if (before.length !== now.length) return
    for (let index = 0; index < now.length; index += 1) {
      const placeholder = now[index]?.placeholder
      const literal = before[index]
      if (placeholder === undefined || literal === undefined || literal.placeholder !== undefined) continue
      const value = valuesBetween(literal.text, fixedTexts(now[index]!.text))?.[0]
      if (value === undefined) continue
      const { name } = placeholder
      for (const side of [this.known, this.open])
        side?.parameters.learn('path', String(index), value, side.scope, name)
    }
  }

  private sideOf(known: boolean): RequestSide {
    const side = (known ? this.known : this.open) ?? new RequestSide(this.classes, this.budget)
    if (known) this.known = side
    else this.open = side
    return side
  }

  /** Answers that the operation itself gave. */
  learnResponse(call: ApiCall): void {
    const { response, verdict } = call
    if (response === undefined) return
    if (verdict !== undefined && isRefusal(verdict)) return
    const { status, content } = response
    if (content.kind === 'empty') return
    this.budget?.touch(this, call.time)
    const scope = this.answering()
    scope.body += 1
    this.responses ??= new BodySchemas()
    this.responses.learn(content, headerOf(response.headers, 'content-type'), groupOf(status), status, scope)
  }

  private answering(): SchemaScope {
    this.responseScope ??= new SchemaScope(undefined, this.classes, this.budget)
    return this.responseScope
  }

  /** Forgets what the messages were like, and gives the fields back: for an operation that had no call for long. */
  forget(): void {
    this.giveBack()
    this.known = undefined
    this.open = undefined
    this.responses = undefined
    this.responseScope = undefined
    this.forgotten += 1
  }

  private giveBack(): void {
    for (const scope of [this.known?.scope, this.open?.scope, this.responseScope]) scope?.release()
  }

  /** Of an operation that is gone: leaves the fields to others. Not to be used after this. */
  dispose(): void {
    this.giveBack()
    this.budget?.leave(this)
  }

  /** Adds what another learned of the same operation; the other is not used after this. */
  absorb(other: OperationSchema): void {
    other.dispose()
    this.forgotten += other.forgotten
    for (const [known, theirs] of [
      [true, other.known],
      [false, other.open],
    ] as const)
      if (theirs !== undefined) this.sideOf(known).absorb(theirs)
    if (other.responses !== undefined) {
      this.responses ??= new BodySchemas()
      const scope = this.answering()
      this.responses.absorb(other.responses, scope)
      scope.skippedFields += other.responseScope?.skippedFields ?? 0
      scope.skippedDepth += other.responseScope?.skippedDepth ?? 0
    }
    for (const { scheme, at } of other.credentials) this.addCredential(scheme, at)
  }

  /** The requests that count. */
  private requests(): RequestSide | undefined {
    const known = this.known?.calls ?? 0
    const open = this.open?.calls ?? 0
    return known > 0 && known >= (known + open) * knownShare ? this.known : (this.open ?? this.known)
  }

  /** @param closable Traffic spans long enough that what never came may be called not allowed. */
  build(template: readonly TemplateSegment[], closable: boolean): LearnedMessages {
    const side = this.requests()
    const requests = side?.bodies.build(side.scope, closable) ?? []
    return {
      parameters: side?.parameters.build(nameAt(template), side.calls, side.scope) ?? [],
      requests: requests
        .map(({ group: _, statuses: __, ...body }) => body)
        .sort((a, b) => b.seen - a.seen || compare(a.mediaType, b.mediaType)),
      requestRequired:
        side !== undefined && side.calls >= side.scope.limits.requiredAfter && side.bodies.seen >= side.calls,
      responses: this.responses?.build(this.answering(), closable) ?? [],
      credentials: [...this.credentials].sort((a, b) => compare(a.scheme, b.scheme) || compare(a.at, b.at)),
      ...(this.forgotten === 0 ? {} : { forgotten: this.forgotten }),
    }
  }

  /** Every place that carries a class of sensitive data, requests of strangers included; by side, place and class. */
  dataFields(template: readonly TemplateSegment[]): readonly DataField[] {
    const fields: DataField[] = []
    for (const side of [this.known, this.open]) {
      for (const { place, name, node } of side?.parameters.entries(nameAt(template)) ?? [])
        collect('request', `${place}:${name}`, node, fields)
      for (const node of side?.bodies.nodes() ?? []) collect('request', '', node, fields)
    }
    for (const node of this.responses?.nodes() ?? []) collect('response', '', node, fields)
    const joined = new Map<string, DataField>()
    for (const field of fields) {
      const key = `${field.side} ${field.field} ${field.dataClass}`
      const known = joined.get(key)
      joined.set(key, known === undefined ? field : { ...field, values: known.values + field.values })
    }
    return [...joined.keys()].sort().map(key => joined.get(key)!)
  }

  static {
    keptWhole(OperationSchema, 'catalog/operation-schema', 1)
  }
}

const none: readonly LearnedCredential[] = []

const groups = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx']
const groupOf = (status: number): string =>
  groups[Math.floor(status / 100)] ?? `${Math.floor(status / 100)}xx`

const nameAt =
  (template: readonly TemplateSegment[]) =>
  (segment: number): string | undefined =>
    template[segment]?.placeholder?.name

function learnPath(
  parameters: ParameterSchemas,
  path: readonly string[],
  template: readonly TemplateSegment[],
  scope: SchemaScope,
): void {
  for (let index = 0; index < template.length; index += 1) {
    const placeholder = template[index]?.placeholder
    const segment = path[index]
    if (placeholder === undefined || segment === undefined) continue
    const { name, prefix, suffix } = placeholder
    const several = template[index]?.several
    const value =
      several === undefined
        ? segment.slice(prefix.length, segment.length - suffix.length)
        : (valuesBetween(segment, several.fixed)?.[0] ?? '')
    parameters.learn('path', String(index), value, scope, name)
  }
}

/** Does a credential of the call stand there? Then it is no parameter. */
const carries = (call: ApiCall, place: string, name: string): boolean =>
  call.credentials.some(
    ({ at }) => at.startsWith(place) && at.slice(place.length).toLowerCase() === name.toLowerCase(),
  )

/** Pairs by name; a name that comes again has a list. */
function grouped(pairs: Headers): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>()
  for (const [name, value] of pairs) {
    const before = values.get(name)
    if (before === undefined) values.set(name, value)
    else if (typeof before === 'string') values.set(name, [before, value])
    else (before as Json[]).push(value)
  }
  return values
}

function collect(side: DataField['side'], path: string, node: FieldNode, into: DataField[]): void {
  const dataClass = node.evidence?.label()
  if (dataClass !== undefined) {
    const sample = node.evidence?.sample
    into.push({
      side,
      field: path === '' ? '$' : path,
      dataClass,
      values: node.evidence?.values ?? 0,
      ...(sample === undefined ? {} : { sample }),
    })
  }
  if (node.items !== undefined) collect(side, `${path}[]`, node.items, into)
  if (node.values !== undefined) collect(side, path === '' ? '*' : `${path}.*`, node.values, into)
  for (const [key, child] of node.properties ?? [])
    collect(side, path === '' ? key : `${path}.${key}`, child, into)
}
