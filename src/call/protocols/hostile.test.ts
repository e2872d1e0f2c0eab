import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/support/cpu-time.ts'
import type { ApiCall } from '../api-call.ts'
import type { Json } from '../content.ts'
import { exampleCall } from './example-call.ts'
import { parseGraphql } from './graphql/document.ts'
import { protocols, readOperations, readParts } from './index.ts'
import { operationBounds } from './operation.ts'
import { referencesIn } from './references.ts'
import { parseXml, xmlToJson } from './xml.ts'

const post = (body: unknown, headers: Record<string, string> = {}, target = '/graphql'): ApiCall =>
  exampleCall({ request: { method: 'POST', target, headers, body } })

/** Puts a body past decoding, so that readers meet what decoding would have cut. */
const withText = (text: string, type: string): ApiCall => {
  const call = post('', { 'content-type': type })
  return { ...call, request: { ...call.request, content: { kind: 'text', text } } }
}
const withJson = (value: Json, target = '/graphql'): ApiCall => {
  const call = post('', {}, target)
  return { ...call, request: { ...call.request, content: { kind: 'json', value } } }
}

/** Everything a reader says stays within what `operationBounds` promises. */
function hold(call: ApiCall): void {
  const operations = readOperations(call)
  const parts = readParts(call)
  expect(operations.length).toBeLessThanOrEqual(operationBounds.operations)
  expect(parts.length).toBeLessThanOrEqual(operationBounds.operations)
  for (const { name, objects, tools, called, definitions } of [
    ...operations,
    ...parts.map(({ operation }) => operation),
  ]) {
    expect(name).toMatch(/^[\x21-\x22\x24-\x7e]{1,160}$/)
    expect(objects.length).toBeLessThanOrEqual(operationBounds.objects)
    for (const { id, type } of objects) {
      expect(id.length).toBeLessThanOrEqual(128)
      expect(type.length).toBeLessThanOrEqual(200)
    }
    for (const list of [tools, called]) expect(list?.length ?? 0).toBeLessThanOrEqual(operationBounds.tools)
    expect(definitions?.length ?? 0).toBeLessThanOrEqual(operationBounds.definitions)
  }
}

