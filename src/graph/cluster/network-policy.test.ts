import { describe, expect, it } from 'vitest'
import { built, factsOf, objectsOf } from './fixture.ts'

const workloads = `
apiVersion: v1
kind: Namespace
metadata: { name: bank, labels: { team: bank } }
---
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: shop, labels: { app: a } }
---
apiVersion: v1
kind: Pod
metadata: { name: b, namespace: shop, labels: { app: b } }
---
apiVersion: v1
kind: Pod
metadata: { name: c, namespace: bank, labels: { app: c } }
`
const policy = (spec: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: shop }
spec: ${spec}
`
const service = (type: string): string => `---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: shop }
spec: { type: ${type}, selector: { app: a }, ports: [{ port: 80, nodePort: 30080 }] }
`

/** What is said of pod a: who reaches it, and which of a, b and c may begin to speak to it. */
const rows: readonly (readonly [what: string, objects: string, exposure: string, reached: string])[] = [
  ['nothing', '', 'cluster', 'b c'],
  ['default deny', policy('{ podSelector: {}, policyTypes: [Ingress] }'), 'namespace', ''],
  ['everybody let in', policy('{ podSelector: {}, ingress: [{}] }'), 'cluster', 'b c'],
  [
    'its own namespace',
    policy('{ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }'),
    'namespace',
    'b',
  ],
  [
    'one of its namespace',
    policy(
      '{ podSelector: { matchLabels: { app: a } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: b } } }] }] }',
    ),
    'namespace',
    'b',
  ],
  [
    'another namespace by label',
    policy(
      '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: bank } } }] }] }',
    ),
    'cluster',
    'c',
  ],
  [
    'another namespace by name',
    policy(
      '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: bank } } }] }] }',
    ),
    'cluster',
    'c',
  ],
  [
    'both selectors at once',
    policy(
      '{ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: app, operator: In, values: [b, c] }] } }] }] }',
    ),
    'cluster',
    'b c',
  ],
  [
    'a policy for others',
    policy('{ podSelector: { matchLabels: { app: b } }, ingress: [] }'),
    'cluster',
    'b c',
  ],
  ['nobody lets out', policy('{ podSelector: {}, policyTypes: [Egress] }'), 'cluster', 'c'],
  [
    'an outside block',
    policy('{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }] }'),
    'cluster',
    '',
  ],
  ['a node port', service('NodePort'), 'internet', 'b c'],
  [
    'a node port behind a policy',
    service('NodePort') + policy('{ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }'),
    'namespace',
    'b',
  ],
  [
    'a balancer for a block',
    service('LoadBalancer') +
      policy('{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }] }'),
    'internet',
    '',
  ],
  [
    'a balancer, the policy for private addresses',
    service('LoadBalancer') +
      policy('{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }] }'),
    'cluster',
    '',
  ],
]

describe('network policies', () => {
  it.each(rows)('%s', (_, objects, exposure, reached) => {
    const builder = built(objectsOf(workloads + objects))
    expect(factsOf(builder)['workload:shop/a']).toMatchObject({ exposure })
    const [model] = builder.clusters.models()
    const all = [...(model?.workloads() ?? [])]
    const a = all.find(workload => workload.name === 'a')!
    expect(
      all
        .filter(other => other !== a && model!.mayReach(other, a))
        .map(other => other.name)
        .sort()
        .join(' '),
    ).toBe(reached)
  })
  it('runs them all', () => expect(rows).toHaveLength(15))
})
