import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicies } from './compile.ts'
import { formatProblem, parsePolicies } from './parse.ts'

const head = (name: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\n`

describe('parsePolicies', () => {
  test('reads every field', () => {
    const source = `${head('tenant-guard')}spec:
  phase: response
  match:
    hosts: [API.example.com]
    methods: [get]
    endpoints: ["GET /orders/{orderId}"]
    principals: ["user:*"]
    roles: [customer]
  when: response.status < 300.0 && object.foreignTenant
  action: { type: quarantine, target: token, ttl: 15m }
  mode: enforce
  onError: deny
  expiresAt: 2026-12-31
  reason: Not yours.
  tests:
    - { name: other tenant, input: { object: { foreignTenant: true } }, expect: quarantine }
`
    const { policies, problems } = parsePolicies(source, 'a.yaml')
    expect(problems).toEqual([])
    expect(policies).toMatchObject([
      {
        name: 'tenant-guard',
        phase: 'response',
        match: { hosts: ['api.example.com'], methods: ['GET'], roles: ['customer'] },
        action: { type: 'quarantine', target: 'token', ttlSeconds: 900 },
        mode: 'enforce',
        onError: 'deny',
        expiresAt: Date.UTC(2026, 11, 31),
        reason: 'Not yours.',
        tests: [{ expect: 'quarantine' }],
      },
    ])
  })

  test('defaults: shadow, allow on a fault, 403', () => {
    const { policies } = parsePolicies(`${head('p')}spec: { action: { type: block } }\n`, 'a.yaml')
    expect(policies[0]).toMatchObject({
      mode: 'shadow',
      onError: 'allow',
      action: { type: 'block', status: 403 },
      match: {},
    })
  })

  test('several documents keep their own text', () => {
    const source = `${head('one')}spec: { action: { type: tag } }\n---\n# second\n${head('two')}spec: { action: { type: tag } }\n`
    const { policies, problems } = parsePolicies(source, 'a.yaml')
    expect(problems).toEqual([])
    expect(policies.map(({ name }) => name)).toEqual(['one', 'two'])
    for (const policy of policies)
      expect(parsePolicies(policy.source, 'b.yaml').policies[0]?.name).toBe(policy.name)
    expect(policies[0]!.source).not.toContain('two')
  })

  const faulty: readonly (readonly [string, string])[] = [
    ['unknown key', `${head('p')}spec:\n  action: { type: block }\n  mod: enforce\n`],
    ['unknown value', `${head('p')}spec:\n  action: { type: blok }\n`],
    ['unknown fact', `${head('p')}spec:\n  when: reqest.method == "GET"\n  action: { type: block }\n`],
    [
      'unknown field of a fact',
      `${head('p')}spec:\n  when: 'request.metod == "GET"'\n  action: { type: block }\n`,
    ],
    ['type', `${head('p')}spec:\n  when: request.size == "x"\n  action: { type: block }\n`],
    ['not a condition', `${head('p')}spec:\n  when: request.method\n  action: { type: block }\n`],
    ['status', `${head('p')}spec:\n  action: { type: block, status: 200 }\n`],
    ['phase', `${head('p')}spec:\n  phase: request\n  when: object.foreign\n  action: { type: block }\n`],
    ['ttl', `${head('p')}spec:\n  action: { type: quarantine, ttl: 5s }\n`],
    ['throttle', `${head('p')}spec:\n  action: { type: throttle, requests: 5 }\n`],
    ['endpoint', `${head('p')}spec:\n  match: { endpoints: ["orders"] }\n  action: { type: tag }\n`],
    [
      'backtracking pattern',
      `${head('p')}spec:\n  when: request.path.matches("(a+)+$")\n  action: { type: tag }\n`,
    ],
    ['alias', `${head('p')}spec:\n  match: { hosts: &a [x] }\n  action: { type: tag }\n  reason: *a\n`],
    ['broken yaml', `${head('p')}spec: { action: [ }\n`],
    ['name', `${head('Not A Name')}spec: { action: { type: tag } }\n`],
    [
      'twice',
      `${head('p')}spec: { action: { type: tag } }\n---\n${head('p')}spec: { action: { type: tag } }\n`,
    ],
    ['exception without an end', `${head('p')}spec:\n  owner: me\n  action: { type: allow }\n`],
    ['canary without a share', `${head('p')}spec:\n  mode: canary\n  action: { type: block }\n`],
    ['mask of nothing', `${head('p')}spec:\n  action: { type: mask }\n`],
    ['pointer', `${head('p')}spec:\n  action: { type: strip, fields: [card] }\n`],
    ['header', `${head('p')}spec:\n  action: { type: tag, header: Content-Length }\n`],
    ['step-up to nothing', `${head('p')}spec:\n  action: { type: challenge }\n`],
    [
      'two budgets',
      `${head('p')}spec:\n  action: { type: throttle, requests: 1, budget: 1, windowSeconds: 1 }\n`,
    ],
    [
      'cost',
      `${head('p')}spec:\n  action: { type: throttle, budget: 1, windowSeconds: 1, cost: request.path }\n`,
    ],
    [
      'key',
      `${head('p')}spec:\n  action: { type: throttle, requests: 1, windowSeconds: 1, key: identity.nam }\n`,
    ],
    ['criticality', `${head('p')}spec:\n  match: { criticality: [paymnt] }\n  action: { type: tag }\n`],
    ['integer', `${head('p')}spec:\n  when: request.size == 5\n  action: { type: tag }\n`],
    ['range', `${head('p')}spec:\n  when: inCidr(source.ip, "10.0.0.0/64")\n  action: { type: tag }\n`],
    ['endpoint of flow', `${head('p')}spec:\n  when: flow.done("cart")\n  action: { type: block }\n`],
    ['flow phase without flow', `${head('p')}spec:\n  phase: flow\n  action: { type: block }\n`],
    ['mask of a request', `${head('p')}spec:\n  phase: request\n  action: { type: mask, fields: [/a] }\n`],
    [
      'strip of an answer',
      `${head('p')}spec:\n  when: response.status < 300.0\n  action: { type: strip, unknown: true }\n`,
    ],
    [
      'list within a list of a body',
      `${head('p')}spec:\n  when: |\n    request.size > 1.0\n    && request.body.a.exists(x, request.body.b.exists(y, x == y))\n  action: { type: tag }\n`,
    ],
  ]
  test(`${faulty.length} faults`, () => expect(faulty).toHaveLength(33))

  test.each(faulty)('%s is an error with its place', (_what, source) => {
    const { problems } = compilePolicies([{ name: 'policy.yaml', source, version: 1 }])
    const errors = problems.filter(({ severity }) => severity === 'error')
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.map(problem => formatProblem(problem, source)).join('\n')).toMatchSnapshot()
  })

  test('never throws, whatever the text', () => {
    const fragments = fc.constantFrom(
      'apiVersion: sallyport/v1alpha1',
      'kind: ApiPolicy',
      'metadata:',
      '  name: x',
      'spec:',
      '  action:',
      '    type: block',
      '---',
      '- a',
      '*x',
      '&x',
      '{',
      '}',
      '[',
      '!!js/function',
      '? ',
      '\t',
      '  when: 1 +',
      '%YAML 9',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.array(fragments, { maxLength: 12 }).map(lines => lines.join('\n')),
        ),
        source => {
          const { policies, problems } = parsePolicies(source, 'x.yaml')
          for (const problem of problems) expect(formatProblem(problem, source)).toContain(problem.message)
          expect(policies.length).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})
