import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../call/resource-event.ts'
import { trimObject } from '../../sensors/kubernetes/trim-object.ts'
import { GraphBuilder } from '../graph-builder.ts'
import { built, edgesOf, factsOf, objectsOf, resource, shop } from './fixture.ts'

const objects = objectsOf(shop)

describe('the objects of a cluster', () => {
  it('become workloads, whom they run as, who lets them in and what they may', () => {
    expect(edgesOf(built(objects))).toEqual(
      [
        'identity:service-account:shop/orders assumes identity:role:arn:aws:iam::111122223333:role/orders',
        'identity:service-account:shop/orders may store:kubernetes://shop/secrets',
        ...['shop/default', 'shop/orders', 'shop/web'].map(
          account => `identity:service-account:tools/operator assumes identity:service-account:${account}`,
        ),
        'identity:service-account:tools/operator may store:kubernetes://*/*',
        'internet exposes workload:shop/orders',
        'internet exposes workload:shop/web',
        'workload:shop/db runs-as identity:service-account:shop/default',
        'workload:shop/orders calls workload:shop/db',
        'workload:shop/orders may store:kubernetes://shop/secrets/db',
        'workload:shop/orders runs-as identity:service-account:shop/orders',
        'workload:shop/web runs-as identity:service-account:shop/web',
      ].sort(),
    )
  })

  it('say where, which version, whose, and who reaches it and why', () => {
    const facts = factsOf(built(objects))
    expect(facts['workload:shop/web']).toEqual({
      namespace: 'shop',
      kind: 'Deployment',
      version: '2.3.1',
      environment: 'production',
      owner: 'storefront',
      exposure: 'internet',
      exposureWhy: ['Service web is a LoadBalancer'],
    })
    expect(facts['workload:shop/orders']).toMatchObject({
      version: '7',
      exposure: 'internet',
      exposureWhy: ['Ingress api for api.shop.example/orders by Service orders'],
    })
    expect(facts['workload:shop/db']).toMatchObject({
      kind: 'StatefulSet',
      exposure: 'namespace',
      exposureWhy: ['NetworkPolicy db lets in only pods app=orders of its namespace'],
    })
    expect(facts['identity:service-account:shop/orders']).toMatchObject({
      entitlements: [
        'may get, list secrets in namespace shop: reads what every workload there signs in with (RoleBinding shop/orders-reads, Role reader)',
      ],
    })
    expect(facts['identity:service-account:tools/operator']).toMatchObject({
      entitlements: [
        'may do anything with everything in every namespace: does anything there (ClusterRoleBinding operator, ClusterRole cluster-admin)',
      ],
    })
  })

  it('mean the same in any order', () => {
    const wanted = built(objects)
    fc.assert(
      fc.property(fc.shuffledSubarray([...objects], { minLength: objects.length }), shuffled => {
        const other = built(shuffled)
        expect(edgesOf(other)).toEqual(edgesOf(wanted))
        expect(factsOf(other)).toEqual(factsOf(wanted))
      }),
      { numRuns: 50 },
    )
  })

  it('are as if they had never been once they are removed, whatever was written in between', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...objects]),
        fc.shuffledSubarray([...objects]),
        fc.infiniteStream(fc.boolean()),
        (kept, passing, settles) => {
          const wanted = built(kept)
          const builder = new GraphBuilder()
          const step = (object: KubernetesObject, removed: boolean): void => {
            builder.resource(resource(object, removed))
            if (settles.next().value === true) builder.settle()
          }
          for (const object of passing) step(object, false)
          for (const object of kept) step(object, false)
          for (const object of [...passing].reverse()) if (!kept.includes(object)) step(object, true)
          builder.settle()
          expect(edgesOf(builder)).toEqual(edgesOf(wanted))
          expect(factsOf(builder)).toEqual(factsOf(wanted))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('leave what traffic said when they go', () => {
    const builder = new GraphBuilder()
    for (const object of objects) builder.resource(resource(object))
    builder.flow(
      {
        type: 'flow',
        id: 'f',
        time: 1_000,
        workload: { namespace: 'shop', name: 'web' },
        peer: { host: 'orders' },
        direction: 'egress',
        source: 'otlp',
      },
      'otlp',
    )
    for (const object of objects) builder.resource(resource(object, true, 2_000))
    builder.settle()
    expect(edgesOf(builder)).toEqual(['workload:shop/web calls workload:shop/orders'])
    expect(factsOf(builder)['workload:shop/web']).not.toHaveProperty('exposure')
  })

  it('tell when a version is rolled out', () => {
    const builder = built(objects)
    const next = objectsOf(shop.replace('web:2.3.1', 'web:2.4.0'))
    for (const object of next) builder.resource(resource(object, false, 5_000))
    builder.settle()
    expect(factsOf(builder)['workload:shop/web']).toMatchObject({ version: '2.4.0', rolledOutAt: 5_000 })
    expect(factsOf(builder)['workload:shop/orders']).not.toHaveProperty('rolledOutAt')
  })

  it('hold no secret', () => {
    const builder = built(objects)
    expect(JSON.stringify([...builder.graph.allNodes(), ...builder.graph.allEdges()])).not.toContain(
      'hunter2',
    )
  })

  it('are bounded, and what is left out is counted', () => {
    const builder = new GraphBuilder({ clusterObjects: 3 })
    for (const object of objects) builder.resource(resource(object))
    builder.settle()
    expect(builder.clusters.refused).toBe(objects.length - 3)
  })
})

