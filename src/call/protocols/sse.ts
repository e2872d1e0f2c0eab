import type { ApiCall } from '../api-call.ts'
import { asList, asObject, asText } from './glance.ts'
import { type Operation, operationBounds, operationName } from './operation.ts'
import { defineProtocol } from './protocol.ts'

const namedTypes = 8

/** Server-sent events: what types of event an endpoint streams. Its messages are the endpoint's answer. */
export const sse = defineProtocol({
  id: 'sse',
  title: 'Server-sent events',
  endpoints: 'path',
  recognise: (_call, { answerType }) => answerType.toLowerCase().startsWith('text/event-stream'),
  operations(call: ApiCall): readonly Operation[] {
    const content = call.response?.content
    const types = new Set<string>()
    const events = content?.kind === 'json' ? asList(content.value) : []
    for (const item of events) {
      const event = asObject(item)
      // WHATWG: an event without a type is a message. Many name it within the data instead.
      const type = asText(event?.event) ?? asText(asObject(event?.data)?.type) ?? 'message'
      if (types.size < operationBounds.tools) types.add(operationName(type))
    }
    const names = [...types].sort()
    const shown = names.length > namedTypes ? [...names.slice(0, namedTypes), '*'] : names
    return [
      {
        protocol: 'sse',
        name: operationName(shown.length === 0 ? 'stream' : `stream:${shown.join(',')}`),
        kind: 'subscribe',
        objects: [],
        stream: true,
        counts: { events: events.length, types: types.size },
      },
    ]
  },
  examples: [
    {
      title: 'events of two types',
      request: { method: 'GET', target: '/orders/stream', headers: { accept: 'text/event-stream' } },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: ': hello\n\nevent: placed\nid: 1\ndata: {"orderId":5}\n\nevent: shipped\ndata: {"orderId":5,\ndata: "by":"post"}\n\n',
      },
      operations: ['stream:placed,shipped'],
    },
    {
      title: 'a type within the data',
      request: { method: 'GET', target: '/ticks' },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream; charset=utf-8' },
        body: 'data: {"type":"tick","n":1}\r\n\r\ndata: [DONE]\r\n\r\n',
      },
      operations: ['stream:message,tick'],
    },
  ],
})
