import { DescriptorRegistry } from '../../call/protocols/grpc/descriptor-registry.ts'
import type { DescriptorSet } from '../../call/protocols/grpc/descriptor-set.ts'
import { protocolNamed } from '../../call/protocols/index.ts'
import type { ObjectRef, Operation, OperationPart } from '../../call/protocols/operation.ts'
import type { ProtocolContext } from '../../call/protocols/protocol.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { EndpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import type { Match } from '../endpoint.ts'
import type { EndpointRecord } from '../endpoint-record.ts'
import { type Heard, type OperationBase, OperationTable, operationId } from './operation-table.ts'
import { PersistedQueries } from './persisted-queries.ts'
import { ToolDefinitions } from './tool-definitions.ts'

export interface OperationDirectoryOptions {
  /** Operations of one endpoint, or gRPC methods of one host. */
  readonly operations: number
  /** Operations of all endpoints. At this bound, and at the one above, see `OperationTable`. */
  readonly total: number
  /** Endpoints that carry operations; the longest unused goes with its operations. */
  readonly carriers: number
  /** Persisted GraphQL queries remembered over all hosts. */
  readonly persisted: number
}

export const defaultOperationDirectoryOptions: OperationDirectoryOptions = {
  operations: 500,
  total: 10_000,
  carriers: 2_000,
  persisted: 20_000,
}

/** Bytes of a path that may name a gRPC method. */
const longestPath = 200

type Renamed = readonly (readonly [from: EndpointId, to: EndpointId])[]

/**
 * The operations of protocols beyond plain HTTP, each an endpoint: `POST api.example/graphql#query:orders`. They hang on the endpoint
 * of their path, and move when that is renamed; gRPC methods have paths of their own and hang on their host.
 */
export class OperationDirectory {
  readonly tools = new ToolDefinitions()
  /** What readers of protocols are told beside the call. */
  context: ProtocolContext = {}
  private readonly options: OperationDirectoryOptions
  private tables: BoundedMap<string, OperationTable>
  private readonly byId = new Map<EndpointId, EndpointRecord>()
  private readonly _persisted: PersistedQueries
  /** Rises whenever an operation is added, admitted, renamed or dropped. */
  version = 0
  private evicted = 0

  constructor(options: Partial<OperationDirectoryOptions> = {}) {
    this.options = { ...defaultOperationDirectoryOptions, ...options }
    this.tables = this.emptyTables()
    this._persisted = new PersistedQueries(this.options.persisted)
  }

  private emptyTables(): BoundedMap<string, OperationTable> {
    return new BoundedMap(this.options.carriers, (_, table) => this.drop(table))
  }

  /**
   * Learns from one operation.
   *
   * @param carrier the match of its path; undefined for one with a path of its own
   */
  observe(carrier: Match | undefined, asked: Operation, heard: Heard, options: CatalogOptions): Match {
    const { call } = heard
    const { host } = call.destination
    const { method } = call.request
    const operation = this._persisted.named(host, asked)
    const base: OperationBase = { host, method, template: carrier?.template ?? '' }
    const key = carrier?.endpoint ?? `${method} ${host}`
    const name = carrier === undefined ? call.request.path.slice(0, longestPath) : operation.name
    const sure = heard.proves && operation.failed !== true
    let table = this.tables.get(key)
    if (table === undefined) {
      if (!sure) return matchOf(carrier, base, name, operation, undefined)
      table = new OperationTable(base, this.options.operations)
      this.tables.set(key, table)
    }
    const known = table.records.get(name)
    const wasListed = known !== undefined && isListed(known)
    const full = this.byId.size >= this.options.total
    const record = table.learn(name, operation, { ...heard, proves: sure }, options, full)
    const match = matchOf(carrier, base, name, operation, record)
    if (record === undefined) return match
    if (known === undefined) this.index(table, record)
    else if (wasListed !== isListed(record)) this.version += 1
    if (operation.definitions !== undefined)
      this.tools.observe(match.endpoint, operation.definitions, call.time, call.id)
    return match
  }

  /** Whether an operation of that name has an endpoint already. */
  knows(carrier: Match | undefined, { operation }: OperationPart): boolean {
    if (carrier === undefined) return false
    const record = this.tables.peek(carrier.endpoint)?.records.get(operation.name)
    return record !== undefined && isListed(record)
  }

  /** A record came, and others may have gone for it. */
  private index(table: OperationTable, fresh: EndpointRecord): void {
    this.version += 1
    for (const record of table.dropped) {
      this.byId.delete(record.id)
      record.dispose()
    }
    this.evicted += table.dropped.length
    table.dropped = []
    this.byId.set(fresh.id, fresh)
  }

