import { expect, it } from 'vitest'
import type { PolicyView } from '../../../src/server/api/policy.ts'
import { columnsOf } from './rollout.ts'
import { plannedSteps, planSentence } from './rollout-plan.ts'

const plan = {
  shadowMinutes: 1_440,
  shadowCalls: 1_000,
  steps: [
    { percent: 10, minutes: 30 },
    { percent: 50, minutes: 0 },
  ],
  automaticRollback: true,
  rollback: {
    windowMinutes: 10,
    blockFactor: 3,
    newlyStoppedPercent: 0.5,
    worsePercent: 20,
    faultsPercent: 1,
  },
}

it('says the way of a policy in one sentence', () => {
  expect(planSentence(plan)).toBe(
    'Its way, each stage at least: shadow for 24 hours and 1\u202f000 calls, canary at 10 % for 30 minutes, canary at 50 %, then enforced. It goes back to shadow by itself when within 10 minutes it stops more than 3 times the share of calls that was simulated or more than 0.5 % of the callers that were well before, when the service does more than 20 % worse than for others, or when more than 1 % of decisions fail.',
  )
  expect(planSentence({ shadowMinutes: 0, shadowCalls: 0, steps: [], automaticRollback: false })).toBe(
    'Its way, each stage at least: shadow, then enforced. It does not go back to shadow by itself.',
  )
})

it('has a column for each step of a plan, the usual ones without', () => {
  const policy = (more: object): PolicyView =>
    ({ mode: 'shadow', rollout: { stage: { mode: 'shadow' }, since: '', ...more } }) as unknown as PolicyView
  expect([...plannedSteps([policy({})])]).toEqual([1, 5, 25, 100])
  expect(columnsOf([policy({ plan }), policy({})]).map(({ title }) => title)).toEqual([
    'Shadow',
    'Canary 10 %',
    'Canary 50 %',
    'Enforced',
  ])
})
