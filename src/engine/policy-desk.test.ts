import { afterEach, beforeEach, expect, it } from 'vitest'
import { start, storedCall } from '../../test/support/sample-server.ts'
import { defaultRollout } from '../enforce/rollout.ts'
import { ManualClock } from '../kit/clock.ts'
import { rulesHash } from '../policy/stages.ts'
import { MemoryCallStore } from '../store/memory/call-store.ts'
import { SqliteStateStore } from '../store/sqlite/state-store.ts'
import { PolicyDesk } from './policy-desk.ts'

const minute = 60_000
const policy = (mode: string, when = 'identity.name == "mallory"'): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec:\n  when: ${when}\n  action: { type: block }\n  mode: ${mode}\n`

let state: SqliteStateStore
let calls: MemoryCallStore
let clock: ManualClock
let desk: PolicyDesk
let handedOut: number
let logged: string[]
const by = { by: 'token:ops' }

beforeEach(async () => {
  state = await SqliteStateStore.open({ file: ':memory:' })
  calls = new MemoryCallStore()
  await calls.append(
    Array.from({ length: 20 }, (_, index) => storedCall(index)),
    'one',
  )
  clock = new ManualClock(start + minute)
  handedOut = 0
  logged = []
  desk = new PolicyDesk({
    state,
    calls,
    clock,
    rollout: { ...defaultRollout, shadowCalls: 0 },
    snapshot: () => undefined,
    rolesAt: () => [],
    principal: () => undefined,
    automaticRollback: true,
    log: line => logged.push(line),
    changed: async () => {
      handedOut += 1
    },
  })
})
afterEach(() => state.close())

const early = { code: 'resource/precondition-required' }

it('lets nothing act that was not simulated, unless somebody says why', async () => {
  await desk.put('p', policy('shadow'), by)
  await expect(desk.put('p', policy('enforce'), by)).rejects.toMatchObject({ ...early, where: 'p' })
  expect((await desk.find('p'))?.version).toBe(1)
  await desk.simulate(policy('shadow', 'identity.name == "eve"'), {}, 'token:ops')
  await expect(desk.put('p', policy('enforce'), by)).rejects.toMatchObject(early)
  const report = await desk.simulate(policy('shadow'), {}, 'token:ops')
  expect(report).toMatchObject({ calls: 20, hash: rulesHash(policy('enforce')), truncated: false })
  const done = await desk.put('p', policy('enforce'), by)
  expect(done).toMatchObject({ stage: { mode: 'enforce' }, simulation: { calls: 20, by: 'token:ops' } })
  const without = await desk.put(
    'q',
    policy('canary\n  canary: { percent: 5 }').replace('name: p', 'name: q'),
    {
      ...by,
      override: 'Attack under way.',
    },
  )
  expect(without).toMatchObject({ stage: { mode: 'canary', percent: 5 }, override: 'Attack under way.' })
  expect(handedOut).toBe(3)
})

it('warns of what acts and was neither in shadow nor simulated', async () => {
  const warned = async (source: string) => (await desk.unwatched(source)).map(({ message }) => message)
  const never = ['"p" acts and was never watched before.']
  expect(await warned(policy('shadow'))).toEqual([])
  expect(await warned('nonsense')).toEqual([])
  expect(await warned(policy('enforce').replace('block', 'observe'))).toEqual([])
  expect(await warned(policy('enforce'))).toEqual(never)
  await desk.put('p', policy('shadow', 'identity.name == "eve"'), by)
  expect(await warned(policy('enforce'))).toEqual(never)
  expect(await warned(policy('enforce', 'identity.name == "eve"'))).toEqual([])
  await desk.simulate(policy('shadow'), { until: start - 1 }, 'token:ops')
  expect(await warned(policy('enforce'))).toEqual(never)
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  expect(await warned(policy('enforce'))).toEqual([])
})

it('takes no simulation that is a week old, and none that had nothing to look at', async () => {
  await desk.simulate(policy('shadow'), { until: start - 1 }, 'token:ops')
  await expect(desk.put('p', policy('enforce'), by)).rejects.toMatchObject(early)
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  clock.advance(7 * 86_400_000 + 1)
  await expect(desk.put('p', policy('enforce'), by)).rejects.toMatchObject(early)
})

it('goes from shadow over the steps of a canary to enforce, each in its time, and back', async () => {
  await desk.put('p', policy('shadow'), by)
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  await expect(desk.promote('p', by)).rejects.toMatchObject({
    ...early,
    message: 'It is too early: it has been at this stage for 0 of at least 1440 minutes.',
  })
  clock.advance(1_440 * minute)
  const steps: string[] = []
  for (let step = 0; step < 5; step += 1) {
    const { stage } = await desk.promote('p', by)
    steps.push(`${stage.mode} ${stage.percent ?? ''}`.trim())
    if (step === 1) await expect(desk.promote('p', by)).rejects.toMatchObject(early)
    clock.advance(30 * minute)
  }
  expect(steps).toEqual(['canary 1', 'canary 5', 'canary 25', 'canary 100', 'enforce'])
  await expect(desk.promote('p', by)).rejects.toMatchObject({ code: 'resource/conflict' })
  await expect(desk.promote('none', by)).rejects.toMatchObject({ code: 'resource/not-found' })
  expect((await desk.rollback('p', by)).stage).toEqual({ mode: 'canary', percent: 100 })
  expect((await desk.rollback('p', by, 1)).stage).toEqual({ mode: 'shadow' })
  await expect(desk.rollback('p', by, 99)).rejects.toMatchObject({ code: 'resource/not-found' })
  expect((await desk.history('p')).map(({ change }) => change)).toEqual([
    'rollback to 1',
    'rollback to 5',
    'promote to enforce',
    'promote to canary for 100 % of principals',
    'promote to canary for 25 % of principals',
    'promote to canary for 5 % of principals',
    'promote to canary for 1 % of principals',
    'put',
  ])
})

it('goes the way that the policy says itself', async () => {
  const own = policy('shadow').concat(
    '  rollout: { steps: [10, 50], stepMinutes: [5, 60], shadowMinutes: 2, automaticRollback: false }\n',
  )
  await desk.put('p', own, by)
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  const steps: string[] = []
  for (const minutes of [2, 5, 60]) {
    await expect(desk.promote('p', by)).rejects.toMatchObject(early)
    clock.advance((minutes - 1) * minute)
    await expect(desk.promote('p', by)).rejects.toMatchObject(early)
    clock.advance(minute)
    const { stage } = await desk.promote('p', by)
    steps.push(`${stage.mode} ${stage.percent ?? ''}`.trim())
  }
  expect(steps).toEqual(['canary 10', 'canary 50', 'enforce'])
  expect((await desk.status((await desk.find('p'))!)).plan).toEqual({
    shadowMinutes: 2,
    shadowCalls: 0,
    steps: [
      { percent: 10, minutes: 5 },
      { percent: 50, minutes: 60 },
    ],
    automaticRollback: false,
  })
  const [watched] = await desk.watched()
  const group = { calls: 1_000, stopped: 900, answered: 100, failed: 0, slow: 0 }
  const stopped = Array.from({ length: 40 }, (_, index) => [`user:${index}`, 5] as const)
  const reading = { from: clock.now(), to: clock.now() + minute, control: group, principals: 40, stopped }
  await desk.take([{ ...watched!, ...reading, acting: group }], 0)
  expect((await desk.find('p'))?.source).toContain('mode: enforce')
})

it('skips stages only with a reason', async () => {
  await desk.put('p', policy('shadow'), by)
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  clock.advance(1_440 * minute)
  await expect(desk.promote('p', by, { mode: 'enforce' })).rejects.toMatchObject(early)
  const done = await desk.promote('p', { ...by, override: 'Agreed.' }, { mode: 'enforce' })
  expect(done).toMatchObject({ stage: { mode: 'enforce' }, override: 'Agreed.' })
  // Less is always allowed.
  expect((await desk.promote('p', by, { mode: 'shadow' })).stage).toEqual({ mode: 'shadow' })
})

it('puts a policy back to shadow by itself, audited and told with the policy', async () => {
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  await desk.put('p', policy('enforce'), by)
  await desk.retreat('p', 'it stops more than expected')
  const found = await desk.find('p')
  expect(found?.source).toContain('mode: shadow')
  const { rollout } = await desk.status(found!)
  expect(rollout).toMatchObject({
    stage: 'shadow',
    rolledBack: { at: clock.now(), why: 'it stops more than expected', from: 'enforce' },
  })
  expect((await state.auditLog({})).items[0]).toMatchObject({
    actor: 'sallyport',
    action: 'policy.rollback',
    target: 'p',
    detail: { automatic: true, from: 'enforce' },
  })
  await desk.retreat('none', 'nothing')
})

it('brings back a policy that was deleted', async () => {
  await desk.put('p', policy('shadow'), by)
  await state.deletePolicy('p')
  expect((await desk.rollback('p', by)).policy).toMatchObject({ name: 'p', version: 2 })
})

it('measures what acts, and puts back to shadow what does harm within ten minutes', async () => {
  const eve = 'identity.name == "eve"'
  await desk.simulate(policy('shadow', eve), {}, 'token:ops')
  await desk.put('p', policy('canary\n  canary: { percent: 25 }', eve), by)
  const [watched, ...others] = await desk.watched()
  expect([watched, others]).toEqual([
    { policy: 'p', stage: 'canary', percent: 25, since: clock.now(), windowMs: 10 * minute },
    [],
  ])
  const group = { calls: 1_000, stopped: 0, answered: 1_000, failed: 0, slow: 0 }
  const reading = {
    ...watched!,
    from: clock.now(),
    to: clock.now() + minute,
    acting: group,
    control: group,
    principals: 200,
    stopped: [],
  }
  await desk.take([reading], 0)
  const found = (await desk.find('p'))!
  expect((await desk.status(found)).reading).toEqual(reading)
  const stopped = Array.from({ length: 40 }, (_, index) => [`user:${index}`, 5] as const)
  // Of a stage that is over nothing is read.
  await desk.take([{ ...reading, since: 1, stopped }], 0)
  expect((await desk.find('p'))?.version).toBe(1)
  await desk.take([{ ...reading, acting: { ...group, stopped: 200 }, stopped }], 0)
  const after = (await desk.find('p'))!
  expect(after.source).toContain('mode: shadow')
  const { rollout } = await desk.status(after)
  expect(rollout.rolledBack).toMatchObject({
    from: 'canary for 25 % of principals',
    why: 'it stops 20 % of calls where 0 % were expected',
  })
  expect(logged).toEqual([
    'The policy p was put back to shadow: it stops 20 % of calls where 0 % were expected.',
  ])
  expect(await desk.watched()).toEqual([])
})

it('puts back what decisions fail under', async () => {
  await desk.simulate(policy('shadow'), {}, 'token:ops')
  await desk.put('p', policy('enforce'), by)
  const group = { calls: 1_000, stopped: 0, answered: 1_000, failed: 0, slow: 0 }
  const none = { calls: 0, stopped: 0, answered: 0, failed: 0, slow: 0 }
  const [watched] = await desk.watched()
  const reading = { ...watched!, from: 5, to: 6, acting: group, control: none, principals: 9, stopped: [] }
  await desk.take([reading], 100)
  await desk.take([reading], 105)
  expect((await desk.find('p'))?.version).toBe(1)
  await desk.take([reading], 120)
  expect((await desk.status((await desk.find('p'))!)).rollout.rolledBack?.why).toBe('2 % of decisions fail')
})