describe('hosts and addresses', () => {
  const [model] = built(objects).clusters.models()
  const names = (host: string, from?: string): string | undefined => {
    const resolved = model?.resolveHost(host, from)
    return resolved?.externalName ?? resolved?.workloads.map(workload => workload.name).join()
  }
  const rows: readonly (readonly [host: string, from: string | undefined, who: string | undefined])[] = [
    ['orders', 'shop', 'orders'],
    ['orders', 'bank', undefined],
    ['orders', undefined, 'orders'],
    ['orders.shop', 'bank', 'orders'],
    ['orders.shop.svc', undefined, 'orders'],
    ['Orders.shop.svc.cluster.local.', undefined, 'orders'],
    ['orders.bank.svc.cluster.local', 'shop', undefined],
    ['10.96.0.7', undefined, 'orders'],
    ['10.1.0.9', undefined, 'orders'],
    ['10-1-0-9.shop.pod.cluster.local', undefined, 'orders'],
    ['10.1.0.10', undefined, undefined],
    ['db-0.db.shop.svc.cluster.local', undefined, 'db'],
    ['payments', 'shop', 'api.pay.example'],
    ['orders.example.com', 'shop', undefined],
    ['', 'shop', undefined],
    ['constructor', 'shop', undefined],
  ]
  it.each(rows)('%s from %s is %s', (host, from, who) => {
    expect(names(host, from)).toBe(who)
  })
  it('runs them all', () => expect(rows).toHaveLength(16))

  it('follow an Ingress by host and path', () => {
    const who = (host: string, path: string) => model?.resolveRoute(host, path).map(one => one.name)
    expect(who('api.shop.example', '/orders/7')).toEqual(['orders'])
    expect(who('API.shop.example', '/orders')).toEqual(['orders'])
    expect(who('api.shop.example', '/orders-old')).toEqual([])
    expect(who('other.shop.example', '/orders')).toEqual([])
  })

  it('make calls to a service edges to its workload', () => {
    const builder = built(objects)
    const flow = (host: string) =>
      builder.flow(
        {
          type: 'flow',
          id: host,
          time: 1,
          workload: { namespace: 'shop', name: 'web' },
          peer: { host },
          direction: 'egress',
          source: 'otlp',
        },
        'otlp',
      )
    for (const host of ['orders.shop.svc.cluster.local:80', '10.96.0.7', 'payments', 'elsewhere.example'])
      flow(host)
    expect(
      builder.graph.outOf('workload:shop/web', { kinds: ['calls'] }).map(edge => [edge.to, edge.count]),
    ).toEqual(
      expect.arrayContaining([
        ['workload:shop/orders', 2],
        ['host:api.pay.example', 1],
        ['host:elsewhere.example', 1],
      ]),
    )
  })
})

describe('objects of any shape', () => {
  it('never throw, and leave the graph whole', () => {
    const kinds = objects.map(({ apiVersion, kind }) => ({ apiVersion, kind }))
    const keys = fc.constantFrom(
      'spec',
      'template',
      'metadata',
      'labels',
      'selector',
      'rules',
      'subjects',
      'roleRef',
      'ingress',
      'from',
      'podSelector',
      'matchExpressions',
      'ownerReferences',
      'status',
      'podIP',
      'type',
      'name',
      'kind',
      '__proto__',
      'constructor',
    )
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 0, true, '', 'shop', '*', 'Ingress'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom(...kinds),
            fc.constantFrom('a', 'b', 'constructor', '__proto__'),
            fc.dictionary(keys, tree, { maxKeys: 6 }),
            fc.boolean(),
          ),
          { maxLength: 12 },
        ),
        several => {
          const builder = new GraphBuilder()
          for (const [kind, name, rest, removed] of several) {
            const raw = {
              ...rest,
              ...kind,
              metadata: { ...(rest.metadata as object), name, namespace: 'shop' },
            }
            for (const object of [trimObject(raw), raw as unknown as KubernetesObject])
              if (object !== undefined) builder.resource(resource(object, removed))
          }
          builder.settle()
          for (const edge of builder.graph.allEdges()) expect(builder.graph.get(edge.from)).toBeDefined()
        },
      ),
      { numRuns: 300 },
    )
  })
})
