import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GraphBuilder } from '../graph/graph-builder.ts'
import { atOnce } from '../kit/sliced.ts'
import { askings, connections, type SeenAttempt, touches } from './attempt.ts'
import { EvidenceReader } from './evidence.ts'
import { factsInGraph } from './facts.ts'
import { addCalls, firstDay, workload } from './fixture.ts'
import { policyKinds } from './kinds/index.ts'
import type { Party } from './party.ts'
import { recommend } from './recommend.ts'
import { defaultLearning } from './window.ts'
import { wouldAllow } from './would-allow.ts'

const dayMs = 86_400_000
const days = 20
const subject = workload('orders')

const templates = [
  '/orders',
  '/orders/{orderId}',
  '/orders/{orderId}/items/{itemId}.json',
  '/reports/{from}..{to}',
  '/a.b+c(d)/{id}',
  '/[x]/^$|',
] as const

/** Who calls, what, at which port, on which days, as whom, and what the subject reaches and touches. */
const seen = fc.record({
  calls: fc.array(
    fc.record({
      caller: fc.constantFrom('cart', 'web', 'batch', 'nobody', 'internet'),
      namespace: fc.constantFrom('shop', 'web'),
      method: fc.constantFrom('GET', 'POST', 'DELETE'),
      template: fc.constantFrom(...templates),
      port: fc.constantFrom(undefined, 8080, 9090),
      principal: fc.constantFrom(undefined, 'user:alice', 'service:cart', 'service:batch', 'anonymous:1'),
      day: fc.nat(days - 1),
      times: fc.integer({ min: 1, max: 6 }),
      refused: fc.boolean(),
    }),
    { maxLength: 14 },
  ),
  flows: fc.array(
    fc.record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      peer: fc.constantFrom(
        { workload: { namespace: 'shop', name: 'payments' } },
        { workload: { namespace: 'ops', name: 'probe' } },
        { host: 'api.pay.example', ip: '198.51.100.7', port: 443 },
        { host: 'unknown.example', port: 443 },
        { ip: '10.1.2.3', port: 6379 },
        { ip: '2001:db8::7', port: 53 },
      ),
      protocol: fc.constantFrom(undefined, 'TCP', 'UDP'),
      outcome: fc.constantFrom('allowed', 'blocked'),
      day: fc.nat(days - 1),
      times: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 10 },
  ),
  touched: fc.array(
    fc.record({
      action: fc.constantFrom('process', 'file'),
      object: fc.constantFrom('/bin/app', '/app/a', '/app/b/c', '/tmp/x', '/var/log/app.log', '/etc/hosts'),
      writes: fc.boolean(),
      number: fc.option(fc.nat(30), { nil: undefined }),
      day: fc.nat(days - 1),
    }),
    { maxLength: 40 },
  ),
})
type World = typeof seen extends fc.Arbitrary<infer Value> ? Value : never

function graphOf({ calls, flows, touched }: World) {
  const builder = new GraphBuilder()
  // The workload is there whatever happened.
  addCalls(builder, {
    day: 0,
    from: subject,
    to: workload('ledger'),
    host: 'ledger',
    port: 7000,
    template: '/book',
    times: 5,
  })
  for (const { caller, namespace, principal, port, ...call } of calls)
    addCalls(builder, {
      ...call,
      to: subject,
      host: 'orders.shop',
      ...(port === undefined ? {} : { port }),
      ...(principal === undefined ? {} : { principal }),
      ...(caller === 'internet'
        ? { external: true }
        : caller === 'nobody'
          ? {}
          : { from: workload(caller, namespace) }),
    })
  let id = 0
  for (const { times, day, protocol, ...flow } of flows)
    for (let time = 0; time < times; time += 1) {
      id += 1
      builder.flow(
        {
          type: 'flow',
          id: `f-${id}`,
          time: firstDay + day * dayMs + id,
          workload: subject,
          source: 'hubble',
          ...flow,
          ...(protocol === undefined ? {} : { protocol }),
        },
        'kubernetes',
      )
    }
  for (const { action, object, writes, number, day } of touched) {
    id += 1
    builder.runtime({
      type: 'runtime',
      id: `r-${id}`,
      time: firstDay + day * dayMs + id,
      workload: subject,
      source: 'kubearmor',
      action,
      object: number === undefined ? object : `${object}${number}`,
      extra: { syscall: writes ? 'SYS_WRITE' : 'SYS_OPENAT' },
    })
  }
  return builder.graph
}

/** What each kind cannot say, and so leaves out: known beforehand, not taken from what it made. */
const unsayable: Readonly<Record<string, (one: SeenAttempt) => boolean>> = {
  networkpolicy: ({ attempt }) =>
    attempt.does === 'connect' &&
    [attempt.from, attempt.to].some(
      ({ kind, addresses }) => kind === 'unnamed' || (kind === 'host' && (addresses ?? []).length === 0),
    ),
  cilium: ({ attempt }) => 'from' in attempt && isNobody(attempt.from),
  istio: ({ attempt }) => attempt.does === 'connect' && isNobody(attempt.from),
}

const isNobody = ({ kind, addresses }: Party): boolean =>
  kind === 'unnamed' || (kind === 'host' && (addresses ?? []).length === 0)

