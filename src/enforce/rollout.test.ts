import { expect, it } from 'vitest'
import { defaultRollout, nextStage, rolloutPlan, whyWait } from './rollout.ts'

const minute = 60_000

it('takes the way of the configuration, and of the policy what it says itself', () => {
  expect(rolloutPlan(defaultRollout)).toEqual({
    shadowMinutes: 1_440,
    shadowCalls: 1_000,
    steps: [1, 5, 25, 100].map(percent => ({ percent, minutes: 30 })),
    automaticRollback: true,
  })
  const configured = { ...defaultRollout, stepMinutes: [10, 20] }
  expect(rolloutPlan(configured).steps.map(({ minutes }) => minutes)).toEqual([10, 20, 30, 30])
  expect(rolloutPlan(configured, { stepMinutes: [5] }).steps.map(({ minutes }) => minutes)).toEqual([
    5, 30, 30, 30,
  ])
  expect(rolloutPlan(configured, { steps: [50, 10], canaryMinutes: 60, stepMinutes: [7] }).steps).toEqual([
    { percent: 10, minutes: 60 },
    { percent: 50, minutes: 7 },
  ])
  expect(rolloutPlan(defaultRollout, { automaticRollback: false }).automaticRollback).toBe(false)
  const off = { ...defaultRollout, automaticRollback: false }
  expect(rolloutPlan(off, { automaticRollback: true }).automaticRollback).toBe(false)
})

it('goes from step to step, and waits at each for its own minutes', () => {
  const plan = rolloutPlan(defaultRollout, { steps: [10, 50], stepMinutes: [5, 90] })
  expect(nextStage({ mode: 'shadow' }, plan)).toEqual({ mode: 'canary', percent: 10 })
  expect(nextStage({ mode: 'canary', percent: 10 }, plan)).toEqual({ mode: 'canary', percent: 50 })
  expect(nextStage({ mode: 'canary', percent: 50 }, plan)).toEqual({ mode: 'enforce' })
  expect(nextStage({ mode: 'enforce' }, plan)).toBeUndefined()
  const rows: readonly (readonly [percent: number, minutes: number, waits: boolean])[] = [
    [10, 4, true],
    [10, 5, false],
    [50, 89, true],
    [50, 90, false],
    // Steps that somebody chose by hand.
    [2, 4, true],
    [2, 5, false],
    [40, 5, false],
    [80, 89, true],
  ]
  for (const [percent, minutes, waits] of rows)
    expect([
      percent,
      minutes,
      whyWait({ stage: 'canary', percent, since: 0 }, plan, minutes * minute, 0) !== undefined,
    ]).toEqual([percent, minutes, waits])
  expect(whyWait({ stage: 'shadow', since: 0 }, plan, 1_440 * minute, 999)).toBe(
    'its endpoints had 999 of at least 1000 calls in shadow',
  )
})
