import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../../call/api-call.ts'
import type { Json } from '../../call/content.ts'
import { callId } from '../../kit/id.ts'
import { flowValueOf } from './flow-value.ts'
import type { FlowStep } from './labels.ts'

const callWith = (request: Json, response: Json = null): ApiCall => ({
  type: 'call',
  id: callId('call-1'),
  time: 0,
  source: {},
  destination: { host: 'api.shop.example' },
  request: {
    method: 'POST',
    target: '/payments?amount=7.5',
    path: '/payments',
    query: [['amount', '7.5']],
    httpVersion: '1.1',
    headers: [['x-amount', '3']],
    content: { kind: 'json', value: request },
    bodySize: 1,
    bodyTruncated: false,
  },
  response: {
    status: 201,
    headers: [],
    content: { kind: 'json', value: response },
    bodySize: 1,
    bodyTruncated: false,
  },
  credentials: [],
})

const step = (value: FlowStep['value']): FlowStep =>
  value === undefined ? { flow: 'checkout', step: 'pay' } : { flow: 'checkout', step: 'pay', value }

describe('flowValueOf', () => {
  const basket = {
    amount: '12.50',
    order: { total: 40 },
    items: [{ price: 1.5 }, { price: '2.5' }, { sku: 'x' }],
  }
  const rows: readonly [field: string, expected: number | undefined][] = [
    ['request:amount', 12.5],
    ['request:order.total', 40],
    ['request:items[].price', 4],
    ['request:query:amount', 7.5],
    ['request:header:X-Amount', 3],
    ['response:paid', 99],
    ['request:nothing', undefined],
    ['request:order', undefined],
    ['request:items.price', undefined],
    ['request:__proto__.total', undefined],
  ]
  let ran = 0
  it.each(rows)('reads %s as %s', (field, expected) => {
    const found = flowValueOf(callWith(basket, { paid: 99 }), step({ currency: 'EUR', field }))
    expect(found).toEqual(expected === undefined ? undefined : { amount: expected, currency: 'EUR' })
    ran += 1
  })
  it('ran every row', () => expect(ran).toBe(10))

  it.each(['12,50', '1,250.00', '-3', '1e9', '0x10', '', 'EUR 3', ' ', '9'.repeat(16), 'NaN'])(
    'does not believe %j',
    text => {
      expect(
        flowValueOf(callWith({ amount: text }), step({ currency: 'EUR', field: 'request:amount' })),
      ).toBeUndefined()
    },
  )

  it('takes the fixed amount where the call says none', () => {
    expect(flowValueOf(callWith({}), step({ currency: 'EUR', field: 'request:amount', amount: 40 }))).toEqual(
      {
        amount: 40,
        currency: 'EUR',
      },
    )
    expect(flowValueOf(callWith({}), step(undefined))).toBeUndefined()
  })

  it.each([
    ['EUR', 12.5],
    ['JPY', 1_250],
    ['KWD', 1.25],
  ])('counts minor units of %s', (currency, amount) => {
    const found = flowValueOf(
      callWith({ amount: 1_250 }),
      step({ currency, field: 'request:amount', minorUnits: true }),
    )
    expect(found).toEqual({ amount, currency })
  })

  it('never throws and never gives less than nothing, whatever the body', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (body, place) => {
        const found = flowValueOf(
          callWith(body as Json),
          step({ currency: 'EUR', field: `request:${place}` }),
        )
        expect(found === undefined || (found.amount >= 0 && Number.isFinite(found.amount))).toBe(true)
      }),
      { numRuns: 500, seed: 3 },
    )
  })
})
