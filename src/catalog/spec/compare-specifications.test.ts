import { describe, expect, it } from 'vitest'
import { compareSpecifications } from './compare-specifications.ts'
import { parseSpecification } from './parse.ts'
import type { Specification } from './specification.ts'

const spec = (operation: string, more = ''): Specification =>
  parseSpecification(
    `openapi: 3.1.0
info: { title: a, version: '1' }
paths:
  /orders/{id}:
    post: { ${operation} }
${more}components: { securitySchemes: { token: { type: http, scheme: bearer }, key: { type: apiKey, in: header, name: X-Key } } }
`,
    'a',
  ).specification!
const answers = (schema: string): string =>
  `responses: { '200': { description: a, content: { application/json: { schema: ${schema} } } } }`
const takes = (schema: string): string =>
  `requestBody: { content: { application/json: { schema: ${schema} } } }, responses: { '200': { description: a } }`
const ok = "responses: { '200': { description: a } }"
const object = (properties: string, required = ''): string =>
  `{ type: object, properties: { ${properties} }${required === '' ? '' : `, required: [${required}]`} }`

describe('what a change of a specification means', () => {
  const rows: readonly (readonly [string, Specification, Specification, string | undefined])[] = [
    ['nothing changed', spec(ok), spec(ok), undefined],
    ['an operation is new', spec(ok), spec(ok, `  /b: { get: { ${ok} } }\n`), 'safe  is new'],
    ['an operation is gone', spec(ok, `  /b: { get: { ${ok} } }\n`), spec(ok), 'breaking  is gone'],
    [
      'a deprecated one is gone',
      spec(ok, `  /b: { get: { deprecated: true, ${ok} } }\n`),
      spec(ok),
      'risky  is gone, as announced',
    ],
    ['deprecated', spec(ok), spec(`deprecated: true, ${ok}`), 'risky  is deprecated now'],
    [
      'a required parameter',
      spec(ok),
      spec(`parameters: [{ name: q, in: query, required: true, schema: { type: string } }], ${ok}`),
      'breaking query:q is new and required',
    ],
    [
      'a request field is required',
      spec(takes(object('a: { type: string }'))),
      spec(takes(object('a: { type: string }', 'a'))),
      'breaking request:a is required now',
    ],
    [
      'a request type narrows',
      spec(takes(object('a: { type: number }'))),
      spec(takes(object('a: { type: integer }'))),
      'breaking request:a type number became integer',
    ],
    [
      'a request type widens',
      spec(takes(object('a: { type: integer }'))),
      spec(takes(object('a: { type: number }'))),
      'safe request:a type integer became number',
    ],
    [
      'an answer type narrows',
      spec(answers(object('a: { type: number }'))),
      spec(answers(object('a: { type: integer }'))),
      'safe response 200:a type number became integer',
    ],
    [
      'an answer type widens',
      spec(answers(object('a: { type: integer }'))),
      spec(answers(object('a: { type: [integer, "null"] }'))),
      'breaking response 200:a type integer became integer or null',
    ],
    [
      'a field leaves the answer',
      spec(answers(object('a: {}, b: {}'))),
      spec(answers(object('a: {}'))),
      'breaking response 200:b is gone from the answer',
    ],
    [
      'a request word is gone',
      spec(takes(object('a: { enum: [x, y] }'))),
      spec(takes(object('a: { enum: [x] }'))),
      'breaking request:a no longer takes "y"',
    ],
    [
      'an answer has another word',
      spec(answers(object('a: { enum: [x] }'))),
      spec(answers(object('a: { enum: [x, y] }'))),
      'risky response 200:a may also be "y"',
    ],
    [
      'security goes',
      spec(`security: [{ token: [] }], ${ok}`),
      spec(ok),
      'risky security no credential is demanded any more, before: bearer',
    ],
    [
      'security comes',
      spec(ok),
      spec(`security: [{ token: [] }], ${ok}`),
      'breaking security demands bearer now',
    ],
    [
      'a success is gone',
      spec("responses: { '200': { description: a }, '201': { description: b } }"),
      spec(ok),
      'breaking response 201 is gone',
    ],
  ]
  let ran = 0
  it.each(rows)('%s', (_, before, after, expected) => {
    ran += 1
    const told = compareSpecifications(before, after).map(({ kind, at, what }) => `${kind} ${at} ${what}`)
    expect(told).toEqual(expected === undefined ? [] : [expected])
    expect(compareSpecifications(after, after)).toEqual([])
  })
  it('ran every row', () => expect(ran).toBe(rows.length))
})
