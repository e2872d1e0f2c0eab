import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storedCall } from '../../../test/support/sample-server.ts'
import type { ApiCall } from '../../call/api-call.ts'
import type { FlowEvent } from '../../call/flow-event.ts'
import type { KubernetesObject } from '../../call/resource-event.ts'
import type { EndpointId } from '../../kit/id.ts'
import { freeze, thaw } from '../../kit/snapshot.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { AddressBook } from './address-book.ts'
import { edgesOf, resource } from './fixture.ts'

const start = 1_780_000_000_000

describe('an address', () => {
  it('is whose pod had it at the moment, whoever has it now', () => {
    const book = new AddressBook()
    book.take('10.0.0.7', { namespace: 'shop', pod: 'orders-1', since: 1_000 }, () => undefined)
    book.leave('10.0.0.7', { namespace: 'shop', pod: 'orders-1' }, 50_000, 'orders')
    // Made while the other was still there.
    book.take('10.0.0.7', { namespace: 'bank', pod: 'ledger-1', since: 40_000 }, () => undefined)
    const rows: readonly (readonly [moment: number, who: string | undefined])[] = [
      [-1, 'ledger-1'],
      [0, 'ledger-1'],
      [500, 'orders'],
      [1_000, 'orders'],
      [45_000, 'orders'],
      [50_000, 'ledger-1'],
      [90_000, 'ledger-1'],
    ]
    const who = (moment: number): string | undefined => {
      const holder = book.at('10.0.0.7', moment)
      return holder === undefined ? undefined : 'pod' in holder ? holder.pod : holder.workload
    }
    expect(rows.map(([moment]) => [moment, who(moment)])).toEqual(rows)
    expect(book.at('10.0.0.8', 1_000)).toBeUndefined()
  })

  it('is nobody’s after its pod went, but for what clocks differ by', () => {
    const book = new AddressBook()
    book.take('10.0.0.7', { namespace: 'shop', pod: 'orders-1', since: 10_000 }, () => undefined)
    book.leave('10.0.0.7', { namespace: 'shop', pod: 'other' }, 20_000, 'other')
    expect(book.at('10.0.0.7', 30_000)).toMatchObject({ pod: 'orders-1' })
    book.leave('10.0.0.7', { namespace: 'shop', pod: 'orders-1' }, 20_000, 'orders')
    expect(
      [0, 8_000, 9_500, 15_000, 20_500, 21_001].map(moment => book.at('10.0.0.7', moment) !== undefined),
    ).toEqual([false, false, true, true, true, false])
  })

  it('passes from one to the next where the first was never said to be gone', () => {
    const book = new AddressBook()
    const workloadOf = (namespace: string, pod: string): string => `${namespace}-${pod}`
    book.take('10.0.0.7', { namespace: 'a', pod: 'x', since: 10_000 }, workloadOf)
    book.take('10.0.0.7', { namespace: 'b', pod: 'y', since: 20_000 }, workloadOf)
    expect([book.at('10.0.0.7', 15_000), book.at('10.0.0.7', 25_000)]).toMatchObject([
      { workload: 'a-x' },
      { pod: 'y' },
    ])
  })

  it('is the same after it was saved', () => {
    const book = new AddressBook()
    book.take('10.0.0.7', { namespace: 'shop', pod: 'orders-1', since: 1_000 }, () => undefined)
    book.leave('10.0.0.7', { namespace: 'shop', pod: 'orders-1' }, 50_000, 'orders')
    book.take('10.0.0.7', { namespace: 'bank', pod: 'ledger-1', since: 60_000 }, () => undefined)
    const again = thaw(freeze(book)) as AddressBook
    expect([10_000, 70_000].map(moment => again.at('10.0.0.7', moment))).toEqual(
      [10_000, 70_000].map(moment => book.at('10.0.0.7', moment)),
    )
  })

  it('always has the holder whose time it was, in any run of pods', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })), {
          minLength: 1,
          maxLength: 4,
        }),
        spans => {
          const book = new AddressBook()
          let now = 1_000_000
          const lived: (readonly [who: string, since: number, until: number])[] = []
          for (const [index, [lives, pause]] of spans.entries()) {
            const own = { namespace: 'n', pod: `p${index}` }
            const since = now + pause * 10_000
            book.take('10.0.0.7', { ...own, since }, () => undefined)
            now = since + lives * 10_000
            book.leave('10.0.0.7', own, now, `w${index}`)
            lived.push([`w${index}`, since, now])
          }
          for (const [who, since, until] of lived)
            expect(book.at('10.0.0.7', (since + until) / 2)).toMatchObject({ workload: who })
        },
      ),
    )
  })
})

