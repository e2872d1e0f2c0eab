import { describe, expect, test } from 'vitest'
import type { EndpointView } from '../../../src/server/api/endpoint.ts'
import {
  EndpointIndex,
  emptyEndpointFilter,
  endpointFilterAddress,
  endpointFilterFrom,
  facetValues,
  toggled,
} from './endpoint-filter.ts'

function endpoint(id: string, more: Partial<EndpointView> = {}): EndpointView {
  const [method = '', rest = ''] = id.split(' ')
  const slash = rest.indexOf('/')
  return {
    id,
    protocol: 'rest',
    host: rest.slice(0, slash),
    method,
    template: rest.slice(slash),
    calls: 1,
    statuses: {},
    firstSeen: '2026-01-01T00:00:00Z',
    lastSeen: '2026-01-01T00:00:00Z',
    auth: ['bearer-jwt'],
    dataClasses: { request: [], response: [] },
    exposure: 'unknown',
    inventory: 'unknown',
    criticality: 'other',
    risk: { score: 0, factors: [] },
    ...more,
  }
}

const owned = (owner: string): Pick<EndpointView, 'labels'> => ({
  labels: {
    owner: { value: owner, from: 'rule', why: '' },
    tags: [],
    criticality: { value: 'other', from: 'inferred', why: '' },
    flows: [],
  },
})

const catalog = new EndpointIndex([
  endpoint('GET a.example/orders', {
    ...owned('payments'),
    inventory: 'shadow',
    risk: { score: 5, factors: [] },
  }),
  endpoint('POST a.example/orders', { ...owned('payments'), inventory: 'documented' }),
  endpoint('GET a.example/users', { inventory: 'zombie', dataClasses: { request: [], response: ['email'] } }),
  endpoint('POST b.example/mcp', { protocol: 'mcp', inventory: 'orphan', auth: [] }),
  endpoint('POST b.example/chat', { protocol: 'llm', inventory: 'shadow', risk: { score: 9, factors: [] } }),
])

const ids = (filter: Parameters<EndpointIndex['find']>[0]): readonly string[] =>
  catalog.find(filter).items.map(({ id }) => id)

describe('the list of endpoints', () => {
  test('is in the order asked for, every word of the search standing somewhere', () => {
    expect(ids({ ...emptyEndpointFilter, q: 'orders POST' })).toEqual(['POST a.example/orders'])
    expect(ids({ ...emptyEndpointFilter, q: 'PAYMENTS' })).toHaveLength(2)
    expect(ids(emptyEndpointFilter)[0]).toBe('POST b.example/chat')
    expect(ids({ ...emptyEndpointFilter, sort: 'name' })[0]).toBe('POST b.example/chat')
  })

  test('takes the values of a facet as alternatives and facets as conditions', () => {
    const filter = { ...emptyEndpointFilter, chosen: { inventory: ['shadow', 'zombie'], method: ['GET'] } }
    expect(ids(filter)).toEqual(['GET a.example/orders', 'GET a.example/users'])
  })

  test('finds models and their tools together, and what nobody owns', () => {
    expect(ids({ ...emptyEndpointFilter, chosen: { protocol: ['ai'] } })).toHaveLength(2)
    expect(ids({ ...emptyEndpointFilter, chosen: { owner: ['nobody'] } })).toHaveLength(3)
  })

  test('counts what choosing a value would leave, the facet’s own choice aside', () => {
    const { counts, uncalled } = catalog.find({ ...emptyEndpointFilter, chosen: { inventory: ['shadow'] } })
    expect(counts.inventory).toEqual([
      ['shadow', 2],
      ['documented', 1],
      ['orphan', 1],
      ['zombie', 1],
    ])
    expect(counts.host).toEqual([
      ['a.example', 1],
      ['b.example', 1],
    ])
    expect(uncalled).toBe(0)
    expect(catalog.find(emptyEndpointFilter).uncalled).toBe(1)
  })

  test('agrees with counting by hand, whatever is chosen', () => {
    const chosen = { owner: ['payments'], exposure: ['unknown'] }
    const { items, counts } = catalog.find({ ...emptyEndpointFilter, chosen })
    for (const [value, number] of counts.method)
      expect(items.filter(one => facetValues(one, 'method').includes(value))).toHaveLength(number)
    expect(counts.method).toHaveLength(2)
  })
})

test('the address holds the whole filter', () => {
  const two = toggled(toggled({}, 'owner', 'a & b'), 'inventory', 'shadow')
  const chosen = toggled(two, 'inventory', 'zombie')
  const filter = { q: 'a b', sort: 'calls' as const, chosen }
  expect(endpointFilterFrom(new URLSearchParams(endpointFilterAddress(filter).toString()))).toEqual(filter)
  expect(toggled(toggled(chosen, 'inventory', 'zombie'), 'inventory', 'shadow')).toEqual({ owner: ['a & b'] })
  expect(endpointFilterFrom(new URLSearchParams('sort=nonsense&owner='))).toEqual(emptyEndpointFilter)
})
