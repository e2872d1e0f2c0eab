import { describe, expect, test } from 'vitest'
import type { PolicyView } from '../../../src/server/api/policy.ts'
import { lineDiff } from './line-diff.ts'
import { policiesSentence, policyEffect } from './policies.ts'
import { columnsOf, needed, rolloutSentence, stageChangeWords, waitWords } from './rollout.ts'

const policy = (
  name: string,
  mode: PolicyView['rollout']['stage']['mode'],
  percent?: number,
): PolicyView => ({
  ...{
    name,
    source: '',
    version: 1,
    updatedAt: '',
    updatedBy: 'ada',
    mode,
    phase: 'request',
    action: 'block',
  },
  effect: { decisions: 0, principals: 0, acted: 0, actedPrincipals: 0 },
  rollout: { stage: { mode, ...(percent === undefined ? {} : { percent }) }, since: '' },
})
const simulation = {
  ...{ at: '', by: 'ada', calls: 9, matched: 0, stopped: 0, attacks: 0, attacksStopped: 0 },
  ...{ benign: 9, benignStopped: 0, benignAmended: 0 },
}
const all = [policy('a', 'enforce'), policy('b', 'enforce'), policy('c', 'enforce'), policy('d', 'canary', 5)]

describe('what is enforced', () => {
  test('is said with what it did', () => {
    expect(policiesSentence(all, { acted: 212, principals: 2, truncated: false })).toBe(
      '3 policies enforced, 1 in canary at 5 %. In 24 hours policies and quarantine acted on 212 calls of 2 callers.',
    )
    expect(policiesSentence([policy('a', 'shadow')], { acted: 0, principals: 0, truncated: false })).toBe(
      '1 policy only watching. Nothing is refused.',
    )
    expect(policiesSentence([], undefined)).toContain('No policy is in place')
  })

  test('tells what was done from what was only written down', () => {
    const effect = { decisions: 12, principals: 3, acted: 2, actedPrincipals: 1 }
    expect(policyEffect({ mode: 'canary', effect })).toBe(
      'acted on 2 calls of 1 caller, and would have acted on at least 10 calls',
    )
    expect(policyEffect({ mode: 'shadow', effect: { ...effect, acted: 0, actedPrincipals: 0 } })).toBe(
      'would have acted on at least 12 calls of 3 callers',
    )
  })
})

describe('the board', () => {
  test('has a column for each stage, also for a step that is no usual one', () => {
    const columns = columnsOf([...all, policy('e', 'canary', 10)])
    expect(columns.map(({ title, policies }) => [title, policies.length])).toEqual([
      ['Shadow', 0],
      ['Canary 1 %', 0],
      ['Canary 5 %', 1],
      ['Canary 10 %', 1],
      ['Canary 25 %', 0],
      ['Canary 100 %', 0],
      ['Enforced', 3],
    ])
  })

  test('says who may go on, and what is needed before', () => {
    const waiting = { ...policy('w', 'shadow') }
    const waits = 'it has been at this stage for 3 of at least 1440 minutes'
    expect(waitWords(waits)).toBe('it has been at this stage for 3 minutes of at least 24 hours')
    expect(needed({ ...waiting, rollout: { ...waiting.rollout, waits } })).toBe(
      'it has not been simulated, and it has been at this stage for 3 minutes of at least 24 hours',
    )
    expect(needed({ ...waiting, action: 'tag' })).toBeUndefined()
    expect(needed({ ...waiting, rollout: { ...waiting.rollout, simulation } })).toBeUndefined()
    expect(rolloutSentence(all)).toBe('Every policy is where it was going: all are enforced.')
    const next = { mode: 'enforce' } as const
    expect(
      rolloutSentence([
        { ...waiting, rollout: { ...waiting.rollout, next, waits } },
        { ...waiting, rollout: { ...waiting.rollout, next, simulation } },
      ]),
    ).toBe('1 policy may go on now. 1 policy gathers evidence.')
  })

  test('says whom a stage is for', () => {
    expect(stageChangeWords(policy('a', 'shadow'), { mode: 'canary', percent: 5 })[0]).toBe(
      'For 5 in 100 callers, always the same ones, the calls that it matches are refused. Everyone else goes on as before, and is compared with them.',
    )
    expect(stageChangeWords(policy('a', 'enforce'), { mode: 'shadow' })[0]).toContain('stops acting at once')
  })
})

test('what changed is told by lines', () => {
  const lines = lineDiff('a\nb\nc\n', 'a\nx\nc\nd\n').map(({ kind, text, line }) => `${kind} ${text} ${line}`)
  expect(lines).toEqual(['same a 1', 'removed b 2', 'added x 2', 'same c 3', 'added d 4'])
  expect(lineDiff('a\n', 'a\n')).toEqual([{ kind: 'same', text: 'a', line: 1 }])
})
