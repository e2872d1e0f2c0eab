import type { ApiCall } from '../api-call.ts'
import type { Glance } from './glance.ts'
import type { DescriptorRegistry } from './grpc/descriptor-registry.ts'
import type { Operation, OperationPart } from './operation.ts'

/** One call of a protocol and the names of its operations: run by the tests, printed in the reference. */
export interface ProtocolExample {
  readonly title: string
  readonly request: {
    readonly method: string
    readonly target: string
    readonly headers?: Readonly<Record<string, string>>
    /** Text, or anything else as JSON. */
    readonly body?: unknown
  }
  readonly response?: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly operations: readonly string[]
  /** `type:id` of each object reference, over all operations. */
  readonly objects?: readonly string[]
}

/** What is known beside the call. */
export interface ProtocolContext {
  readonly descriptors?: DescriptorRegistry
}

/** One protocol over HTTP: how its calls are told from others and what they ask for. */
export interface ProtocolDefinition {
  /** Equals the file name. */
  readonly id: string
  readonly title: string
  /** Whether each operation is an endpoint of its own in the catalog, or the path says enough. */
  readonly endpoints: 'operation' | 'path'
  /** Cheap: asked of every call. May be wrong towards yes: then `operations` is empty and the next protocol is asked. */
  recognise(call: ApiCall, glance: Glance): boolean
  /** Never throws, bounded by `operationBounds`. */
  operations(call: ApiCall, glance: Glance): readonly Operation[]
  /** The operations each with its own part of the call; the whole call with each when absent. */
  parts?(call: ApiCall, glance: Glance, context?: ProtocolContext): readonly OperationPart[]
  /** The same before there is an answer, for a decision on the request; `parts` when absent. */
  requestParts?(call: ApiCall, glance: Glance, context?: ProtocolContext): readonly OperationPart[]
  readonly examples: readonly ProtocolExample[]
}

/** Declares a protocol: the identity function that checks its shape. */
export const defineProtocol = (definition: ProtocolDefinition): ProtocolDefinition => definition
