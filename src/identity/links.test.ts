import { describe, expect, it } from 'vitest'
import type { ApiCall } from '../call/api-call.ts'
import { type Fingerprint, principalId } from '../kit/id.ts'
import { freeze, thaw } from '../kit/snapshot.ts'
import type { Identity } from './identity.ts'
import { IdentityLinks } from './links.ts'

const hour = 3_600_000
const day = 24 * hour

function see(
  links: IdentityLinks,
  name: string,
  time: number,
  {
    ip = '203.0.113.7',
    device = name,
    token = `t-${name}`,
  }: { ip?: string; device?: string; token?: string } = {},
): void {
  const identity: Identity = {
    principal: principalId('user', name),
    kind: 'user',
    name,
    roles: [],
    claims: {},
    confidence: 1,
    device,
    evidence: 'test',
    token: token as Fingerprint,
  }
  links.observe({ time, source: { ip } } as ApiCall, identity)
}

describe('IdentityLinks', () => {
  it('tells with what a principal was seen, the lately used first', () => {
    const links = new IdentityLinks()
    for (let at = 0; at < 4; at += 1) see(links, 'alice', at * hour, { ip: '203.0.113.7', device: 'phone' })
    for (let at = 0; at < 3; at += 1)
      see(links, 'alice', 21 * day + at, { ip: '198.51.100.1', device: 'laptop' })
    const alice = links.of(principalId('user', 'alice'))
    expect(alice?.devices.map(({ name, calls, weight }) => [name, calls, weight])).toEqual([
      ['laptop', 3, 3],
      ['phone', 4, 0.5],
    ])
    expect(alice?.addresses.map(({ name }) => name)).toEqual(['198.51.100.1', '203.0.113.7'])
    expect(alice?.firstSeen).toBe(0)
    expect(links.knows(principalId('user', 'alice'), { device: 'phone' })).toBe(true)
    expect(links.knows(principalId('user', 'alice'), { device: 'tablet', address: '192.0.2.1' })).toBe(false)
  })

  it('links by token before device before address, and never by what a crowd shares', () => {
    const links = new IdentityLinks()
    see(links, 'a', 0, { ip: '192.0.2.1', device: 'd1', token: 't1' })
    see(links, 'b', 1, { ip: '192.0.2.2', device: 'd2', token: 't1' })
    see(links, 'c', 2, { ip: '192.0.2.3', device: 'd1', token: 't3' })
    see(links, 'd', 3, { ip: '192.0.2.1', device: 'd4', token: 't4' })
    const linked = links.linked(principalId('user', 'a'), 4)
    expect(linked.map(({ principal, by }) => [principal, by])).toEqual([
      ['user:b', 'token'],
      ['user:c', 'device'],
      ['user:d', 'address'],
    ])
    for (let index = 0; index < 21; index += 1) see(links, `office${index}`, 5 + index, { ip: '192.0.2.1' })
    expect(links.isShared('192.0.2.1', 30)).toBe(true)
    expect(links.isShared('192.0.2.2', 30)).toBe(false)
    expect(links.linked(principalId('user', 'd'), 30)).toEqual([])
    expect(links.isShared('192.0.2.1', 20 * day)).toBe(false)
  })

  it('counts one user once a day, and an IPv6 subscriber by the /64', () => {
    const links = new IdentityLinks({ sharedUsers: 2 })
    for (let index = 0; index < 50; index += 1) see(links, 'alice', index)
    see(links, 'bob', 51)
    expect(links.isShared('203.0.113.7', 60)).toBe(false)
    see(links, 'carol', 52)
    expect(links.isShared('203.0.113.7', 60)).toBe(true)
    see(links, 'dave', 53, { ip: '2001:db8:1:2:aaaa::1' })
    expect(links.knows(principalId('user', 'dave'), { address: '2001:db8:1:2:bbbb::9' })).toBe(true)
  })

  it('holds its bounds, whatever the traffic', () => {
    const links = new IdentityLinks({
      principals: 10,
      places: 10,
      addressesPerPrincipal: 2,
      principalsPerPlace: 3,
    })
    for (let index = 0; index < 500; index += 1)
      see(links, `u${index % 40}`, index, { ip: `192.0.2.${index % 200}`, device: `d${index % 30}` })
    expect(links.size).toBe(40)
    expect(links.evicted).toBeGreaterThan(0)
    expect(links.of(principalId('user', 'u19'))?.addresses.length).toBeLessThanOrEqual(2)
    expect(links.linked(principalId('user', 'u19'), 500).length).toBeLessThanOrEqual(3 * 3)
  })

  it('says of whom it forgot that it does not know, never that a place is new', () => {
    const links = new IdentityLinks({ principals: 2 })
    see(links, 'alice', 0, { device: 'phone' })
    expect(links.knows(principalId('user', 'alice'), { device: 'tablet' })).toBe(false)
    for (let index = 0; index < 5; index += 1) see(links, `u${index}`, 1 + index)
    expect(links.evicted).toBeGreaterThan(0)
    expect(links.knows(principalId('user', 'alice'), { device: 'phone' })).toBeUndefined()
  })

  it('goes on from what it saved as if nothing had happened', () => {
    const [whole, first, second] = [new IdentityLinks(), new IdentityLinks(), new IdentityLinks()]
    const seen = (links: IdentityLinks, from: number, to: number): void => {
      for (let index = from; index < to; index += 1)
        see(links, `u${index % 7}`, index * hour, { ip: `192.0.2.${index % 3}`, device: `d${index % 5}` })
    }
    seen(whole, 0, 60)
    seen(first, 0, 30)
    second.load(thaw(freeze(first.save())))
    seen(second, 30, 60)
    expect(freeze(second.save())).toEqual(freeze(whole.save()))
    expect(second.linked(principalId('user', 'u3'), 60 * hour)).toEqual(
      whole.linked(principalId('user', 'u3'), 60 * hour),
    )
  })
})
