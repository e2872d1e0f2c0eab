import { describe, expect, test } from 'vitest'
import type { Json } from '../call/content.ts'
import { type BodySchema, bodyCheckBounds, checkBody, faultText } from './body-schema.ts'
import { learnedSchema } from './schema-of.ts'

const order: BodySchema = {
  types: ['object'],
  closed: true,
  required: ['items', 'id'],
  properties: {
    id: { types: ['integer'], readOnly: true },
    note: { types: ['string', 'null'], maxLength: 5 },
    kind: { types: ['string'], values: ['a', 'b'] },
    price: { types: ['number'], minimum: 0 },
    items: {
      types: ['array'],
      items: { types: ['object'], closed: true, properties: { sku: { types: ['string'] } } },
    },
    tags: { types: ['object'], additional: { types: ['string'] } },
  },
}

describe('checkBody', () => {
  const rows: readonly (readonly [body: Json, faults: readonly string[]])[] = [
    [{ items: [] }, []],
    [{ items: [{ sku: 'x' }], note: null, kind: 'a', price: 2, tags: { x: 'y' } }, []],
    [{}, ['items: is missing']],
    [{ items: [], id: 5 }, ['id: cannot be written']],
    [{ items: [], admin: true }, ['admin: is not known']],
    [
      { items: [{ sku: 5 }, { price: 1 }] },
      ['items[].sku: must be string, is integer', 'items[].price: is not known'],
    ],
    [{ items: [], note: 'too long' }, ['note: is longer than 5 characters']],
    [{ items: [], kind: 'c' }, ['kind: is none of the known values']],
    [{ items: [], price: -1 }, ['price: is less than 0']],
    [{ items: [], tags: { x: 1 } }, ['tags.x: must be string, is integer']],
    [{ items: [], constructor: 1 }, ['constructor: is not known']],
    ['text', ['$: must be object, is string']],
  ]
  test(`${rows.length} bodies`, () => {
    let ran = 0
    for (const [body, faults] of rows) {
      expect([body, checkBody(body, order).map(faultText)]).toEqual([body, faults])
      ran += 1
    }
    expect(ran).toBe(12)
  })

  test('is bounded, and says so', () => {
    const long = { items: Array.from({ length: bodyCheckBounds.places + 1 }, () => ({ sku: 'x' })) }
    expect(checkBody(long, order).map(({ kind }) => kind)).toEqual(['size'])
    const wrong = { items: Array.from({ length: 100 }, () => ({ sku: 1 })) }
    expect(checkBody(wrong, order)).toHaveLength(bodyCheckBounds.faults)
  })

  test('of forms every scalar is text', () => {
    expect(checkBody({ price: '5', items: 'x' }, order, { text: true })).toEqual([])
  })

  test('what was learned is lenient until enough was seen', () => {
    const node = {
      type: 'object',
      seen: 50,
      properties: { amount: { type: 'integer', seen: 50 } },
      required: ['amount'],
    }
    expect(checkBody({ amount: 1.5, more: 1 }, learnedSchema(node))).toEqual([])
    expect(checkBody({ amount: 'x' }, learnedSchema(node)).map(faultText)).toEqual([
      'amount: must be number, is string',
    ])
    const sure = learnedSchema({ ...node, seen: 5000, confidence: 0.999 })
    expect(checkBody({ more: 1 }, sure).map(faultText)).toEqual(['more: is not known', 'amount: is missing'])
  })
})