describe('hostile calls', () => {
  it('costs bounded time, however a body is built', () => {
    const many = 100_000
    const graphql: readonly (readonly [what: string, text: string])[] = [
      ['braces', '{'.repeat(many)],
      ['fields in fields', 'query{a'.repeat(many)],
      ['selection sets', `query ${'{a'.repeat(many)}${'}'.repeat(many)}`],
      ['lists', `{ a(x: ${'['.repeat(many)}`],
      ['objects', `{ a(x: ${'{b:'.repeat(many)}`],
      ['strings without end', `{ a(x: ${'"\\'.repeat(many)}`],
      ['block strings without end', `{ a(x: ${'"""'.repeat(many)}`],
      ['aliases', `{ ${'a:b '.repeat(many)} }`],
      ['arguments', `{ a(${'b:1 '.repeat(many)}) }`],
      ['directives', `{ a ${'@b(c:1) '.repeat(many)} }`],
      ['spreads', `{ ${'...f '.repeat(many)} } fragment f on X { ...f }`],
      ['fragments in a ring', '{...a} fragment a on X {...b ...b} fragment b on X {...a ...a}'],
      ['definitions', 'query a { a } '.repeat(many)],
      ['variables', `query (${'$a:[[[[B]]]]=1 '.repeat(many)}) { a }`],
      ['comments', `${'#\n'.repeat(many)}{a}`],
      ['commas', `${','.repeat(many)}{a}`],
      ['numbers', `{ a(x: ${'9'.repeat(many)}) }`],
      ['minuses', `{ a(x: ${'-'.repeat(many)}) }`],
    ]
    for (const [what, text] of graphql)
      expect(
        cpuMs(() => hold(withText(text, 'application/graphql'))),
        what,
      ).toBeLessThan(500)
    expect(graphql.length).toBe(18)
    const xml: readonly (readonly [what: string, text: string])[] = [
      ['tags', '<a>'.repeat(many)],
      ['angles', '<'.repeat(many)],
      ['comments', '<!--'.repeat(many)],
      ['comments that end', '<!---->'.repeat(many)],
      ['types', '<!x>'.repeat(many)],
      ['entities', `<!DOCTYPE a [${'<!ENTITY a "&a;&a;">'.repeat(5_000)}]><a>${'&a;'.repeat(many)}</a>`],
      ['data', `<a>${'<![CDATA[x]]>'.repeat(many)}</a>`],
      ['data without end', `<a>${'<![CDATA['.repeat(many)}`],
      ['attributes', `<a ${'b="c" '.repeat(many)}/>`],
      ['quotes', `<a ${'"'.repeat(many)}`],
      ['ends', '</a>'.repeat(many)],
      ['siblings', `<a>${'<b/>'.repeat(many)}</a>`],
      ['instructions', '<?a?>'.repeat(many)],
      ['ampersands', `<a>${'&'.repeat(many)}</a>`],
    ]
    for (const [what, text] of xml) {
      const envelope = `<Envelope><Body>${text}</Body></Envelope>`
      expect(
        cpuMs(() => hold(withText(envelope, 'application/soap+xml'))),
        what,
      ).toBeLessThan(500)
      expect(
        cpuMs(() => void parseXml(text)),
        what,
      ).toBeLessThan(500)
    }
    expect(xml.length).toBe(14)
    let nested: Json = { id: 1 }
    for (let level = 0; level < 5_000; level += 1) nested = { input: nested }
    const json: readonly Json[] = [
      Array.from({ length: many }, (_, id) => ({ query: `{ order(id: ${id}) { id } }` })),
      Array.from({ length: many }, (_, id) => ({ jsonrpc: '2.0', id, method: `m${id}`, params: { id } })),
      { jsonrpc: '2.0', id: 1, method: 'a.get', params: nested },
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'x'.repeat(many),
        params: { ids: Array.from({ length: many }, (_, id) => id) },
      },
      { query: 'query($i: I) { a(input: $i) { id } }', variables: { i: nested } },
      {
        model: 'm'.repeat(many),
        messages: [{ role: 'user', content: 'x' }],
        tools: Array.from({ length: many }, () => ({ name: 't' })),
      },
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x'.repeat(many), arguments: nested } },
    ]
    for (const [index, value] of json.entries())
      expect(
        cpuMs(() => hold(withJson(value))),
        `body ${index}`,
      ).toBeLessThan(500)
    expect(json.length).toBe(7)
  })

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom(
      'query',
      'mutation',
      'fragment',
      ' on ',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      ':',
      '$',
      '@',
      '...',
      '"',
      '"""',
      '\\',
      '#',
      '\n',
      'a',
      'b',
      'id',
      '5',
      '-',
      '=',
      '!',
      ',',
      'null',
      '\u0000',
      '\uFEFF',
      'é',
      '<',
      '>',
      '/',
      '</',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '<!DOCTYPE',
      '&amp;',
      '&#x41;',
      '&',
      "'",
      'Envelope',
      'Body',
      ' ',
    )
    const text = fc.array(pieces, { maxLength: 80 }).map(list => list.join(''))
    fc.assert(
      fc.property(text, source => {
        hold(withText(source, 'application/graphql'))
        hold(withText(source, 'text/xml'))
        hold(withText(`<Envelope><Body>${source}`, 'text/xml'))
        const found = parseXml(source)
        if (found !== undefined) xmlToJson(found)
        parseGraphql(source, { a: 1 })
      }),
      { numRuns: 400 },
    )
  })

  it('never throws, whatever the JSON', () => {
    const keys = fc.constantFrom(
      'jsonrpc',
      'method',
      'params',
      'id',
      'query',
      'variables',
      'extensions',
      'persistedQuery',
      'sha256Hash',
      'operationName',
      'model',
      'messages',
      'role',
      'content',
      'tools',
      'function',
      'name',
      'input',
      'arguments',
      'uri',
      '_meta',
      'data',
      'error',
      'result',
      'choices',
      'message',
      'tool_calls',
      'usage',
      '__proto__',
      'constructor',
      'toString',
      'orderId',
    )
    const leaves = fc.constantFrom<Json>(
      '2.0',
      'tools/call',
      'tools/list',
      'resources/read',
      '{ a(id: 1) }',
      'query { a }',
      'x',
      '',
      0,
      5,
      -1,
      null,
      true,
      'T3JkZXI6NQ==',
    )
    const tree = fc.letrec<{ node: Json }>(tie => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaves,
        fc.dictionary(keys, tie('node'), { maxKeys: 6 }),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
    })).node
    const targets = fc.constantFrom(
      '/graphql',
      '/v1/chat/completions',
      '/v1/messages',
      '/mcp',
      '/a.B/Get',
      '/x',
    )
    fc.assert(
      fc.property(tree, tree, targets, (request, answer, target) => {
        const call = withJson(request, target)
        hold(call)
        hold({
          ...call,
          response: {
            status: 200,
            headers: [],
            content: { kind: 'json', value: answer },
            bodySize: 1,
            bodyTruncated: false,
          },
        })
        referencesIn(request, 'order')
      }),
      { numRuns: 600 },
    )
    expect(protocols.length).toBe(8)
  })
})
