import { createHash } from 'node:crypto'
import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'
import { parseJson } from '../decode/json.ts'
import { asList, asObject, asText, type Glance, type JsonObject, type McpHeaders } from './glance.ts'
import { kindOfMethod, type RpcRequest, rpcPart, rpcRequests } from './json-rpc.ts'
import {
  type Conflict,
  type ObjectRef,
  type Operation,
  type OperationPart,
  operationBounds,
  operationName,
  type ToolDefinition,
} from './operation.ts'
import { defineProtocol } from './protocol.ts'
import { nounOf, referencesIn } from './references.ts'

const methods =
  /^(?:initialize|ping|server\/discover|tools\/(?:list|call)|resources\/(?:list|read|subscribe|unsubscribe|templates\/list)|prompts\/(?:list|get)|completion\/complete|logging\/setLevel|sampling\/createMessage|roots\/list|elicitation\/create|tasks\/(?:get|list|result|cancel|update)|subscriptions\/listen|notifications\/[\w/]{1,64})$/

/** Methods of MCP that a server of something else may have as well. */
const common = new Set(['ping', 'initialize'])

/** From this revision on every POST mirrors its method, and its target's name, in headers. */
const mirrored = '2026-07-28'
const versionKey = 'io.modelcontextprotocol/protocolVersion'

const isMcp = (body: JsonObject | undefined): boolean => {
  const method = body?.method
  return typeof method === 'string' && body?.jsonrpc === '2.0' && methods.test(method)
}

/** What a request is about by name: the tool or prompt, or the resource's URI. */
const targetOf = ({ method, params }: RpcRequest): string | undefined => {
  if (method === 'tools/call' || method === 'prompts/get') return asText(asObject(params)?.name)
  return method.startsWith('resources/') ? asText(asObject(params)?.uri) : undefined
}

const needsName = (method: string): boolean =>
  method === 'tools/call' || method === 'prompts/get' || method === 'resources/read'

/** A header's value, its base64 form (`=?base64?…?=`) undone. */
function plain(value: string): string {
  const text = value.trim()
  if (!/^=\?base64\?/i.test(text) || !text.endsWith('?=') || text.length > 4_096) return text
  return Buffer.from(text.slice(9, -2), 'base64').toString('utf8')
}

/** Headers that say something else than the body, or nothing where the revision asks for it. */
function conflictsOf(headers: McpHeaders | undefined, request: RpcRequest): readonly Conflict[] {
  const meta = asObject(asObject(request.params)?._meta)
  const declared = asText(meta?.[versionKey])
  const version = headers?.version ?? declared ?? ''
  const strict = /^\d{4}-\d\d-\d\d$/.test(version) && version >= mirrored
  const conflicts: Conflict[] = []
  const check = (
    at: string,
    header: string | undefined,
    body: string | undefined,
    required: boolean,
  ): void => {
    if (header === undefined ? !(required && body !== undefined) : plain(header) === (body ?? '')) return
    conflicts.push({ at, says: plain(header ?? '').slice(0, 160), body: (body ?? '').slice(0, 160) })
  }
  check('header:mcp-method', headers?.method, request.method, strict)
  // A name where the method has none is said to nobody.
  const target = targetOf(request)
  if (target !== undefined)
    check('header:mcp-name', headers?.name, target, strict && needsName(request.method))
  if (declared !== undefined && headers?.version !== undefined && headers.version !== declared)
    conflicts.push({
      at: 'header:mcp-protocol-version',
      says: headers.version.slice(0, 160),
      body: declared.slice(0, 160),
    })
  return conflicts
}

