import { expect, it } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import type { ApiCall } from '../call/api-call.ts'
import type { ResourceEvent } from '../call/resource-event.ts'
import type { CallId } from '../kit/id.ts'
import type { SensorId } from '../sensors/sensor-id.ts'
import { Analysis } from './analysis.ts'

const orders = { namespace: 'shop', name: 'orders' }

/** The same three requests as a sensor tells them; spans know the workload that answered. */
const calls = (sensor: SensorId): readonly ApiCall[] =>
  [0, 1, 2].map(index => {
    const { call } = storedCall(index)
    const { host } = call.destination
    return {
      ...call,
      id: `${sensor}-${index}` as CallId,
      sensor,
      destination: sensor === 'otlp' ? { host, workload: orders } : { host },
    }
  })

it('an endpoint that the gateway saw first names the workload that spans tell of, and counts each call once', () => {
  const analysis = new Analysis()
  for (const call of calls('gateway')) analysis.observe(call)
  const before = analysis.drainEndpoints()
  expect(before.length).toBeGreaterThan(0)
  expect(before.map(({ endpoint }) => endpoint?.workloads)).toEqual(before.map(() => undefined))

  for (const span of calls('otlp')) expect(analysis.observe(span).stored).toBeUndefined()
  const news = analysis.drainEndpoints()
  expect(news.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort())
  expect(news.map(({ endpoint }) => endpoint?.workloads)).toEqual(news.map(() => ['shop/orders']))
  expect(analysis.calls).toBe(3)
  expect(news.reduce((sum, { endpoint }) => sum + (endpoint?.calls ?? 0), 0)).toBe(3)

  // What is known already is no news.
  for (const call of calls('gateway')) analysis.observe({ ...call, time: call.time + 60_000 })
  analysis.drainEndpoints()
  for (const span of calls('otlp')) analysis.observe({ ...span, time: span.time + 60_000 })
  expect(analysis.drainEndpoints()).toEqual([])
})

it('an endpoint that nobody knows is not made by its workload', () => {
  const analysis = new Analysis()
  const id = analysis.observe(calls('gateway')[0]!).stored!.endpoint
  expect(analysis.catalog.servedBy(id, orders)).toBe(true)
  expect(analysis.catalog.servedBy(id, orders)).toBe(false)
  expect(analysis.catalog.servedBy('GET nobody.example/x' as typeof id, orders)).toBe(false)
  expect(analysis.catalog.endpoints().map(endpoint => endpoint.id)).toEqual([id])
})

it('an endpoint of captured calls names the workload whose address was called, by what the cluster said of that time', () => {
  const analysis = new Analysis()
  const [first] = calls('pcap')
  const { time, destination } = first!
  const call = { ...first!, destination: { ...destination, ip: '10.0.0.2' } }
  const pod = (name: string, created: number): ResourceEvent => ({
    type: 'resource',
    id: name,
    time: created,
    source: 'kubernetes',
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'shop',
        creationTimestamp: new Date(created).toISOString(),
        ownerReferences: [{ kind: 'StatefulSet', name: name.replace(/-\d$/, '') }],
      },
      spec: { containers: [] },
      status: { podIP: '10.0.0.2', phase: 'Running' },
    },
  })
  analysis.observe(pod('orders-0', time - 60_000))
  analysis.observe({ ...pod('orders-0', time + 30_000), removed: true })
  analysis.observe(pod('batch-0', time + 60_000))
  const { stored } = analysis.observe(call)
  expect(analysis.catalog.endpoint(stored!.endpoint)?.workloads).toEqual(['shop/orders'])
  // Who called is judged by credentials, not by addresses.
  expect(stored!.call.destination.workload).toBeUndefined()
})
