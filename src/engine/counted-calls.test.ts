import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import type { CallId } from '../kit/id.ts'
import { CountedCalls } from './counted-calls.ts'

const call = (id: number, time: number) => ({ ...storedCall(0).call, id: `c-${id}` as CallId, time })

describe('counted calls', () => {
  it('are each counted once over a restart, also where they came out of order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 14_000 }), { minLength: 1, maxLength: 60 }),
        fc.nat(60),
        (delays, cut) => {
          // One a second, each as late as its delay, in the order in which they came.
          const calls = delays
            .map((delay, index) => ({
              call: call(index, 1e12 + index * 1_000),
              at: 1e12 + index * 1_000 + delay,
            }))
            .sort((a, b) => a.at - b.at)
          const first = new CountedCalls()
          const seen = calls.slice(0, cut)
          expect(seen.every(one => first.count(one.call))).toBe(true)
          const second = new CountedCalls()
          second.restore(first.state(2e12))
          // The store gives them back by time.
          const replayed = calls.map(one => one.call).sort((a, b) => a.time - b.time)
          const again = replayed.filter(one => second.count(one)).map(({ id }) => id)
          const missed = new Set(seen.map(one => one.call.id))
          expect(again.filter(id => missed.has(id))).toEqual([])
          expect(again).toEqual(replayed.map(({ id }) => id).filter(id => !missed.has(id)))
        },
      ),
    )
  })

  it('are not all taken as counted because of one of a time to come', () => {
    const first = new CountedCalls()
    first.count(call(1, 5e12))
    const second = new CountedCalls()
    second.restore(first.state(1e12))
    expect([second.count(call(1, 5e12)), second.count(call(2, 1e12 + 1))]).toEqual([false, true])
  })

  it('are new ones all when nothing is read back any more', () => {
    const counted = new CountedCalls()
    counted.restore({ upTo: 1e12, ids: ['c-1'] })
    expect(counted.count(call(1, 1e12 + 5))).toBe(false)
    counted.end()
    expect([counted.count(call(2, 5)), counted.count(call(1, 1e12 + 5))]).toEqual([true, true])
  })

  it('are remembered up to a bound, before which all is taken as counted', () => {
    const first = new CountedCalls()
    for (let index = 0; index < 60_000; index += 1) first.count(call(index, 1e12 + index / 10))
    const state = first.state(2e12)
    expect(state.ids.length).toBeLessThanOrEqual(50_000)
    const second = new CountedCalls()
    second.restore(state)
    let fresh = 0
    for (let index = 0; index < 60_000; index += 1)
      if (second.count(call(index, 1e12 + index / 10))) fresh += 1
    expect([fresh, second.count(call(60_001, 1e12 + 6_001))]).toEqual([0, true])
  })
})
