import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsOf } from './example-traffic.ts'
import { parseSpecification } from './parse.ts'
import { formatSpecProblem } from './specification.ts'

const head = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\n"

describe('what cannot be read is told with its place', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['broken JSON', '{\n  "openapi": "3.0.0",\n  nope ] }', 'a:3:3: error: Not JSON: unexpected character.'],
    ['JSON cut off', '{"openapi": "3.0.0"', 'a:1:20: error: Not JSON'],
    ['broken YAML', 'openapi: 3.0.0\n  paths: {', 'a:1:10: error: Not YAML'],
    ['an empty file', ' \n ', 'a: error: The file is empty.'],
    ['a list', '[1]', 'a: error: A specification is an object'],
    ['another document', 'kind: Deployment', 'error: No known format'],
    ['another version', 'openapi: 4.0.0\npaths: {}', 'a:1:10: error: OpenAPI 4.0.0 is not known'],
    ['no paths', "openapi: 3.0.0\ninfo: { title: a, version: '1' }", 'There is no `paths` object'],
  ]
  let ran = 0
  it.each(rows)('%s', (_, source, expected) => {
    ran += 1
    const { specification, problems } = parseSpecification(source, 'a')
    expect(specification).toBeUndefined()
    expect(formatSpecProblem(problems[0]!)).toContain(expected)
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json()), source => {
        expect(parseSpecification(source, 'a').problems.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })
})

describe('bounds', () => {
  it('refuses a document larger than its bound, also inflated', () => {
    const limits = { json: 1000, yaml: 500, aliases: 10 }
    const large = JSON.stringify({ openapi: '3.0.0', paths: {}, x: 'a'.repeat(2000) })
    for (const source of [large, Buffer.from(large), gzipSync(large)]) {
      const { specification, problems } = parseSpecification(source, 'a', limits)
      expect(specification).toBeUndefined()
      expect(problems[0]?.message).toMatch(/more than|Larger/i)
    }
    expect(
      parseSpecification(`${head}paths: {}\nx: ${'a'.repeat(600)}`, 'a', limits).specification,
    ).toBeUndefined()
  })

  it('refuses aliases that write out to too much', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `a${level + 1}: &a${level + 1} [${Array.from({ length: 9 }, () => `*a${level}`).join(', ')}]`,
    )
    const { specification, problems } = parseSpecification(
      `${head}paths: {}\na0: &a0 [x]\n${levels.join('\n')}`,
      'a',
    )
    expect(specification).toBeUndefined()
    expect(problems[0]?.message).toContain('aliases')
  })

  it('says of references out of the document that they are never fetched, and reads on', () => {
    const { specification, problems } = parseSpecification(
      `${head}paths:
  /a: { get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: 'http://127.0.0.1:9/s.json#/A' } } } } } } }
`,
      'a',
    )
    expect(specification?.operations.length).toBe(1)
    expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      expect.stringContaining(
        'warning `$ref: http://127.0.0.1:9/s.json#/A` leads out of the document: never fetched',
      ),
    ])
  })

  it('reads recursive schemas as deep as a body goes, and circles of references as anything', () => {
    const specification = `paths:
  /tree: { get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: '#/components/schemas/Node' } } } } } } }
  /ring: { get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } } } }
  /self: { get: { responses: { '200': { description: a, content: { application/json: { schema: { $ref: '#/components/schemas/S' } } } } } } }
components:
  schemas:
    Node: { type: object, properties: { id: { type: integer }, children: { type: array, items: { $ref: '#/components/schemas/Node' } } } }
    A: { $ref: '#/components/schemas/B' }
    B: { $ref: '#/components/schemas/A' }
    S: { allOf: [{ $ref: '#/components/schemas/S' }, { type: object, properties: { id: { type: integer } } }] }
`
    const node = { id: 1, children: [{ id: 2, children: [{ id: 'three', children: [] }] }] }
    expect(
      findingsOf({ specification, calls: [{ request: 'GET /tree', answer: node }] }).map(one => one.title),
    ).toEqual(['Value of another type than specified: response:children[].children[].id'])
    expect(findingsOf({ specification, calls: [{ request: 'GET /ring', answer: node }] })).toEqual([])
    expect(findingsOf({ specification, calls: [{ request: 'GET /self', answer: { id: 1 } }] })).toEqual([])
  })
})
