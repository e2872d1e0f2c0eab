import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { runHere } from '../../test/support/command-line.ts'
import { kubernetesDefinition } from '../../test/support/policy-definitions.ts'
import { compilePolicies } from '../policy/compile.ts'
import { lintPolicies } from '../policy/lint.ts'
import { runPolicyTests } from '../policy/run-tests.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-recommend-'))
afterAll(() => rmSync(folder, { recursive: true }))

const start = Date.parse('2026-11-10T10:00:00Z')
const cart = { namespace: 'shop', name: 'cart' }
const orders = { namespace: 'shop', name: 'orders' }

/** Ten days on which the cart asks orders, at the port of its Service; the manifests say which labels and ports the pods have. */
const events = join(folder, 'events.jsonl')
writeFileSync(
  events,
  Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({
      id: `c-${index}`,
      time: start + Math.floor(index / 4) * 86_400_000 + index * 1_000,
      source: { workload: cart },
      destination: { host: 'orders.shop', port: 80, workload: orders },
      request: {
        method: index % 4 === 3 ? 'POST' : 'GET',
        target: index % 4 === 3 ? '/orders' : `/orders/${1000 + index}`,
      },
      response: { status: 200, headers: [['content-type', 'application/json']], body: '{"id":7}' },
      principal: { id: 'cart', kind: 'service' },
    }),
  )
    .concat(
      Array.from({ length: 5 }, (_, index) =>
        JSON.stringify({
          type: 'access',
          id: `a-${index}`,
          time: start + index * 86_400_000,
          workload: orders,
          identity: 'service-account:shop/orders-runner',
          store: {
            system: 'kubernetes.secrets',
            namespace: 'shop',
            collection: index < 4 ? 'db-password' : 'made',
          },
          operation: index < 4 ? 'get' : 'create',
        }),
      ),
    )
    .join('\n'),
)
const manifests = join(folder, 'shop.yaml')
const deployment = (name: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app.kubernetes.io/name: ${name}, tier: backend } }
  template:
    metadata: { labels: { app.kubernetes.io/name: ${name}, tier: backend, rev: "7" } }
    spec:
      serviceAccountName: ${name}-runner
      containers: [{ name: app, image: "shop/${name}:1.0", ports: [{ containerPort: 8080 }] }]
`
writeFileSync(
  manifests,
  [
    deployment('orders'),
    deployment('cart'),
    `
apiVersion: v1
kind: Service
metadata: { name: orders, namespace: shop }
spec: { selector: { app.kubernetes.io/name: orders }, ports: [{ port: 80, targetPort: 8080 }] }
`,
    `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules:
  - { apiGroups: [""], resources: [secrets, configmaps, pods], verbs: [get, list, create] }
`,
    `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: orders-reader, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: orders-runner, namespace: shop }]
`,
  ].join('---'),
)

const recommended = (...line: string[]) => runHere(['policy', 'recommend', ...line, events, manifests])

const documents = (text: string): readonly unknown[] =>
  parseAllDocuments(text).map(one => one.toJS() as unknown)

describe('policy recommend, from files', () => {
  it('takes labels, accounts and ports from manifests', async () => {
    const { code, out, said } = await recommended('--for', 'workload:shop/orders', '--kind', 'networkpolicy')
    expect([code, said]).toEqual([0, expect.stringContaining('seen on 10 of 14 days')])
    expect(documents(out)).toMatchObject([
      {
        kind: 'NetworkPolicy',
        spec: {
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders', tier: 'backend' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cart', tier: 'backend' } } }],
              ports: [{ port: 8080, protocol: 'TCP' }],
            },
          ],
        },
      },
    ])
    expect(out).toContain('# cart connects to orders (http): 40 times on 10 of 14 days, last today\n')
    expect(out).not.toContain('assumed')
    const mesh = await recommended('--for', 'orders', '--kind', 'istio', '--trust-domain', 'shop.example')
    expect(mesh.out).toContain('- shop.example/ns/shop/sa/cart-runner')
  })

  it('writes policies of ours that are read, doubted by no lint, and pass their own tests', async () => {
    const { out } = await recommended('--for', 'workload:shop/orders', '--kind', 'api')
    const { problems, policies } = compilePolicies([{ name: 'recommended', source: out, version: 1 }])
    expect(problems).toEqual([])
    expect(policies.map(({ document }) => [document.mode, document.tests.length > 1])).toEqual([
      ['shadow', true],
      ['shadow', true],
    ])
    expect(lintPolicies([{ name: 'recommended', source: out, version: 1 }])).toEqual([])
    const results = runPolicyTests(out)
    expect(results.filter(({ passed }) => !passed)).toEqual([])
    expect(results.length).toBeGreaterThanOrEqual(4)
  })

  it('writes a Role without the rights that were never used', async () => {
    const { code, out } = await recommended('--for', 'orders', '--kind', 'role')
    expect(code).toBe(0)
    const name = 'orders-runner-reader-observed'
    const [role, binding] = documents(out)
    expect(role).toMatchObject({
      kind: 'Role',
      metadata: { name, namespace: 'shop' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'create'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['db-password'], verbs: ['get'] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
      ],
    })
    expect(binding).toMatchObject({
      roleRef: { name },
      subjects: [{ kind: 'ServiceAccount', name: 'orders-runner', namespace: 'shop' }],
    })
    const validate = kubernetesDefinition('V1Role')
    expect([validate(role), validate.errors ?? []]).toEqual([true, []])
    expect(out).toContain('# It allows 100 % of the calls (5 of 5)')
    expect(out).toContain('# Left out: get, list, create configmaps in shop, not used in 14 days.')
    expect(out).toContain('# orders may get db-password: 4 times on 4 of 14 days')
    // The cart's account has no Role.
    const other = await recommended('--for', 'cart', '--kind', 'role')
    expect([other.code, other.out]).toEqual([0, ''])
    expect(other.said).toContain('shop/cart: nothing was seen')
  })

  it('leaves out what is named, each time it is named', async () => {
    const { out, said } = await recommended(
      ...['--for', 'namespace:shop', '--kind', 'cilium', '--exclude', 'nobody', '--exclude', 'shop/cart'],
    )
    expect(documents(out)).toHaveLength(2)
    expect(out).not.toContain('fromEndpoints')
    expect(said).toContain(
      'shop/cart → shop/orders at 8080: 40 times on 10 of 14 days, last today; left out as asked',
    )
  })

  it('refuses what it cannot do', async () => {
    const rows = [
      [['--for', 'orders', '--kind', 'istoi'], 2],
      [['--for', 'orders', '--kind', 'istio', '--days', '99'], 2],
      [['--for', 'workload:shop/ordres', '--kind', 'istio'], 2],
    ] as const
    for (const [line, code] of rows) {
      const got = await recommended(...line)
      expect([line, got.code, got.out]).toEqual([line, code, ''])
    }
    expect(rows.length).toBe(3)
  })
})
