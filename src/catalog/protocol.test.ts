import { describe, expect, it } from 'vitest'
import { exampleCall } from '../call/protocols/example-call.ts'
import { protocols } from '../call/protocols/index.ts'
import { protocolOf, speaks } from './protocol.ts'

describe('the protocol of an endpoint', () => {
  it('is that of its calls', () => {
    let rows = 0
    for (const { id, examples } of protocols)
      for (const example of examples) {
        rows += 1
        expect(protocolOf(exampleCall(example)), example.title).toBe(id)
      }
    expect(rows).toBeGreaterThan(25)
    expect(protocolOf(exampleCall({ request: { method: 'GET', target: '/orders/5' } }))).toBe('rest')
    expect(
      protocolOf(exampleCall({ request: { method: 'POST', target: '/orders', body: { query: 'x' } } })),
    ).toBe('rest')
  })

  it('is found by its id, by one of several, and models and tools by one word', () => {
    const rows: [protocol: string, wanted: string, found: boolean][] = [
      ['rest', 'rest', true],
      ['graphql', 'rest', false],
      ['graphql', 'rest, GraphQL', true],
      ['mcp', 'ai', true],
      ['llm', 'grpc,ai', true],
      ['rest', 'ai', false],
      ['rest', '', false],
    ]
    for (const [protocol, wanted, found] of rows) expect(speaks(protocol, wanted)).toBe(found)
    expect(rows.length).toBe(7)
  })
})
