import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openBundle } from '../enforce/sealed-bundle.ts'
import { ManualClock } from '../kit/clock.ts'
import type { SensorHealth } from '../sensors/sensor-health.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import { BundleKeeper } from './bundle-keeper.ts'
import { configSchema } from './config.ts'
import { CounterReports } from './counter-reports.ts'
import { DecisionKeeper } from './decision-keeper.ts'
import { GuardLoops } from './guard-loops.ts'
import type { ToGuardLoop } from './protocol.ts'
import { createRing } from './ring.ts'
import type { AnalysisSnapshot } from './snapshot.ts'

const directory = mkdtempSync(join(tmpdir(), 'sallyport-guard-loops-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const control = { version: 7, policies: [], quarantine: [], bypass: false }
const snapshot = { version: 3 } as AnalysisSnapshot
const taught = { abouts: [], risks: [['user:a', 9]] } as const

async function build(budgets = {}) {
  const state = await MemoryStateStore.open()
  const counters = new CounterReports([])
  const [confirmed, log]: [number[], string[]] = [[], []]
  const bundles = new BundleKeeper(directory, new ManualClock(5))
  const decisions = new DecisionKeeper({
    state,
    counters: counters.own,
    save: async work => {
      await work()
      return true
    },
    quarantined: async () => {},
  })
  const loops = new GuardLoops({
    config: configSchema.parse({ budgets }),
    key: new Uint8Array(32),
    directory,
    addresses: [],
    bundles,
    counters,
    decisions,
    log: line => log.push(line),
    control: () => control,
    taught: () => taught,
    confirmed: version => confirmed.push(version),
  })
  return { loops, state, counters, decisions, bundles, confirmed, log }
}

/** A loop that keeps what it is told. */
function hearing() {
  const heard: ToGuardLoop[] = []
  return { heard, post: (message: ToGuardLoop) => void heard.push(message) }
}

const health = (over: Partial<SensorHealth>): SensorHealth => ({
  id: 'gateway',
  kind: 'Gateway',
  state: 'running',
  events: 0,
  dropped: 0,
  rejected: 0,
  ...over,
})

it('tells every loop, and one that begins all that was told before, sealed', async () => {
  const { loops, bundles } = await build()
  const [one, other] = [hearing(), hearing()]
  expect(loops.govern(control)).toBe(0)
  loops.add(one)
  loops.add(other)
  loops.take('one', one, { type: 'unbriefed' })
  expect(one.heard.map(({ type }) => type)).toEqual(['knowledge', 'control'])
  loops.brief(snapshot)
  expect(loops.snapshot).toBe(snapshot)
  loops.teach(taught)
  expect(loops.govern(control)).toBe(2)
  expect(one.heard.slice(2)).toEqual(other.heard)
  expect(other.heard.map(({ type }) => type)).toEqual(['analysis', 'knowledge', 'control'])
  const third = hearing()
  loops.take('third', third, { type: 'unbriefed' })
  expect(third.heard.slice(0, 2)).toEqual([
    { type: 'analysis', snapshot },
    { type: 'knowledge', taught },
  ])
  const last = third.heard[2]
  expect(last?.type === 'control' && openBundle(last.bundle, bundles.publicKey)).toMatchObject({ control })
  await bundles.settled()
  expect(bundles.keptVersion()).toBe(7)
})

it('starts every loop from the same memory, each with its own name and ring', async () => {
  const { loops, bundles } = await build()
  const ring = createRing(65_536)
  const [one, other] = [loops.data('g0', ring), loops.data('d0', createRing(65_536))]
  expect([one.instance, other.instance, one.ring === ring, other.ring === ring]).toEqual([
    'g0',
    'd0',
    true,
    false,
  ])
  expect(one.flow).toBe(other.flow)
  expect(one.buckets).toBe(other.buckets)
  expect(one.supply).toEqual({
    publicKey: bundles.publicKey,
    bundleFile: bundles.file,
    bypassFile: join(directory, 'bypass'),
  })
})

it('takes what loops report: confirmations, refusals, health as one, counters and decisions', async () => {
  const { loops, state, counters, decisions, confirmed, log } = await build({ url: 'redis://127.0.0.1:6379' })
  const loop = hearing()
  loops.take('g0', loop, { type: 'controlled', version: 7 })
  loops.take('g1', loop, { type: 'controlled', version: 8, refused: 'its seal is broken' })
  expect(confirmed).toEqual([7, 8])
  expect(log).toEqual(['g1 refused what control handed out: its seal is broken.'])
  const report = { type: 'report', decisions: [], quarantines: [] } as const
  const entry = {
    id: 'q',
    kind: 'principal',
    target: 'user:a',
    reason: 'too many',
    createdAt: 1,
    createdBy: 'policy:p',
    expiresAt: 100,
  } as const
  loops.take('g1', loop, {
    ...report,
    health: [health({ events: 2, state: 'degraded' })],
    counters: { calls_total: 2 },
    budgets: false,
    quarantines: [entry],
  })
  loops.take('g0', loop, {
    ...report,
    health: [health({ events: 3 })],
    counters: { calls_total: 3 },
    budgets: true,
  })
  const told = loops.health()
  expect(told.inline).toMatchObject([{ id: 'gateway', events: 5, state: 'degraded' }])
  expect(told.budgets).toMatchObject([
    { state: 'degraded', detail: '1 of 2 loops get no answer and count without other gateways.' },
  ])
  expect(counters.all()).toEqual({ calls_total: 5 })
  await decisions.flush()
  expect(await state.quarantine(50)).toMatchObject([{ id: 'q', target: 'user:a' }])
})
