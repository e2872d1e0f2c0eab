import { describe, expect, it } from 'vitest'
import { inCanary } from '../policy/canary.ts'
import {
  defaultRetreat,
  defaultRollback,
  type JudgedBy,
  retreatOptions,
  whyRetreat,
} from './rollout-judge.ts'
import { type RolloutReading, RolloutWatch, type WatchedCall, watchWindowMs } from './rollout-watch.ts'

const block = { action: 'block', policy: 'p' }
const calm: JudgedBy = { estimate: 0, isSuspect: () => false, wasWell: () => true, faults: 0 }

function readingOf(calls: readonly WatchedCall[], percent?: number): RolloutReading {
  const watch = new RolloutWatch()
  watch.watch([
    {
      policy: 'p',
      since: 0,
      ...(percent === undefined ? { stage: 'enforce' } : { stage: 'canary', percent }),
    },
  ])
  for (const call of calls) watch.observe(call)
  return watch.readings()[0]!
}

/** Calls of 500 callers; `make` says what becomes of the calls of those the canary acts for, and of the others. */
const crowd = (each: number, make: (acting: boolean, index: number) => Partial<WatchedCall>): WatchedCall[] =>
  Array.from({ length: 500 * each }, (_, index) => {
    const principal = `user:${index % 500}`
    return {
      principal,
      time: index * 100,
      status: 200,
      durationMs: 20,
      ...make(inCanary('p', principal, 25), index),
    }
  })

describe('RolloutWatch', () => {
  it('counts by who the policy acts for, and only what it stopped', () => {
    const calls = crowd(4, acting => (acting ? { verdict: block, status: 403 } : {}))
    calls.push({ principal: 'user:0', time: 2_000, status: 403, verdict: { action: 'block', policy: 'q' } })
    const { acting, control, principals, stopped } = readingOf(calls, 25)
    const share = principals / 500
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.35)
    expect(acting.stopped).toBe(principals * 4)
    expect(control.stopped).toBe(0)
    expect(acting.answered).toBe(0)
    expect(control.answered).toBe(2_000 - principals * 4)
    expect(stopped).toHaveLength(principals)
    expect(control.p99).toBeGreaterThan(19)
    expect(control.p99).toBeLessThan(21.5)
  })

  it('begins anew after ten minutes, keeps counting while the stage is the same, and is bounded', () => {
    const watch = new RolloutWatch()
    expect(watch.active).toBe(false)
    const policy = { policy: 'p', stage: 'enforce', since: 10 } as const
    watch.watch([policy])
    expect(watch.readings()).toEqual([])
    watch.observe({ principal: 'a', time: 9 })
    expect(watch.readings()).toEqual([])
    for (const time of [10, 20, 10 + watchWindowMs - 1]) watch.observe({ principal: 'a', time })
    watch.watch([policy])
    expect(watch.readings()[0]?.acting.calls).toBe(3)
    watch.observe({ principal: 'a', time: 10 + watchWindowMs })
    expect(watch.readings()[0]).toMatchObject({
      from: 10 + watchWindowMs,
      to: 10 + watchWindowMs,
      acting: { calls: 1 },
    })
    watch.watch([{ ...policy, windowMs: 1_000 }])
    for (const time of [10, 1_009, 1_010]) watch.observe({ principal: 'a', time })
    expect(watch.readings()[0]).toMatchObject({ from: 1_010, acting: { calls: 1 } })
    watch.watch([{ ...policy, since: 30 }])
    expect(watch.readings()).toEqual([])
    for (let caller = 0; caller < 3_000; caller += 1)
      watch.observe({ principal: `user:${caller}`, time: 40, verdict: block })
    expect(watch.readings()[0]?.stopped).toHaveLength(1_000)
    watch.watch(Array.from({ length: 80 }, (_, index) => ({ ...policy, policy: `p${index}` })))
    watch.observe({ principal: 'a', time: 40 })
    expect(watch.readings()).toHaveLength(50)
  })
})

