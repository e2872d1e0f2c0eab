import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Graph } from '../../graph/graph.ts'
import type { ExerciseAttempt } from '../attempt.ts'
import type { GrantedRole, GrantedRule } from '../facts.ts'
import { recommend } from '../recommend.ts'
import { verdictOf } from '../would-allow.ts'

const dayMs = 86_400_000
const groups = [[''], [''], [''], ['', 'apps']] as const
const resources = ['secrets', 'secrets', 'configmaps', 'configmaps', 'pods', '*'] as const
const verbs = ['get', 'list', 'watch', 'create', 'update', 'delete', '*'] as const
const names = ['a', 'b', 'c'] as const

const rules: fc.Arbitrary<GrantedRule> = fc.record({
  apiGroups: fc.constantFrom(...groups),
  resources: fc.uniqueArray(fc.constantFrom(...resources), { minLength: 1 }),
  verbs: fc.uniqueArray(fc.constantFrom(...verbs), { minLength: 1 }),
  resourceNames: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }),
})

const uses = fc.array(
  fc.record({
    verb: fc.constantFrom(...verbs.slice(0, -1)),
    resource: fc.constantFrom('secrets', 'configmaps'),
    name: fc.constantFrom(undefined, ...names),
    day: fc.nat(10),
  }),
  { minLength: 1, maxLength: 12 },
)

const everyAttempt: readonly ExerciseAttempt[] = verbs.slice(0, -1).flatMap(verb =>
  ['secrets', 'configmaps', 'pods'].flatMap(resource =>
    [undefined, ...names].map(
      (name): ExerciseAttempt => ({
        does: 'exercise',
        account: 'shop/orders',
        verb,
        resource,
        namespace: 'shop',
        ...(name === undefined ? {} : { name }),
      }),
    ),
  ),
)

/** What the Role gave before, as the manifests that it was. */
function before({ name, namespace, rules: granted }: GrantedRole) {
  const metadata = { name, namespace }
  const plain = (document: object) => ({ document: document as never, lines: [], notes: [] })
  return [
    plain({ apiVersion: 'v1', kind: 'Role', metadata, rules: granted }),
    plain({
      apiVersion: 'v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: 'orders', namespace: 'shop' }],
    }),
  ]
}

it('a reduced Role gives what was used of it, and nothing that it did not give before', () => {
  let kept = 0
  let reduced = 0
  fc.assert(
    fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), uses, (granted, used) => {
      const graph = new Graph()
      graph.node('workload:shop/orders', 1)
      for (const { verb, resource, name, day } of used)
        graph.uses.add(
          {
            kind: 'exercises',
            from: 'identity:service-account:shop/orders',
            to: ['shop', ...(name === undefined ? [] : [name])].reduce(
              (path, part) => `${path}/${part}`,
              resource,
            ),
            protocol: verb,
          },
          day * dayMs,
        )
      const role: GrantedRole = { name: 'reader', binding: 'readers', namespace: 'shop', rules: granted }
      const { manifests } = recommend(graph, {
        for: 'shop/orders',
        kind: 'role',
        facts: { workload: () => ({ serviceAccount: 'orders' }), rolesOf: () => [role] },
      })
      if (manifests.length === 0) return
      const old = before(role)
      for (const { verb, resource, name } of used) {
        const attempt = everyAttempt.find(
          one => one.verb === verb && one.resource === resource && one.name === name,
        )!
        if (verdictOf(old, attempt) !== 'allows') continue
        expect([attempt, verdictOf(manifests, attempt)]).toEqual([attempt, 'allows'])
        kept += 1
      }
      for (const attempt of everyAttempt) {
        if (verdictOf(manifests, attempt) === 'allows')
          expect([attempt, verdictOf(old, attempt)]).toEqual([attempt, 'allows'])
        else if (verdictOf(old, attempt) === 'allows') reduced += 1
      }
    }),
    { numRuns: 300 },
  )
  expect(kept).toBeGreaterThan(50)
  expect(reduced).toBeGreaterThan(50)
})

it('says nothing without an audit log', () => {
  const graph = new Graph()
  graph.node('workload:shop/orders', 1)
  const { manifests, nothing } = recommend(graph, {
    for: 'shop/orders',
    kind: 'role',
    facts: {
      workload: () => ({ serviceAccount: 'orders' }),
      rolesOf: () => [
        {
          name: 'reader',
          binding: 'readers',
          namespace: 'shop',
          rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: [] }],
        },
      ],
    },
  })
  expect([manifests.length, nothing.length]).toEqual([0, 1])
})
