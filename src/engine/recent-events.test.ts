import { describe, expect, it } from 'vitest'
import type { RuntimeEvent } from '../call/runtime-event.ts'
import { type NodeId, nodeId } from '../graph/node.ts'
import { RecentEvents } from './recent-events.ts'

const orders = nodeId('workload', 'shop/orders')

const ran = (id: string, time: number): RuntimeEvent => ({
  type: 'runtime',
  id,
  time,
  workload: { namespace: 'shop', name: 'orders' },
  source: 'falco',
  action: 'process',
  object: '/bin/sh',
  extra: { much: 'x'.repeat(1_000) },
})

const idsOf = (recent: RecentEvents, nodes: readonly NodeId[] = [orders]): readonly string[] =>
  recent.of(nodes, 'runtime', 10).map(({ event }) => event.id)

describe('recent events', () => {
  it('are the last of each workload, newest first, without what sensors add', () => {
    const recent = new RecentEvents({ each: 3 })
    for (const time of [1, 4, 2, 3]) recent.note(orders, ran(`e-${time}`, time))
    expect(idsOf(recent)).toEqual(['e-4', 'e-3', 'e-2'])
    expect(recent.byId('e-1')).toBeUndefined()
    expect(recent.byId('e-4')).toEqual({ workload: orders, event: { ...ran('e-4', 4), extra: undefined } })
    expect(recent.of([orders], 'access', 10)).toEqual([])
  })

  it('stay where a signal names them', () => {
    const recent = new RecentEvents({ each: 2, named: 2 })
    recent.note(orders, ran('e-1', 1))
    recent.keep(['e-1', 'c-call'])
    for (const time of [2, 3, 4]) recent.note(orders, ran(`e-${time}`, time))
    expect(idsOf(recent)).toEqual(['e-4', 'e-3'])
    expect(recent.byId('e-1')?.event.time).toBe(1)
    expect(recent.byId('c-call')).toBeUndefined()
  })

  it('are there again after they were saved', () => {
    const recent = new RecentEvents({ each: 2 })
    recent.note(orders, ran('e-1', 1))
    recent.keep(['e-1'])
    for (const time of [2, 3]) recent.note(orders, ran(`e-${time}`, time))
    const again = new RecentEvents({ each: 2 })
    again.load(structuredClone(recent.save()))
    expect(idsOf(again)).toEqual(['e-3', 'e-2'])
    expect(again.byId('e-1')).toEqual(recent.byId('e-1'))
    expect(again.size).toBe(recent.size)
  })

  it('are bounded by workloads as well', () => {
    const recent = new RecentEvents({ workloads: 3, each: 2, named: 1 })
    for (let index = 0; index < 100; index += 1)
      recent.note(nodeId('workload', `w${index}`), ran(`e-${index}`, index))
    expect(recent.size).toBe(3)
    expect(recent.workloads()).toHaveLength(3)
    expect(recent.byId('e-0')).toBeUndefined()
  })
})
