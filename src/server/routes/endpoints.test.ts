import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endpointWith } from '../../../test/support/sample-endpoint.ts'
import { bearer, invoices, orphan, type Sample, sample } from '../../../test/support/sample-server.ts'
import type { EndpointView } from '../api/endpoint.ts'
import type { PageView } from '../api/page.ts'
import { endpointsLike } from '../views/endpoint-filter.ts'

let running: Sample

beforeEach(async () => {
  running = await sample()
})

afterEach(async () => {
  await running.close()
})

const protocols = async (query: string): Promise<readonly string[]> => {
  const answer = await running.app.inject({ url: `/api/v1/endpoints${query}`, headers: bearer('viewer') })
  expect(answer.statusCode).toBe(200)
  return answer.json<PageView<EndpointView>>().items.map(({ protocol }) => protocol)
}

describe('the list of endpoints', () => {
  it('is filtered by protocol', async () => {
    const all = await protocols('')
    expect(all.length).toBeGreaterThan(0)
    expect(new Set(all)).toEqual(new Set(['rest']))
    expect(await protocols('?protocol=rest')).toEqual(all)
    expect(await protocols('?protocol=graphql,rest')).toEqual(all)
    expect(await protocols('?protocol=ai')).toEqual([])
  })

  it('names what is specified and was never called', async () => {
    const ids = async (query: string) =>
      (await running.app.inject({ url: `/api/v1/endpoints${query}`, headers: bearer('viewer') }))
        .json<PageView<EndpointView>>()
        .items.map(({ id, inventory, calls }) => `${inventory} ${calls} ${id}`)
    expect(await ids('')).toEqual([`orphan 0 ${orphan.id}`, `shadow 20 ${invoices}`])
    expect(await ids('?inventory=orphan')).toEqual([`orphan 0 ${orphan.id}`])
    const detail = await running.app.inject({
      url: `/api/v1/endpoints/${encodeURIComponent(orphan.id)}`,
      headers: bearer('viewer'),
    })
    expect([detail.statusCode, detail.json<EndpointView>().calls]).toEqual([200, 0])
  })
})

describe('the filter of endpoints', () => {
  const label = (value: string) => ({ value, from: 'rule' as const, why: 'a rule' })
  const labelled = endpointWith(
    {},
    {
      labels: {
        owner: label('payments'),
        environment: label('production'),
        group: label('shop'),
        tags: [label('core'), label('pci')],
        criticality: label('payment'),
        flows: [],
      },
      criticality: 'payment',
    },
  )

  it('asks for owner, environment, group, tag and criticality', () => {
    const rows: readonly (readonly [Parameters<typeof endpointsLike>[0], boolean])[] = [
      [{}, true],
      [
        { owner: 'payments', environment: 'production', group: 'shop', tag: 'pci', criticality: 'payment' },
        true,
      ],
      [{ owner: 'Payments' }, false],
      [{ environment: 'staging' }, false],
      [{ group: 'sho' }, false],
      [{ tag: 'none' }, false],
      [{ criticality: 'admin' }, false],
      [{ protocol: 'ai' }, false],
    ]
    let ran = 0
    for (const [filter, fits] of rows) {
      expect([filter, endpointsLike(filter)(labelled)]).toEqual([filter, fits])
      ran += 1
    }
    expect(ran).toBe(8)
    expect(endpointsLike({ owner: 'payments' })(endpointWith())).toBe(false)
    expect(endpointsLike({ tag: 'pci' })(endpointWith())).toBe(false)
  })
})
