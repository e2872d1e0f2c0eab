import type { ApiCall } from '../call/api-call.ts'
import type { Workload } from '../call/workload.ts'
import type { Graph } from '../graph/graph.ts'
import { GraphBuilder } from '../graph/graph-builder.ts'
import type { CallId } from '../kit/id.ts'

/** A small shop over some days, for tests: made here, the same each time. */

const dayMs = 86_400_000
export const firstDay = Date.UTC(2026, 2, 1, 9)
const empty = Object.freeze({ kind: 'empty' as const })

export const workload = (name: string, namespace = 'shop'): Workload => ({
  namespace,
  name,
  kind: 'Deployment',
  serviceAccount: name,
  labels: { 'app.kubernetes.io/name': name, 'pod-template-hash': '5d4f' },
})

export interface ShopCall {
  readonly day: number
  readonly from?: Workload
  readonly to?: Workload
  readonly host: string
  readonly port?: number
  readonly method?: string
  readonly template: string
  readonly principal?: string
  readonly external?: boolean
  readonly refused?: boolean
  readonly times?: number
}

let made = 0

export function addCalls(builder: GraphBuilder, one: ShopCall): void {
  const { from, to, host, port, method = 'GET', template, principal } = one
  for (let time = 0; time < (one.times ?? 1); time += 1) {
    made += 1
    const path = template.replace(/\{[^{}]*\}/g, String(made))
    const call: ApiCall = {
      type: 'call',
      id: `c-${made}` as CallId,
      time: firstDay + one.day * dayMs + time * 1000,
      source:
        from === undefined ? { ip: one.external === true ? '203.0.113.7' : '10.0.0.9' } : { workload: from },
      destination: {
        host,
        ...(port === undefined ? {} : { port }),
        ...(to === undefined ? {} : { workload: to }),
      },
      request: {
        method,
        target: path,
        path,
        query: [],
        httpVersion: '1.1',
        headers: [],
        content: empty,
        bodySize: 0,
        bodyTruncated: false,
      },
      response: {
        status: one.refused === true ? 403 : 200,
        headers: [],
        content: empty,
        bodySize: 10,
        bodyTruncated: false,
      },
      credentials: [],
    }
    builder.call(call, {
      endpoint: `${method} ${host}${template}`,
      external: one.external === true,
      refused: one.refused === true,
      source: 'otlp',
      ...(principal === undefined ? {} : { principal }),
    })
  }
}

const shopHost = 'api.shop.example'

/** Thirty days of a shop; the last is day 29. */
export function shopGraph(): Graph {
  const builder = new GraphBuilder()
  const storefront = workload('storefront', 'web')
  const [orders, payments, cart] = [workload('orders'), workload('payments'), workload('cart')]
  let event = 0
  const context = (day: number) => {
    event += 1
    return { id: `e-${event}`, time: firstDay + day * dayMs + event }
  }
  // An export job that was switched off: before any window of 14 days.
  for (let day = 0; day < 10; day += 1)
    addCalls(builder, {
      day,
      from: workload('export', 'batch'),
      to: orders,
      host: 'orders.shop',
      port: 8080,
      template: '/orders/export',
      principal: 'service:export',
      times: 4,
    })
  for (let day = 12; day < 30; day += 1) {
    const shared = { day, host: 'orders.shop', port: 8080, to: orders } as const
    addCalls(builder, {
      ...shared,
      from: storefront,
      template: '/orders/{orderId}',
      principal: 'user:alice',
      times: 6,
    })
    addCalls(builder, {
      ...shared,
      from: storefront,
      template: '/orders/{orderId}',
      principal: 'user:bob',
      times: 3,
    })
    addCalls(builder, {
      ...shared,
      from: storefront,
      method: 'POST',
      template: '/orders',
      principal: 'user:alice',
      times: 2,
    })
    addCalls(builder, {
      ...shared,
      from: cart,
      method: 'POST',
      template: '/orders',
      principal: 'service:cart',
      times: 5,
    })
    addCalls(builder, {
      ...shared,
      from: cart,
      template: '/orders/{orderId}/items/{itemId}.json',
      principal: 'service:cart',
    })
    addCalls(builder, {
      day,
      from: orders,
      to: payments,
      host: 'payments',
      port: 9000,
      method: 'POST',
      template: '/charges',
      principal: 'service:orders',
      times: 4,
    })
    addCalls(builder, {
      day,
      to: storefront,
      host: shopHost,
      port: 8443,
      template: '/',
      external: true,
      times: 3,
    })
    addCalls(builder, {
      day,
      from: orders,
      host: 'api.pay.example',
      port: 443,
      method: 'POST',
      template: '/v1/charges',
      times: 2,
    })
    builder.access(
      {
        type: 'access',
        ...context(day),
        workload: orders,
        store: { system: 'postgresql', host: 'orders-db', namespace: 'shop', collection: 'orders' },
        operation: day % 2 === 0 ? 'SELECT' : 'INSERT',
        rows: 3,
      },
      'otlp',
    )
    builder.flow(
      {
        type: 'flow',
        ...context(day),
        workload: orders,
        peer: { host: 'mail.example', ip: '198.51.100.25', port: 587 },
        direction: 'egress',
        protocol: 'TCP',
        outcome: 'allowed',
        source: 'hubble',
      },
      'kubernetes',
    )
    const runtime = { type: 'runtime', workload: orders, source: 'kubearmor', outcome: 'allowed' } as const
    builder.runtime({ ...runtime, ...context(day), action: 'process', object: '/usr/local/bin/node' })
    builder.runtime({ ...runtime, ...context(day), action: 'file', object: '/app/server.js' })
    builder.runtime({
      ...runtime,
      ...context(day),
      action: 'file',
      object: '/var/log/orders.log',
      extra: { syscall: 'SYS_WRITE' },
    })
    builder.runtime({ ...runtime, ...context(day), action: 'file', object: `/app/cache/page-${day}` })
  }
  // Once, of late: too rare to be allowed.
  addCalls(builder, {
    day: 27,
    from: workload('debug', 'ops'),
    to: orders,
    host: 'orders.shop',
    port: 8080,
    template: '/orders/{orderId}',
    principal: 'service:debug',
    times: 2,
  })
  // Refused each time: never learned.
  addCalls(builder, {
    day: 28,
    from: workload('scanner', 'ops'),
    to: orders,
    host: 'orders.shop',
    port: 8080,
    template: '/admin/keys',
    principal: 'service:scanner',
    refused: true,
    times: 9,
  })
  builder.flow(
    {
      type: 'flow',
      ...context(28),
      workload: orders,
      peer: { ip: '203.0.113.99', port: 4444 },
      direction: 'egress',
      protocol: 'TCP',
      outcome: 'blocked',
      source: 'hubble',
    },
    'kubernetes',
  )
  return builder.graph
}
