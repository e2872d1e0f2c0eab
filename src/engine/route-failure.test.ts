import { expect, it } from 'vitest'
import { Redactor } from '../call/redactor.ts'
import { Enforcement } from '../enforce/enforcement.ts'
import { RouteClasses } from '../enforce/route-classes.ts'
import { ManualClock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import type { GuardedRequest } from '../sensors/guard.ts'
import { DecidingGuard } from './deciding-guard.ts'

const guarded = () => {
  const enforcement = new Enforcement({
    clock: new ManualClock(5),
    instance: 't',
    routes: new RouteClasses([{ endpoints: ['* /payments/**'], onFailure: 'deny' }]),
  })
  const guard = new DecidingGuard({
    redactor: new Redactor({ key: new Uint8Array(32) }),
    enforcement,
    hand: () => true,
    counters: new CounterSet(),
  })
  return { enforcement, guard }
}

/** No sensor hands over a request without headers: reading it breaks. */
const broken = (target: string): GuardedRequest =>
  ({
    id: 'c-1',
    time: 5,
    source: { ip: '127.0.0.1' },
    destination: { host: 'api.shop.example' },
    method: 'POST',
    target,
    httpVersion: '1.1',
    headers: undefined,
  }) as unknown as GuardedRequest

it('passes what cannot be read, and answers 503 on routes that fail closed, unless the kill switch is on', () => {
  const { guard, enforcement } = guarded()
  expect(guard.admit(broken('/orders?q=1')).verdict).toEqual({ action: 'pass' })
  const refused = guard.admit(broken('/payments/7?q=1'))
  expect(refused.verdict).toMatchObject({ action: 'block', status: 503, policy: 'route-class' })
  expect(refused.needs).toEqual({ requestBody: false, response: false, responseBody: false })
  expect(enforcement.counters.toJSON()).toMatchObject({
    sallyport_decision_errors_total: 2,
    sallyport_decision_failed_closed_total: 1,
  })
  guard.control({ version: 1, policies: [], quarantine: [], bypass: true })
  expect(guard.admit(broken('/payments/7')).verdict).toEqual({ action: 'pass' })
})
