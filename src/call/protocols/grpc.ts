import { type ApiCall, headerOf } from '../api-call.ts'
import type { Content } from '../content.ts'
import { asList, asObject, type Glance } from './glance.ts'
import { type DescriptorRegistry, isNumbered } from './grpc/descriptor-registry.ts'
import { type ObjectRef, type Operation, operationBounds, operationName } from './operation.ts'
import { defineProtocol, type ProtocolDefinition } from './protocol.ts'
import { nounOf, referencesIn, signsIn } from './references.ts'

/** `/package.Service/Method`, whatever a proxy put before it. */
const methodPath = /(\/[A-Za-z_][\w.]{0,200}\/[A-Za-z_]\w{0,100})$/

const read = /^(?:Get|List|Find|Fetch|Read|Query|Search|Count|Lookup|Describe|Show|Check|Stream|Batch_?Get)/
const write =
  /^(?:Create|Update|Delete|Remove|Set|Add|Put|Insert|Cancel|Send|Place|Write|Approve|Reject|Upsert|Register|Patch|Batch_?(?:Create|Update|Delete))/
const watch = /^(?:Watch|Subscribe|Listen)/
/** Methods that take one thing by its id: the first field of their request names it. */
const takesOne =
  /^(?:Get|Find|Fetch|Read|Lookup|Describe|Show|Update|Delete|Remove|Cancel|Approve|Reject|Patch|Watch|Archive|Restore|Download|Export)/
const takesMany = /^(?:List|Search|Query|Create|Add|Insert|Register|Place)/

const kindOf = (method: string): NonNullable<Operation['kind']> =>
  watch.test(method) ? 'subscribe' : read.test(method) ? 'read' : write.test(method) ? 'write' : 'unknown'

/**
 * Without a descriptor a request's first field is taken for the id of what the method is about, where its name says it takes one thing
 * and the value is a number or a short text. With JSON (Connect, `application/grpc+json`) names say it.
 */
function objectsOf(path: string, method: string, content: Content): readonly ObjectRef[] {
  if (content.kind !== 'json' || signsIn(method)) return []
  const noun = nounOf(method) ?? nounOf(path.slice(0, path.lastIndexOf('/'))) ?? 'record'
  const first = asObject(Array.isArray(content.value) ? asList(content.value)[0] : content.value)
  if (first === undefined) return []
  if (!isNumbered(first)) return referencesIn(first, noun)
  if (!takesOne.test(method) || takesMany.test(method)) return []
  const value = first['1']
  const id = typeof value === 'object' && value !== null ? asObject(value)?.['1'] : value
  if (typeof id === 'number' || (typeof id === 'string' && id !== '' && id.length <= 128 && !/\s/.test(id)))
    return referencesIn({ id }, noun)
  return []
}

/** The call with the names of its messages' fields. */
function described(call: ApiCall, descriptors: DescriptorRegistry): ApiCall {
  const { request, response } = call
  return {
    ...call,
    request: { ...request, content: descriptors.name(request.content, request.path, 'request') },
    ...(response === undefined
      ? {}
      : { response: { ...response, content: descriptors.name(response.content, request.path, 'response') } }),
  }
}

/** The status the server gave: in its headers, or in the trailers within a gRPC-Web body. */
function statusOf(call: ApiCall): string | undefined {
  const { response } = call
  if (response === undefined) return undefined
  const header = headerOf(response.headers, 'grpc-status')
  if (header !== undefined) return header
  const { content } = response
  return content.kind === 'json' && content.note?.startsWith('grpc-status ') === true
    ? content.note.slice('grpc-status '.length)
    : undefined
}

/** Codes that say there is no such method, or not for this caller: UNIMPLEMENTED, and anything but OK is a failure. */
const isFailure = (status: string | undefined): boolean => status !== undefined && status !== '0'

/** gRPC, gRPC-Web and Connect, with and without protobuf descriptors. */
export const grpc: ProtocolDefinition = defineProtocol({
  id: 'grpc',
  title: 'gRPC, gRPC-Web and Connect',
  endpoints: 'operation',
  recognise: (call, { type, connect }) =>
    (connect || type.startsWith('application/grpc') || type.startsWith('application/connect+')) &&
    methodPath.test(call.request.path.slice(-303)),
  operations(call: ApiCall, { type }: Glance): readonly Operation[] {
    const found = methodPath.exec(call.request.path.slice(-303))?.[1]
    if (found === undefined) return []
    const method = found.slice(found.lastIndexOf('/') + 1)
    const { content } = call.request
    const messages = content.kind === 'json' && Array.isArray(content.value) ? content.value.length : 1
    return [
      {
        protocol: 'grpc',
        name: operationName(found),
        kind: kindOf(method),
        objects: objectsOf(found, method, content),
        ...(messages > 1 ? { counts: { messages } } : {}),
        ...(messages > 1 || type.startsWith('application/connect+') ? { stream: true } : {}),
        ...(isFailure(statusOf(call)) ? { failed: true } : {}),
        ...(messages > operationBounds.operations ? { truncated: true } : {}),
      },
    ]
  },
  /** A status that came in the body's trailers is shown where gRPC has it, among the headers. */
  parts(bare, glance, context) {
    const call = context?.descriptors === undefined ? bare : described(bare, context.descriptors)
    const { response } = call
    const status = statusOf(call)
    const shown =
      response === undefined ||
      status === undefined ||
      headerOf(response.headers, 'grpc-status') !== undefined
        ? call
        : {
            ...call,
            response: { ...response, headers: [...response.headers, ['grpc-status', status] as const] },
          }
    return grpc.operations(call, glance).map(operation => ({ operation, call: shown }))
  },
  examples: [
    {
      title: 'a unary call without a descriptor',
      request: {
        method: 'POST',
        target: '/shop.Orders/GetOrder',
        headers: { 'content-type': 'application/grpc', te: 'trailers' },
        // Field 1: the varint 5.
        body: Uint8Array.of(0, 0, 0, 0, 2, 0x08, 5),
      },
      operations: ['/shop.Orders/GetOrder'],
      objects: ['order:5'],
    },
    {
      title: 'gRPC-Web as text, the noun from its service',
      request: {
        method: 'POST',
        target: '/shop.v1.Orders/Get',
        headers: { 'content-type': 'application/grpc-web-text' },
        // Field 1: the text `o-7`.
        body: Buffer.from(Uint8Array.of(0, 0, 0, 0, 5, 0x0a, 3, 0x6f, 0x2d, 0x37)).toString('base64'),
      },
      operations: ['/shop.v1.Orders/Get'],
      objects: ['order:o-7'],
    },
    {
      title: 'Connect with JSON',
      request: {
        method: 'POST',
        target: '/shop.Carts/AddItem',
        headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
        body: { cartId: 'c-1', sku: 'x' },
      },
      operations: ['/shop.Carts/AddItem'],
      objects: ['cart:c-1'],
    },
  ],
})
