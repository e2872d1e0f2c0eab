import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../call/content.ts'
import { type Deviation, defaultJudgeLimits } from './deviation.ts'
import { judgeValue } from './judge-value.ts'
import { parseSpecification } from './parse.ts'
import { References } from './references.ts'
import { SchemaReader } from './schema.ts'

const head = 'openapi: 3.1.0\npaths: {}\nx: '

describe('documents that are built to break a reader', () => {
  const deep: readonly (readonly [string, string])[] = [
    ['lists in JSON', `{"openapi":"3.1.0","paths":{},"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['objects in JSON', `{"openapi":"3.1.0","paths":{},"x":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
    ['lists in YAML', `${head}${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['dashes in YAML', `${head}\n  ${'- '.repeat(20_000)}`],
    [
      'maps in YAML',
      `${head}\n${Array.from({ length: 2_000 }, (_, index) => `${' '.repeat(index + 1)}a:`).join('\n')}`,
    ],
    ['braces that never close', '{'.repeat(100_000)],
    ['base64 that is none', 'data:application/x-protobuf;base64,!!!!'],
    [
      'base64 of something else',
      `data:application/protobuf;base64,${Buffer.from('openapi: 3.1.0').toString('base64')}`,
    ],
  ]
  let ran = 0
  it.each(deep)('%s are read, or refused with a sentence', (_, source) => {
    ran += 1
    const { specification, problems } = parseSpecification(source, 'a')
    expect(specification === undefined ? problems[0]?.severity : 'read').toMatch(/^(?:read|error)$/)
  })
  it('ran every row', () => expect(ran).toBe(deep.length))
})

describe('documents whose parts are of other kinds than they should be', () => {
  const word = fc.constantFrom(
    '/a',
    '/a/{id}',
    'get',
    'post',
    'parameters',
    'requestBody',
    'responses',
    'content',
    'schema',
    'servers',
    'url',
    'security',
    '200',
    'application/json',
    '$ref',
    'name',
    'in',
    'item',
    'request',
    'info',
    'components',
    'variables',
    'enum',
    'default',
    'securitySchemes',
    'paths',
    'host',
    'basePath',
    'definitions',
    'type',
    'deprecated',
    '__proto__',
  )
  const odd = fc.letrec<{ part: unknown }>(tie => ({
    part: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom<unknown>(null, true, 7, '', 'query', 'path', 'https://{a}.example/b', '#/paths', []),
      fc.dictionary(word, tie('part'), { maxKeys: 4 }),
      fc.array(tie('part'), { maxLength: 3 }),
    ),
  })).part
  const kinds: readonly (readonly [string, object])[] = [
    ['openapi', { openapi: '3.1.0' }],
    ['swagger', { swagger: '2.0' }],
    ['postman', { info: { schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' } }],
  ]
  let ran = 0
  it.each(kinds)('are read or refused as %s', (_, start) => {
    ran += 1
    let read = 0
    fc.assert(
      fc.property(odd, odd, odd, (paths, item, components) => {
        const { specification, problems } = parseSpecification(
          JSON.stringify({
            ...start,
            paths,
            item,
            components,
            servers: item,
            security: paths,
            definitions: components,
          }),
          'a',
        )
        if (specification !== undefined) read += 1
        else expect(problems.some(({ severity }) => severity === 'error')).toBe(true)
      }),
      { numRuns: 200 },
    )
    expect(read).toBeGreaterThan(0)
  })
  it('ran every kind', () => expect(ran).toBe(kinds.length))
})

describe('schemas that are built to break a reader', () => {
  const judged = (schemas: Readonly<Record<string, unknown>>, value: Json): readonly Deviation[] => {
    const found: Deviation[] = []
    const reader = new SchemaReader(new References(schemas))
    const limits = defaultJudgeLimits
    const scope = { side: 'response' as const, text: false, limits, left: limits.places, found }
    judgeValue(value, reader.schema(schemas.S0), '$', scope)
    return found
  }
  const chain = (length: number, link: (next: object) => object, last: object): Record<string, unknown> => {
    const schemas: Record<string, unknown> = { [`S${length}`]: last }
    for (let index = 0; index < length; index += 1) schemas[`S${index}`] = link({ $ref: `#/S${index + 1}` })
    return schemas
  }

  it('say nothing where their parts lie in each other deeper than anybody writes', () => {
    expect(
      judged(
        chain(80, next => ({ allOf: [next] }), { type: 'string' }),
        1,
      ).length,
    ).toBe(1)
    expect(
      judged(
        chain(50_000, next => ({ allOf: [next] }), { type: 'string' }),
        1,
      ),
    ).toEqual([])
    expect(
      judged(
        chain(50_000, next => ({ oneOf: [next, { type: 'null' }] }), { type: 'string' }),
        1,
      ),
    ).toEqual([])
  })

  it('cost no more for naming the same part twice at every step', () => {
    const twice = (next: object) => ({ anyOf: [next, next] })
    const both = (next: object) => ({ allOf: [next, next] })
    expect(judged(chain(60, twice, { enum: ['a', 'b'] }), 'c').length).toBe(1)
    expect(judged(chain(60, both, { maxLength: 1, minLength: 1 }), 'cc').length).toBe(1)
    const self = { type: 'array', items: { allOf: [{ $ref: '#/S0' }, { $ref: '#/S0' }] } }
    expect(judged(chain(60, both, self), [[[[1]]]]).length).toBe(1)
  })

  it('are read whatever stands in the place of a schema', () => {
    const odd = fc.letrec<{ schema: unknown }>(tie => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(
          null,
          true,
          7,
          'text',
          [],
          {},
          { $ref: '#/S0' },
          { $ref: 7 },
          { $ref: '#/nowhere' },
        ),
        fc.dictionary(
          fc.constantFrom(
            'type',
            'properties',
            'items',
            'allOf',
            'anyOf',
            'required',
            'enum',
            'pattern',
            'minimum',
            'maxLength',
            'additionalProperties',
            'format',
            '$ref',
            'uniqueItems',
            'multipleOf',
            '__proto__',
          ),
          tie('schema'),
          { maxKeys: 4 },
        ),
        fc.array(tie('schema'), { maxLength: 3 }),
      ),
    })).schema
    fc.assert(
      fc.property(odd, fc.jsonValue({ maxDepth: 4 }), (schema, value) => {
        expect(Array.isArray(judged({ S0: schema }, value as Json))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
