import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, invoices, type Sample, sample } from '../../../test/support/sample-server.ts'
import { nodeId } from '../../graph/node.ts'
import type { GraphPathView, GraphView } from '../api/graph.ts'
import type { PageView } from '../api/page.ts'
import type { ReachView } from '../api/reach.ts'
import type { WorkloadDetailView, WorkloadView } from '../api/workload.ts'
import { entitlementsView } from '../schemas/entitlement.ts'
import { graphExportView, graphPathsView, graphView } from '../schemas/graph.ts'
import { reachView } from '../schemas/reach.ts'
import { workloadDetailView } from '../schemas/workload.ts'

let running: Sample
beforeEach(async () => {
  running = await sample()
})
afterEach(async () => {
  await running.close()
})

const ask = async <Answer>(url: string, status = 200): Promise<Answer> => {
  const reply = await running.app.inject({ url: `/api/v1${url}`, headers: bearer('viewer') })
  expect([url, reply.statusCode]).toEqual([url, status])
  return reply.json() as Answer
}

const store = 'store:postgresql://db/shop/invoices'

describe('the graph around a node', () => {
  it('is told with its edges, nearest first', async () => {
    const { nodes, edges, truncated } = await ask<GraphView>('/graph?focus=workload:shop/billing&depth=1')
    expect(nodes[0]).toMatchObject({ id: 'workload:shop/billing', facts: { version: '1.4.2' } })
    expect(nodes.map(({ id }) => id).sort()).toEqual(
      [
        'workload:shop/billing',
        'workload:shop/front',
        `endpoint:${invoices}`,
        store,
        'identity:service-account:shop/billing',
      ].sort(),
    )
    expect(edges).toHaveLength(4)
    expect(edges.every(edge => edge.did && Date.parse(edge.lastSeen) > 0)).toBe(true)
    expect(truncated).toBe(false)
  })

  it('has every group where there is more than was asked for', async () => {
    for (let number = 0; number < 400; number += 1)
      running.backend.graph.see(
        nodeId('workload', number < 300 ? `many/w${number}` : `few${number % 2}/w${number}`),
        nodeId('workload', 'shop/billing'),
        'calls',
        { time: 1_000 + number, source: 'otlp', count: 1 },
      )
    const first = await ask<GraphView>('/graph?focus=workload:shop/billing&depth=1&limit=20')
    expect(first.nodes).toHaveLength(20)
    expect(first.truncated).toBe(true)
    expect(first.groups.map(({ label, count }) => [label, count])).toEqual([
      ['many', 300],
      ['few0', 50],
      ['few1', 50],
      ['shop', 2],
    ])
    for (const group of first.groups) expect(group.nodes.length).toBeGreaterThan(0)
    expect(await ask('/graph?focus=workload:shop/billing&depth=1&limit=20')).toEqual(first)
  })

  it('is the outside and the workloads where no node is named', async () => {
    const { nodes } = await ask<GraphView>('/graph')
    expect(nodes.map(({ id }) => id)).toContain('internet')
    graphView.parse(await ask('/graph'))
  })
})

