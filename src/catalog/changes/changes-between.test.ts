import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpoints, endpointWith, leaf, object, start } from '../../../test/support/sample-endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { changesBetween } from './changes-between.ts'
import { fieldTypesOf } from './field-types.ts'
import { sameShape } from './same-shape.ts'

const told = (before: Endpoint | undefined, after: Endpoint | undefined): readonly string[] =>
  changesBetween(before, after, start).map(({ kind, side, field, before, after, sensitive }) =>
    [kind, side, field, before === undefined ? undefined : `${before} →`, after, sensitive ? '!' : undefined]
      .filter(part => part !== undefined)
      .join(' '),
  )

const card = { side: 'response', field: 'card', dataClass: 'payment-card', values: 5 } as const
const plain = endpointWith({ id: leaf('integer') })

describe('the changes between two tellings', () => {
  const rows: readonly (readonly [
    why: string,
    before: Endpoint | undefined,
    after: Endpoint | undefined,
    told: readonly string[],
  ])[] = [
    ['nothing at all', undefined, undefined, []],
    ['new is one change, not one for each field', undefined, plain, ['endpoint-new']],
    [
      'new with data is sensitive',
      undefined,
      endpointWith({}, { dataClasses: { request: [], response: ['payment-card'] } }),
      ['endpoint-new !'],
    ],
    ['a candidate is none yet', undefined, endpointWith({}, { inventory: 'candidate' }), []],
    [
      'a candidate that proved itself is new',
      endpointWith({}, { inventory: 'candidate' }),
      plain,
      ['endpoint-new'],
    ],
    ['an operation that was never called is none', undefined, endpointWith({}, { calls: 0 }), []],
    ['gone', plain, undefined, ['endpoint-gone']],
    [
      'a field',
      plain,
      endpointWith({ id: leaf('integer'), note: leaf('string') }),
      ['field-new response note string'],
    ],
    [
      'fields inside of lists and objects, each told',
      plain,
      endpointWith({
        id: leaf('integer'),
        items: { type: 'array', items: object({ sku: leaf('string') }), seen: 9 },
      }),
      [
        'field-new response items array',
        'field-new response items[] object',
        'field-new response items[].sku string',
      ],
    ],
    [
      'a parameter',
      plain,
      endpointWith({ id: leaf('integer') }, { query: ['debug'] }),
      ['field-new request query:debug string'],
    ],
    [
      'a field that carries data is one change',
      plain,
      endpointWith(
        { id: leaf('integer'), card: leaf('string') },
        { fields: [card], dataClasses: { request: [], response: ['payment-card'] } },
      ),
      ['field-new response card string !'],
    ],
    [
      'data in a field that was there',
      endpointWith({ card: leaf('string') }),
      endpointWith({ card: leaf('string') }, { fields: [card] }),
      ['data-class-new response card payment-card !'],
    ],
    [
      'another type',
      plain,
      endpointWith({ id: leaf(['integer', 'string']) }),
      ['field-type-changed response id integer → integer or string'],
    ],
    ['what was always null has its first value', endpointWith({ id: leaf('null') }), plain, []],
    ['a field that did not come', endpointWith({ id: leaf('integer'), old: leaf('string') }), plain, []],
    [
      'a status',
      plain,
      endpointWith({ id: leaf('integer') }, { statuses: { '200': 9, '500': 1 } }),
      ['status-new 500'],
    ],
    [
      'a credential of another kind',
      plain,
      endpointWith({ id: leaf('integer') }, { auth: ['api-key', 'bearer-jwt'] }),
      ['auth-new bearer-jwt → api-key'],
    ],
    [
      'an answer without a credential',
      plain,
      endpointWith({ id: leaf('integer') }, { auth: ['bearer-jwt', 'none'] }),
      ['auth-removed-once bearer-jwt → none'],
    ],
    [
      'reached from outside',
      plain,
      endpointWith({ id: leaf('integer') }, { exposure: 'external' }),
      ['exposure-changed internal → external'],
    ],
    [
      'a first request body brings its fields with it',
      plain,
      endpointWith({ id: leaf('integer') }, { request: object({ a: leaf('string') }) }),
      ['body-new request application/json'],
    ],
    [
      'properties that turn out to be keys of a map',
      endpointWith({ labels: object({ a: leaf('string'), b: leaf('string') }) }),
      endpointWith({ labels: { type: 'object', additionalProperties: leaf('string'), seen: 9 } }),
      [],
    ],
    [
      'a key of a map is no field',
      endpointWith({ labels: { type: 'object', additionalProperties: leaf('string'), seen: 9 } }),
      endpointWith({ labels: object({ a: leaf('string') }) }),
      [],
    ],
  ]

  it('are told', () => {
    let ran = 0
    for (const [why, before, after, expected] of rows) {
      expect([why, ...told(before, after)]).toEqual([why, ...expected])
      ran += 1
    }
    expect(ran).toBe(22)
  })

  it('put what carries data first where not everything is told', () => {
    const names = Array.from({ length: 400 }, (_, index) => `a${index}`)
    const wide = Object.fromEntries([...names, 'card'].map(name => [name, leaf('string')]))
    const changes = changesBetween(
      plain,
      endpointWith({ ...wide, id: leaf('integer') }, { fields: [card] }),
      start,
    )
    expect(changes).toHaveLength(50)
    expect(changes.find(({ field }) => field === 'card')?.dataClasses).toEqual(['payment-card'])
  })
})

describe('comparing', () => {
  it('finds nothing between a telling and itself', () => {
    fc.assert(
      fc.property(endpoints, endpoint => {
        expect(changesBetween(endpoint, structuredClone(endpoint), start)).toEqual([])
      }),
    )
  })

  it('is the same each time, tells nothing twice, and marks as sensitive what carries data', () => {
    fc.assert(
      fc.property(endpoints, endpoints, (before, other) => {
        const after = { ...other, id: before.id }
        const changes = changesBetween(before, after, start)
        expect(changesBetween(structuredClone(before), structuredClone(after), start)).toEqual(changes)
        expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length)
        for (const { sensitive, dataClasses } of changes) expect(sensitive).toBe(dataClasses.length > 0)
      }),
    )
  })

  it('tells as much by the short way as by naming every field', () => {
    let same = 0
    fc.assert(
      fc.property(endpoints, endpoints, (a, b) => {
        const names = (endpoint: Endpoint): unknown => {
          const { fields, messages } = fieldTypesOf(endpoint)
          const data = endpoint.fields.map(({ field, dataClass }) => `${field} ${dataClass}`)
          return [
            [...fields.values()].map(({ field, type }) => `${field} ${type}`).sort(),
            [...messages],
            data,
          ]
        }
        if (sameShape(a, b)) {
          same += 1
          expect(names(a)).toEqual(names(b))
        }
        expect(sameShape(a, structuredClone(a))).toBe(true)
      }),
      { numRuns: 500, seed: 1 },
    )
    expect(same).toBeGreaterThan(0)
  })

  it('tell no field as new that had to be forgotten and is learned again', () => {
    const before = endpointWith({})
    const after = endpointWith({ total: leaf('number') })
    const again = { ...after, messages: { ...after.messages!, forgotten: 1 } }
    expect(changesBetween(before, after, start).map(({ kind }) => kind)).toEqual(['field-new'])
    expect(changesBetween(before, again, start)).toEqual([])
  })
})
