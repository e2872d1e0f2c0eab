import type { EdgeKind } from '../../src/graph/edge.ts'
import type { Sighting } from '../../src/graph/edge-table.ts'
import { Graph } from '../../src/graph/graph.ts'
import type { NodeId } from '../../src/graph/node.ts'

const dayMs = 86_400_000

export const ordersId = 'GET api.shop.example/orders/{orderId}/invoice'

/** A shop whose graph holds one of everything that the pages know how to show: used, only granted, new, refused. */
export function shopGraph(now: number): Graph {
  const graph = new Graph()
  const edge = (
    from: NodeId,
    kind: EdgeKind,
    to: NodeId,
    times: number,
    more: Partial<Sighting> & { daysAgo?: number } = {},
  ): void => {
    const { daysAgo = 30, ...rest } = more
    const time = now - daysAgo * dayMs
    const sighting: Sighting = { time, source: 'otlp', count: times, ...rest }
    graph.see(from, to, kind, sighting)
    if (sighting.declared !== true) graph.see(from, to, kind, { ...sighting, time: now - 120_000, count: 1 })
  }
  const could = { declared: true, source: 'kubernetes' } as const
  const invoice: NodeId = `endpoint:${ordersId}`
  const cart: NodeId = 'endpoint:POST api.shop.example/cart/{cartId}/items'
  const pay: NodeId = 'endpoint:POST pay.shop.example/payments'
  const report: NodeId = 'endpoint:GET admin.shop.example/reports/{reportId}'
  const orders: NodeId = 'workload:shop/orders'
  const carts: NodeId = 'workload:shop/carts'
  const payments: NodeId = 'workload:pay/payments'
  const reports: NodeId = 'workload:admin/reports'
  const orderStore: NodeId = 'store:postgresql://orders-db/shop/orders'
  const cardStore: NodeId = 'store:postgresql://cards-db/pay/cards'
  const bucket: NodeId = 'store:s3://shop-exports'
  edge('internet', 'calls', invoice, 18_340, { bytes: 74_000_000, protocol: 'http' })
  edge('internet', 'calls', cart, 96_000, { bytes: 9_000_000, protocol: 'http' })
  edge('internet', 'calls', pay, 2_300, { refused: false, protocol: 'http' })
  edge('internet', 'calls', pay, 41, { refused: true, protocol: 'http' })
  edge('internet', 'exposes', 'workload:admin/reports', 0, could)
  edge('principal:user:anna', 'calls', invoice, 412)
  edge('principal:service:billing', 'calls', report, 90)
  edge(invoice, 'serves', orders, 18_340)
  edge(cart, 'serves', carts, 96_000)
  edge(pay, 'serves', payments, 2_300)
  edge(report, 'serves', reports, 90)
  edge(carts, 'calls', orders, 41_000, { protocol: 'grpc', version: '1.8.2' })
  edge(orders, 'calls', payments, 2_250, { protocol: 'grpc' })
  edge(orders, 'reads', orderStore, 60_000, { rows: 190_000, protocol: 'postgresql' })
  edge(orders, 'writes', orderStore, 12_000, { protocol: 'postgresql' })
  edge(carts, 'reads', orderStore, 310, { daysAgo: 3, protocol: 'postgresql' })
  edge(payments, 'reads', cardStore, 2_300, { rows: 2_300, protocol: 'postgresql' })
  edge(reports, 'reads', bucket, 80)
  edge(invoice, 'reads', orderStore, 18_000, { source: 'inferred' })
  edge(pay, 'reads', cardStore, 2_300, { source: 'inferred' })
  edge(orderStore, 'carries', 'data:email', 60_000)
  edge(cardStore, 'carries', 'data:payment-card', 2_300)
  edge(invoice, 'carries', 'data:payment-card', 401, { daysAgo: 2, source: 'gateway' })
  edge(invoice, 'carries', 'data:email', 17_902, { source: 'gateway' })
  edge(orders, 'runs-as', 'identity:k8s:shop/orders', 0, could)
  edge(reports, 'runs-as', 'identity:k8s:admin/reports', 0, could)
  edge('identity:k8s:admin/reports', 'assumes', 'identity:aws:role/reporting', 12, {
    source: 'cloud',
    daysAgo: 4,
  })
  edge('identity:aws:role/reporting', 'may', bucket, 80, { source: 'cloud' })
  edge('identity:aws:role/reporting', 'may', cardStore, 0, { declared: true, source: 'cloud' })
  edge(payments, 'calls', 'host:api.bank.example', 2_240, { bytes: 4_000_000 })
  graph.describe(orders, now, {
    namespace: 'shop',
    version: '1.8.2',
    exposure: 'cluster',
    owner: 'orders-team',
  })
  graph.describe(reports, now, { namespace: 'admin', exposure: 'internet' })
  graph.describe('host:api.bank.example', now, { external: true })
  return graph
}

/** A wide system: `count` nodes around one gateway, in as many namespaces as a cluster has. */
export function wideGraph(count: number, now: number): Graph {
  const graph = new Graph()
  const time = now - 10 * dayMs
  const see = (from: NodeId, kind: EdgeKind, to: NodeId, times: number): void =>
    graph.see(from, to, kind, { time, source: 'otlp', count: times })
  const services = Math.floor(count / 3)
  for (let index = 0; index < services; index += 1) {
    const workload: NodeId = `workload:team-${index % 9}/service-${index}`
    const endpoint: NodeId = `endpoint:GET api.wide.example/area-${index % 9}/things/{thingId}/part-${index}`
    see('internet', 'calls', endpoint, 10 ** (1 + (index % 5)))
    see(endpoint, 'serves', workload, 10 ** (1 + (index % 5)))
    see(workload, 'reads', `store:postgresql://db-${index % 9}/main/table-${index}`, 200 + index)
    if (index > 2) see(workload, 'calls', `workload:team-${(index - 3) % 9}/service-${index - 3}`, 40)
  }
  return graph
}
