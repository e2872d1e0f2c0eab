import type { ApiCall } from '../../call/api-call.ts'
import type { Operation } from '../../call/protocols/operation.ts'
import type { Identity } from '../../identity/identity.ts'
import { type EndpointId, endpointId } from '../../kit/id.ts'
import { keptWhole } from '../../kit/snapshot.ts'
import type { CatalogOptions } from '../catalog-options.ts'
import { EndpointRecord } from '../endpoint-record.ts'

/** One operation's part of a call, and what is known of it. */
export interface Heard {
  readonly call: ApiCall
  readonly identity: Identity
  /** Decoded segments of the path. */
  readonly segments: readonly string[]
  /** The answer shows that what was asked for exists: unknown operations are learned from nothing else. */
  readonly proves: boolean
  /** Number of the call: larger is later. */
  readonly sequence: number
}

/** Name of the operations beyond the bound. */
export const otherOperations = '{other}'

/** Where the operations of one endpoint stand: which endpoint, and how its id is made from an operation's name. */
export interface OperationBase {
  readonly host: string
  readonly method: string
  /** Of the endpoint that carries the operations; empty where each has a path of its own (gRPC). */
  readonly template: string
}

const restAfterNone = 256

/** `POST api.example/graphql#query:orders`; for operations with a path of their own that path. */
export const operationId = (base: OperationBase, name: string): EndpointId =>
  base.template === ''
    ? endpointId(base.method, base.host, name)
    : endpointId(base.method, base.host, `${base.template}#${name}`)

/**
 * The operations of one endpoint, each an endpoint of its own. At most `capacity`: at the bound the least recently used quarter of
 * those not admitted goes, and where there is none the operation is counted as `{other}`.
 */
export class OperationTable {
  base: OperationBase
  readonly records = new Map<string, EndpointRecord>()
  overflowed = 0
  /** Dropped for room since this was last emptied. */
  dropped: EndpointRecord[] = []
  private readonly capacity: number
  /** Times that room need not be looked for: there was none a moment ago. */
  private rest = 0

  constructor(base: OperationBase, capacity: number) {
    this.base = base
    this.capacity = capacity
  }

  /**
   * Learns from one operation's part of a call.
   *
   * @param full there is no room for further operations anywhere
   * @returns The record, or undefined for an unknown operation that proved nothing
   */
  learn(
    name: string,
    operation: Operation,
    heard: Heard,
    options: CatalogOptions,
    full: boolean,
  ): EndpointRecord | undefined {
    const record = this.records.get(name) ?? (heard.proves ? this.add(name, operation, full) : undefined)
    if (record === undefined) return undefined
    record.lastUse = heard.sequence
    record.learn(heard.call, heard.identity, heard.segments, options)
    record.protocol = operation.protocol
    return record
  }

  private add(name: string, operation: Operation, full: boolean): EndpointRecord {
    if ((full || this.records.size >= this.capacity) && !this.makeRoom()) {
      this.overflowed += 1
      return this.records.get(otherOperations) ?? this.create(otherOperations, operation)
    }
    return this.create(name, operation)
  }

  private create(name: string, operation: Operation): EndpointRecord {
    const { host, method, template } = this.base
    const record = new EndpointRecord(
      operationId(this.base, name),
      host,
      method,
      template === '' ? name : template,
    )
    record.operation = name
    record.protocol = operation.protocol
    this.records.set(name, record)
    return record
  }

  private makeRoom(): boolean {
    if (this.rest > 0) {
      this.rest -= 1
      return false
    }
    const candidates = [...this.records].filter(
      ([name, record]) => !record.admitted && name !== otherOperations,
    )
    if (candidates.length === 0) {
      this.rest = restAfterNone
      return false
    }
    candidates.sort(([, a], [, b]) => a.lastUse - b.lastUse)
    for (const [name, record] of candidates.slice(0, Math.ceil(candidates.length / 4))) {
      this.records.delete(name)
      this.dropped.push(record)
    }
    return true
  }

  /** The carrying endpoint goes by another name now. Returns the ids before and after. */
  rename(base: OperationBase): readonly (readonly [from: EndpointId, to: EndpointId])[] {
    this.base = base
    const renamed: [EndpointId, EndpointId][] = []
    for (const [name, record] of this.records) {
      const from = record.id
      record.rename(operationId(base, name), base.template, base.host)
      renamed.push([from, record.id])
    }
    return renamed
  }

  /** Takes in the operations of an endpoint that was folded into this one. Returns the ids before and after. */
  absorb(
    other: OperationTable,
    options: CatalogOptions,
  ): readonly (readonly [from: EndpointId, to: EndpointId])[] {
    const moved: [EndpointId, EndpointId][] = []
    for (const [name, record] of other.records) {
      const from = record.id
      const mine =
        this.records.get(name) ??
        (this.records.size >= this.capacity ? this.records.get(otherOperations) : undefined)
      if (mine !== undefined) mine.absorb(record, options)
      else {
        record.rename(operationId(this.base, name), this.base.template, this.base.host)
        this.records.set(name, record)
      }
      moved.push([from, mine?.id ?? record.id])
    }
    return moved
  }

  static {
    keptWhole(OperationTable, 'catalog/operation-table', 1)
  }
}
