import { expect, test } from 'vitest'
import { ManualClock } from '../kit/clock.ts'
import { buildFacts } from '../policy/facts-builder.ts'
import { Enforcement } from './enforcement.ts'
import { RouteClasses } from './route-classes.ts'

const classes = [
  { endpoints: ['GET /payments/public'], onFailure: 'allow' },
  { endpoints: ['* /payments/**', 'DELETE /users/{userId}'], onFailure: 'deny' },
] as const

test('the first class that names an endpoint decides', () => {
  const routes = new RouteClasses(classes)
  const rows = [
    ['POST api.shop.example/payments/7', true],
    ['POST api.shop.example:8080/payments/{paymentId}', true],
    ['GET api.shop.example/payments/public', false],
    ['DELETE api.shop.example/users/42', true],
    ['GET api.shop.example/users/42', false],
    ['GET api.shop.example/', false],
    ['nonsense', false],
    ['', false],
  ] as const
  for (const [endpoint, denies] of rows)
    expect([endpoint, routes.denies(endpoint)]).toEqual([endpoint, denies])
  expect(rows).toHaveLength(8)
  expect(new RouteClasses().denies('POST api.shop.example/payments/7')).toBe(false)
})

test('a fault while deciding lets a call pass, or answers 503 where its class says so; both are counted', () => {
  const enforcement = new Enforcement({
    clock: new ManualClock(5),
    instance: 't',
    routes: new RouteClasses(classes),
  })
  const decide = (endpoint: string) => {
    const facts = buildFacts({}, { host: 'h', method: 'POST', path: '/x' })
    const context = {
      principal: 'user:alice',
      call: 'c-1',
      time: 5,
      // What the engine hands over breaks.
      get token(): string {
        throw new Error('broken')
      },
      endpoint,
    }
    return enforcement.decide('request', facts, context)
  }
  expect(decide('POST h/orders')).toEqual({ action: 'pass' })
  expect(enforcement.drainDecisions()).toEqual([])
  expect(decide('POST h/payments/7')).toMatchObject({
    action: 'block',
    status: 503,
    policy: 'route-class',
    reason: 'This request cannot be checked right now.',
  })
  expect(enforcement.drainDecisions()).toMatchObject([
    { action: 'block', policy: 'route-class', endpoint: 'POST h/payments/7', principal: 'user:alice' },
  ])
  expect(enforcement.counters.toJSON()).toMatchObject({
    sallyport_decision_errors_total: 2,
    sallyport_decision_failed_closed_total: 1,
  })
})
