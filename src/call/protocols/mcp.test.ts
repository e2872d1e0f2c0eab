import { describe, expect, it } from 'vitest'
import { exampleCall } from './example-call.ts'
import { readOperations, readParts } from './index.ts'

const post = (headers: Record<string, string>, message: unknown, answer?: unknown) =>
  exampleCall({
    request: { method: 'POST', target: '/mcp', headers, body: message },
    ...(answer === undefined
      ? {}
      : { response: { status: 200, headers: { 'content-type': 'application/json' }, body: answer } }),
  })

const call = (name = 'get_order', version?: string) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: {
    name,
    arguments: { order_id: 5 },
    ...(version === undefined ? {} : { _meta: { 'io.modelcontextprotocol/protocolVersion': version } }),
  },
})

describe('Model Context Protocol', () => {
  it('tells headers that say something else than the body', () => {
    const stateless = { 'mcp-protocol-version': '2026-07-28' }
    const named = { 'mcp-method': 'tools/call', 'mcp-name': 'get_order' }
    const rows: [headers: Record<string, string>, message: unknown, conflicts: readonly string[]][] = [
      [{ ...stateless, ...named }, call(), []],
      [{ ...stateless, ...named, 'mcp-name': '=?base64?Z2V0X29yZGVy?=' }, call(), []],
      [{ ...stateless, ...named, 'mcp-name': '=?BASE64?Z2V0X29yZGVy?=' }, call(), []],
      [{ ...stateless, ...named }, call('delete_order'), ['header:mcp-name get_order delete_order']],
      [
        { ...stateless, ...named, 'mcp-method': 'tools/list' },
        call(),
        ['header:mcp-method tools/list tools/call'],
      ],
      [stateless, call(), ['header:mcp-method  tools/call', 'header:mcp-name  get_order']],
      [{ 'mcp-protocol-version': '2025-11-25' }, call(), []],
      [{}, call(), []],
      [
        { ...stateless, ...named },
        call('get_order', '2025-11-25'),
        ['header:mcp-protocol-version 2026-07-28 2025-11-25'],
      ],
      [{ ...stateless, 'mcp-method': 'tools/list' }, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, []],
    ]
    for (const [headers, message, conflicts] of rows) {
      const [operation] = readOperations(post(headers, message))
      expect((operation?.conflicts ?? []).map(({ at, says, body }) => `${at} ${says} ${body}`)).toEqual(
        conflicts,
      )
    }
    expect(rows.length).toBe(10)
  })

  it('hashes a definition by what it says, not by the order of its keys', () => {
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    const hash = (tool: unknown): string | undefined =>
      readOperations(post({}, list, { jsonrpc: '2.0', id: 1, result: { tools: [tool] } }))[0]
        ?.definitions?.[0]?.hash
    const first = hash({
      name: 'a',
      description: 'd',
      inputSchema: { type: 'object', properties: { x: {} } },
    })
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect(
      hash({ inputSchema: { properties: { x: {} }, type: 'object' }, description: 'd', name: 'a' }),
    ).toBe(first)
    expect(
      hash({
        name: 'a',
        description: 'd',
        inputSchema: { type: 'object', properties: { x: {} } },
        title: 'A',
      }),
    ).toBe(first)
    expect(
      hash({ name: 'a', description: 'd\u200b', inputSchema: { type: 'object', properties: { x: {} } } }),
    ).not.toBe(first)
    expect(hash({ name: 'a', description: 'd', inputSchema: { type: 'object' } })).not.toBe(first)
  })

  it('opens the JSON in the text of a tool, and takes an error for one', () => {
    const answer = (result: unknown) => post({}, call(), { jsonrpc: '2.0', id: 7, result })
    const [part] = readParts(answer({ content: [{ type: 'text', text: '{"id":5,"owner":"bob"}' }] }))
    expect(part?.call.response?.content).toMatchObject({
      value: { result: { content: [{ text: { id: 5, owner: 'bob' } }] } },
    })
    const [failed] = readParts(answer({ isError: true, content: [{ type: 'text', text: 'no such order' }] }))
    expect(failed?.operation.failed).toBe(true)
    expect(failed?.call.response?.content).toMatchObject({ value: { error: {} } })
  })

  it('leaves messages of other servers alone', () => {
    const rows = ['ping', 'initialize', 'orders.get', 'tools/other']
    for (const method of rows)
      expect(readOperations(post({}, { jsonrpc: '2.0', id: 1, method }))[0]?.protocol).toBe('json-rpc')
    expect(rows.length).toBe(4)
  })
})
