import { describe, expect, it } from 'vitest'
import { shopGraph } from './fixture.ts'
import { policyKinds } from './kinds/index.ts'
import { recommend } from './recommend.ts'

const graph = shopGraph()
/** Of roles the shop's graph knows nothing. */
const kinds = policyKinds.map(({ id }) => id).filter(id => id !== 'role')

describe('recommendations for a small shop', () => {
  it.each(kinds)('as %s', async kind => {
    const { yaml } = recommend(graph, { for: 'workload:shop/orders', kind })
    await expect(yaml).toMatchFileSnapshot(`../../test/golden/recommendations/orders.${kind}.yaml`)
  })

  it('are the same each time, and by any name of the workload', () => {
    for (const kind of kinds)
      expect(recommend(shopGraph(), { for: 'orders', kind }).yaml).toBe(
        recommend(graph, { for: 'workload:shop/orders', kind }).yaml,
      )
    expect(kinds.length).toBe(5)
  })

  it('tell what would have been denied, and what was left out', () => {
    const { denied, leftOut, coverage, from, to } = recommend(graph, { for: 'orders', kind: 'istio' })
    expect([from, to]).toEqual(['2026-03-17', '2026-03-30'])
    expect(denied.map(({ what, lastWeek, why }) => [what, lastWeek, why])).toEqual([
      ['ops/debug → shop/orders at 8080', 2, 'rare'],
      ['service:debug → GET orders.shop/orders/{orderId}', 2, 'rare'],
    ])
    expect(leftOut.map(({ what, calls, lastDay, why }) => [what, calls, lastDay, why])).toEqual([
      ['batch/export → shop/orders at 8080', 0, '2026-03-10', 'old'],
      ['service:export → GET orders.shop/orders/export', 0, '2026-03-10', 'old'],
    ])
    expect(coverage.confidence).toBe('seen on 14 of 14 days')
  })

  it('leave out and take in as asked', () => {
    const allowed = (more: object) =>
      JSON.stringify(
        recommend(graph, { for: 'orders', kind: 'networkpolicy', ...more }).manifests[0]?.document,
      )
    expect(allowed({})).not.toContain('"debug"')
    expect(allowed({ include: ['ops/debug'] })).toContain('"debug"')
    expect(allowed({ minCalls: 1 })).toContain('"debug"')
    expect(allowed({ days: 32 })).toContain('"export"')
    expect(allowed({ exclude: ['shop/*'] })).not.toContain('"cart"')
    expect(allowed({ minDays: 14 })).toContain('"cart"')
  })

  it('say what cannot be asked', () => {
    const rows = [
      [{ for: 'orders', kind: 'istoi' }, 'usage/invalid-argument'],
      [{ for: 'ordres', kind: 'istio' }, 'resource/not-found'],
      [{ for: 'namespace:nowhere', kind: 'istio' }, 'resource/not-found'],
      [{ for: 'orders', kind: 'istio', days: 33 }, 'usage/invalid-argument'],
      [{ for: 'orders', kind: 'istio', minCalls: 0 }, 'usage/invalid-argument'],
    ] as const
    for (const [request, code] of rows) {
      let thrown: unknown
      try {
        recommend(graph, request)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toMatchObject({ code })
    }
    expect(rows.length).toBe(5)
  })
})
