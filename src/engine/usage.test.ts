import { describe, expect, it } from 'vitest'
import type { Observation } from '../baseline/observation.ts'
import { type EndpointId, principalId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import { Usage } from './usage.ts'

const alice = principalId('user', 'alice')

const call = (endpoint: string, time: number, ip = '192.0.2.1', device = 'd1'): Observation =>
  ({
    call: { time, source: { ip } },
    identity: { principal: alice, kind: 'user', roles: ['customer'], device },
    match: { endpoint: endpoint as EndpointId },
    outcome: 'success',
  }) as unknown as Observation

describe('Usage', () => {
  it('keeps the endpoints that are called most, and the addresses seen last', () => {
    const usage = new Usage({ pairs: 2 })
    const rows = [
      ...['a', 'a', 'a', 'b', 'c', 'c'].map((endpoint, at) => call(endpoint, at, `192.0.2.${at}`, `d${at}`)),
      ...['192.0.2.9', '192.0.2.10', '192.0.2.0', '192.0.2.11'].map((ip, at) => call('a', 10 + at, ip)),
    ]
    for (const one of rows) usage.observe(one)
    const facts = usage.principal(alice)
    expect(facts?.endpoints).toEqual([
      { endpoint: 'a', calls: 7 },
      { endpoint: 'c', calls: 2 },
    ])
    expect(facts?.addresses).toEqual(
      ['2', '3', '4', '5', '9', '10', '0', '11'].map(last => `192.0.2.${last}`),
    )
    expect(facts?.devices).toBe(6)
    expect(facts?.calls).toBe(10)
  })

  it('moves what was counted when an endpoint is folded into another, also after it was saved', () => {
    const before = new Usage()
    for (const [at, endpoint] of ['a', 'b', 'b'].entries()) before.observe(call(endpoint, at))
    const usage = thaw(freeze(before)) as Usage
    usage.merged('b' as EndpointId, 'a' as EndpointId)
    expect(usage.principal(alice)?.endpoints).toEqual([{ endpoint: 'a', calls: 3 }])
    expect(usage.callersOf('a' as EndpointId)).toEqual([
      { principal: alice, calls: 3, refused: 0, lastSeen: 2 },
    ])
    expect(usage.callersOf('b' as EndpointId)).toEqual([])
  })
})