const pod = (name: string, app: string, ip: string, created: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app },
    creationTimestamp: new Date(created).toISOString(),
    ownerReferences: [{ kind: 'StatefulSet', name: app }],
  },
  spec: { containers: [] },
  status: { podIP: ip, phase: 'Running' },
})
const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'users', namespace: 'shop' },
  spec: { clusterIP: '10.96.0.9', selector: { app: 'users' } },
}

/** As packets tell it: two addresses, and the host that was asked for. */
const captured = (from: string, to: string, time: number): ApiCall => {
  const { call } = storedCall(0)
  return {
    ...call,
    time,
    sensor: 'pcap',
    source: { ip: from },
    destination: { host: 'api.internal', ip: to },
  }
}
const place = {
  endpoint: 'GET api.internal/orders/{orderId}' as EndpointId,
  external: false,
  refused: false,
  source: 'mirror',
} as const

describe('a captured call', () => {
  it('joins the workloads that had its addresses when it happened', () => {
    const builder = new GraphBuilder()
    const web = pod('web-0', 'web', '10.0.0.1', start)
    const orders = pod('orders-0', 'orders', '10.0.0.2', start)
    const users = pod('users-0', 'users', '10.0.0.3', start)
    for (const object of [web, orders, users, service])
      builder.resource(resource(object, false, start + 60_000))
    // The frontend's address is that of a batch job later on.
    builder.resource(resource(web, true, start + 120_000))
    builder.resource(resource(pod('batch-0', 'batch', '10.0.0.1', start + 130_000), false, start + 131_000))
    builder.call(captured('10.0.0.1', '10.0.0.2', start + 100_000), place)
    builder.call(captured('10.0.0.1', '10.96.0.9', start + 140_000), place)
    const calls = edgesOf(builder).filter(edge => /^workload:\S+ calls workload:/.test(edge))
    expect(calls).toEqual([
      'workload:shop/batch calls workload:shop/users',
      'workload:shop/web calls workload:shop/orders',
    ])
  })

  it('goes the same for connections of which only addresses are known', () => {
    const builder = new GraphBuilder()
    for (const object of [
      pod('web-0', 'web', '10.0.0.1', start),
      pod('orders-0', 'orders', '10.0.0.2', start),
    ])
      builder.resource(resource(object, false, start))
    const flow: FlowEvent = {
      type: 'flow',
      id: 'f',
      time: start + 5_000,
      workload: { name: '10.0.0.1' },
      peer: { host: 'orders.internal', ip: '10.0.0.2', port: 8443 },
      direction: 'egress',
      source: 'capture',
    }
    builder.flow(flow, 'mirror')
    builder.flow({ ...flow, id: 'g', workload: { name: '10.0.0.9' } }, 'mirror')
    expect(edgesOf(builder).filter(edge => edge.includes(' calls '))).toEqual([
      'workload:10.0.0.9 calls workload:shop/orders',
      'workload:shop/web calls workload:shop/orders',
    ])
  })

  it('has an answerer where it names none, and its own where it does', () => {
    const builder = new GraphBuilder()
    expect(builder.answererOf(captured('10.0.0.1', '10.0.0.2', start))).toBeUndefined()
    builder.resource(resource(pod('orders-0', 'orders', '10.0.0.2', start), false, start))
    const call = captured('10.0.0.1', '10.0.0.2', start + 5_000)
    expect(builder.answererOf(call)).toEqual({ namespace: 'shop', name: 'orders' })
    expect(
      builder.answererOf({ ...call, destination: { ...call.destination, workload: { name: 'a' } } }),
    ).toBeUndefined()
    expect(builder.answererOf(captured('10.0.0.1', '10.0.0.2', start - 60_000))).toBeUndefined()
  })
})