const stranger: Party = {
  kind: 'workload',
  node: 'workload:other/stranger',
  name: 'other/stranger',
  namespace: 'other',
  labels: { 'app.kubernetes.io/name': 'stranger' },
  serviceAccount: 'stranger',
}

describe.each(policyKinds.map(({ id }) => id).filter(id => id !== 'role'))('policies of kind %s', id => {
  const kind = policyKinds.find(one => one.id === id)!

  it('allow all that was seen often enough, and nothing that never was', () => {
    let allowed = 0
    let denied = 0
    fc.assert(
      fc.property(seen, world => {
        const graph = graphOf(world)
        const recommendation = recommend(graph, { for: 'workload:shop/orders', kind: id })
        const { manifests } = recommendation
        const evidence = atOnce(EvidenceReader.read(graph, factsInGraph(graph))).of('workload:shop/orders', {
          ...defaultLearning,
          until: graph.uses.lastSeen,
        })
        if (manifests.length === 0) return
        const kept = new Set<string>()
        for (const one of kind.concerns(evidence)) {
          if (one.seen.standing !== 'kept' || unsayable[id]?.(one) === true) continue
          // Whose every request is refused or rare is not let in where requests are told apart.
          const { attempt } = one
          if (
            attempt.does === 'connect' &&
            (id === 'cilium' || id === 'istio') &&
            evidence.asked.some(({ caller }) => caller.node === attempt.from.node) &&
            !evidence.asked.some(
              ({ caller, seen: asked }) => caller.node === attempt.from.node && asked.standing === 'kept',
            )
          )
            continue
          expect([one.what, wouldAllow(recommendation, attempt)]).toEqual([one.what, true])
          kept.add(one.what)
          allowed += 1
        }
        const said = JSON.stringify(manifests.map(({ document }) => document))
        const self = evidence.subject
        const has = (part: string): boolean => said.includes(part)
        const never: readonly (readonly [boolean, Parameters<typeof wouldAllow>[1]])[] = [
          [
            id === 'networkpolicy' && has('"Ingress"'),
            { does: 'connect', from: stranger, to: self, port: 8080, transport: 'TCP' },
          ],
          [
            id === 'networkpolicy' && has('"Egress"'),
            { does: 'connect', from: self, to: stranger, port: 443, transport: 'TCP' },
          ],
          [
            id === 'cilium' && has('"ingress":'),
            { does: 'connect', from: stranger, to: self, port: 8080, transport: 'TCP' },
          ],
          [
            id === 'cilium' && has('"egress":'),
            { does: 'connect', from: self, to: stranger, port: 443, transport: 'TCP' },
          ],
          [
            id === 'cilium' && has('"ingress":'),
            {
              does: 'ask',
              from: stranger,
              to: self,
              port: 8080,
              method: 'GET',
              path: '/orders',
              host: 'orders.shop',
            },
          ],
          [
            // Callers whom nobody can tell apart are let in by what they ask.
            id === 'istio' && !evidence.asked.some(({ caller }) => caller.kind !== 'workload'),
            { does: 'ask', from: stranger, to: self, method: 'GET', path: '/never', host: 'orders.shop' },
          ],
          [id === 'kubearmor' && has('"process"'), { does: 'run', by: self, path: '/usr/bin/nc' }],
          [id === 'kubearmor' && has('"file"'), { does: 'open', by: self, path: '/root/.ssh/id_rsa' }],
          [
            id === 'api' && has('endpoint.id in'),
            {
              does: 'ask',
              from: stranger,
              to: self,
              method: 'GET',
              path: '/never',
              host: 'orders.shop',
              principal: 'service:stranger',
            },
          ],
        ]
        for (const [applies, attempt] of never) {
          if (!applies) continue
          expect([attempt, wouldAllow(recommendation, attempt)]).toEqual([attempt, false])
          denied += 1
        }
        // Coverage is what the policies say themselves.
        const { uses, share } = recommendation.coverage
        expect(uses.allowed).toBeLessThanOrEqual(uses.seen)
        expect(share === 1).toBe(recommendation.coverage.calls.allowed === recommendation.coverage.calls.seen)
      }),
      { numRuns: 150 },
    )
    expect(allowed).toBeGreaterThan(50)
    expect(denied).toBeGreaterThan(20)
  })
})

it('what is seen is tried again as it was', () => {
  const graph = graphOf({
    calls: [
      {
        caller: 'cart',
        namespace: 'shop',
        method: 'GET',
        template: '/orders/{orderId}',
        port: 8080,
        principal: 'user:alice',
        day: 3,
        times: 4,
        refused: false,
      },
    ],
    flows: [],
    touched: [{ action: 'file', object: '/etc/hosts', writes: false, number: undefined, day: 3 }],
  })
  const evidence = atOnce(EvidenceReader.read(graph, factsInGraph(graph))).of('workload:shop/orders', {
    ...defaultLearning,
    until: graph.uses.lastSeen,
  })
  expect(
    [...connections(evidence), ...askings(evidence), ...touches(evidence)].map(({ what }) => what),
  ).toEqual([
    'shop/cart → shop/orders at 8080',
    'shop/orders → shop/ledger at 7000',
    'user:* → GET orders.shop/orders/{orderId}',
    'shop/orders reads /etc/hosts',
  ])
})
