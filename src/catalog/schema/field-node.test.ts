import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../call/content.ts'
import { FieldNode } from './field-node.ts'
import { bodySchema, nodeSchema } from './node-schema.ts'
import { defaultSchemaLimits, type SchemaLimits, SchemaScope } from './schema-limits.ts'

function learn(values: readonly Json[], limits: Partial<SchemaLimits> = {}, closable = false) {
  const scope = new SchemaScope({ ...defaultSchemaLimits, ...limits })
  const node = new FieldNode()
  for (const value of values) {
    scope.body += 1
    node.learn(value, '', 0, scope)
  }
  return { scope, node, schema: bodySchema(node, scope, { limits: scope.limits, textual: false, closable }) }
}
const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))
const textSchema = (values: readonly Json[]) => {
  const scope = new SchemaScope()
  const node = new FieldNode()
  for (const value of values) {
    scope.body += 1
    node.learnText(value, 'x', 0, scope)
  }
  return nodeSchema(node, { limits: scope.limits, textual: true, closable: false })
}

describe('FieldNode', () => {
  it('joins types', () => {
    const rows: readonly [readonly Json[], unknown][] = [
      [[1, 2], 'integer'],
      [[1, 2.5], 'number'],
      [
        [1, 'a'],
        ['string', 'integer'],
      ],
      [
        [1.5, null],
        ['number', 'null'],
      ],
      [
        [{}, []],
        ['object', 'array'],
      ],
      [[true], 'boolean'],
      [[null], 'null'],
      [['[redacted:password:0123456789ab]'], 'string'],
      [['[redacted:card:0123456789ab]', 41], 'integer'],
    ]
    for (const [values, type] of rows) expect(learn(values).schema.type).toEqual(type)
    expect(rows.length).toBe(9)
  })

  it('reads text where the wire knows nothing else', () => {
    const rows: readonly [readonly Json[], object][] = [
      [['1', '22'], { type: 'integer' }],
      [['1', '2.5'], { type: 'number' }],
      [['007', '12'], { type: 'string' }],
      [['true', 'false'], { type: 'boolean' }],
      [['true', '1'], { type: 'string' }],
      [['1', 'abc'], { type: 'string' }],
      [['12345678901234567890'], { type: 'string' }],
      [[['1', '2']], { type: 'array', items: { type: 'integer' } }],
      [['2026-01-02'], { type: 'string', format: 'date' }],
    ]
    for (const [values, expected] of rows) expect(textSchema(values)).toMatchObject(expected)
    expect(rows.length).toBe(9)
  })

  it('calls required what was in every object, after enough of them', () => {
    const few = learn(times(defaultSchemaLimits.requiredAfter - 1, () => ({ a: 1 }))).schema
    expect(few.required).toBeUndefined()
    const many = learn(times(40, index => ({ a: null, ...(index === 7 ? {} : { b: 1 }) }))).schema
    expect(many.required).toEqual(['a'])
  })

  it('claims a format that 99 of 100 values have, and none that fewer do', () => {
    const dates = (wrong: number) =>
      learn(times(200, index => (index < wrong ? 'soon' : '2026-01-02'))).schema.format
    expect([dates(0), dates(2), dates(3)]).toEqual(['date', 'date', undefined])
    expect(learn(['2026-01-02', '2026-01-02T03:04:05Z']).schema.format).toBeUndefined()
  })

  it('claims an enumeration only where it is closed by the evidence', () => {
    const of = (words: readonly string[], count: number, key = 'state') =>
      learn(times(count, index => ({ [key]: words[index % words.length]! }))).schema.properties?.[key]?.enum
    expect(of(['open', 'paid', 'sent'], 120)).toEqual(['open', 'paid', 'sent'])
    expect(of(['open', 'paid', 'sent'], 90)).toBeUndefined()
    expect(of(['open'], 500)).toBeUndefined()
    expect(
      of(
        times(21, index => `s${String.fromCharCode(97 + index)}`),
        2_100,
      ),
    ).toBeUndefined()
    // Things by their names are no closed set, however few they were.
    expect(of(['anna', 'ben', 'cleo'], 500, 'userName')).toBeUndefined()
    expect(of(['item-11', 'item-12'], 500)).toBeUndefined()
    const late = [...times(200, index => (index % 2 === 0 ? 'open' : 'paid')), 'lost']
    expect(learn(late).schema.enum).toBeUndefined()
  })

  it('claims ranges and lengths late, and wider than what was seen', () => {
    const values = (count: number) =>
      learn(times(count, index => ({ n: index % 50, s: 'a cd'.repeat(1 + (index % 2)) })))
    expect(values(299).schema.properties?.n?.maximum).toBeUndefined()
    expect(values(300).schema.properties).toMatchObject({
      n: { minimum: 0, maximum: 98 },
      s: { minLength: 2, maxLength: 12 },
    })
  })

  it('takes keys that are values for a map', () => {
    const byId = learn(times(3, index => ({ [`${index}${index}`]: { name: 'x' }, total: 1 }))).schema
    expect(byId).toMatchObject({
      properties: { total: { type: 'integer' } },
      additionalProperties: { type: 'object', properties: { name: { type: 'string' } } },
    })
    const words = times(40, index => ({
      [`${'abcdefghijklmnopqrst'[index % 20]}-${String.fromCharCode(97 + index / 20)}x`]: index,
    }))
    const folded = learn(words)
    expect(folded.schema).toMatchObject({ additionalProperties: { type: 'integer' } })
    expect(folded.schema.properties).toBeUndefined()
    expect(folded.scope.fields).toBe(1)
    // Names that are rarely given are no values, not in the first objects either.
    const rare = times(60, index => ({
      [`k${'abcdefgh'[(index * 3) % 8]}`]: 'x',
      [`k${'abcdefgh'[(index * 5 + 1) % 8]}`]: 'y',
    }))
    for (let count = 1; count <= 60; count += 1)
      expect(learn(rare.slice(0, count)).schema.additionalProperties).toBeUndefined()
    // The same number of names, each in half of the objects, are properties.
    const names = times(40, index =>
      Object.fromEntries(
        times(20, key => [`k${'abcdefghijklmnopqrst'[key]}`, key]).filter(
          (_, key) => (key + index) % 2 === 0,
        ),
      ),
    )
    expect(Object.keys(learn(names).schema.properties ?? {})).toHaveLength(20)
  })

  it('tells kinds apart by a property that names them, where each has its own', () => {
    const of = (make: (index: number) => Json) => learn(times(40, make)).schema.variants
    expect(of(index => (index % 2 === 0 ? { type: 'a', x: 1 } : { type: 'b', y: 1 }))).toEqual({
      property: 'type',
      of: [
        { value: 'a', seen: 20, properties: ['type', 'x'], required: ['type', 'x'] },
        { value: 'b', seen: 20, properties: ['type', 'y'], required: ['type', 'y'] },
      ],
    })
    // No property depends on it; some objects do not say; a kind that was hardly seen.
    expect(of(index => ({ type: index % 2 === 0 ? 'a' : 'b', x: 1 }))).toBeUndefined()
    expect(
      of(index => (index === 9 ? { x: 1 } : index % 2 === 0 ? { type: 'a', x: 1 } : { type: 'b' })),
    ).toBeUndefined()
    expect(of(index => (index === 9 ? { type: 'b' } : { type: 'a', x: 1 }))).toBeUndefined()
  })

  it('closes an object only after a thousand, and days', () => {
    const values = times(1_000, () => ({ a: 1, b: true }))
    expect(learn(values, {}, true).schema.additionalProperties).toBe(false)
    expect(learn(values, {}, false).schema.additionalProperties).toBeUndefined()
    expect(learn(values.slice(1), {}, true).schema.additionalProperties).toBeUndefined()
    expect(learn([...values, { a: 1, b: true, c: 1 }], {}, true).schema.additionalProperties).toBeUndefined()
  })

  it('says how likely the next body brings nothing new', () => {
    expect(learn([{ a: 1 }]).schema.confidence).toBe(0)
    expect(learn(times(20, () => ({ a: 1, b: [1, 2] }))).schema.confidence).toBe(1)
    expect(learn(times(20, index => ({ a: 1, ...(index === 3 ? { b: 1 } : {}) }))).schema.confidence).toBe(
      0.95,
    )
    // Twice in one body is still one body.
    expect(learn([...times(19, () => ({ a: [] })), { a: [{ x: 1 }, { x: 2 }] }]).schema.confidence).toBe(0.9)
  })

  it('stays within its bounds and counts what it left out', () => {
    const wide = learn([Object.fromEntries(times(3_000, index => [`key-${index}z`, index]))])
    expect(wide.node.size()).toBe(2_001)
    expect(wide.scope.skippedFields).toBe(1_000)
    expect(wide.schema.skipped).toBe(1_000)
    let deep: Json = 1
    for (let level = 0; level < 40; level += 1) deep = level % 2 === 0 ? [deep] : { a: deep }
    const cut = learn([deep])
    expect(cut.node.size()).toBe(13)
    expect(cut.scope.skippedDepth).toBe(1)
    expect(learn([{ ['k'.repeat(129)]: 1 }]).scope.skippedFields).toBe(1)
    expect(learn([times(1_000, index => index)]).node.items?.seen).toBe(8)
  })

  it('gives room back that made-up keys took', () => {
    const hostile = times(12, round => ({
      real: round,
      extra: Object.fromEntries(times(2_500, index => [`x${round}-${index}y`, 1])),
    }))
    const { scope, schema } = learn([...hostile, { real: 1, late: true }])
    expect(scope.fields).toBe(4)
    expect(Object.keys(schema.properties ?? {})).toEqual(['extra', 'late', 'real'])
    expect(schema.properties?.extra?.additionalProperties).toMatchObject({ type: 'integer' })
  })

  it('looks at all of a long array in time, not at its head for ever', () => {
    const { schema } = learn(times(40, () => times(100, index => (index === 97 ? 'x' : index))))
    expect(schema.items?.type).toEqual(['string', 'integer'])
  })

  it('accounts for every node, and gives the same for any order and any split of the bodies', () => {
    const body = fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'type', '12', '__proto__'),
      fc.letrec(tie => ({
        value: fc.oneof(
          { maxDepth: 3 },
          fc.constantFrom<Json>(null, true, 1, 2.5, 'x', '2026-01-02', ''),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(fc.constantFrom('a', 'b', '7'), tie('value'), { maxKeys: 3 }),
        ),
      })).value as fc.Arbitrary<Json>,
      { maxKeys: 5 },
    ) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(fc.array(body, { minLength: 2, maxLength: 12 }), fc.nat(12), (bodies, cut) => {
        const whole = learn(bodies)
        expect(whole.scope.fields).toBe(whole.node.size() - 1)
        const left = learn(bodies.slice(0, cut))
        const right = learn(bodies.slice(cut))
        left.node.absorb(right.node, left.scope)
        expect(left.scope.fields).toBe(left.node.size() - 1)
        const view = { limits: defaultSchemaLimits, textual: false, closable: false }
        const shapeOf = (node: FieldNode) =>
          JSON.stringify(nodeSchema(node, view), (key, value) => (key === 'variants' ? undefined : value))
        expect(shapeOf(left.node)).toBe(shapeOf(whole.node))
        expect(shapeOf(learn([...bodies].reverse()).node)).toBe(shapeOf(whole.node))
      }),
      { numRuns: 300, seed: 17 },
    )
  })
})
