import { describe, expect, it } from 'vitest'
import type { Json } from '../../../call/content.ts'
import type { Deviation } from '../deviation.ts'
import { defaultJudgeLimits } from '../deviation.ts'
import { judgeValue } from '../judge-value.ts'
import { parseSpecification } from '../parse.ts'
import { References } from '../references.ts'
import { SchemaReader } from '../schema.ts'

function judged(schema: unknown, value: Json, text = false): readonly string[] {
  const found: Deviation[] = []
  const reader = new SchemaReader(new References(schema))
  const limits = defaultJudgeLimits
  judgeValue(value, reader.schema(schema), '$', { side: 'request', text, limits, left: limits.places, found })
  return found.map(({ kind, expected }) => `${kind} ${expected}`)
}

describe('what schemas say of values', () => {
  const rows: readonly (readonly [
    schema: object,
    fits: readonly Json[],
    not: readonly Json[],
    said: string,
  ])[] = [
    [{ minimum: 1 }, [1, 2, 'a'], [0, -1], 'at least 1'],
    [{ maximum: 10 }, [10, 1], [11], 'at most 10'],
    [{ minimum: 1, exclusiveMinimum: true }, [2], [1], 'above 1'],
    [{ maximum: 1, exclusiveMaximum: true }, [0], [1, 2], 'below 1'],
    [{ exclusiveMinimum: 0 }, [0.1], [0, -3], 'above 0'],
    [{ exclusiveMaximum: 5 }, [4.9], [5], 'below 5'],
    [{ multipleOf: 0.1 }, [0.3, 7, 1e15], [0.35], 'a multiple of 0.1'],
    [{ minLength: 2 }, ['ab', '😀😀', 7], ['a', '😀'], '2 characters or more'],
    [{ maxLength: 2 }, ['ab', '😀😀'], ['abc'], '2 characters or fewer'],
    [{ minItems: 1 }, [['a'], {}], [[]], 'a list of 1 or more'],
    [{ maxItems: 1 }, [['a'], []], [['a', 'b']], 'a list of 1 or fewer'],
    [
      { uniqueItems: true },
      [
        ['a', 'b'],
        [{}, {}],
      ],
      [['a', 'a']],
      'a list without repetitions',
    ],
    [
      { pattern: '^[A-Z]{3}-\\d+$' },
      ['ABC-1', 5],
      ['abc-1', 'x ABC-1'],
      'text of the pattern ^[A-Z]{3}-\\d+$',
    ],
    [{ const: 'a' }, ['a'], ['b'], 'one of "a"'],
    [{ format: 'date' }, ['2026-01-31'], ['2026-13-31', '2026-01-32'], 'format date'],
    [{ format: 'time' }, ['12:30:00Z'], ['25'], 'format time'],
    [{ format: 'duration' }, ['P1DT2H', 'PT0.5S'], ['1 day', 'P'], 'format duration'],
    [{ format: 'hostname' }, ['a.example'], ['a b'], 'format hostname'],
    [{ allOf: [{ maxLength: 3 }, { minLength: 2 }] }, ['abc'], ['abcd'], '3 characters or fewer'],
    [
      { anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }] },
      ['abc', null],
      ['abcd'],
      '3 characters or fewer',
    ],
  ]
  let ran = 0
  it.each(rows)('%j', (schema, fits, not, said) => {
    ran += 1
    for (const value of fits) expect(judged(schema, value)).toEqual([])
    for (const value of not) expect(judged(schema, value)).toEqual([`value ${said}`])
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('says nothing of alternatives of which two may be meant', () => {
    const either = {
      anyOf: [
        { type: 'string', maxLength: 3 },
        { type: 'string', minLength: 10 },
      ],
    }
    expect(judged(either, 'abcde')).toEqual([])
  })

  it('reads what came as text as the type that its schema gives it', () => {
    expect(judged({ type: 'integer', maximum: 10 }, '11', true)).toEqual(['value at most 10'])
    expect(judged({ type: 'integer', maximum: 10, maxLength: 1 }, '10', true)).toEqual([])
    expect(judged({ type: 'string', maxLength: 2 }, '123', true)).toEqual(['value 2 characters or fewer'])
    expect(judged({ type: 'string', minLength: 2 }, '', true)).toEqual([])
  })

  it('never tells of what stands masked', () => {
    expect(judged({ maxLength: 3 }, '[redacted:password:0123456789ab]')).toEqual([])
  })

  it('gives up on a call whose patterns cost more than its bound', () => {
    const schema = { items: { pattern: '^(?:[a-z]{0,60}){0,3}$' } }
    const list = Array.from({ length: 50 }, () => '9'.repeat(100_000))
    expect(judged(schema, list).length).toBeLessThanOrEqual(1)
  })

  it('says of a pattern that is not checked where it stands and why', () => {
    const { problems } = parseSpecification(
      `openapi: 3.1.0
info: { title: a, version: '1' }
paths: {}
components:
  schemas:
    Word: { type: string, pattern: '(?=a)b' }
    Pattern: { type: object, properties: { pattern: { type: string } }, example: { pattern: '(?=x)' } }
`,
      'a.yaml',
    )
    expect(
      problems.map(({ severity, line, pointer, message }) => ({ severity, line, pointer, message })),
    ).toEqual([
      {
        severity: 'warning',
        line: 6,
        pointer: '/components/schemas/Word/pattern',
        message: 'The pattern `(?=a)b` is not checked: it looks around, or sets flags.',
      },
    ])
  })
})