describe('whyRetreat', () => {
  const stops = (callers: number) =>
    crowd(4, (_, index) => (index % 500 < callers ? { verdict: block, status: 403 } : {}))
  const slow = crowd(8, acting => ({ durationMs: acting ? 40 : 20 }))
  const failing = crowd(8, (acting, index) => (acting && index % 10 === 0 ? { status: 502 } : {}))
  const rows: readonly (readonly [string, RolloutReading, Partial<JudgedBy>, RegExp | undefined])[] = [
    ['nothing stopped', readingOf(stops(0)), {}, undefined],
    ['two callers are chance', readingOf(stops(2)), {}, undefined],
    ['more than three times expected', readingOf(stops(50)), { estimate: 0.02 }, /10 % of calls where 2 %/],
    ['as expected', readingOf(stops(50)), { estimate: 0.08, wasWell: () => false }, undefined],
    ['expected, but of who was well', readingOf(stops(50)), { estimate: 0.08 }, /50 of 500 callers/],
    ['never simulated', readingOf(stops(50)), { wasWell: () => false }, undefined],
    ['too early to say', { ...readingOf(stops(50)), to: 59_999 }, {}, undefined],
    ['attackers do not count', readingOf(stops(50)), { isSuspect: () => true }, undefined],
    ['failing decisions', readingOf(stops(0)), { faults: 0.02 }, /2 % of decisions fail/],
    ['a failing service', readingOf(failing, 25), {}, /fails on/],
    [
      'fails for all alike',
      readingOf(
        crowd(8, (_, index) => (index % 10 === 0 ? { status: 502 } : {})),
        25,
      ),
      {},
      undefined,
    ],
    [
      'a slower service',
      readingOf(slow, 25),
      {},
      /slowest hundredth takes 4\d ms and that of the others (19|2\d) ms/,
    ],
    [
      'a handful of slow answers',
      readingOf(
        crowd(8, (acting, index) => ({
          durationMs: acting && index % 90 === 0 ? 40 : !acting && index % 110 === 0 ? 40 : 20,
        })),
        25,
      ),
      {},
      undefined,
    ],
    [
      'as slow as the others',
      readingOf(
        crowd(8, () => ({ durationMs: 40 })),
        25,
      ),
      {},
      undefined,
    ],
    ['nobody to compare with', readingOf(crowd(8, () => ({ status: 502 }))), {}, undefined],
  ]
  it.each(rows)('%s', (what, reading, by, expected) => {
    const estimate = what === 'never simulated' ? {} : { estimate: calm.estimate! }
    const { estimate: _, ...rest } = calm
    const why = whyRetreat(reading, { ...rest, ...estimate, ...by })
    if (expected === undefined) expect(why).toBeUndefined()
    else expect(why).toMatch(expected)
  })
  it('goes by the limits that are set', () => {
    expect(retreatOptions(defaultRollback)).toEqual(defaultRetreat)
    const reading = readingOf(stops(50))
    const by = { ...calm, estimate: 0.02, wasWell: () => false }
    expect(whyRetreat(reading, by, retreatOptions({ ...defaultRollback, blockFactor: 5 }))).toBeUndefined()
    expect(whyRetreat(reading, by, retreatOptions({ ...defaultRollback, blockFactor: 4 }))).toMatch(/10 %/)
    const lenient = retreatOptions({ ...defaultRollback, newlyStoppedPercent: 10, blockFactor: 5 })
    expect(whyRetreat(reading, { ...by, wasWell: () => true }, lenient)).toBeUndefined()
    expect(
      whyRetreat(readingOf(slow, 25), calm, retreatOptions({ ...defaultRollback, worsePercent: 200 })),
    ).toBeUndefined()
    expect(whyRetreat(reading, { ...by, faults: 0.02 }, { ...lenient, faults: 0.03 })).toBeUndefined()
  })
  it('has a row for each condition', () => expect(rows).toHaveLength(15))
})
