import { expect, test } from 'vitest'
import { compilePolicies } from './compile.ts'
import { type PatchSubject, patchesFor } from './patches.ts'
import { runPolicyTests } from './run-tests.ts'

const orders = 'GET api.shop.example/orders/{orderId}'
const subject: PatchSubject = {
  id: '148c552fff235728',
  causes: [],
  endpoints: [orders],
  principals: ['user:mallory'],
  dataClasses: [],
  fields: [],
  steps: new Map(),
  bound: new Map(),
  roles: [],
  usualPerMinute: 12,
  now: Date.UTC(2026, 0, 1),
}

const rows: readonly (readonly [what: string, about: Partial<PatchSubject>, ids: readonly string[]])[] = [
  ['what is not known', { causes: ['new-edge'] }, ['actor-block']],
  [
    "other users' objects",
    { causes: ['owner-binding'], bound: new Map([[orders, new Set(['user'] as const)]]) },
    ['owner-guard', 'actor-block'],
  ],
  ['objects of nobody known', { causes: ['object-enumeration'] }, ['rate-guard', 'actor-block']],
  [
    "other tenants' data",
    { causes: ['cross-tenant'], bound: new Map([[orders, new Set(['tenant'] as const)]]) },
    ['tenant-guard', 'actor-block'],
  ],
  ['payloads', { causes: ['injection-payload'] }, ['injection-guard', 'actor-block']],
  ['logins', { causes: ['credential-stuffing'], principals: [] }, ['rate-guard']],
  [
    'a skipped step',
    { causes: ['flow-skip'], steps: new Map([[orders, 'POST api.shop.example/cart']]) },
    ['sequence-guard', 'actor-block'],
  ],
  ['functions of others', { causes: ['function-level'], roles: ['admin'] }, ['role-guard', 'actor-block']],
  [
    'fields of others',
    { causes: ['mass-assignment'], fields: ['user.roles[]', 'a/b'] },
    ['field-strip', 'schema-guard', 'actor-block'],
  ],
  ['data', { causes: ['data-exposure'], dataClasses: ['email'] }, ['data-mask', 'actor-block']],
  ['a specified credential', { causes: ['security-mismatch'], principals: [] }, ['token-guard']],
  ['an endpoint of nobody', { causes: ['undocumented-endpoint'], principals: [] }, ['endpoint-guard']],
  ['a schema', { causes: ['value-violation'], principals: [] }, ['schema-guard']],
  ['anonymous callers', { causes: ['new-edge'], principals: ['anonymous:0123456789abcdef'] }, []],
]

test.each(rows)('of %s policies are made that compile and do what they say', (_, about, ids) => {
  const patches = patchesFor({ ...subject, ...about })
  expect(patches.map(({ name }) => name)).toEqual(ids.map(id => `${id}-${subject.id}`))
  for (const { name, source } of patches) {
    const { problems, policies } = compilePolicies([{ name, source, version: 1 }])
    expect([name, problems.filter(({ severity }) => severity === 'error')]).toEqual([name, []])
    expect(policies.map(({ document }) => [document.name, document.mode])).toEqual([[name, 'shadow']])
    expect(runPolicyTests(source).filter(({ passed }) => !passed)).toEqual([])
  }
})

test('names of whatever text are names of policies, and all rows ran', () => {
  expect(rows).toHaveLength(14)
  for (const [id, name] of [
    ['f:ä /../x"\n', 'schema-guard-f..x'],
    ['-GET-Orders-orderId-', 'schema-guard-get-orders-orderid'],
    ['', 'schema-guard'],
    ['…', 'schema-guard'],
    ['a'.repeat(100), `schema-guard-${'a'.repeat(32)}`],
  ] as const) {
    const [patch] = patchesFor({ ...subject, id, causes: ['value-violation'] })
    expect(patch?.name).toBe(name)
    expect(compilePolicies([{ name: 'p', source: patch!.source, version: 1 }]).problems).toEqual([])
  }
})

test('a field is a pointer in which a list is any of its elements', () => {
  const [patch] = patchesFor({ ...subject, causes: ['mass-assignment'], fields: ['user.roles[]', 'a/b~c'] })
  expect(patch?.source).toContain('/user/roles/*')
  expect(patch?.source).toContain('/a~1b~0c')
})
