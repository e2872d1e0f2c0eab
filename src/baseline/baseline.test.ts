import { deserialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { observations, traffic } from '../detect/traffic.ts'
import { endpointId, type PrincipalId, principalId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { Baseline, type BaselineOptions } from './baseline.ts'
import type { Observation } from './observation.ts'

const dayMs = 86_400_000
const user = (name: string): PrincipalId => principalId('user', name)
const at = (method: string, template: string): ReturnType<typeof endpointId> =>
  endpointId(method, 'api.shop.example', template)

function see(baseline: Baseline, o: Observation): void {
  baseline.enter(o)
  baseline.observe(o)
}

function learned(text: string, options: Partial<BaselineOptions> = {}): Baseline {
  const baseline = new Baseline(options)
  for (const o of observations(traffic(text))) see(baseline, o)
  return baseline
}

const last = (text: string): Observation => [...observations(traffic(text))].at(-1) as Observation

describe('Baseline', () => {
  it('knows of a principal what it did before, and nothing of a stranger', () => {
    const baseline = learned(`alice roles=customer agent=okhttp GET /orders/{7} -> 200
alice GET /admin -> 403
wait 2d
alice ip=203.0.113.9 GET /orders/{8} -> 200`)
    const profile = baseline.profile(user('alice'))
    expect(profile).toMatchObject({
      calls: 3,
      activeDays: 2,
      forgotten: false,
      endpoints: 1,
      agents: 2,
      networks: 2,
    })
    expect(profile?.hasUsed(at('GET', '/orders/{orderId}'))).toBe(true)
    expect(profile?.hasUsed(at('GET', '/admin'))).toBe(false)
    expect(profile?.hasNetwork('203.0.113')).toBe(true)
    expect(profile?.hasNetwork('192.0.2')).toBe(false)
    expect(profile?.hasAgent('okhttp')).toBe(true)
    expect(baseline.profile(user('bob'))).toBeUndefined()
    expect(baseline.endpoint(at('GET', '/admin'))?.share('refused')).toBe(1)
  })

  it('never calls new what it forgot for room', () => {
    const names = Array.from({ length: 30 }, (_, index) => `u${index}`)
    const baseline = learned(
      `${names.map(name => `${name} GET /orders/{7} -> 200`).join('\n')}\nu0 GET /me -> 200`,
      { principals: 8 },
    )
    expect(baseline.evicted).toBeGreaterThan(20)
    expect(baseline.profile(user('u29'))).toBeDefined()
    const back = baseline.profile(user('u0'))
    expect(back?.forgotten).toBe(true)
    expect(back?.hasUsed(at('GET', '/me'))).toBe(true)
    expect(back?.hasUsed(at('GET', '/orders/{orderId}'))).toBeUndefined()
    expect(back?.hasDevice('whatever')).toBeUndefined()
    expect((back?.firstSeen ?? Number.POSITIVE_INFINITY) < (back?.lastSeen ?? 0)).toBe(true)
  })

  it('counts the use of an endpoint for the one it was folded into', () => {
    const baseline = learned(
      'alice GET /books/a -> 200\nbob GET /books/b -> 200\ncarol GET /books/{c} -> 200',
    )
    baseline.merged(at('GET', '/books/a'), at('GET', '/books/{bookId}'))
    baseline.merged(at('GET', '/books/b'), at('GET', '/books/{bookId}'))
    for (const name of ['alice', 'bob', 'carol'])
      expect(baseline.profile(user(name))?.hasUsed(at('GET', '/books/{bookId}')), name).toBe(true)
    expect(baseline.endpoint(at('GET', '/books/{bookId}'))).toMatchObject({ calls: 3, principals: 3 })
    expect(baseline.endpoint(at('GET', '/books/a'))).toBeUndefined()
  })

  it('compares with the narrowest group that has enough members, and says who they are', () => {
    const customers = Array.from({ length: 12 }, (_, index) => `c${index}`).join(',')
    const baseline = learned(`${customers} roles=customer GET /me -> 200\nsue roles=support GET /me -> 200`)
    expect(baseline.peersOf(last('c3 roles=customer GET /me -> 200').identity).name).toBe(
      '12 users with the role customer',
    )
    expect(baseline.peersOf(last('sue roles=support GET /me -> 200').identity).name).toBe('13 users')
    expect(baseline.peersOf(last('batch kind=service GET /me -> 200').identity).name).toBe('13 callers')
  })

  it('puts principals without roles to those who call the same', () => {
    const shoppers = Array.from({ length: 11 }, (_, index) => `s${index}`).join(',')
    const clerks = Array.from({ length: 11 }, (_, index) => `k${index}`).join(',')
    const lines = (who: string, ...paths: string[]): string =>
      paths.map(path => `${who} GET ${path} x 11 -> 200`).join('\n')
    const baseline = learned(
      `${lines(shoppers, '/cart', '/products', '/me')}\n${lines(clerks, '/stock', '/shipments', '/returns')}`,
    )
    const name = baseline.peersOf(last('s4 GET /me -> 200').identity).name
    expect(name).toContain('11 users who call')
    expect(name).toContain('/cart')
    expect(baseline.peersOf(last('k4 GET /stock -> 200').identity).name).toContain('/stock')
  })

  it('learns an endpoint in stages, at once from settled history, and looks again after a deploy', () => {
    const many = Array.from({ length: 22 }, (_, index) => `u${index}`).join(',')
    const week = Array.from({ length: 8 }, () => `${many} to=shop/orders@v1 GET /me x 4 -> 200\nwait 1d`)
    const me = at('GET', '/me')
    const live = learned(week.slice(0, 2).join('\n'))
    expect(live.stageOf(me)).toBe('learning')
    expect(live.ready(me)).toContain('5 days of traffic')
    const ready = learned(`${week.join('\n')}\nu1 to=shop/orders@v1 GET /me -> 200`)
    expect(ready.stageOf(me)).toBe('shadow')
    const history = `learn ${many} to=shop/orders@v1 GET /me x 6 -> 200`
    expect(learned(history).stageOf(me)).toBe('active')
    expect(learned(history).ready(me)).toBeUndefined()
    const deployed = learned(`${history}\nwait 1h\nu1 to=shop/orders@v2 GET /me -> 200`)
    expect(deployed.stageOf(me)).toBe('shadow')
    expect(deployed.ready(me)).toContain('version v2 after v1')
    expect(learned(history).stageOf(at('GET', '/other'))).toBe('learning')
  })

  it('sees a deploy without a version where answers of several endpoints change size for good', () => {
    const many = Array.from({ length: 10 }, (_, index) => `u${index}`).join(',')
    const lines = (size: number): string =>
      ['/a', '/b', '/c']
        .map(path => `learn ${many} GET ${path} x 8 -> 200 {"text":"${'x'.repeat(size)}"}`)
        .join('\n')
    const steady = learned(lines(40))
    expect(steady.deploys.recent(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toEqual([])
    const changed = learned(`${lines(40)}\nwait 1d\n${lines(4_000)}`, { delayHours: 0 })
    expect(changed.deploys.recent(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toHaveLength(1)
  })

  it('hands each finished window of each member to its group once, except those under suspicion', () => {
    const baseline = new Baseline({ delayHours: 0 })
    const measure = baseline.measure({ metric: 'objects per day', unit: 'objects' })
    const names = Array.from({ length: 12 }, (_, index) => `u${index}`)
    for (let day = 0; day < 5; day += 1) {
      for (const [index, name] of names.entries()) {
        const o = moved(last(`${name} roles=customer GET /me -> 200`), day * dayMs)
        const slot = baseline.enter(o)
        measure.add(slot, o.call.time, index + 1)
        expect(measure.value(slot, o.call.time)).toBe(index + 1)
        expect(measure.before(slot, o.call.time)).toBe(day === 0 ? 0 : index + 1)
        baseline.observe(o)
      }
      if (day === 0) baseline.rate(user('u11'), 80, Date.UTC(2026, 2, 2))
    }
    const found = baseline.peerMetric(last('u1 roles=customer GET /me -> 200').identity, 'objects per day')
    // Days 0 to 2 ended a whole day ago; eleven members who may teach.
    expect(found?.metric.n).toBe(33)
    expect(found?.group.name).toBe('12 users with the role customer')
    expect(found?.metric.quantile(1)).toBeCloseTo(11, 0)
    expect(found?.metric.robustZ(500)).toBeGreaterThan(6)
    expect(found?.metric.logTail(500)).toBeLessThan(Math.log(1e-6))
    expect(found?.metric.logTail(11)).toBeGreaterThan(Math.log(1e-3))
  })

  it('hands over everything at the end of settled history', () => {
    const baseline = new Baseline()
    const measure = baseline.measure({ metric: 'reads per day', unit: 'reads' })
    const names = Array.from({ length: 12 }, (_, index) => `u${index}`)
    const step = (name: string, day: number, learning: boolean): void => {
      const o = { ...moved(last(`${name} GET /me -> 200`), day * dayMs), learning }
      measure.add(baseline.enter(o), o.call.time, 3)
      baseline.observe(o)
    }
    for (const day of [0, 1]) for (const name of names) step(name, day, true)
    step('u0', 1, false)
    const n = (): number | undefined =>
      baseline.peerMetric(last('u0 GET /me -> 200').identity, 'reads per day', 20)?.metric.n
    expect(n()).toBe(24)
    // The day on which history ended is not handed on again.
    for (const day of [2, 3, 4]) step('u0', day, false)
    expect(n()).toBe(25)
  })

  it('takes for normal what many do on several days, never what one does often or suspects do', () => {
    const habit = 'customer uses GET api.shop.example/reports'
    const days = (names: readonly string[], count: number, suspect?: string): Baseline => {
      const baseline = new Baseline({ delayHours: 0 })
      for (let day = 0; day < count; day += 1)
        for (const name of names) {
          const o = moved(last(`${name} GET /reports -> 200`), day * dayMs)
          baseline.enter(o)
          for (let again = 0; again < 5; again += 1) baseline.vote(habit, o)
          baseline.observe(o)
        }
      if (suspect !== undefined) baseline.rate(user(suspect), 90, Date.UTC(2026, 2, 2) + count * dayMs)
      return baseline
    }
    const five = ['a', 'b', 'c', 'd', 'e']
    const end = Date.UTC(2026, 2, 2) + 20 * dayMs
    expect(days(five, 3).isNormal(habit, end)).toBe(true)
    expect(days(five, 2).isNormal(habit, end)).toBe(false)
    expect(days(five.slice(1), 9).isNormal(habit, end)).toBe(false)
    expect(days(['a'], 20).isNormal(habit, end)).toBe(false)
    expect(days(five, 3, 'c').isNormal(habit, end)).toBe(false)
    expect(days(five, 3).isNormal(habit, Date.UTC(2026, 2, 2) + 200 * dayMs)).toBe(false)
    const history = learned('learn a,b,c GET /reports -> 200')
    for (const o of observations(traffic('learn a,b,c GET /reports -> 200'))) history.vote(habit, o)
    expect(history.isNormal(habit, end)).toBe(true)
  })

  it('lets nobody teach on the first day, nor while under suspicion', () => {
    const baseline = learned('alice GET /me -> 200\nwait 1h\nalice GET /me -> 200')
    expect(baseline.trusted(user('alice'))).toBe(false)
    const later = learned('alice GET /me -> 200\nwait 25h\nalice GET /me -> 200')
    expect(later.trusted(user('alice'))).toBe(true)
    later.rate(user('alice'), 59, Date.UTC(2026, 2, 4))
    expect(later.trusted(user('alice'))).toBe(true)
    later.rate(user('alice'), 60, Date.UTC(2026, 2, 4))
    later.rate(user('alice'), 10, Date.UTC(2026, 2, 4))
    expect(later.trusted(user('alice'))).toBe(false)
    expect(learned('learn alice GET /me -> 200').trusted(user('alice'))).toBe(true)
  })

  it('saved at any point and made again goes on as if nothing happened', () => {
    const paths = ['/me', '/orders/{7}', '/orders/{8}', '/products?limit=20', '/reports'] as const
    const step = fc.record({
      who: fc.nat(14),
      path: fc.nat(4),
      hours: fc.nat(30),
      status: fc.constantFrom(200, 200, 404),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(60), (steps, cut) => {
        const make = (): Baseline => {
          const baseline = new Baseline({ principals: 10, delayHours: 1 })
          baseline.measure({ metric: 'calls per day', unit: 'calls' })
          return baseline
        }
        const plain = make()
        let kept = make()
        let hours = 0
        for (const [index, one] of steps.entries()) {
          hours += one.hours
          if (index === cut) {
            const again = make()
            again.load(thaw(freeze(kept.save())))
            kept = again
          }
          const o = moved(
            last(`u${one.who} roles=customer GET ${paths[one.path] ?? '/me'} -> ${one.status} {"id":1}`),
            hours * 3_600_000,
          )
          for (const baseline of [plain, kept]) {
            const slot = baseline.enter(o)
            baseline.measure({ metric: 'calls per day', unit: 'calls' }).add(slot, o.call.time)
            baseline.vote('habit', o)
            baseline.observe(o)
          }
        }
        expect(stateOf(kept)).toEqual(stateOf(plain))
        expect(JSON.stringify(kept.profile(user('u3')))).toBe(JSON.stringify(plain.profile(user('u3'))))
      }),
      { numRuns: 25 },
    )
  })
})

/** All of its state as plain data. */
const stateOf = (baseline: Baseline): unknown => deserialize(freeze(baseline.save()))

/** The call at another time. */
function moved(o: Observation, by: number): Observation {
  return { ...o, call: { ...o.call, time: o.call.time + by } }
}