  private drop(table: OperationTable): void {
    this.version += 1
    for (const record of table.records.values()) {
      this.byId.delete(record.id)
      record.dispose()
      this.evicted += 1
    }
  }

  /** Endpoints that carry operations, and operations with a path of their own: where a gateway looks into requests. By id. */
  carriers(): readonly EndpointId[] {
    const carriers = new Set<EndpointId>()
    for (const record of this.byId.values()) {
      if (!isListed(record)) continue
      carriers.add(carrierOf(record.id)?.carrier ?? record.id)
    }
    return [...carriers].sort()
  }

  /** The descriptor sets of gRPC services, in place of those given before: messages have the names of their fields from now on. */
  describe(sets: readonly DescriptorSet[]): void {
    this.context = sets.length === 0 ? {} : { descriptors: new DescriptorRegistry(sets) }
  }

  get persisted(): PersistedQueries {
    return this._persisted
  }

  get(id: EndpointId): EndpointRecord | undefined {
    return this.byId.get(id)
  }

  records(): IterableIterator<EndpointRecord> {
    return this.byId.values()
  }

  /** True where an endpoint is nothing but the carrier of operations that are listed themselves. */
  hides(carrier: EndpointRecord): boolean {
    const table = this.tables.peek(carrier.id)
    if (table === undefined || carrier.carried < carrier.calls) return false
    for (const record of table.records.values()) if (isListed(record)) return true
    return false
  }

  /** The carrier goes by another id, or was folded into another. Returns what its operations were called, and are now. */
  moved(from: EndpointId, to: EndpointRecord, options: CatalogOptions): Renamed {
    const table = this.tables.peek(from)
    if (table === undefined) return []
    this.tables.delete(from)
    for (const record of table.records.values()) this.byId.delete(record.id)
    const base: OperationBase = { host: to.host, method: to.method, template: to.template }
    const target = this.tables.get(to.id)
    const renamed = target === undefined ? table.rename(base) : target.absorb(table, options)
    if (target === undefined) this.tables.set(to.id, table)
    for (const record of (target ?? table).records.values()) this.byId.set(record.id, record)
    for (const [before, after] of renamed) this.tools.merged(before, after)
    this.version += 1
    return renamed
  }

  /** The carrier was dropped, and its operations with it. */
  forget(carrier: EndpointId): void {
    const table = this.tables.peek(carrier)
    if (table === undefined) return
    this.tables.delete(carrier)
    this.drop(table)
  }

  get stats(): {
    readonly operations: number
    readonly admitted: number
    readonly overflowed: number
    readonly evicted: number
  } {
    let admitted = 0
    let overflowed = 0
    for (const table of this.tables.values()) overflowed += table.overflowed
    for (const record of this.byId.values()) if (record.admitted) admitted += 1
    return { operations: this.byId.size, admitted, overflowed, evicted: this.evicted }
  }

  static {
    keptWhole(OperationDirectory, 'catalog/operation-directory', 1, {
      settle: directory => {
        const held = directory.tables
        directory.tables = directory.emptyTables()
        directory.tables.adopt(held)
      },
    })
  }
}

/** Whether an operation has an endpoint of its own. */
export const divides = (operation: Operation): boolean =>
  protocolNamed(operation.protocol)?.endpoints === 'operation'

/** gRPC methods are paths: the path tree need not see them. */
export const hasOwnPath = (operation: Operation): boolean => operation.protocol === 'grpc'

export const isListed = (record: EndpointRecord): boolean => record.admitted || record.succeeded

function matchOf(
  carrier: Match | undefined,
  base: OperationBase,
  name: string,
  operation: Operation,
  record: EndpointRecord | undefined,
): Match {
  return {
    endpoint: record?.id ?? operationId(base, name),
    template: carrier?.template ?? record?.template ?? name,
    params: withObjects(carrier?.params ?? [], operation.objects),
    operation,
  }
}

/** Object references as parameters: `order(id: 5)` is `orderId` = `5`. */
export function withObjects(params: Match['params'], objects: readonly ObjectRef[]): Match['params'] {
  if (objects.length === 0) return params
  return [...params, ...objects.map(({ type, id }) => [parameterOf(type), id] as const)]
}

const parameterOf = (type: string): string =>
  `${type.replace(/ (.)/g, (_, letter: string) => letter.toUpperCase())}Id`

/** The id of the endpoint that carries an operation; undefined for an id without an operation. */
export function carrierOf(
  id: EndpointId,
): { readonly carrier: EndpointId; readonly name: string } | undefined {
  const mark = id.indexOf('#')
  return mark < 0 ? undefined : { carrier: id.slice(0, mark) as EndpointId, name: id.slice(mark + 1) }
}
