import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../baseline/observation.ts'
import { Graph } from '../../graph/graph.ts'
import { Detection } from '../detection.ts'
import { concurrentUse } from '../detectors/concurrent-use.ts'
import { tokenReuse } from '../detectors/token-reuse.ts'
import { observations, traffic } from '../traffic.ts'
import type { TokenBookOptions } from './token-book.ts'

const detectors = [tokenReuse, concurrentUse]

/** Calls as a sensor beside the request path tells them. */
const beside = (text: string): readonly Observation[] =>
  [...observations(traffic(text))].map(o => ({ ...o, call: { ...o.call, sensor: 'otlp' } }))

function signalsOf(calls: readonly Observation[], tokens: Partial<TokenBookOptions> = {}): unknown {
  const detection = new Detection({ detectors, graphDetectors: [], tokens })
  for (const o of calls) detection.observe(o)
  detection.settle(new Graph(), Number.POSITIVE_INFINITY)
  return detection.signals()
}

const theft = `alice GET /me every 2s x 20 -> 200 {"name":"alice"}
alice ip=203.0.113.9 agent=curl GET /me every 2s x 3 -> 200 {"name":"alice"}
alice GET /me every 1s x 3 -> 200 {"name":"alice"}
bob exp=+10m GET /me -> 401
alice POST /logout -> 204
alice GET /me every 3s x 5 -> 200 {"name":"alice"}
wait 20m
bob exp=+10m GET /me every 2s x 3 -> 200 {"name":"bob"}`

describe('tokens that are told of late', () => {
  it('are judged alike in any order within ten seconds', () => {
    const calls = beside(theft)
    const inOrder = signalsOf(calls)
    expect(JSON.stringify(inOrder)).toContain('after its logout')
    expect(JSON.stringify(inOrder)).toContain('"concurrent-use"')
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: calls.length, maxLength: calls.length }),
        late => {
          const told = calls
            .map((o, index) => ({ o, at: o.call.time + late[index]! }))
            .sort((a, b) => a.at - b.at)
            .map(({ o }) => o)
          expect(signalsOf(told)).toEqual(inOrder)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('would be judged otherwise without waiting', () => {
    const calls = beside(theft)
    expect(signalsOf([...calls].reverse(), { lateSeconds: 0 })).not.toEqual(signalsOf(calls))
  })

  it('wait only where a sensor is late', () => {
    const detection = new Detection({ detectors, graphDetectors: [] })
    for (const o of observations(traffic(theft))) detection.observe(o)
    const atOnce = detection.signals().length
    detection.settle(new Graph(), Number.POSITIVE_INFINITY)
    expect(atOnce).toBeGreaterThan(1)
    expect(detection.signals()).toHaveLength(atOnce)
  })

  it('wait in bounded room', () => {
    const detection = new Detection({
      detectors,
      graphDetectors: [],
      tokens: { waiting: 5, tokens: 10 },
    })
    for (const o of beside('alice GET /me every 1ms x 500 -> 200 {"name":"alice"}')) detection.observe(o)
    expect(detection.stats.state.tokens).toBeLessThan(20)
  })
})
