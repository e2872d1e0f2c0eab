import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'
import { parseJson } from '../decode/json.ts'
import { asList, asObject, asText, glanceAt } from './glance.ts'
import { graphql } from './graphql.ts'
import { type ObjectRef, type Operation, operationBounds, operationName } from './operation.ts'
import { defineProtocol } from './protocol.ts'
import { nounOf, referencesIn } from './references.ts'

const typeKeys = ['type', 'event', 'action', 'op', 'method', 'command', 'kind', 'topic'] as const

/** The messages a sensor handed over with the upgrade: `extra.webSocketMessages`, or HAR's `_webSocketMessages`. */
function messagesOf(call: ApiCall): readonly Json[] {
  const { extra } = call
  if (extra === undefined) return []
  return asList((extra.webSocketMessages ?? extra._webSocketMessages) as Json | undefined)
}

/** A message's own name for what it is; the first item of a list (Socket.IO, Phoenix), or `text`. */
function typeOf(data: Json | undefined): string {
  if (Array.isArray(data)) {
    const named = asList(data).find(item => typeof item === 'string' && /[a-z]/i.test(item))
    return asText(named) ?? 'list'
  }
  const object = asObject(data)
  if (object === undefined) return 'text'
  for (const key of typeKeys) {
    const value = object[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return 'object'
}

/** Where a message names what it is about: behind the name in a list, in a JSON-RPC request's parameters, else anywhere. */
function argumentsOf(data: Json | undefined): Json | undefined {
  if (Array.isArray(data)) return asList(data)[1]
  const object = asObject(data)
  return object?.jsonrpc === '2.0' ? object.params : data
}

/** What a message asks for in GraphQL: `subscribe` of graphql-ws and `start` of its predecessor carry a request as their payload. */
function graphqlIn(call: ApiCall, data: Json | undefined): readonly Operation[] {
  const payload = asObject(asObject(data)?.payload)
  if (typeof payload?.query !== 'string') return []
  const { response: _, ...rest } = call
  const request = { ...call.request, query: [], content: { kind: 'json' as const, value: payload } }
  const asked: ApiCall = { ...rest, request }
  const glance = glanceAt(asked)
  return graphql.recognise(asked, glance) ? graphql.operations(asked, glance) : []
}

/** Message data as JSON where it is; Socket.IO's number before it is left out. */
function dataOf(message: Json): { readonly sent: boolean; readonly data: Json | undefined } {
  const object = asObject(message)
  const direction = asText(object?.type) ?? asText(object?.direction)
  const sent = direction === undefined || /^(?:send|sent|request|client|out|up)/i.test(direction)
  const raw = object === undefined ? message : (object.data ?? object.text)
  if (typeof raw !== 'string') return { sent, data: raw }
  const start = raw.slice(0, 16).search(/[{[]/)
  return { sent, data: start < 0 ? raw : (parseJson(raw.slice(start)) ?? raw) }
}

/** Messages of one type. */
interface Heard {
  count: number
  readonly kind: NonNullable<Operation['kind']>
  readonly objects: ObjectRef[]
}

/** WebSocket: the route that is upgraded, and the types of the messages a client sends where a sensor hands them over. */
export const websocket = defineProtocol({
  id: 'websocket',
  title: 'WebSocket',
  endpoints: 'path',
  recognise: (call, { upgrade }) =>
    upgrade === 'websocket' || (call.response !== undefined && call.response.status === 101),
  operations(call: ApiCall): readonly Operation[] {
    const operations = new Map<string, Heard>()
    const messages = messagesOf(call)
    let looked = 0
    const hear = (type: string, kind: Heard['kind']): Heard | undefined => {
      const name = operationName(`message:${type}`)
      const known = operations.get(name)
      if (known !== undefined || operations.size >= operationBounds.operations) {
        if (known !== undefined) known.count += 1
        return known
      }
      const heard: Heard = { count: 1, kind, objects: [] }
      operations.set(name, heard)
      return heard
    }
    for (const message of messages) {
      looked += 1
      if (looked > operationBounds.nodes) break
      const { sent, data } = dataOf(message)
      if (!sent) continue
      const asked = graphqlIn(call, data)
      for (const { name, kind = 'unknown', objects } of asked) {
        const heard = hear(name, kind)
        heard?.objects.push(...objects.slice(0, operationBounds.objects - heard.objects.length))
      }
      if (asked.length > 0) continue
      const type = data === undefined && asObject(message)?.binary === true ? 'binary' : typeOf(data)
      const heard = hear(type, 'unknown')
      if (heard !== undefined) referencesIn(argumentsOf(data), nounOf(type) ?? 'record', heard.objects)
    }
    const connect: Operation = {
      protocol: 'websocket',
      name: 'connect',
      kind: 'subscribe',
      objects: [],
      stream: true,
    }
    return [
      connect,
      ...[...operations].map(
        ([name, { count, kind, objects }]): Operation => ({
          protocol: 'websocket',
          name,
          kind,
          objects,
          counts: { messages: count },
          ...(messages.length > operationBounds.nodes ? { truncated: true } : {}),
        }),
      ),
    ]
  },
  examples: [
    {
      title: 'an upgrade',
      request: { method: 'GET', target: '/live', headers: { upgrade: 'WebSocket', connection: 'upgrade' } },
      response: { status: 101 },
      operations: ['connect'],
    },
  ],
})
