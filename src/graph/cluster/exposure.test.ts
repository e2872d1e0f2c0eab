import { describe, expect, it } from 'vitest'
import { built, factsOf, objectsOf } from './fixture.ts'

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: shop, labels: { app: a } }
`
const service = (spec: string, annotations = '{}', status = '{}'): string => `---
apiVersion: v1
kind: Service
metadata: { name: a, namespace: shop, annotations: ${annotations} }
spec: { selector: { app: a }, ${spec} }
status: ${status}
`
const balancer = (annotations: string): string => service('type: LoadBalancer', annotations)
const plain = service('type: ClusterIP')
const ingress = (annotations: string, spec = ''): string => `${plain}---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: i, namespace: shop, annotations: ${annotations} }
spec: { ${spec} defaultBackend: { service: { name: a } } }
`
const route = (gateway: string): string => `${plain}---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r, namespace: shop }
spec: { parentRefs: [{ name: g, namespace: infra }], rules: [{ backendRefs: [{ name: a, port: 80 }] }] }
${gateway}`
const gateway = (spec: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: g, namespace: infra }
spec: { ${spec} }
`
const istio = (type: string): string => `${plain}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: v, namespace: shop }
spec: { hosts: [shop.example], gateways: [istio-system/g], http: [{ route: [{ destination: { host: a.shop.svc.cluster.local } }] }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g, namespace: istio-system }
spec: { selector: { istio: ingress }, servers: [{ hosts: ["*"], port: { number: 80 } }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ingress, namespace: istio-system, labels: { istio: ingress } }
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-system }
spec: { type: ${type}, selector: { istio: ingress } }
`

const rows: readonly (readonly [what: string, objects: string, exposure: string, why: string])[] = [
  ['no service', '', 'cluster', 'nothing lets it be reached from outside'],
  ['ClusterIP', plain, 'cluster', 'nothing lets it be reached from outside'],
  ['LoadBalancer', balancer('{}'), 'internet', 'Service a is a LoadBalancer'],
  [
    'AWS, internal',
    balancer('{ service.beta.kubernetes.io/aws-load-balancer-internal: "true" }'),
    'cluster',
    'aws-load-balancer-internal: true',
  ],
  [
    'AWS, not internal',
    balancer('{ service.beta.kubernetes.io/aws-load-balancer-internal: "false" }'),
    'internet',
    'LoadBalancer',
  ],
  [
    'AWS, by scheme',
    balancer('{ service.beta.kubernetes.io/aws-load-balancer-scheme: internal }'),
    'cluster',
    'scheme: internal',
  ],
  [
    'AWS controller, by default',
    balancer('{ service.beta.kubernetes.io/aws-load-balancer-type: external }'),
    'cluster',
    'internal unless told otherwise',
  ],
  [
    'AWS controller, facing out',
    balancer(
      '{ service.beta.kubernetes.io/aws-load-balancer-type: external, service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing }',
    ),
    'internet',
    'LoadBalancer',
  ],
  ['GCP, internal', balancer('{ networking.gke.io/load-balancer-type: Internal }'), 'cluster', 'Internal'],
  [
    'GCP, internal, old',
    balancer('{ cloud.google.com/load-balancer-type: Internal }'),
    'cluster',
    'Internal',
  ],
  [
    'Azure, internal',
    balancer('{ service.beta.kubernetes.io/azure-load-balancer-internal: "true" }'),
    'cluster',
    'azure',
  ],
  [
    'a private address',
    service('type: LoadBalancer', '{}', '{ loadBalancer: { ingress: [{ ip: 10.0.0.9 }] } }'),
    'cluster',
    '10.0.0.9 is private',
  ],
  [
    'private ranges',
    service('type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]'),
    'cluster',
    '10.0.0.0/8',
  ],
  ['an external address', service('externalIPs: [203.0.113.7]'), 'internet', '203.0.113.7'],
  [
    'NodePort',
    service('type: NodePort, ports: [{ port: 80, nodePort: 30080 }]'),
    'internet',
    'NodePort (30080)',
  ],
  ['Ingress', ingress('{}'), 'internet', 'Ingress i by Service a'],
  ['ALB, by default', ingress('{}', 'ingressClassName: alb,'), 'cluster', 'internal unless told otherwise'],
  [
    'ALB, facing out',
    ingress('{ alb.ingress.kubernetes.io/scheme: internet-facing }', 'ingressClassName: alb,'),
    'internet',
    'Ingress i',
  ],
  ['GCE, internal', ingress('{ kubernetes.io/ingress.class: gce-internal }'), 'cluster', 'gce-internal'],
  ['HTTPRoute on an unknown gateway', route(''), 'internet', 'not among the objects'],
  ['HTTPRoute on a gateway', route(gateway('gatewayClassName: nginx')), 'internet', 'Gateway infra/g'],
  [
    'HTTPRoute on an internal class',
    route(gateway('gatewayClassName: gke-l7-rilb')),
    'cluster',
    'gke-l7-rilb is internal',
  ],
  [
    'HTTPRoute on an internal balancer',
    route(
      gateway(
        'gatewayClassName: x, infrastructure: { annotations: { networking.gke.io/load-balancer-type: Internal } }',
      ),
    ),
    'cluster',
    'Internal',
  ],
  [
    'Istio on a balancer',
    istio('LoadBalancer'),
    'internet',
    'VirtualService v for shop.example by Service a on Gateway istio-system/g',
  ],
  ['Istio within the cluster', istio('ClusterIP'), 'cluster', 'no Service lets its pods be reached'],
  [
    'OpenShift',
    `${plain}---
apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: o, namespace: shop }
spec: { host: a.shop.example, to: { kind: Service, name: a } }
`,
    'internet',
    'Route o for a.shop.example',
  ],
]

describe('exposure', () => {
  it.each(rows)('%s', (_, objects, exposure, why) => {
    const facts = factsOf(built(objectsOf(pod + objects)))['workload:shop/a'] as {
      readonly exposure: string
      readonly exposureWhy: readonly string[]
    }
    expect(facts.exposure).toBe(exposure)
    expect(facts.exposureWhy.join('; ')).toContain(why)
  })
  it('runs them all', () => expect(rows).toHaveLength(26))
})
