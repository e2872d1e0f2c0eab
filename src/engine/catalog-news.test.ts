import { expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import type { EndpointId } from '../kit/id.ts'
import { Analysis } from './analysis.ts'

const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath']

it('paths that were folded into one are told with where they went, and are endpoints no more', () => {
  const analysis = new Analysis()
  const known = new Set<EndpointId>()
  const went = new Map<EndpointId, EndpointId>()
  for (let index = 0; index < 60; index += 1) {
    const path = `/articles/${words[index % 8]}-${words[(index * 3 + 1) % 8]}-${words[index >> 3]}`
    const { call } = storedCall(index)
    analysis.observe({ ...call, request: { ...call.request, target: path, path } })
    for (const { id, endpoint, into } of analysis.drainEndpoints()) {
      if (endpoint === undefined) known.delete(id)
      else known.add(endpoint.id)
      if (into !== undefined) went.set(id, into)
    }
  }
  expect([...known]).toEqual(analysis.catalog.endpoints().map(({ id }) => id))
  expect(known.size).toBe(1)
  expect(went.size).toBeGreaterThan(0)
  for (const [from, to] of went) expect(analysis.catalog.resolve(from)).toBe(analysis.catalog.resolve(to))
})