/** A value in one form whatever the order of its keys. */
function canonical(value: Json | undefined, depth: number = operationBounds.depth): string {
  if (value === undefined) return ''
  if (typeof value !== 'object' || value === null || depth === 0) return JSON.stringify(value)
  if (Array.isArray(value))
    return `[${(value as readonly Json[]).map(item => canonical(item, depth - 1)).join(',')}]`
  const object = value as JsonObject
  return `{${Object.keys(object)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonical(object[key], depth - 1)}`)
    .join(',')}}`
}

const digest = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits)

/** The tools a `tools/list` answer tells, each by the hash of its name, description and input schema. */
function definitionsIn(answer: JsonObject | undefined): readonly ToolDefinition[] {
  const definitions: ToolDefinition[] = []
  for (const item of asList(asObject(answer?.result)?.tools)) {
    const tool = asObject(item)
    const name = asText(tool?.name)
    if (tool === undefined || name === undefined || definitions.length >= operationBounds.definitions)
      continue
    const words = canonical(tool.description)
    const input = canonical(tool.inputSchema)
    definitions.push({
      name: operationName(name),
      hash: digest(`${canonical(name)}\n${words}\n${input}`, 32),
      description: digest(words, 16),
      schema: digest(input, 16),
    })
  }
  return definitions
}

/** A tool is what its name says, as a method of plain JSON-RPC is. */
const kindOf = (method: string, tool: string | undefined): NonNullable<Operation['kind']> => {
  if (method === 'tools/call') return tool === undefined ? 'unknown' : kindOfMethod(tool)
  if (method.endsWith('subscribe') || method === 'subscriptions/listen') return 'subscribe'
  return /\/(?:list|read|get|complete|discover|result)$/.test(method) ? 'read' : 'unknown'
}

function objectsOf(request: RpcRequest): readonly ObjectRef[] {
  const params = asObject(request.params)
  const { method } = request
  if (method === 'tools/call' || method === 'prompts/get')
    return referencesIn(params?.arguments, nounOf(asText(params?.name) ?? '') ?? 'record')
  const uri = method.startsWith('resources/') ? asText(params?.uri) : undefined
  return uri === undefined ? [] : [{ type: 'resource', id: uri.slice(0, 128) }]
}

/** Tools and prompts are named; a resource is an object of its operation. */
function nameOf(request: RpcRequest): string {
  const target = request.method.startsWith('resources/') ? undefined : targetOf(request)
  return operationName(target === undefined ? request.method : `${request.method}:${target}`)
}

function read(request: RpcRequest, batch: number, headers: McpHeaders | undefined): Operation {
  const { method, answer } = request
  const definitions = method === 'tools/list' ? definitionsIn(answer) : []
  // A batch has no one method that a header could mirror.
  const conflicts = batch > 1 ? [] : conflictsOf(headers, request)
  const target = targetOf(request)
  const tools =
    definitions.length > 0
      ? definitions.slice(0, operationBounds.tools).map(({ name }) => name)
      : method === 'tools/call' && target !== undefined
        ? [operationName(target)]
        : []
  const failed =
    answer !== undefined && (answer.error !== undefined || asObject(answer.result)?.isError === true)
  return {
    protocol: 'mcp',
    name: nameOf(request),
    kind: kindOf(method, target),
    objects: objectsOf(request),
    ...(tools.length === 0 ? {} : { tools }),
    ...(definitions.length === 0 ? {} : { definitions }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
    ...(headers?.session === undefined ? {} : { session: headers.session.slice(0, 128) }),
    ...(batch > 1 ? { counts: { batch } } : {}),
    ...(failed ? { failed } : {}),
  }
}

/**
 * A tool's answer as what it means: `structuredContent`, or the JSON in its text, in the place of the text; an answer marked as an error
 * is one.
 */
function opened(request: RpcRequest): RpcRequest {
  const result = asObject(request.answer?.result)
  if (request.method !== 'tools/call' || request.answer === undefined || result === undefined) return request
  if (result.isError === true) {
    const { result: _, ...rest } = request.answer
    return { ...request, answer: { ...rest, error: { content: result.content ?? null } } }
  }
  const content = asList(result.content).slice(0, operationBounds.tools)
  let found = false
  const shown = content.map(item => {
    const text = asText(asObject(item)?.text)
    const value = text !== undefined && /^\s*[{[]/.test(text) ? parseJson(text) : undefined
    if (value === undefined) return item
    found = true
    return { ...asObject(item), text: value }
  })
  return found
    ? { ...request, answer: { ...request.answer, result: { ...result, content: shown } } }
    : request
}

function partsOf(call: ApiCall, glance: Glance): readonly OperationPart[] {
  const requests = rpcRequests(call, glance)
  if (requests.length === 0) return sessionOf(call, glance).map(operation => ({ operation, call }))
  const batch = glance.batch?.length ?? 1
  const cut = requests.length > operationBounds.operations ? { truncated: true } : {}
  return requests.slice(0, operationBounds.operations).map(request => ({
    operation: { ...read(request, batch, glance.mcp), ...cut },
    call: rpcPart(call, opened(request)),
  }))
}

/** Calls without a message: the stream and the end of a session (until revision 2025-11-25), and answers to the server. */
function sessionOf(call: ApiCall, { mcp }: Glance): readonly Operation[] {
  if (mcp?.session === undefined) return []
  const { method } = call.request
  const name = method === 'GET' ? 'stream' : method === 'DELETE' ? 'session/delete' : 'response'
  return [
    {
      protocol: 'mcp',
      name,
      kind: name === 'stream' ? 'subscribe' : 'unknown',
      objects: [],
      session: mcp.session.slice(0, 128),
    },
  ]
}

const tools = (description: string): unknown => ({
  jsonrpc: '2.0',
  id: 1,
  result: { tools: [{ name: 'search_orders', description, inputSchema: { type: 'object' } }] },
})

/** The Model Context Protocol over HTTP: sessions and streams (2025-11-25 and before), stateless (2026-07-28). */
export const mcp = defineProtocol({
  id: 'mcp',
  title: 'Model Context Protocol',
  endpoints: 'operation',
  recognise(_call, { body, mcp }) {
    if (
      mcp !== undefined &&
      (mcp.session !== undefined || mcp.method !== undefined || mcp.version !== undefined)
    )
      return body === undefined || body.jsonrpc === '2.0'
    return isMcp(body) && (!common.has(body?.method as string) || isHandshake(body))
  },
  operations: (call, glance) => partsOf(call, glance).map(({ operation }) => operation),
  parts: partsOf,
  examples: [
    {
      title: 'a tool called in a session, answered as a stream (2025-11-25)',
      request: {
        method: 'POST',
        target: '/mcp',
        headers: {
          'content-type': 'application/json',
          'mcp-session-id': 's-1',
          'mcp-protocol-version': '2025-11-25',
        },
        body: {
          jsonrpc: '2.0',
          id: 7,
          method: 'tools/call',
          params: { name: 'get_order', arguments: { order_id: 5 } },
        },
      },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'event: message\ndata: {"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"{\\"id\\":5}"}]}}\n\n',
      },
      operations: ['tools/call:get_order'],
      objects: ['order:5'],
    },
    {
      title: 'the same, stateless (2026-07-28)',
      request: {
        method: 'POST',
        target: '/mcp',
        headers: {
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'get_order',
        },
        body: {
          jsonrpc: '2.0',
          id: 7,
          method: 'tools/call',
          params: { name: 'get_order', arguments: { order_id: 5 } },
        },
      },
      operations: ['tools/call:get_order'],
      objects: ['order:5'],
    },
    {
      title: 'the tools of a server',
      request: { method: 'POST', target: '/mcp', body: { jsonrpc: '2.0', id: 1, method: 'tools/list' } },
      response: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: tools('Finds orders.'),
      },
      operations: ['tools/list'],
    },
    {
      title: 'a resource',
      request: {
        method: 'POST',
        target: '/mcp',
        body: { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: 'file:///orders/5.json' } },
      },
      operations: ['resources/read'],
      objects: ['resource:file:///orders/5.json'],
    },
    {
      title: 'a prompt',
      request: {
        method: 'POST',
        target: '/mcp',
        body: {
          jsonrpc: '2.0',
          id: 3,
          method: 'prompts/get',
          params: { name: 'summary', arguments: { order_id: '9' } },
        },
      },
      operations: ['prompts/get:summary'],
      objects: ['order:9'],
    },
    {
      title: 'the stream of a session',
      request: {
        method: 'GET',
        target: '/mcp',
        headers: { 'mcp-session-id': 's-1', accept: 'text/event-stream' },
      },
      operations: ['stream'],
    },
  ],
})

/** `initialize` of MCP says which revision it wants. */
function isHandshake(body: JsonObject | undefined): boolean {
  return asText(asObject(body?.params)?.protocolVersion) !== undefined
}
