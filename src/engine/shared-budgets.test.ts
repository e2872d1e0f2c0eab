import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { noRedis, RedisServer } from '../../test/support/redis-server.ts'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { ManualClock, systemClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { refuses, type Verdict } from '../sensors/guard.ts'
import type { SharedBudgets } from '../store/ports/shared-budgets.ts'
import { loadConfig } from './config.ts'
import { DecidingGuard } from './deciding-guard.ts'
import { budgetsHealth, openSharedBudgets, sharedBudgetsAnswer } from './shared-budgets.ts'

const start = Date.UTC(2026, 10, 22, 10)
const day = 86_400
/** Generous: what is measured here is what is decided, not how fast. */
const patient = 2_000

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 400 && !holds(); round += 1) await new Promise(done => setTimeout(done, 10))
  expect(holds()).toBe(true)
}

const opened: SharedBudgets[] = []
afterEach(async () => {
  for (const budgets of opened.splice(0)) await budgets.close()
})

/** A guard as a loop has it, with a connection of its own. */
async function loop(url: string, specs: readonly string[], name: string, deadlineMs = patient) {
  const budgets = (await openSharedBudgets({ url, deadlineMs }, systemClock))!
  opened.push(budgets)
  await until(() => budgets.answering())
  return { ...guarded(specs, name, budgets), budgets }
}

