import { callCount, defineFindingRule } from '../rule.ts'

const chat = (headers: Readonly<Record<string, string>>, status = 200) => ({
  title: `chat, ${Object.keys(headers).length === 0 ? 'no credential' : 'a credential'}, ${status}`,
  request: {
    method: 'POST',
    target: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', ...headers },
    body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Where is my order?' }] },
  },
  response: {
    status,
    headers: { 'content-type': 'application/json' },
    body:
      status === 200
        ? { choices: [{ message: { role: 'assistant', content: 'On its way.' } }] }
        : { error: { message: 'no key' } },
  },
})

const tool = {
  title: 'a tool without a credential',
  request: {
    method: 'POST',
    target: '/mcp',
    headers: { 'content-type': 'application/json' },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'refund', arguments: {} } },
  },
  response: {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { jsonrpc: '2.0', id: 1, result: { content: [] } },
  },
}

export const openModel = defineFindingRule({
  id: 'open-model',
  title: 'Model or tool answers without a credential',
  summary:
    'A language model, or a tool of an MCP server, answers calls that carry no credential: anyone who reaches it spends its tokens and uses what it may use.',
  owasp: ['API2:2023', 'API4:2023'],
  call: ({ call, identity, match, succeeded }) => {
    const { operation } = match
    const asks =
      operation?.protocol === 'llm' ||
      (operation?.protocol === 'mcp' && operation.name.startsWith('tools/call'))
    return asks && succeeded && identity.kind === 'anonymous' && call.credentials.length === 0
      ? [{ subject: '', expected: 'a credential', observed: operation.protocol === 'llm' ? 'model' : 'tool' }]
      : []
  },
  severity: ({ endpoint }) => (endpoint?.exposure === 'external' ? 'high' : 'medium'),
  why: ({ calls, endpoint, observed }) =>
    `The ${observed} answered ${callCount(calls)} without a credential${endpoint?.exposure === 'external' ? ', some of them from outside' : ''}.`,
  fix: () => 'Demand a credential of each caller, and bound what one caller may spend.',
  examples: {
    fires: [[chat({})], [tool]],
    quiet: [[chat({ authorization: `Bearer ${'k3y'.repeat(12)}` })], [chat({}, 401)]],
  },
})
