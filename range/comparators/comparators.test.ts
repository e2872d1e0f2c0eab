import { describe, expect, it } from 'vitest'
import { parseEventLine } from '../../src/call/event-line.ts'
import { Redactor } from '../../src/call/redactor.ts'
import { type Rule, shapeOf } from './comparator.ts'
import { comparators } from './index.ts'

const redactor = new Redactor({ key: Buffer.alloc(32, 3) })
let count = 0
function call(time: number, target: string, token: string, status = 200) {
  count += 1
  const line = JSON.stringify({
    id: `c-${count}`,
    time,
    source: { ip: '203.0.113.7' },
    request: { method: 'GET', target, headers: [['authorization', `Bearer ${token}`]] },
    response: { status, headers: [] },
  })
  const event = parseEventLine(line, 'test', count, redactor)
  if (!('type' in event) || event.type !== 'call') throw new TypeError('not a call')
  return event
}

const rule = (id: string): Rule => {
  const found = comparators.find(one => one.id === id)
  if (found === undefined) throw new TypeError(`there is no ${id}`)
  return found.create()
}

/** Feeds history, then the window. @returns How many calls of the window it spoke at. */
function spoken(
  id: string,
  history: readonly ReturnType<typeof call>[],
  window: readonly ReturnType<typeof call>[],
): number {
  const feed = rule(id)
  for (const one of history) feed(one, true)
  return window.filter(one => feed(one, false) !== undefined).length
}

describe('rules of peers', () => {
  it('have ids of their own and a source', () => {
    expect(new Set(comparators.map(({ id }) => id)).size).toBe(comparators.length)
    for (const { source } of comparators) expect(source.length).toBeGreaterThan(20)
    expect(comparators.length).toBe(5)
  })

  it('take numbers, UUIDs and codes for ids', () => {
    const one = call(1, '/v1/orders/1042/items/ord_Ab12cd34Ef', 'token-token-1')
    expect(shapeOf(one)).toEqual({ shape: 'GET /v1/orders/{id}/items/{id}', ids: ['1042', 'ord_Ab12cd34Ef'] })
  })

  const many = (distinct: boolean, gap: number) =>
    Array.from({ length: 80 }, (_, index) =>
      call(1_000_000 + index * gap, `/orders/${distinct ? 5_000 + index : 5_000}`, 'token-token-2'),
    )

  it('count unique values', () => {
    expect(spoken('unique-values', [], many(true, 1_000))).toBe(60)
    expect(spoken('unique-values', [], many(false, 1_000))).toBe(0)
    expect(spoken('unique-values', [], many(true, 60_000))).toBe(0)
  })

  it('know who had an object before', () => {
    const history = [1, 2, 3, 4].map(id => call(id, `/orders/${id}`, 'token-token-3'))
    const window = (token: string) => [1, 2, 3, 4].map(id => call(10_000 + id, `/orders/${id}`, token))
    expect(spoken('unseen-object', history, window('token-token-3'))).toBe(0)
    expect(spoken('unseen-object', history, window('token-token-4'))).toBe(2)
  })

  it('know which calls follow which', () => {
    const visit = (start: number, paths: readonly string[]) =>
      paths.map((path, index) => call(start + index, path, 'token-token-5'))
    const usual = ['/a', '/b', '/c', '/a', '/b', '/c']
    expect(spoken('bigram-sequence', visit(0, usual), visit(10_000_000, usual))).toBe(0)
    expect(
      spoken('bigram-sequence', visit(0, usual), visit(10_000_000, ['/a', '/c', '/b', '/a', '/c'])),
    ).toBeGreaterThan(0)
  })

  it.each(['bucket-per-address', 'bucket-per-token'])('%s overflows at more than one a second', id => {
    expect(spoken(id, [], many(true, 100))).toBeGreaterThan(5)
    expect(spoken(id, [], many(true, 1_100))).toBe(0)
  })
})