/** A guard that counts together with others, or alone. */
function guarded(specs: readonly string[], name: string, budgets?: SharedBudgets) {
  const clock = new ManualClock(start)
  const shares = budgets === undefined ? {} : { budgets }
  const enforcement = new Enforcement({ clock, instance: name, key: new Uint8Array(32), ...shares })
  const policies = specs.map((spec, index) => ({
    name: `p${index}`,
    version: 1,
    source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p${index} }\nspec: { ${spec} }\n`,
  }))
  expect(enforcement.update({ version: 1, bypass: false, quarantine: [], policies })).toEqual([])
  const guard = new DecidingGuard({
    redactor: new Redactor({ key: new Uint8Array(32) }),
    enforcement,
    hand: () => true,
    counters: new CounterSet(),
  })
  let calls = 0
  const admit = (caller: string) => {
    calls += 1
    return guard.admit({
      id: `${name}${calls}`,
      time: clock.now(),
      source: { ip: '198.51.100.7' },
      destination: { host: 'api.shop.example' },
      method: 'GET',
      target: '/orders',
      httpVersion: '1.1',
      headers: [['x-api-key', `a-key-that-is-${caller}`]],
    })
  }
  const ask = async (caller = 'alice'): Promise<Verdict> => {
    const admission = admit(caller)
    return (refuses(admission.verdict) ? undefined : await admission.settle?.()) ?? admission.verdict
  }
  return { admit, ask, enforcement }
}

const throttle = (requests: number): string =>
  `mode: enforce, action: { type: throttle, requests: ${requests}, windowSeconds: ${day} }`
const actions = (verdicts: readonly Verdict[]): string => verdicts.map(({ action }) => action[0]).join('')

describe.skipIf(noRedis !== undefined)(`policies with shared budgets ${noRedis ?? ''}`, () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterEach(async () => {
    // Each test has budgets of its own.
    await server.end()
    await server.begin()
  })
  afterAll(() => server.end())

  it('admit exactly as many as one budget has, at whichever loop, and tell the rest when to come back', async () => {
    const loops = [
      await loop(server.url, [throttle(10)], 'a'),
      await loop(server.url, [throttle(10)], 'b'),
      await loop(server.url, [throttle(10)], 'c'),
    ]
    const verdicts = await Promise.all(Array.from({ length: 60 }, (_, index) => loops[index % 3]!.ask()))
    expect(verdicts.filter(({ action }) => action === 'pass')).toHaveLength(10)
    const refused = verdicts.filter(refuses)
    expect(refused).toHaveLength(50)
    for (const verdict of refused) {
      expect(verdict).toMatchObject({ action: 'throttle', status: 429, policy: 'p0' })
      expect(verdict.retryAfterSeconds).toBeGreaterThan(0)
      expect(verdict.retryAfterSeconds).toBeLessThanOrEqual(day / 10)
    }
    const records = loops.flatMap(({ enforcement }) => enforcement.drainDecisions())
    expect(new Set(records.map(({ id }) => id))).toEqual(new Set(refused.map(({ decisionId }) => decisionId)))
    expect(actions([await loops[0]!.ask('bob')])).toBe('p')
  })

  it('ask nobody for a request that no throttle is about, nor for one that only would be slowed', async () => {
    const some = await loop(
      server.url,
      [
        `${throttle(1)}, when: 'request.method == "POST"'`,
        'action: { type: throttle, requests: 1, windowSeconds: 60 }',
      ],
      'a',
    )
    const asked = some.budgets.counters()['sallyport_shared_budget_total{answer="shared"}'] ?? 0
    for (let call = 0; call < 5; call += 1) expect(some.admit('alice').settle?.()).toBeUndefined()
    expect(some.budgets.counters()['sallyport_shared_budget_total{answer="shared"}'] ?? 0).toBe(asked)
    expect(some.enforcement.drainDecisions()).toMatchObject([{ acted: false, policy: 'p1' }])
  })

  it('send all budgets of a request in one call; what is weaker happens only to what passes them', async () => {
    const specs = [
      throttle(2),
      throttle(5),
      'mode: enforce, action: { type: tag, header: x-risk, value: high }',
    ]
    const some = await loop(server.url, specs, 'a')
    const verdicts = [await some.ask(), await some.ask(), await some.ask(), await some.ask()]
    expect(actions(verdicts)).toBe('aatt')
    expect(verdicts[0]).toMatchObject({ policy: 'p2', headers: [['x-risk', 'high']] })
    expect(some.budgets.counters()['sallyport_shared_budget_total{answer="shared"}']).toBe(4)
    expect(some.enforcement.counters.get('sallyport_decisions_total{action="throttle"}')).toBe(2)
  })

  it('leave the same records as budgets of one loop do', async () => {
    const specs = [
      throttle(2),
      'mode: enforce, action: { type: tag, header: x-risk, value: high }',
      'mode: enforce, action: { type: observe }',
      'mode: shadow, action: { type: tag, header: x-shadow, value: high }',
    ]
    const shared = await loop(server.url, specs, 'a')
    const of = async ({ ask, enforcement }: ReturnType<typeof guarded>) => {
      const verdicts = [await ask(), await ask(), await ask()]
      const records = enforcement.drainDecisions().map(({ policy, action, acted }) => [policy, action, acted])
      return [actions(verdicts), records, enforcement.counters.toJSON()]
    }
    const without = await of(guarded(specs, 'b'))
    expect(await of(shared)).toEqual(without)
    expect(without[0]).toBe('aat')
    expect(shared.budgets.counters()['sallyport_shared_budget_total{answer="shared"}']).toBe(3)
  })

  it('take what an answer cost from all, behind it', async () => {
    const spec = `mode: enforce, action: { type: throttle, budget: 100, windowSeconds: ${day}, cost: response.size }`
    const [a, b] = [await loop(server.url, [spec], 'a'), await loop(server.url, [spec], 'b')]
    const admission = a.admit('alice')
    expect(await admission.settle?.()).toEqual({ action: 'pass' })
    const shared = (): number => a.budgets.counters()['sallyport_shared_budget_total{answer="shared"}'] ?? 0
    const before = shared()
    const size = 150
    admission.decideResponse(
      { status: 200, headers: [['content-length', String(size)]] },
      { bytes: new Uint8Array(size), size, truncated: false },
    )
    await until(() => shared() > before)
    expect(actions([await b.ask(), await b.ask('bob')])).toBe('tp')
  })

  it('count alone while nobody answers: each loop its own budget', async () => {
    const [a, b] = [await loop(server.url, [throttle(3)], 'a'), await loop(server.url, [throttle(3)], 'b')]
    expect(actions([await a.ask()])).toBe('p')
    await server.end()
    await until(() => !a.budgets.answering() && !b.budgets.answering())
    const alone = async (one: typeof a): Promise<string> =>
      actions([await one.ask(), await one.ask(), await one.ask(), await one.ask()])
    // What it took while others counted too is counted here as well.
    expect([await alone(a), await alone(b)]).toEqual(['pptt', 'pppt'])
    expect(b.budgets.counters()['sallyport_shared_budget_total{answer="down"}']).toBe(4)
    const refused = await a.ask()
    expect(refuses(refused) && refused.retryAfterSeconds).toBe(day / 3)
  })

  it('go on from what all had taken when nobody answers any more', async () => {
    const loops = [
      await loop(server.url, [throttle(10)], 'a'),
      await loop(server.url, [throttle(10)], 'b'),
      await loop(server.url, [throttle(10)], 'c'),
    ] as const
    const [a, b, c] = loops
    for (let call = 0; call < 6; call += 1) expect(actions([await a.ask()])).toBe('p')
    expect(actions([await b.ask()])).toBe('p')
    await server.end()
    await until(() => loops.every(({ budgets }) => !budgets.answering()))
    const alone = async (one: typeof a): Promise<number> => {
      let admitted = 0
      for (let call = 0; call < 20; call += 1) if ((await one.ask()).action === 'pass') admitted += 1
      return admitted
    }
    // One knows of six, one of seven; the third has never asked, and grants the whole budget.
    expect([await alone(a), await alone(b), await alone(c)]).toEqual([4, 3, 10])
  })

  it('learn from an answer that came too late for its request', async () => {
    const [a, b] = [
      await loop(server.url, [throttle(10)], 'a'),
      await loop(server.url, [throttle(10)], 'b', 5),
    ]
    for (let call = 0; call < 8; call += 1) expect(actions([await a.ask()])).toBe('p')
    server.hold()
    // It counts alone, and knows of nobody.
    expect(actions([await b.ask()])).toBe('p')
    const counted = (name: string): number => b.budgets.counters()[name] ?? 0
    expect(counted('sallyport_shared_budget_total{answer="late"}')).toBe(1)
    server.release()
    await until(() => counted('sallyport_shared_budget_late_answers_total') === 1)
    await server.end()
    await until(() => !b.budgets.answering())
    expect(actions([await b.ask(), await b.ask(), await b.ask()])).toBe('ptt')
  })

  it('know what an answer cost elsewhere when nobody answers any more', async () => {
    const spec = `mode: enforce, action: { type: throttle, budget: 100, windowSeconds: ${day}, cost: response.size }`
    const [a, b] = [await loop(server.url, [spec], 'a'), await loop(server.url, [spec], 'b')]
    const admission = a.admit('alice')
    await admission.settle?.()
    const shared = (): number => a.budgets.counters()['sallyport_shared_budget_total{answer="shared"}'] ?? 0
    const before = shared()
    admission.decideResponse(
      { status: 200, headers: [['content-length', '150']] },
      { bytes: new Uint8Array(150), size: 150, truncated: false },
    )
    await until(() => shared() > before)
    expect(actions([await b.ask()])).toBe('t')
    await server.end()
    await until(() => !b.budgets.answering())
    expect(actions([await b.ask(), await b.ask('bob')])).toBe('tp')
  })

  it('let everything pass once the kill switch is on, whatever was asked before', async () => {
    const some = await loop(server.url, [throttle(1)], 'a')
    await some.ask()
    const settling = some.admit('alice').settle?.()
    some.enforcement.update({ version: 2, bypass: true, quarantine: [], policies: [] })
    expect(await settling).toEqual({ action: 'pass' })
  })

  it('are told to answer by the doctor, or not', async () => {
    expect(await sharedBudgetsAnswer({ url: server.url, deadlineMs: 5 }, systemClock)).toBe(true)
    await server.end()
    expect(await sharedBudgetsAnswer({ url: server.url, deadlineMs: 5 }, systemClock)).toBe(false)
  })
})

it('tells where budgets are kept, without a name and a password', () => {
  const url = 'rediss://sallyport:hunter2@redis.example:6380/3'
  const health = budgetsHealth(
    url,
    new Map([
      ['gateway-0', true],
      ['points', false],
    ]),
  )
  expect(health).toMatchObject({ state: 'degraded', address: 'rediss://redis.example:6380' })
  expect(health.detail).toContain('1 of 2')
  expect(JSON.stringify(health)).not.toContain('hunter2')
  expect(budgetsHealth(url, new Map([['gateway-0', true]])).state).toBe('running')
})

it.each([
  'http://sallyport:hunter2@redis.example',
  'redis://sallyport:hunter2%zz@redis.example',
  'redis://sallyport:hunter2@redis.example/first',
])('refuses an address that it cannot use without telling it: %s', url => {
  let said = ''
  try {
    loadConfig(undefined, { SALLYPORT_BUDGETS_URL: url })
  } catch (thrown) {
    said = `${String(thrown)} ${JSON.stringify(thrown)}`
  }
  expect(said).toContain('redis://')
  expect(said).not.toContain('hunter2')
})
