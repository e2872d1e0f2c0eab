import { describe, expect, it } from 'vitest'
import { exampleCall } from '../../call/protocols/example-call.ts'
import type { Identity } from '../../identity/identity.ts'
import type { PrincipalId } from '../../kit/id.ts'
import { Catalog } from '../catalog.ts'

describe('hosts that a scanner makes up', () => {
  it('neither grow beyond the bound nor shut out a real one', () => {
    const catalog = new Catalog({ hosts: 50 })
    const ask = (host: string, kind: Identity['kind']): void => {
      const call = exampleCall({
        request: { method: 'GET', target: '/orders', headers: { host } },
        response: { status: 200, headers: { 'content-type': 'application/json' }, body: { id: 1 } },
      })
      catalog.observe(
        { ...call, destination: { host } },
        {
          principal: `${kind}:a` as PrincipalId,
          kind,
          name: 'a',
          roles: [],
          claims: {},
          confidence: 1,
          device: 'd',
          evidence: 'JWT subject',
        },
      )
    }
    for (let index = 0; index < 8; index += 1) ask('old.example', 'user')
    for (let index = 0; index < 3_000; index += 1) ask(`h${index}.example`, 'anonymous')
    for (let index = 0; index < 8; index += 1) ask('new.example', 'user')
    const hosts = catalog.endpoints().map(({ host }) => host)
    expect(hosts).toContain('old.example')
    expect(hosts).toContain('new.example')
    expect(hosts.length).toBeLessThanOrEqual(50)
    expect(catalog.stats.evicted).toBeGreaterThan(2_900)
  })
})
