import { describe, expect, it } from 'vitest'
import { Tenancy } from './tenancy.ts'
import { World } from './world.ts'

/** Worlds until each place of the tenant was met. */
const worlds = Array.from(
  { length: 30 },
  (_, seed) => new World({ app: 'tenancy', seed, historyDays: 1, windowDays: 1 }),
)

describe('the place of a tenant', () => {
  it.each(['host', 'path', 'claim'] as const)('is read back from where it was put: %s', place => {
    const world = worlds.find(({ style }) => style.tenantIn === place)
    if (world === undefined) throw new TypeError(`no world with the tenant in ${place}`)
    const tenancy = new Tenancy(world, { nouns: ['orgs'], header: 'x-tenant' })
    let named = ''
    world.service.route({
      method: 'GET',
      template: `${tenancy.template}/things`,
      latency: 1,
      open: true,
      handle: request => {
        named = tenancy.named(request)
        return { status: 200, body: {} }
      },
    })
    const ask = tenancy.in('acme', { method: 'GET', path: '/things' })
    const headers: (readonly [string, string])[] = [
      ['host', ask.host ?? world.style.host],
      ...(ask.headers ?? []),
    ]
    expect(world.service.handle(ask, headers, '198.18.0.1', world.start).status).toBe(200)
    expect(named).toBe('acme')
  })
})
