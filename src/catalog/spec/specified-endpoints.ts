import type { ApiCall } from '../../call/api-call.ts'
import type { Identity } from '../../identity/identity.ts'
import { type EndpointId, endpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import type { Endpoint, Match } from '../endpoint.ts'
import { EndpointRecord } from '../endpoint-record.ts'
import { paramsOf, templateSegments } from '../placeholders.ts'
import { type BoundOperation, SpecIndex, shapeOf } from './match.ts'
import { retirementInHeaders, retirementInSpecification } from './retirement.ts'
import type { Specification, SpecOperation } from './specification.ts'

interface Specified {
  readonly record: EndpointRecord
  readonly bound: BoundOperation
}

/** A specified operation that no call was seen of. */
export interface Orphan {
  readonly bound: BoundOperation
  /** Where its specification was seen to be served, or says it is; empty where neither is known. */
  readonly host: string
}

/** What the catalog hands in with a call. */
export interface HeardCall {
  readonly call: ApiCall
  readonly identity: Identity
  readonly segments: readonly string[]
  /** False where any unknown path would have got the same answer. */
  readonly proves: boolean
  readonly sequence: number
}

/** The endpoints that a specification names. They are never merged or dropped: a document bounds them. */
export class SpecifiedEndpoints {
  private readonly _records = new Map<EndpointId, Specified>()
  private index: SpecIndex | undefined
  /** Rises whenever an endpoint comes or goes. */
  version = 0

  /** False while no specification was given. */
  get given(): boolean {
    return this.index !== undefined
  }

  get size(): number {
    return this._records.size
  }

  /** @returns The records of the specifications before, which no longer have a place. */
  replace(specifications: readonly Specification[]): readonly EndpointRecord[] {
    const before = [...this._records.values()]
    this._records.clear()
    this.version += 1
    this.index = specifications.length === 0 ? undefined : new SpecIndex(specifications)
    return before.map(({ record }) => record)
  }

  match(host: string, method: string, segments: readonly string[]): BoundOperation | undefined {
    return this.index?.match(host, method, segments)
  }

  get(id: EndpointId): EndpointRecord | undefined {
    return this._records.get(id)?.record
  }

  boundOf(id: EndpointId): BoundOperation | undefined {
    return this._records.get(id)?.bound ?? this.index?.protocols.find(id)
  }

  records(): readonly EndpointRecord[] {
    return [...this._records.values()].map(({ record }) => record)
  }

  /** Learns from a call of a specified operation and says where it belongs. */
  observe(bound: BoundOperation, heard: HeardCall, options: CatalogOptions): Match {
    const { call, segments } = heard
    const { host } = call.destination
    const { method } = call.request
    const { template } = bound
    const id = endpointId(method, host, template)
    let record = this.get(id)
    // Hosts are the caller's to make up: beyond the bound a call gets its name and nothing is kept.
    if (record === undefined && this._records.size < options.endpoints && heard.proves) {
      record = new EndpointRecord(id, host, method, template)
      this._records.set(id, { record, bound })
      this.version += 1
    }
    if (record !== undefined) {
      record.lastUse = heard.sequence
      record.learn(call, heard.identity, segments, options)
      this.watch(record, call)
    }
    const params = template.includes('{') ? paramsOf(templateSegments(template), segments) : []
    return { endpoint: id, template, params }
  }

  /** Notes what an answer says of its endpoint's end. */
  watch(record: EndpointRecord, call: ApiCall): void {
    if (retirementInHeaders(call) !== undefined) record.retired = true
  }

  /** One record is part of another now. */
  joined(from: EndpointRecord, into: EndpointRecord): void {
    if (from.retired) into.retired = true
  }

  /** Takes in what was learned of an operation before its specification was known. @returns The id it goes by now. */
  adopt(record: EndpointRecord, bound: BoundOperation, options: CatalogOptions): EndpointId {
    const id = endpointId(record.method, record.host, bound.template)
    const home = this._records.get(id)
    if (home === undefined) {
      if (record.id !== id) record.rename(id, bound.template)
      this._records.set(id, { record, bound })
    } else {
      home.record.absorb(record, options)
      this.joined(record, home.record)
    }
    this.version += 1
    return id
  }

  /** Takes an endpoint out: its host goes by another name. */
  release(id: EndpointId): void {
    this._records.delete(id)
    this.version += 1
  }

  /** An endpoint with its place among the specifications. */
  told(record: EndpointRecord, carrier: EndpointId = record.id): Endpoint {
    const endpoint = record.toEndpoint()
    const bound = this.boundOf(record.id) ?? this.boundCarrier(record, carrier)
    const retired =
      record.retired ||
      (bound !== undefined &&
        record.succeeded &&
        retirementInSpecification(bound, record.lastSeen) !== undefined)
    if (retired) return { ...endpoint, inventory: 'zombie' }
    if (bound !== undefined) return { ...endpoint, inventory: 'documented' }
    return this.index === undefined || !record.admitted ? endpoint : { ...endpoint, inventory: 'shadow' }
  }

  /** An operation is documented where the path that carries it is, unless a GraphQL schema says what operations there are. */
  private boundCarrier(record: EndpointRecord, carrier: EndpointId): BoundOperation | undefined {
    if (carrier === record.id) return undefined
    if (record.protocol === 'graphql' && this.index?.protocols.hasGraphql === true) return undefined
    return this.boundOf(carrier)
  }

  /**
   * Specified operations without a call, in the order of the specifications.
   *
   * @param operations those of protocols beyond plain HTTP that were called
   */
  orphans(operations: Iterable<EndpointRecord> = []): readonly Orphan[] {
    if (this.index === undefined) return []
    const seen = new Set<SpecOperation>()
    /** Operations of the same API in another version, under the same path. */
    const shapes = new Set<string>()
    const hosts = new Map<Specification, HostCalls>()
    const note = (bound: BoundOperation, record: EndpointRecord): void => {
      seen.add(bound.operation)
      shapes.add(shapeKey(bound))
      const { operation, specification } = bound
      const calls = hosts.get(specification) ?? { all: new Map(), document: new Map() }
      hosts.set(specification, calls)
      count(calls.all, record)
      if (operation.servers === specification.servers) count(calls.document, record)
    }
    for (const { record, bound } of this._records.values()) note(bound, record)
    for (const record of operations)
      for (const bound of this.index.protocols.all(record.id)) note(bound, record)
    return this.index.operations().flatMap(bound => {
      const key = shapeKey(bound)
      if (bound.supersededBy !== undefined || seen.has(bound.operation) || shapes.has(key)) return []
      shapes.add(key)
      return [{ bound, host: hostOf(bound, hosts.get(bound.specification)) }]
    })
  }

  static {
    keptWhole(SpecifiedEndpoints, 'catalog/specified-endpoints', 1)
  }
}

/** One API in several versions is one by its title. */
const shapeKey = ({ operation, specification }: BoundOperation): string =>
  `${specification.title.trim().toLowerCase()}\0${operation.method} ${shapeOf(operation.path)}`

/** Calls of one specification's operations by host: of all, and of those that are served where the document is. */
interface HostCalls {
  readonly all: Map<string, number>
  readonly document: Map<string, number>
}

const count = (calls: Map<string, number>, { calls: more, host }: EndpointRecord): void => {
  calls.set(host, (calls.get(host) ?? 0) + more)
}

/** Of the hosts an operation names the one most called; of one that is served where its document is, the document's. */
function hostOf({ operation, specification }: BoundOperation, calls: HostCalls | undefined): string {
  const named = operation.servers.flatMap(({ host }) => host ?? [])
  const called = mostOf(
    new Map(named.flatMap(host => (calls?.all.has(host) ? [[host, calls.all.get(host) ?? 0]] : []))),
  )
  if (called !== undefined) return called
  if (operation.servers !== specification.servers && named[0] !== undefined) return named[0]
  return mostOf(calls?.document) ?? named[0] ?? mostOf(calls?.all) ?? ''
}

/** The first of those with the most calls. */
function mostOf(calls: ReadonlyMap<string, number> | undefined): string | undefined {
  let best: string | undefined
  let most = 0
  for (const [host, number] of calls ?? [])
    if (number > most) {
      best = host
      most = number
    }
  return best
}
