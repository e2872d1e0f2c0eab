import type { ApiCall, CallResponse } from '../api-call.ts'
import type { Json } from '../content.ts'
import { asList, asObject, asText, type Glance, type JsonObject } from './glance.ts'
import {
  type ObjectRef,
  type Operation,
  type OperationPart,
  operationBounds,
  operationName,
} from './operation.ts'
import { defineProtocol } from './protocol.ts'
import { nounOf, referencesIn, signsIn } from './references.ts'

/** One request of a JSON-RPC 2.0 message with the answer that has its id. */
export interface RpcRequest {
  readonly method: string
  readonly params: Json | undefined
  readonly message: JsonObject
  readonly answer: JsonObject | undefined
}

/** The requests and notifications of a message, in order; at most one more than `operationBounds.operations`. */
export function rpcRequests(call: ApiCall, glance: Glance): readonly RpcRequest[] {
  const messages = glance.batch ?? (glance.body === undefined ? [] : [glance.body])
  const found: RpcRequest[] = []
  const answers = rpcAnswers(call)
  for (const item of messages) {
    const message = asObject(item)
    const method = asText(message?.method)
    if (message === undefined || method === undefined || message.jsonrpc !== '2.0') continue
    const id = message.id
    found.push({
      method,
      params: message.params,
      message,
      answer: id === undefined || id === null ? undefined : answers.get(`${typeof id}${String(id)}`),
    })
    if (found.length > operationBounds.operations) break
  }
  return found
}

/** Answers by their id: one, a batch, or those in the events of a stream. */
function rpcAnswers(call: ApiCall): ReadonlyMap<string, JsonObject> {
  const content = call.response?.content
  const answers = new Map<string, JsonObject>()
  if (content?.kind !== 'json') return answers
  for (const item of Array.isArray(content.value) ? asList(content.value) : [content.value]) {
    const object = asObject(item)
    // An event of a stream holds the message under `data`.
    const inner = object?.jsonrpc === undefined ? object?.data : object
    for (const one of Array.isArray(inner) ? asList(inner) : [inner]) {
      const answer = asObject(one)
      if (answer === undefined || (answer.result === undefined && answer.error === undefined)) continue
      answers.set(`${typeof answer.id}${String(answer.id)}`, answer)
    }
  }
  return answers
}

/** The call as far as it is about one request: its message, and the answer to it as the body. */
export function rpcPart(call: ApiCall, { message, answer }: RpcRequest): ApiCall {
  const response = call.response as CallResponse | undefined
  return {
    ...call,
    request: { ...call.request, content: { kind: 'json', value: message } },
    ...(response === undefined || answer === undefined
      ? {}
      : { response: { ...response, content: { kind: 'json' as const, value: answer } } }),
  }
}

const reads =
  /(?:^|[._/-])(?:get|list|find|fetch|read|query|search|count|show|describe)|^(?:get|list|find|fetch|read)[A-Z]/
const writes =
  /(?:^|[._/-])(?:create|update|delete|remove|set|add|put|insert|cancel|send|edit|write|approve)|^(?:create|update|delete|remove|set|add|cancel|send)[A-Z]/

export const kindOfMethod = (method: string): NonNullable<Operation['kind']> =>
  reads.test(method) ? 'read' : writes.test(method) ? 'write' : 'unknown'

/** References among named parameters; the first of a list of positions counts as the method's own object. */
function objectsOf(method: string, params: Json | undefined): readonly ObjectRef[] {
  if (signsIn(method)) return []
  const noun = nounOf(method) ?? 'record'
  const [first] = asList(params)
  if (typeof first === 'string' || typeof first === 'number') return referencesIn({ id: first }, noun)
  return referencesIn(params, noun)
}

function operationsOf(
  call: ApiCall,
  glance: Glance,
): readonly { operation: Operation; request: RpcRequest }[] {
  const requests = rpcRequests(call, glance)
  const truncated = requests.length > operationBounds.operations
  return requests.slice(0, operationBounds.operations).map(request => ({
    request,
    operation: {
      protocol: 'json-rpc',
      name: operationName(request.method),
      kind: kindOfMethod(request.method),
      objects: objectsOf(request.method, request.params),
      ...(requests.length > 1 ? { counts: { batch: glance.batch?.length ?? 1 } } : {}),
      ...(request.answer?.error === undefined ? {} : { failed: true }),
      ...(truncated ? { truncated } : {}),
    },
  }))
}

/** JSON-RPC 2.0, single requests, notifications and batches. */
export const jsonRpc = defineProtocol({
  id: 'json-rpc',
  title: 'JSON-RPC 2.0',
  endpoints: 'operation',
  recognise: (_call, { body }) =>
    body !== undefined && body.jsonrpc === '2.0' && typeof body.method === 'string',
  operations: (call, glance) => operationsOf(call, glance).map(({ operation }) => operation),
  parts: (call, glance): readonly OperationPart[] => {
    const found = operationsOf(call, glance)
    if (glance.batch === undefined) return found.map(({ operation }) => ({ operation, call }))
    return found.map(({ operation, request }) => ({ operation, call: rpcPart(call, request) }))
  },
  examples: [
    {
      title: 'named parameters',
      request: {
        method: 'POST',
        target: '/rpc',
        body: { jsonrpc: '2.0', id: 1, method: 'orders.get', params: { order_id: 'o-17' } },
      },
      operations: ['orders.get'],
      objects: ['order:o-17'],
    },
    {
      title: 'parameters by position',
      request: {
        method: 'POST',
        target: '/rpc',
        body: { jsonrpc: '2.0', id: 'a', method: 'getInvoice', params: [42] },
      },
      operations: ['getInvoice'],
      objects: ['invoice:42'],
    },
    {
      title: 'a batch with a notification',
      request: {
        method: 'POST',
        target: '/rpc',
        body: [
          { jsonrpc: '2.0', id: 1, method: 'order.get', params: { id: 5 } },
          { jsonrpc: '2.0', method: 'cart.touch' },
        ],
      },
      response: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: [{ jsonrpc: '2.0', id: 1, result: { id: 5 } }],
      },
      operations: ['order.get', 'cart.touch'],
      objects: ['order:5'],
    },
  ],
})
