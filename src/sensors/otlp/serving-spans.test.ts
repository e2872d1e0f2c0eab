import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packedId, resourceNamed, spanOf } from './fixture.ts'
import { ServingSpans } from './serving-spans.ts'
import type { Span } from './span.ts'

const web = resourceNamed('web')
const orders = resourceNamed('orders')
/** Another instance of the same service. */
const orders2 = resourceNamed('orders')

const find = (
  spans: readonly Span[],
  wanted: readonly number[],
  waitMs = 10_000,
): ReadonlyMap<number, number | undefined> => {
  const serving = new ServingSpans({ spans: 1_000, waitMs })
  const found = new Map<number, number | undefined>()
  for (const span of spans) {
    serving.see(span)
    const id = wanted.find(one => packedId(one, 8) === span.spanId)
    if (id !== undefined)
      serving.find(span, of =>
        found.set(id, spans.findIndex(({ spanId }) => spanId === of) < 0 ? undefined : of!.charCodeAt(7)),
      )
  }
  serving.flush()
  expect(serving.waiting).toBe(0)
  return found
}

describe('the request that a span belongs to', () => {
  it('is the nearest that its own service serves, whatever order spans come in', () => {
    const spans = [
      spanOf(1, 0, 'server', web),
      spanOf(2, 1, 'client', web),
      spanOf(3, 2, 'server', orders),
      spanOf(4, 3, 'internal', orders2),
      spanOf(5, 4, 'client', orders),
      spanOf(6, 1, 'client', web),
      spanOf(7, 6, 'server', orders),
      spanOf(8, 7, 'client', orders),
      // A service whose spans say no kind: what another's leads to is the request.
      spanOf(9, 2, 'internal', orders),
      spanOf(10, 9, 'client', orders),
      // A job of its own.
      spanOf(11, 0, 'internal', orders),
      spanOf(12, 11, 'client', orders),
      // Its parent never comes.
      spanOf(13, 200, 'client', orders),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(spans, { minLength: spans.length }), shuffled => {
        const found = find(shuffled, [2, 5, 8, 10, 12, 13])
        expect([...found].sort((a, b) => a[0] - b[0])).toEqual([
          [2, 1],
          [5, 3],
          [8, 7],
          [10, 9],
          [12, undefined],
          [13, undefined],
        ])
      }),
    )
  })

  it('is waited for as long as told, and in bounded room', () => {
    const at = 1_796_000_000_000
    const serving = new ServingSpans({ spans: 2, waitMs: 1_000 })
    const told: (string | undefined)[] = []
    const access = spanOf(5, 4, 'client', orders, { start: at })
    serving.see(access)
    serving.find(access, of => told.push(of))
    serving.see(spanOf(20, 0, 'client', orders, { start: at + 500 }))
    expect(told).toEqual([])
    serving.see(spanOf(21, 0, 'client', orders, { start: at + 2_000 }))
    expect(told).toEqual([undefined])
    for (const id of [30, 31, 32]) serving.find(spanOf(id, 90, 'client', orders), of => told.push(of))
    expect(told).toHaveLength(2)
    expect(serving.waiting).toBe(2)
  })

  it('ends though spans lead back to themselves', () => {
    const found = find([spanOf(1, 2, 'internal', orders), spanOf(2, 1, 'internal', orders)], [2])
    expect([...found]).toEqual([[2, undefined]])
  })
})
