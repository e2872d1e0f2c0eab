import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { noRedis, RedisServer } from '../../../test/support/redis-server.ts'
import { ManualClock } from '../../kit/clock.ts'
import { gcra } from '../../policy/gcra.ts'
import type { SharedBudgets } from '../ports/shared-budgets.ts'
import { RedisBudgets } from './shared-budgets.ts'

const day = 86_400
/** Generous: what is measured here is what is answered, not how fast. */
const patient = 2_000

/** Until the connection stands: an answer, not undefined. */
async function ready(budgets: SharedBudgets): Promise<void> {
  const probe = { key: `probe ${Math.random()}`, requests: 1, windowSeconds: 1, cost: 1 }
  for (let round = 0; round < 200; round += 1) {
    if ((await budgets.take([probe])) !== undefined) return
    await new Promise(done => setTimeout(done, 20))
  }
  throw new Error('no connection')
}

describe.skipIf(noRedis !== undefined)(`budgets in Redis ${noRedis ?? ''}`, () => {
  let server: RedisServer
  const opened: SharedBudgets[] = []
  const open = (options: { deadlineMs?: number; now?: () => number; clock?: ManualClock } = {}) => {
    const { clock = new ManualClock(), ...rest } = options
    const budgets = new RedisBudgets({ url: server.url, clock, deadlineMs: patient, ...rest })
    opened.push(budgets)
    return budgets
  }

  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterAll(async () => {
    for (const budgets of opened) await budgets.close()
    server.release()
    await server.end()
  })

  it('admits exactly as many as one budget has, however many gateways draw on it at once', async () => {
    const gateways = [open(), open(), open()]
    for (const gateway of gateways) await ready(gateway)
    const take = { key: 'shared', requests: 100, windowSeconds: day, cost: 1 }
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => gateways[index % 3]!.take([take])),
    )
    expect(answers.filter(answer => answer?.[0]?.admitted === true)).toHaveLength(100)
    const refused = answers.find(answer => answer?.[0]?.admitted === false)?.[0]
    expect(refused?.wait).toBeGreaterThan(0)
    expect(refused?.wait).toBeLessThanOrEqual((day * 1000) / 100)
  })

  it('answers as the local arithmetic does, at any times and costs', async () => {
    let now = 0
    const budgets = open({ now: () => now })
    await ready(budgets)
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 3_600 }),
        fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 30 }),
        async (requests, windowSeconds, pauses) => {
          run += 1
          now = 1_800_000_000_000
          let arrival: number | undefined
          for (const pause of pauses) {
            now += pause
            const local = gcra(arrival, now, requests, windowSeconds)
            arrival = local.arrival
            const [shared] = (await budgets.take([{ key: `law ${run}`, requests, windowSeconds, cost: 1 }]))!
            expect(shared!.admitted).toBe(local.admitted)
            expect(Math.abs(shared!.wait - local.wait)).toBeLessThan(1)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('tells how far ahead a bucket is, whoever took from it, also where it refuses', async () => {
    const now = 1_800_000_000_000
    const [a, b] = [open({ now: () => now }), open({ now: () => now })]
    for (const gateway of [a, b]) await ready(gateway)
    const take = { key: 'ahead', requests: 4, windowSeconds: 60, cost: 1 }
    const told: number[] = []
    for (const gateway of [a, a, b, a, b]) told.push((await gateway.take([take]))![0]!.ahead)
    expect(told).toEqual([15_000, 30_000, 45_000, 60_000, 60_000])
  })

  it('tells a late answer to who still listens', async () => {
    const [patiently, hastily] = [open(), open({ deadlineMs: 5 })]
    await ready(patiently)
    const take = { key: 'late', requests: 10, windowSeconds: day, cost: 1 }
    for (let count = 0; count < 6; count += 1) await patiently.take([take])
    await ready(hastily)
    server.hold()
    let told: number | undefined
    const answer = await hastily.take([take], ([late]) => {
      told = late!.ahead
    })
    expect(answer).toBeUndefined()
    expect(told).toBeUndefined()
    server.release()
    await vi.waitFor(() => expect(told).toBeDefined(), { timeout: 5_000 })
    expect(told).toBeGreaterThan(6.9 * (day / 10) * 1000)
    expect(told).toBeLessThanOrEqual(7 * (day / 10) * 1000)
  })

  it('takes nothing more once one of the budgets of a request is spent', async () => {
    const budgets = open()
    await ready(budgets)
    const spent = { key: 'spent', requests: 1, windowSeconds: day, cost: 1 }
    const other = { key: 'other', requests: 1, windowSeconds: day, cost: 1 }
    expect(await budgets.take([spent])).toMatchObject([{ admitted: true }])
    expect(await budgets.take([spent, other])).toMatchObject([{ admitted: false }])
    expect(await budgets.take([other])).toMatchObject([{ admitted: true }])
    const costly = { key: 'costly', requests: 10, windowSeconds: day, cost: 11 }
    expect(await budgets.take([costly])).toEqual([
      { admitted: false, wait: Number.POSITIVE_INFINITY, ahead: 0 },
    ])
  })

  it('takes what was spent already, even beyond the budget', async () => {
    let now = 1_800_000_000_000
    const budgets = open({ now: () => now })
    await ready(budgets)
    const take = { key: 'tokens', requests: 1_000, windowSeconds: 60, cost: 0 }
    expect(await budgets.take([{ ...take, cost: 1_500, spent: true }])).toEqual([
      { admitted: true, wait: 0, ahead: 90_000 },
    ])
    expect(await budgets.take([take])).toMatchObject([{ admitted: false, wait: 30_000 }])
    now += 30_000
    expect(await budgets.take([take])).toMatchObject([{ admitted: true }])
  })

  it('recovers from a clock that went back by a day', async () => {
    let now = 1_800_000_000_000
    const budgets = open({ now: () => now })
    await ready(budgets)
    const take = { key: 'jump', requests: 2, windowSeconds: 60, cost: 1 }
    await budgets.take([take])
    now -= day * 1000
    const [after] = (await budgets.take([take]))!
    expect(after!.wait).toBeLessThanOrEqual(120_000)
    now += 120_000
    expect(await budgets.take([take])).toMatchObject([{ admitted: true }])
  })

  it('gives no answer after the deadline, and asks no more for a while after several', async () => {
    const clock = new ManualClock(1_000)
    const budgets = open({ deadlineMs: 5, clock })
    const take = { key: 'held', requests: 5, windowSeconds: day, cost: 1 }
    for (let round = 0; round < 200 && (await budgets.take([take])) === undefined; round += 1)
      await new Promise(done => setTimeout(done, 20))
    clock.advance(10_000)
    server.hold()
    const answers = []
    for (let round = 0; round < 20; round += 1) answers.push(await budgets.take([take]))
    server.release()
    expect(answers.every(answer => answer === undefined)).toBe(true)
    const lateAnswers = (): number => budgets.counters().sallyport_shared_budget_late_answers_total ?? 0
    await vi.waitFor(() => expect(lateAnswers()).toBeGreaterThan(0), { timeout: 5_000 })
    expect(lateAnswers()).toBe(budgets.counters()['sallyport_shared_budget_total{answer="late"}'])
    const counters = budgets.counters()
    expect(counters['sallyport_shared_budget_total{answer="late"}']).toBeGreaterThanOrEqual(5)
    expect(counters['sallyport_shared_budget_total{answer="skipped"}']).toBeGreaterThanOrEqual(10)
    clock.advance(1_000)
    let answered = false
    for (let round = 0; round < 200 && !answered; round += 1) {
      answered = (await budgets.take([take])) !== undefined
      clock.advance(1_000)
      await new Promise(done => setTimeout(done, 10))
    }
    expect(answered).toBe(true)
  })

  it('gives no answer while the server is gone, and works again when it is back, without its script', async () => {
    const budgets = open()
    await ready(budgets)
    await server.end()
    const take = { key: 'gone', requests: 5, windowSeconds: day, cost: 1 }
    for (let round = 0; round < 200 && (await budgets.take([take])) !== undefined; round += 1)
      await new Promise(done => setTimeout(done, 10))
    expect(await budgets.take([take])).toBeUndefined()
    expect(budgets.counters()['sallyport_shared_budget_total{answer="down"}']).toBeGreaterThan(0)
    await server.begin()
    await ready(budgets)
    expect(await budgets.take([take])).toMatchObject([{ admitted: true }])
  })

  it('keeps no name of a caller', async () => {
    const budgets = open()
    await ready(budgets)
    await budgets.take([{ key: 'policy user:alice', requests: 5, windowSeconds: day, cost: 1 }])
    const { createClient } = await import('@redis/client')
    const client = await createClient({ url: server.url }).connect()
    const keys = await client.keys('*')
    await client.close()
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.filter(key => key.includes('alice'))).toEqual([])
  })
})

it('refuses an address that it cannot use', () => {
  expect(() => new RedisBudgets({ url: 'http://x', clock: new ManualClock() })).toThrow('cannot be used')
})
