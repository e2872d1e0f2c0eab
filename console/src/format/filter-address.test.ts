import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CallFilter,
  emptyFilter,
  excludable,
  excluding,
  type FilterField,
  filterFields,
  including,
  ranges,
  without,
} from './call-filter.ts'
import { addressOf, filterFrom } from './filter-address.ts'
import { conditionsOf, lineOf } from './filter-text.ts'

const value = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    'user:anna',
    '4xx',
    'a b',
    '"',
    '\\',
    'GET api.shop.example/orders/{id}',
    'status:200',
    '-x',
    'a,b',
    '&=#?',
  ),
)
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })
const present = <Value extends object>(record: Value): Value =>
  Object.fromEntries(Object.entries(record).filter(([, entry]) => entry !== undefined)) as Value

const only = fc.record(Object.fromEntries(filterFields.map(field => [field, optional(value)]))).map(present)
const not = fc
  .record(
    Object.fromEntries(
      excludable.map(field => [field, optional(fc.uniqueArray(value, { minLength: 1, maxLength: 3 }))]),
    ),
  )
  .map(present)

const filter = fc
  .record({
    text: fc.string({ maxLength: 20 }),
    range: fc.constantFrom(...ranges),
    since: optional(fc.nat()),
    until: optional(fc.nat()),
    ids: fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { maxLength: 4 }),
    only,
    not,
  })
  .map(present) as fc.Arbitrary<CallFilter>

describe('the address of a filter', () => {
  test('is read back as the same filter, through a real query string', () => {
    fc.assert(
      fc.property(filter, wanted => {
        expect(filterFrom(new URLSearchParams(addressOf(wanted).toString()))).toEqual(wanted)
      }),
    )
  })

  test('of the usual filter is empty', () => {
    expect(addressOf(emptyFilter).toString()).toBe('')
    expect(filterFrom(new URLSearchParams(''))).toEqual(emptyFilter)
  })

  test('that someone has mistyped is read as far as it makes sense', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(filterFrom(new URLSearchParams(text)).range).toMatch(/^(15m|1h|24h|7d|all)$/)
      }),
    )
    expect(filterFrom(new URLSearchParams('range=9y&since=soon&status=&method=GET'))).toEqual({
      ...emptyFilter,
      only: { method: 'GET' },
    })
  })
})

describe('the search line', () => {
  const trimmed = fc.string({ maxLength: 20 }).map(text => text)
  test('is read back as the same conditions', () => {
    fc.assert(
      fc.property(trimmed, only, not, (text, onlyThese, notThese) => {
        const conditions = { text, only: onlyThese, not: notThese } as Pick<
          CallFilter,
          'text' | 'only' | 'not'
        >
        expect(conditionsOf(lineOf(conditions))).toEqual(conditions)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    [
      'status:4xx -principal:user:anna /invoices',
      { text: '/invoices', only: { status: '4xx' }, not: { principal: ['user:anna'] } },
    ],
    [
      'endpoint:"GET api.shop.example/orders/{id}"',
      { text: '', only: { endpoint: 'GET api.shop.example/orders/{id}' }, not: {} },
    ],
    ['a:b c', { text: 'a:b c', only: {}, not: {} }],
    ['"status:4xx"', { text: 'status:4xx', only: {}, not: {} }],
    ['"never closed', { text: 'never closed', only: {}, not: {} }],
    ['-detector:x', { text: '', only: {}, not: {} }],
    ['status:', { text: '', only: {}, not: {} }],
  ])('%s', (line, conditions) => {
    expect(conditionsOf(line)).toEqual(conditions)
  })

  test('reads anything without failing', () => {
    fc.assert(
      fc.property(fc.string(), line => {
        expect(conditionsOf(line).text.length).toBeLessThanOrEqual(line.length)
      }),
    )
  })
})

describe('including and excluding', () => {
  const field = fc.constantFrom(...(excludable as FilterField[]))
  test('contradict each other, and the last one counts', () => {
    fc.assert(
      fc.property(filter, field, value, (before, of, what) => {
        const asked = including(excluding(before, of, what), of, what)
        expect(asked.only[of]).toBe(what)
        expect(asked.not[of] ?? []).not.toContain(what)
        const left = excluding(including(before, of, what), of, what)
        expect(left.only[of]).not.toBe(what)
        expect(left.not[of]?.filter(other => other === what)).toHaveLength(1)
        const gone = without(left, of, what)
        expect(gone.not[of] ?? []).not.toContain(what)
      }),
    )
  })
})
