import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../kit/clock.ts'
import type { EndpointId } from '../kit/id.ts'
import { MemoryStateStore } from '../store/memory/state-store.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { CatalogDesk } from './catalog-desk.ts'
import type { Directions } from './directions.ts'

let state: StateStore
let posted: Directions[]
/** Confirms at once what it is handed, as analysis does. */
let desk: CatalogDesk
let there = true

const override = (endpoint: string, owner: string) =>
  state.putDirection({
    id: endpoint,
    kind: 'override',
    body: JSON.stringify({ endpoint, owner }),
    at: 1,
    by: 'token:ops',
  })

beforeEach(async () => {
  state = await MemoryStateStore.open()
  posted = []
  there = true
  desk = new CatalogDesk({
    state,
    clock: new ManualClock(5),
    log: () => {},
    file: undefined,
    post: directions => {
      posted.push(directions)
      queueMicrotask(() => desk.confirm(directions.version))
      return there
    },
  })
})
afterEach(() => state.close())

describe('CatalogDesk', () => {
  it('hands out what is stored, with rising versions', async () => {
    const pin = { id: 'p', host: '*', template: '/users/{id}' }
    await state.putDirection({ id: 'p', kind: 'pin', body: JSON.stringify(pin), at: 1, by: 'a' })
    await desk.read()
    expect(desk.current).toEqual({ version: 1, pins: [pin], overrides: [] })
    await override('GET h/a', 'payments')
    await Promise.all([desk.handOut(), desk.handOut()])
    expect(posted.map(({ version }) => version)).toEqual([2, 3])
    expect(posted[1]?.overrides).toEqual([{ endpoint: 'GET h/a', owner: 'payments' }])
  })

  it('does not wait for analysis that is not there', async () => {
    there = false
    await desk.handOut()
    expect(posted).toHaveLength(1)
  })

  it('lets words follow an endpoint to its new name, where it has none of its own', async () => {
    await override('GET h/a', 'payments')
    await override('GET h/b', 'orders')
    await override('GET h/c', 'carts')
    await desk.read()
    const id = (text: string): EndpointId => text as EndpointId
    await desk.follow([
      [id('GET h/a'), id('GET h/{x}')],
      [id('GET h/b'), id('GET h/{x}')],
      [id('GET h/none'), id('GET h/{x}')],
    ])
    expect(desk.current.overrides).toEqual([
      { endpoint: 'GET h/c', owner: 'carts' },
      { endpoint: 'GET h/{x}', owner: 'payments' },
    ])
    const { items } = await state.auditLog({})
    expect(items.map(({ action, target, actor, detail }) => [action, target, actor, detail])).toEqual([
      ['endpoint.label', 'GET h/{x}', 'system', { merged: 'GET h/b' }],
      ['endpoint.label', 'GET h/{x}', 'system', { merged: 'GET h/a' }],
    ])
    posted = []
    await desk.follow([[id('GET h/elsewhere'), id('GET h/{x}')]])
    expect(posted).toEqual([])
  })
})