describe('paths', () => {
  it('are told with a sentence each', async () => {
    const { paths } = await ask<{ paths: GraphPathView[] }>('/graph/paths?from=internet&to=data:payment-card')
    expect(paths.map(({ did, sentence }) => [did, sentence])).toEqual([
      [
        true,
        'The internet calls GET api.shop.example/invoices/{invoiceId}, which is served by shop/billing, which reads postgresql://db/shop/invoices, which carries payment-card data. Every step was seen, the rarest 4 times, last on 2026-11-22.',
      ],
    ])
    graphPathsView.parse({ paths })
  })

  it('go over grants only where that is asked for', async () => {
    const url = '/graph/paths?from=internet&to=store:s3://backups'
    expect(await ask(url)).toEqual({ paths: [] })
    const { paths } = await ask<{ paths: GraphPathView[] }>(`${url}&declared=true`)
    expect(paths.map(({ did }) => did)).toEqual([false])
    expect(paths[0]?.sentence).toMatch(/is granted s3:\/\/backups\. 1 of 4 steps is only granted\.$/)
  })

  it('were other ones before', async () => {
    const url = '/graph/paths?from=internet&to=data:payment-card'
    expect(await ask(`${url}&asOf=2026-11-22T10:00:03.500Z`)).toEqual({ paths: [] })
    expect(
      (await ask<{ paths: unknown[] }>(`${url}&asOf=2026-11-22T10:00:04.500Z&days=1`)).paths,
    ).toHaveLength(1)
  })

  it('of a token are those of whose it is', async () => {
    const reach = await ask<ReachView>(`/graph/reach?node=token:${'a'.repeat(32)}`)
    expect(reach.of.id).toBe('principal:user:mallory')
    expect(reach.data.map(({ dataClass, did }) => [dataClass, did])).toEqual([['payment-card', true]])
    reachView.parse(reach)
  })

  const refusals: readonly (readonly [url: string, status: number, where: string])[] = [
    ['/graph/paths?from=internet', 400, 'query.to'],
    ['/graph/paths?from=workload:none&to=internet', 404, 'workload:none'],
    ['/graph/paths?from=worklaod:a&to=internet', 400, 'worklaod:a'],
    ['/graph/reach?node=token:abc', 404, 'token:abc'],
    ['/graph/reach?node=workload:*', 400, 'workload:*'],
    ['/graph?focus=internet&depth=9', 400, 'query.depth'],
    ['/graph?kinds=reads,eats', 400, 'query.kinds.1'],
    ['/graph/nodes?cursor=!', 400, 'cursor'],
    ['/graph/entitlements?days=65', 400, 'query.days'],
    ['/workloads/none', 404, 'workload:none'],
  ]
  it.each(refusals)('refuses %s', async (url, status, where) => {
    expect(await ask(url, status)).toMatchObject({ status, where })
  })
  it('refused all of the table', () => expect(refusals).toHaveLength(10))
})

describe('nodes, grants and workloads', () => {
  it('are searched and paged by id', async () => {
    const { items, cursor } = await ask<PageView<{ id: string }>>('/graph/nodes?q=SHOP&limit=2')
    const rest = await ask<PageView<{ id: string }>>(`/graph/nodes?q=SHOP&limit=100&cursor=${cursor}`)
    const ids = [...items, ...rest.items].map(({ id }) => id)
    expect(items).toHaveLength(2)
    expect(ids).toEqual([...ids].sort())
    expect(ids).toContain(store)
    expect(rest.cursor).toBeUndefined()
  })

  it('tell what was granted and never used', async () => {
    const all = await ask('/graph/entitlements')
    const grant = { identity: 'identity:service-account:shop/billing', workloads: ['workload:shop/billing'] }
    expect(all).toMatchObject({
      items: [
        { ...grant, target: store, used: true, uses: 4 },
        { ...grant, target: 'store:s3://backups', used: false, uses: 0 },
      ],
      truncated: false,
    })
    expect(await ask('/graph/entitlements?unused=true')).toMatchObject({
      items: [{ target: 'store:s3://backups' }],
    })
    entitlementsView.parse(all)
  })

  it('list the running software, and one of it', async () => {
    const { items } = await ask<PageView<WorkloadView>>('/workloads')
    expect(items.map(({ id, version }) => [id, version])).toEqual([
      ['shop/billing', '1.4.2'],
      ['shop/front', undefined],
    ])
    const one = await ask<WorkloadDetailView>(`/workloads/${encodeURIComponent('shop/billing')}`)
    expect({
      callers: one.callers.map(({ from }) => from),
      serves: one.serves.map(({ from }) => from),
      stores: one.stores.map(({ to, rows }) => [to, rows]),
      identities: one.identities.map(({ to }) => to),
    }).toEqual({
      callers: ['workload:shop/front'],
      serves: [`endpoint:${invoices}`],
      stores: [[store, 12]],
      identities: ['identity:service-account:shop/billing'],
    })
    workloadDetailView.parse(one)
  })

  it('are given out whole', async () => {
    const graph = await ask<GraphView>('/graph/export?declared=true')
    expect([graph.nodes.length, graph.edges.length]).toEqual([9, 9])
    graphExportView.parse(graph)
  })
})
