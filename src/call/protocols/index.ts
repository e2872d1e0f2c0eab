import type { ApiCall } from '../api-call.ts'
import { type Glance, glanceAt } from './glance.ts'
import { graphql } from './graphql.ts'
import { grpc } from './grpc.ts'
import { jsonRpc } from './json-rpc.ts'
import { llm } from './llm.ts'
import { mcp } from './mcp.ts'
import type { Operation, OperationPart } from './operation.ts'
import type { ProtocolContext, ProtocolDefinition } from './protocol.ts'
import { soap } from './soap.ts'
import { sse } from './sse.ts'
import { websocket } from './websocket.ts'

/** Every protocol, the more special first: the first that finds an operation has the call. */
export const protocols: readonly ProtocolDefinition[] = [
  grpc,
  mcp,
  jsonRpc,
  graphql,
  llm,
  soap,
  websocket,
  sse,
]

const none: readonly never[] = Object.freeze([])

/** The protocol with its id, or undefined. */
export const protocolNamed = (id: string): ProtocolDefinition | undefined =>
  protocols.find(protocol => protocol.id === id)

function first<Found>(
  call: ApiCall,
  read: (protocol: ProtocolDefinition, glance: Glance) => readonly Found[],
): readonly Found[] {
  const glance = glanceAt(call)
  for (const protocol of protocols) {
    if (!protocol.recognise(call, glance)) continue
    const found = read(protocol, glance)
    if (found.length > 0) return found
  }
  return none
}

/** Id of the protocol a call looks like, without reading its operations; undefined for plain HTTP. */
export function recognised(call: ApiCall): string | undefined {
  const glance = glanceAt(call)
  for (const protocol of protocols) if (protocol.recognise(call, glance)) return protocol.id
  return undefined
}

/** The operations a call asks for, in order; empty for plain HTTP. Never throws; bounded by `operationBounds`. */
export function readOperations(call: ApiCall): readonly Operation[] {
  return first(call, (protocol, glance) => protocol.operations(call, glance))
}

/**
 * The same, each with the call as far as it is about that operation: a batch comes apart, and so does a GraphQL document that asks
 * for one field under many aliases. At most 64 parts. With descriptors the messages of gRPC have the names of their fields.
 */
export function readParts(call: ApiCall, context?: ProtocolContext): readonly OperationPart[] {
  return first(call, (protocol, glance) => partsOf(protocol, call, glance, context))
}

/**
 * What a request asks for, before there is an answer: every operation, and of a GraphQL document with several fields at its root also
 * each field by itself (`within`). At most 128 parts of GraphQL, 64 of others; the operation says where there were more (`truncated`).
 */
export function readRequestParts(call: ApiCall, context?: ProtocolContext): readonly OperationPart[] {
  return first(call, (protocol, glance) =>
    protocol.requestParts === undefined
      ? partsOf(protocol, call, glance, context)
      : protocol.requestParts(call, glance, context),
  )
}

const partsOf = (
  protocol: ProtocolDefinition,
  call: ApiCall,
  glance: Glance,
  context: ProtocolContext | undefined,
): readonly OperationPart[] =>
  protocol.parts === undefined
    ? protocol.operations(call, glance).map(operation => ({ operation, call }))
    : protocol.parts(call, glance, context)
