import { expect, test } from 'vitest'
import { compilePolicies } from './compile.ts'
import { buildFacts } from './facts-builder.ts'
import { type PatchSubject, paced, patchesFor } from './patches.ts'
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
  [
    'a field of answers',
    { causes: ['undocumented-response-field'], fields: ['items[].card'], principals: [] },
    ['field-mask'],
  ],
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
    const tests = runPolicyTests(source)
    expect(tests.length).toBeGreaterThan(1)
    expect(tests.filter(({ passed }) => !passed)).toEqual([])
  }
})

test('names of whatever text are names of policies, and all rows ran', () => {
  expect(rows).toHaveLength(15)
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

test('a rate guard for what users do spares workloads, and their rates set none', () => {
  const rate = (principals: readonly string[]): string | undefined =>
    patchesFor({ ...subject, principals, causes: ['volume'] })[0]?.source
  expect(rate(['user:mallory'])).toContain('identity.kind != "service"')
  expect(rate(['service:billing'])).not.toContain('identity.kind')
  expect(paced('service:front', { principals: ['user:mallory'] })).toBe(false)
  expect(paced('user:alice', { principals: ['user:mallory'] })).toBe(true)
  expect(paced('user:mallory', { principals: ['user:mallory'] })).toBe(false)
  expect(paced('service:front', { principals: ['service:billing'] })).toBe(true)
})

test('a star in what an attacker named stands for nobody and nothing else', () => {
  const every = { ...subject, principals: ['user:a*', 'user:b'], causes: ['undocumented-endpoint', 'volume'] }
  const blocks = (principal: string): boolean => {
    const source = patchesFor(every).find(({ name }) => name.startsWith('actor-block'))?.source ?? ''
    const facts = buildFacts({ identity: { principal } }, { host: 'a.example', method: 'GET', path: '/' })
    return compilePolicies([{ name: 'p', source, version: 1 }]).bundle.evaluate('request', facts).length > 0
  }
  expect(['user:a*', 'user:b', 'user:alice', 'user:a'].map(blocks)).toEqual([true, true, false, false])
  expect(
    patchesFor({ ...every, endpoints: ['GET a.example/**', '', 'GET'] }).map(({ name }) => name),
  ).toEqual([`actor-block-${subject.id}`])
})
