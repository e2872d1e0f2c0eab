import { expect, it } from 'vitest'
import type { RuntimeEvent } from '../../call/runtime-event.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { callerOf } from './use-recorder.ts'

const workload = { namespace: 'shop', name: 'orders', labels: { app: 'orders' } }

function runtime(action: string, object: string, more: Partial<RuntimeEvent> = {}): RuntimeEvent {
  return { type: 'runtime', id: object, time: 5, workload, source: 'kubearmor', action, object, ...more }
}

it('what a workload ran, opened and connected to', () => {
  const builder = new GraphBuilder()
  builder.runtime(runtime('process', '/usr/bin/node'))
  builder.runtime(runtime('file', '/etc/hosts', { extra: { syscall: 'SYS_OPENAT' } }))
  builder.runtime(runtime('file', '/var/cache/a', { extra: { syscall: 'SYS_WRITE' } }))
  builder.runtime(runtime('network', '10.0.0.9:5432', { extra: { protocol: 'TCP', direction: 'egress' } }))
  // An alert, and a name without a path, are nothing to allow.
  builder.runtime(runtime('process', '/bin/sh', { source: 'falco' }))
  builder.runtime(runtime('process', 'node'))
  builder.flow(
    {
      type: 'flow',
      id: 'f',
      time: 6,
      workload,
      peer: { host: 'api.pay.example', ip: '203.0.113.7', port: 443 },
      direction: 'egress',
      protocol: 'TCP',
      source: 'hubble',
    },
    'kubernetes',
  )
  const { uses } = builder.graph
  const from = 'workload:shop/orders'
  expect(
    uses.all().map(({ firstSeen: _, lastSeen: __, days, ...rest }) => ({ ...rest, days: days.length })),
  ).toEqual([
    { kind: 'connects', from, to: 'host:10.0.0.9', port: 5432, protocol: 'tcp', addresses: [], days: 1 },
    {
      kind: 'connects',
      from,
      to: 'host:api.pay.example',
      port: 443,
      protocol: 'tcp',
      addresses: ['203.0.113.7'],
      days: 1,
    },
    { kind: 'opens', from, to: '/etc/hosts', addresses: [], days: 1 },
    { kind: 'opens', from, to: '/var/cache/a', writes: true, addresses: [], days: 1 },
    { kind: 'runs', from, to: '/usr/bin/node', addresses: [], days: 1 },
  ])
  expect(uses.labelsOf(from)).toEqual({ app: 'orders' })
})

it('callers are told apart where they are software', () => {
  const rows = [
    [undefined, undefined],
    ['service:billing', 'service:billing'],
    ['agent:helper', 'agent:helper'],
    ['user:alice', 'user:*'],
    ['apikey:0123', 'apikey:*'],
    ['anonymous:0123', 'anonymous:*'],
  ] as const
  for (const [principal, caller] of rows) expect(callerOf(principal)).toBe(caller)
  expect(rows.length).toBe(6)
})
