import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'
import { parseJson } from '../decode/json.ts'
import { asList, asObject, asText } from './glance.ts'
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

/** WebSocket: the route that is upgraded, and the types of the messages a client sends where a sensor hands them over. */
export const websocket = defineProtocol({
  id: 'websocket',
  title: 'WebSocket',
  endpoints: 'path',
  recognise: (call, { upgrade }) =>
    upgrade === 'websocket' || (call.response !== undefined && call.response.status === 101),
  operations(call: ApiCall): readonly Operation[] {
    const operations = new Map<string, { count: number; readonly objects: ObjectRef[] }>()
    const messages = messagesOf(call)
    let looked = 0
    for (const message of messages) {
      looked += 1
      if (looked > operationBounds.nodes) break
      const { sent, data } = dataOf(message)
      if (!sent) continue
      const type = typeOf(data)
      const name = operationName(`message:${type}`)
      let known = operations.get(name)
      if (known === undefined) {
        if (operations.size >= operationBounds.operations) continue
        known = { count: 0, objects: [] }
        operations.set(name, known)
      }
      known.count += 1
      referencesIn(Array.isArray(data) ? asList(data)[1] : data, nounOf(type) ?? 'record', known.objects)
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
        ([name, { count, objects }]): Operation => ({
          protocol: 'websocket',
          name,
          kind: 'unknown',
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
