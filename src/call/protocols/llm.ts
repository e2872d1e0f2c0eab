import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'
import { asList, asObject, asText, type Glance, type JsonObject } from './glance.ts'
import { type Operation, operationBounds, operationName } from './operation.ts'
import { defineProtocol } from './protocol.ts'

type Use = 'chat' | 'responses' | 'messages' | 'completions' | 'embeddings'

const paths: readonly (readonly [end: string, use: Use])[] = [
  ['/chat/completions', 'chat'],
  ['/responses', 'responses'],
  ['/messages', 'messages'],
  ['/completions', 'completions'],
  ['/embeddings', 'embeddings'],
]

/** What is asked of a model; undefined where the body does not fit the path. */
function useOf(path: string, body: JsonObject): Use | undefined {
  if (typeof body.model !== 'string') return undefined
  const messages = Array.isArray(body.messages)
  for (const [end, use] of paths) {
    if (!path.endsWith(end)) continue
    if (use === 'chat') return messages ? use : undefined
    // Anthropic's has a bound on the answer; another API's messages may be anything.
    if (use === 'messages')
      return messages && (body.max_tokens !== undefined || hasRoles(body.messages)) ? use : undefined
    if (use === 'completions') return body.prompt === undefined ? undefined : use
    return body.input === undefined && body.previous_response_id === undefined ? undefined : use
  }
  // Gateways and local servers have paths of their own (`/api/chat`, `/invoke`).
  return messages && hasRoles(body.messages) ? 'chat' : undefined
}

const hasRoles = (messages: Json | undefined): boolean => {
  const first = asObject(asList(messages)[0])
  return typeof first?.role === 'string' && first.content !== undefined
}

/** Names of the tools a request offers, in either style. */
function offered(body: JsonObject): readonly string[] {
  const names: string[] = []
  for (const list of [body.tools, body.functions])
    for (const item of asList(list)) {
      const tool = asObject(item)
      const name = asText(asObject(tool?.function)?.name) ?? asText(tool?.name) ?? asText(tool?.type)
      if (name !== undefined && names.length < operationBounds.tools) names.push(operationName(name))
    }
  return names
}

interface Answer {
  readonly called: Set<string>
  input: number | undefined
  output: number | undefined
  failed: boolean
}

const asCount = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** Takes in one answer, or one event of a streamed one. A stream says its counts last, or grows them: the last word counts. */
function takeIn(object: JsonObject, into: Answer): void {
  if (object.error !== undefined && object.error !== null) into.failed = true
  const usage = asObject(object.usage)
  if (usage !== undefined) {
    into.input = asCount(usage.prompt_tokens) ?? asCount(usage.input_tokens) ?? into.input
    into.output = asCount(usage.completion_tokens) ?? asCount(usage.output_tokens) ?? into.output
  }
  const call = (name: Json | undefined): void => {
    if (typeof name === 'string' && name !== '' && into.called.size < operationBounds.tools)
      into.called.add(operationName(name))
  }
  for (const item of asList(object.choices)) {
    const choice = asObject(item)
    for (const message of [asObject(choice?.message), asObject(choice?.delta)]) {
      for (const tool of asList(message?.tool_calls)) call(asObject(asObject(tool)?.function)?.name)
      call(asObject(message?.function_call)?.name)
    }
  }
  for (const list of [object.content, object.output])
    for (const item of asList(list)) {
      const block = asObject(item)
      if (block?.type === 'tool_use' || block?.type === 'function_call') call(block.name)
    }
  for (const item of asList(asObject(object.message)?.tool_calls))
    call(asObject(asObject(item)?.function)?.name)
  for (const block of [asObject(object.content_block), asObject(object.item)])
    if (block?.type === 'tool_use' || block?.type === 'function_call') call(block.name)
}

/** The answer's words on tools and tokens, from one body or from the events of a stream. */
function answerOf(call: ApiCall): Answer {
  const answer: Answer = { called: new Set(), input: undefined, output: undefined, failed: false }
  const content = call.response?.content
  if (content?.kind !== 'json') return answer
  for (const item of Array.isArray(content.value) ? asList(content.value) : [content.value]) {
    const event = asObject(item)
    if (event === undefined) continue
    const data = Array.isArray(content.value) && event.data !== undefined ? asObject(event.data) : event
    if (data === undefined) continue
    takeIn(data, answer)
    // Anthropic's first event holds the message, OpenAI's last the response.
    for (const inner of [asObject(data.message), asObject(data.response)])
      if (inner !== undefined) takeIn(inner, answer)
  }
  return answer
}

/** OpenAI- and Anthropic-style calls of language models, streamed or not. */
export const llm = defineProtocol({
  id: 'llm',
  title: 'Language models',
  endpoints: 'operation',
  recognise: (call, { body }) =>
    body !== undefined && typeof body.model === 'string' && useOf(call.request.path, body) !== undefined,
  operations(call: ApiCall, { body }: Glance): readonly Operation[] {
    const use = body === undefined ? undefined : useOf(call.request.path, body)
    if (body === undefined || use === undefined) return []
    const model = operationName(asText(body.model) ?? '')
    const tools = offered(body)
    const { called, input, output, failed } = answerOf(call)
    return [
      {
        protocol: 'llm',
        name: operationName(`${use}:${model}`),
        kind: use === 'embeddings' ? 'read' : 'unknown',
        objects: [],
        model,
        ...(tools.length === 0 ? {} : { tools }),
        ...(called.size === 0 ? {} : { called: [...called] }),
        ...(input === undefined && output === undefined
          ? {}
          : { tokens: { input: input ?? 0, output: output ?? 0 } }),
        ...(body.stream === true ? { stream: true } : {}),
        ...(failed ? { failed } : {}),
      },
    ]
  },
  examples: [
    {
      title: 'chat with tools, OpenAI style',
      request: {
        method: 'POST',
        target: '/v1/chat/completions',
        body: {
          model: 'gpt-4o',
          messages: [{ role: 'user', content: 'Where is my order?' }],
          tools: [{ type: 'function', function: { name: 'find_order', parameters: {} } }],
        },
      },
      response: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: {
          choices: [
            {
              message: {
                role: 'assistant',
                tool_calls: [{ function: { name: 'find_order', arguments: '{}' } }],
              },
            },
          ],
          usage: { prompt_tokens: 31, completion_tokens: 12 },
        },
      },
      operations: ['chat:gpt-4o'],
    },
    {
      title: 'messages, Anthropic style, streamed',
      request: {
        method: 'POST',
        target: '/v1/messages',
        body: {
          model: 'claude-sonnet',
          max_tokens: 200,
          stream: true,
          messages: [{ role: 'user', content: 'Hi' }],
        },
      },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","content_block":{"type":"tool_use","name":"lookup"}}\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":27}}\n\n',
      },
      operations: ['messages:claude-sonnet'],
    },
    {
      title: 'responses, streamed',
      request: {
        method: 'POST',
        target: '/v1/responses',
        body: { model: 'gpt-4.1', input: 'Hi', stream: true },
      },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'event: response.completed\ndata: {"type":"response.completed","response":{"usage":{"input_tokens":5,"output_tokens":8}}}\n\n',
      },
      operations: ['responses:gpt-4.1'],
    },
    {
      title: 'embeddings',
      request: {
        method: 'POST',
        target: '/v1/embeddings',
        body: { model: 'text-embedding-3-small', input: ['a', 'b'] },
      },
      operations: ['embeddings:text-embedding-3-small'],
    },
  ],
})
