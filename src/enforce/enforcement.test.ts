import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../kit/clock.ts'
import { buildFacts } from '../policy/facts-builder.ts'
import { verdictAnswer } from '../sensors/gateway/problem-answer.ts'
import { refuses } from '../sensors/guard.ts'
import type { Control } from './control.ts'
import { maxRecords } from './decision-log.ts'
import { Enforcement, quarantineReason } from './enforcement.ts'
import { createBucketBuffer } from './throttle.ts'

const start = Date.UTC(2026, 10, 22, 10)
const source = (name: string, spec: string): Control['policies'][number] => ({
  name,
  version: 1,
  source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`,
})
const control = (policies: Control['policies'], rest: Partial<Control> = {}): Control => ({
  version: 1,
  policies,
  quarantine: [],
  bypass: false,
  ...rest,
})

function setUp(policies: Control['policies'], options: { readonly buckets?: SharedArrayBuffer } = {}) {
  const clock = new ManualClock(start)
  const enforcement = new Enforcement({ clock, instance: 'gw1', ...options })
  expect(enforcement.update(control(policies))).toEqual([])
  let calls = 0
  const ask = (
    name: string,
    more: {
      readonly token?: string
      readonly phase?: 'request' | 'response'
      readonly input?: Record<string, unknown>
    } = {},
  ) => {
    calls += 1
    const facts = buildFacts({ identity: { name }, ...more.input }, { host: 'h', method: 'GET', path: '/a' })
    return enforcement.decide(more.phase ?? 'request', facts, {
      principal: `user:${name}`,
      endpoint: 'GET h/a',
      call: `c-${calls}`,
      time: clock.now(),
      ...(more.token === undefined ? {} : { token: more.token }),
    })
  }
  return { clock, enforcement, ask }
}
const mallory = 'when: \'identity.name == "mallory"\''

describe('Enforcement', () => {
  test('blocks with a decision that is recorded', () => {
    const { ask, enforcement } = setUp([
      source('p', `action: { type: block, status: 404 }, mode: enforce, reason: Not here., ${mallory}`),
    ])
    expect(ask('alice')).toEqual({ action: 'pass' })
    const verdict = ask('mallory')
    expect(verdict).toMatchObject({ action: 'block', status: 404, policy: 'p', reason: 'Not here.' })
    const [record, ...others] = enforcement.drainDecisions()
    expect(others).toEqual([])
    expect(record).toMatchObject({
      id: 'decisionId' in verdict ? verdict.decisionId : '',
      action: 'block',
      mode: 'enforce',
      principal: 'user:mallory',
      call: 'c-2',
    })
    expect(enforcement.drainDecisions()).toEqual([])
  })

  test('a cloak tells the caller nothing, and the record everything', () => {
    const { ask, enforcement } = setUp([
      source('p', `action: { type: block, cloak: 404 }, mode: enforce, reason: A scanner., ${mallory}`),
    ])
    const verdict = ask('mallory')
    expect(verdict).toMatchObject({ action: 'block', status: 404, reason: 'Not found.', cloaked: true })
    if (!refuses(verdict)) throw new Error('it passed')
    const answer = verdictAnswer(verdict)
    expect(JSON.parse(answer.body.toString())).toEqual({
      type: 'about:blank',
      title: 'Not found.',
      status: 404,
    })
    expect(enforcement.drainDecisions()).toMatchObject([{ reason: 'A scanner.', policy: 'p' }])
  })

  test('of equally strong ones the higher priority goes first, then the name', () => {
    const policy = (name: string, priority: number) =>
      source(name, `action: { type: block }, mode: enforce, priority: ${priority}`)
    const decided = (...policies: Control['policies'][number][]) => {
      const verdict = setUp(policies).ask('alice')
      return verdict.action === 'pass' ? undefined : verdict.policy
    }
    expect(decided(policy('b', 0), policy('a', 0))).toBe('a')
    expect(decided(policy('b', 1), policy('a', 0))).toBe('b')
    expect(
      decided(
        policy('b', -1),
        source('c', 'action: { type: throttle, requests: 1, windowSeconds: 1 }, priority: 9'),
      ),
    ).toBe('b')
  })

  test('shadow only writes down: the first, then one each ten seconds with a count', () => {
    const { ask, clock, enforcement } = setUp([source('p', 'action: { type: block }, reason: Would block.')])
    for (let index = 0; index < 100; index += 1) {
      expect(ask('alice')).toEqual({ action: 'pass' })
      clock.advance(200)
    }
    ask('bob')
    expect(
      enforcement.drainDecisions().map(({ principal, action, reason }) => [principal, action, reason]),
    ).toEqual([
      ['user:alice', 'block', 'Would block.'],
      ['user:alice', 'block', 'Would block. (and 49 more since the last record)'],
      ['user:bob', 'block', 'Would block.'],
    ])
  })

  test('throttles per principal and says when to come back', () => {
    const { ask, clock } = setUp([
      source('p', 'action: { type: throttle, requests: 2, windowSeconds: 20 }, mode: enforce'),
    ])
    expect([ask('a').action, ask('a').action]).toEqual(['pass', 'pass'])
    expect(ask('a')).toMatchObject({ action: 'throttle', status: 429, retryAfterSeconds: 10 })
    expect(ask('b').action).toBe('pass')
    clock.advance(10_000)
    expect(ask('a').action).toBe('pass')
  })

  test('quarantines at once, by principal, and lets go in time', () => {
    const { ask, clock, enforcement } = setUp([
      source('p', 'action: { type: quarantine, ttl: 15m }, mode: enforce, when: request.payload != ""'),
    ])
    expect(ask('m').action).toBe('pass')
    expect(ask('m', { input: { request: { payload: 'xss' } } })).toMatchObject({
      action: 'block',
      status: 403,
      policy: 'p',
    })
    expect(ask('m')).toMatchObject({
      action: 'block',
      status: 403,
      policy: 'quarantine',
      reason: quarantineReason,
    })
    expect(ask('other').action).toBe('pass')
    expect(enforcement.drainQuarantines()).toMatchObject([
      { kind: 'principal', target: 'user:m', createdBy: 'policy:p', expiresAt: start + 900_000 },
    ])
    clock.advance(900_000)
    expect(ask('m').action).toBe('pass')
  })

  test('quarantines a token, or the principal where there is none', () => {
    const { ask, enforcement } = setUp([
      source('p', `action: { type: quarantine, target: token }, mode: enforce, ${mallory}`),
    ])
    ask('mallory', { token: 'f'.repeat(32) })
    ask('mallory')
    expect(enforcement.drainQuarantines().map(({ kind, target }) => [kind, target])).toEqual([
      ['token', 'f'.repeat(32)],
      ['principal', 'user:mallory'],
    ])
    expect(ask('thief', { token: 'f'.repeat(32) }).action).toBe('block')
    expect(ask('thief', { token: 'e'.repeat(32) }).action).toBe('pass')
  })

  test('a release in control ends a quarantine that began here', () => {
    const policies = [source('p', 'action: { type: quarantine }, mode: enforce, when: request.payload != ""')]
    const { ask, enforcement } = setUp(policies)
    ask('m', { input: { request: { payload: 'xss' } } })
    const [entry] = enforcement.drainQuarantines()
    enforcement.update(control(policies))
    expect(ask('m').action).toBe('block')
    enforcement.update(control(policies, { quarantine: [entry!] }))
    expect(ask('m').action).toBe('block')
    enforcement.update(control(policies))
    expect(ask('m').action).toBe('pass')
  })

  test('bypass lets everything pass', () => {
    const policies = [source('p', 'action: { type: block }, mode: enforce, when: object.foreign')]
    const { ask, enforcement } = setUp(policies)
    expect(enforcement.needs('h', 'GET', '/a').responseBody).toBe(true)
    enforcement.update(
      control(policies, {
        bypass: true,
        quarantine: [{ id: 'q', kind: 'principal', target: 'user:a', expiresAt: start + 1e6 }],
      }),
    )
    expect(ask('a').action).toBe('pass')
    expect(enforcement.needs('h', 'GET', '/a')).toMatchObject({
      requestBody: false,
      response: false,
      responseBody: false,
    })
    expect(enforcement.drainDecisions()).toEqual([])
  })

  test('a bundle that does not compile leaves the last good one', () => {
    const { ask, enforcement } = setUp([source('p', 'action: { type: block }, mode: enforce')])
    const before = enforcement.bundle.id
    expect(enforcement.update(control([source('p', 'action: { type: blok }')]))).toMatchObject([
      { severity: 'error' },
    ])
    expect(enforcement.bundle.id).toBe(before)
    expect(ask('a').action).toBe('block')
    expect(enforcement.counters.get('sallyport_policy_bundles_refused_total')).toBe(1)
  })

  test('a policy expires while it is in force', () => {
    const { ask, clock } = setUp([
      source('p', 'action: { type: block }, mode: enforce, expiresAt: 2026-11-22T10:00:05Z'),
    ])
    expect(ask('a').action).toBe('block')
    clock.advance(5_000)
    expect(ask('a').action).toBe('pass')
  })

  test('the stronger enforced action decides; a monitored stronger one does not', () => {
    const { ask, enforcement } = setUp([
      source('watch', 'action: { type: quarantine }'),
      source('stop', 'action: { type: block }, mode: enforce'),
      source('slow', 'action: { type: throttle, requests: 1, windowSeconds: 60 }, mode: enforce'),
    ])
    expect(ask('a')).toMatchObject({ action: 'block', policy: 'stop' })
    expect(enforcement.drainQuarantines()).toEqual([])
    expect(enforcement.drainDecisions().map(({ policy }) => policy)).toEqual(['watch', 'stop'])
  })

  test('decision ids are unique and sort by time', () => {
    const { ask, clock } = setUp([source('p', 'action: { type: block }, mode: enforce')])
    const ids: string[] = []
    for (let index = 0; index < 200; index += 1) {
      const verdict = ask('a')
      if ('decisionId' in verdict) ids.push(verdict.decisionId)
      clock.advance(index % 7 === 0 ? 1 : 0)
    }
    expect(new Set(ids).size).toBe(200)
    expect(ids.toSorted()).toEqual(ids)
  })

  test('records and buckets are bounded, losses are counted', () => {
    const { ask, enforcement } = setUp(
      [
        source('p', 'action: { type: block }, mode: enforce, when: request.payload != ""'),
        source('slow', 'action: { type: throttle, requests: 1, windowSeconds: 60 }, mode: enforce'),
      ],
      { buckets: createBucketBuffer(8) },
    )
    for (let index = 0; index < 25; index += 1) ask(`u${index}`)
    expect(enforcement.counters.get('sallyport_throttle_buckets_forgotten_total')).toBe(17)
    for (let index = 0; index < maxRecords + 5; index += 1)
      ask('m', { input: { request: { payload: 'xss' } } })
    expect(enforcement.drainDecisions().length).toBe(maxRecords)
    expect(enforcement.counters.get('sallyport_decision_records_dropped_total')).toBe(5)
  })

  test('never throws', () => {
    const { enforcement, clock } = setUp([
      source(
        'p',
        'action: { type: throttle, requests: 1, windowSeconds: 1 }, mode: enforce, onError: deny, when: \'request.headers["x"] == "1"\'',
      ),
    ])
    fc.assert(
      fc.property(fc.anything(), fc.string(), (facts, principal) => {
        const verdict = enforcement.decide('request', facts as never, {
          principal,
          endpoint: '',
          call: '',
          time: clock.now(),
        })
        expect(['pass', 'block', 'throttle']).toContain(verdict.action)
      }),
    )
  })
})
