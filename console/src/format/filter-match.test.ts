import { describe, expect, test } from 'vitest'
import type { CallView } from '../../../src/server/api/call.ts'
import { emptyFilter } from './call-filter.ts'
import { matchesFilter } from './filter-match.ts'
import { bucketMs, frameOf, paramsOf } from './filter-params.ts'

const call: CallView = {
  id: 'c-1',
  time: '2026-11-23T10:00:00.000Z',
  method: 'GET',
  host: 'api.shop.example',
  target: '/Orders/7?expand=items',
  status: 404,
  endpoint: 'GET api.shop.example/orders/{orderId}',
  principal: 'user:anna',
  requestBytes: 0,
  responseBytes: 12,
  detectors: ['owner-binding'],
}

describe('matchesFilter', () => {
  test.each([
    [emptyFilter, true],
    [{ ...emptyFilter, text: 'orders/7' }, true],
    [{ ...emptyFilter, text: 'invoices' }, false],
    [{ ...emptyFilter, only: { status: '4xx' } }, true],
    [{ ...emptyFilter, only: { status: '404' } }, true],
    [{ ...emptyFilter, only: { status: '5xx' } }, false],
    [{ ...emptyFilter, only: { detector: 'owner-binding' } }, true],
    [{ ...emptyFilter, only: { tenant: 'acme' } }, false],
    [{ ...emptyFilter, not: { principal: ['user:ben', 'user:anna'] } }, false],
    [{ ...emptyFilter, not: { tenant: ['acme'] } }, true],
    [{ ...emptyFilter, ids: ['c-2'] }, false],
    [{ ...emptyFilter, since: Date.parse(call.time) }, true],
    [{ ...emptyFilter, until: Date.parse(call.time) }, false],
  ])('%j: %s', (filter, expected) => {
    expect(matchesFilter(call, filter)).toBe(expected)
  })
})

describe('what is asked of the API', () => {
  const now = Date.parse('2026-11-23T12:00:00Z')
  test('has absolute times and a parameter for each exclusion', () => {
    expect(
      paramsOf({ ...emptyFilter, range: '1h', only: { method: 'GET' }, not: { ip: ['a', 'b'] } }, now),
    ).toEqual({
      method: 'GET',
      since: '2026-11-23T11:00:00.000Z',
      'not.ip': ['a', 'b'],
    })
    expect(paramsOf({ ...emptyFilter, range: 'all' }, now)).toEqual({})
  })

  test('cuts every range into at most 96 buckets', () => {
    for (const range of ['15m', '1h', '24h', '7d'] as const) {
      const filter = { ...emptyFilter, range }
      const { from = now, to } = frameOf(filter, now)
      expect((to - from) / bucketMs(filter, now)).toBeLessThanOrEqual(96)
    }
  })
})
