import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicies } from './compile.ts'
import type { OperationFacts, PolicyFacts } from './facts.ts'
import { buildFacts } from './facts-builder.ts'

const policy = (name: string, spec: string): { name: string; source: string; version: number } => ({
  name,
  version: 1,
  source: `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`,
})
const target = { host: 'api.shop.example', method: 'GET', path: '/orders/{orderId}' }
const facts = (input: Record<string, unknown> = {}): PolicyFacts => buildFacts(input, target)
const names = (
  specs: readonly string[],
  given: PolicyFacts,
  phase: 'request' | 'response' = 'request',
): string[] => {
  const { bundle, problems } = compilePolicies(specs.map((spec, index) => policy(`p${index}`, spec)))
  expect(problems).toEqual([])
  return bundle.evaluate(phase, given).map(outcome => outcome.policy)
}

const operation = (name: string): Record<string, unknown> => ({
  request: { method: 'POST', path: '/graphql' },
  endpoint: { template: '/graphql', operation: name },
})

describe('match', () => {
  const rows: readonly (readonly [spec: string, input: Record<string, unknown>, matches: boolean])[] = [
    ['match: { hosts: [api.shop.example] }', {}, true],
    ['match: { hosts: ["*.shop.example"] }', {}, true],
    ['match: { hosts: [other.example] }', {}, false],
    ['match: { hosts: [API.shop.example] }', { request: { host: 'Api.Shop.Example' } }, true],
    ['match: { methods: [get, head] }', {}, true],
    ['match: { methods: [POST] }', {}, false],
    ['match: { endpoints: ["GET /orders/{id}"] }', {}, true],
    ['match: { endpoints: ["POST /orders/{id}"] }', {}, false],
    ['match: { endpoints: ["/orders/{id}"] }', {}, true],
    ['match: { endpoints: ["* /orders/**"] }', {}, true],
    ['match: { endpoints: ["* /orders/*"] }', {}, true],
    ['match: { endpoints: ["* /orders"] }', {}, false],
    ['match: { endpoints: ["* /**/orders/*"] }', { endpoint: { template: '/v1/shop/orders/{id}' } }, true],
    ['match: { endpoints: ["* /**"] }', {}, true],
    [
      'match: { endpoints: ["GET /users/{id}"] }',
      { endpoint: { template: '/users/me', known: true } },
      false,
    ],
    [
      'match: { endpoints: ["GET /users/{id}"] }',
      { endpoint: { template: '/users/me', known: false } },
      true,
    ],
    ['match: { endpoints: ["GET /users/{id}"] }', { endpoint: { template: '/users/17', known: true } }, true],
    ['match: { endpoints: ["GET /v*/users"] }', { endpoint: { template: '/v2/users' } }, true],
    ['match: { endpoints: ["GET /*.json"] }', { endpoint: { template: '/a.json' } }, true],
    ['match: { endpoints: ["POST /graphql#mutation:*"] }', operation('mutation:deleteUser'), true],
    ['match: { endpoints: ["POST /graphql#mutation:*"] }', operation('query:user'), false],
    ['match: { endpoints: ["POST /graphql#mutation:*"] }', operation(''), false],
    ['match: { endpoints: ["POST /graphql#*"] }', operation(''), false],
    ['match: { endpoints: ["POST /*#tools/call:*_order"] }', operation('tools/call:delete_order'), true],
    ['match: { endpoints: ["POST /graphql"] }', operation('mutation:deleteUser'), true],
    ['match: { endpoints: ["POST /graphql#a", "POST /graphql"] }', operation('b'), true],
    ['match: { principals: ["user:alice"] }', { identity: { name: 'alice' } }, true],
    ['match: { principals: ["service:*"] }', { identity: { name: 'alice' } }, false],
    ['match: { roles: [admin, support] }', { identity: { roles: ['support'] } }, true],
    ['match: { roles: [admin] }', { identity: { roles: [] } }, false],
  ]
  test(`${rows.length} matches`, () => {
    let ran = 0
    for (const [spec, input, matches] of rows) {
      expect([spec, input, names([`action: { type: tag }, ${spec}`], facts(input)).length === 1]).toEqual([
        spec,
        input,
        matches,
      ])
      ran += 1
    }
    expect(ran).toBe(30)
  })
})

describe('evaluate', () => {
  test('strongest first, then by name', () => {
    expect(
      names(
        [
          'action: { type: tag }',
          'action: { type: block }',
          'action: { type: throttle, requests: 1, windowSeconds: 1 }',
          'action: { type: quarantine }',
          'action: { type: block }',
        ],
        facts(),
      ),
    ).toEqual(['p3', 'p1', 'p4', 'p2', 'p0'])
  })

  test('a fault answers by onError', () => {
    const when = 'when: \'request.headers["absent"] == "x"\''
    expect(names([`action: { type: throttle, requests: 1, windowSeconds: 1 }, ${when}`], facts())).toEqual([])
    const { bundle } = compilePolicies([
      policy(
        'p',
        `action: { type: throttle, requests: 1, windowSeconds: 1 }, onError: deny, mode: enforce, ${when}`,
      ),
    ])
    expect(bundle.evaluate('request', facts())).toMatchObject([
      { policy: 'p', mode: 'enforce', action: { type: 'block', status: 503 } },
    ])
    expect(bundle.errors).toBe(1)
  })

  test('what is asked for each operation comes once, with the strongest and how many', () => {
    const { bundle } = compilePolicies([
      policy(
        'throttled',
        'match: { endpoints: ["POST /graphql#mutation:*"] }, action: { type: throttle, requests: 1, windowSeconds: 1 }',
      ),
      policy('path', 'match: { endpoints: ["POST /graphql"] }, action: { type: tag }'),
      policy('faulty', 'when: \'endpoint.params["id"] == "1"\', action: { type: tag }, onError: deny'),
    ])
    expect(bundle.needs('api.shop.example', 'POST', '/graphql').operations).toBe('named')
    expect(bundle.needs('api.shop.example', 'POST', '/orders').operations).toBe('read')
    expect(compilePolicies([]).bundle.needs('a', 'POST', '/graphql').operations).toBe('none')
    const part = (name: string, more: Partial<OperationFacts> = {}): OperationFacts => ({
      facts: facts({
        ...operation(name),
        endpoint: { template: '/graphql', operation: name, params: { id: '2' } },
      }),
      ...more,
    })
    const evaluate = (...parts: OperationFacts[]) =>
      bundle
        .evaluate('request', facts(operation('')), parts)
        .map(({ policy, endpoint, times }) => [policy, endpoint, times])
    expect(evaluate(part('query:a'))).toEqual([['path', undefined, undefined]])
    expect(
      evaluate(
        part('mutation:a,b', { whole: true }),
        part('mutation:a'),
        part('query:c'),
        part('mutation:b'),
      ),
    ).toEqual([
      ['throttled', 'POST api.shop.example/graphql#mutation:a,b', 2],
      ['path', undefined, undefined],
    ])
    const broken = { ...part('query:a'), facts: facts(operation('query:a')) }
    expect(bundle.evaluate('request', facts(operation('')), [part('query:b'), broken])[0]).toMatchObject({
      policy: 'faulty',
      action: { type: 'block', status: 503 },
      endpoint: 'POST api.shop.example/graphql#query:a',
    })
    expect(bundle.errors).toBe(1)
  })

  test('an operation that was not seen is refused where the policy names some and denies on error', () => {
    const unseen: OperationFacts = { facts: facts(operation('unknown')), unseen: true }
    const asked = (spec: string) =>
      compilePolicies([policy('p', `action: { type: tag }, ${spec}`)]).bundle.evaluate(
        'request',
        facts(operation('')),
        [unseen],
      )
    expect(asked('match: { endpoints: ["POST /graphql#mutation:*"] }')).toEqual([])
    expect(asked('match: { endpoints: ["POST /graphql#mutation:*"] }, onError: deny')).toMatchObject([
      { action: { type: 'block', status: 403 } },
    ])
    expect(asked('match: { endpoints: ["POST /graphql"] }, onError: deny')).toMatchObject([
      { action: { type: 'tag' } },
    ])
  })

  test('an expired policy is ignored with a warning', () => {
    const source = [policy('p', 'action: { type: block }, expiresAt: 2026-01-01')]
    const expired = compilePolicies(source, { now: Date.UTC(2026, 5, 1) })
    expect(expired.bundle.count).toBe(0)
    expect(expired.problems).toMatchObject([{ severity: 'warning' }])
    const before = compilePolicies(source, { now: Date.UTC(2025, 5, 1) })
    expect([before.bundle.count, before.nextExpiry]).toEqual([1, Date.UTC(2026, 0, 1)])
  })

  const needs: readonly (readonly [
    when: string,
    requestBody: boolean,
    response: boolean,
    responseBody: boolean,
  ])[] = [
    ['identity.name == "x"', false, false, false],
    ['request.payload != ""', true, false, false],
    ['request.size > 10.0', true, false, false],
    ['response.status == 200.0', false, true, false],
    ['object.foreign', false, true, true],
    ['object.foreign && request.payload != ""', true, true, true],
  ]
  test.each(needs)('%s needs', (when, requestBody, response, responseBody) => {
    const { bundle } = compilePolicies([
      policy('p', `match: { endpoints: ["GET /a"] }, action: { type: block }, when: '${when}'`),
    ])
    expect(bundle.needs('h', 'GET', '/a')).toMatchObject({ requestBody, response, responseBody })
    expect(bundle.needs('h', 'GET', '/b')).toMatchObject({
      requestBody: false,
      response: false,
      responseBody: false,
    })
    expect(bundle.needs('h', 'POST', '/a')).toMatchObject({
      requestBody: false,
      response: false,
      responseBody: false,
    })
  })

  test('the id is that of the documents', () => {
    const one = compilePolicies([policy('p', 'action: { type: tag }')]).bundle.id
    expect(compilePolicies([policy('p', 'action: { type: tag }')]).bundle.id).toBe(one)
    expect(compilePolicies([policy('p', 'action: { type: block }')]).bundle.id).not.toBe(one)
  })

  test('never throws, whatever the facts', () => {
    const conditions = [
      'request.query["a"] == "b"',
      '"x" in request.headers',
      'identity.claims["age"] > 18.0',
      'identity.claims.a.b.c == 1',
      'request.path.matches("^/a+$")',
      'identity.roles.exists(role, role.startsWith("a"))',
      'double(request.query["n"]) / 0.0 > 1.0',
      'size(request.path) > 3',
      'int(request.query["n"]) == 4',
      'object.owner != identity.name',
      'response.status >= 500.0',
      'now.hour < 6.0',
      'timestamp(request.query["t"]) < timestamp("2026-01-01T00:00:00Z")',
    ]
    const { bundle, problems } = compilePolicies(
      conditions.flatMap((when, index) =>
        ['allow', 'deny'].map(onError =>
          policy(
            `p${index}-${onError}`,
            `action: { type: block }, onError: ${onError}, when: ${JSON.stringify(when)}`,
          ),
        ),
      ),
    )
    expect(problems).toEqual([])
    expect(bundle.count).toBe(conditions.length * 2)
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('__proto__', 'constructor', 'toString', '/a', '{', '%'),
    )
    const record = fc.dictionary(fc.oneof(text, fc.constantFrom('a', 'n', 't')), text, { maxKeys: 4 })
    fc.assert(
      fc.property(
        fc.record({
          method: text,
          path: text,
          host: text,
          query: record,
          headers: record,
          size: fc.double(),
          payload: text,
        }),
        fc.record({
          principal: text,
          kind: text,
          name: text,
          tenant: text,
          roles: fc.array(text, { maxLength: 3 }),
          claims: fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }),
          confidence: fc.double(),
        }),
        fc.record({ id: text, template: text, params: record, known: fc.boolean(), operation: text }),
        fc.boolean(),
        (request, identity, endpoint, answered) => {
          const { response, object, ...known } = facts({ now: { hour: 3 } })
          const given: PolicyFacts = {
            ...known,
            request: { ...known.request, ...request },
            identity: { ...known.identity, ...identity },
            endpoint: { ...known.endpoint, ...endpoint },
            ...(answered ? { response, object } : {}),
          }
          bundle.needs(request.host, request.method, endpoint.template)
          for (const phase of ['request', 'response'] as const) {
            for (const outcome of bundle.evaluate(phase, given)) expect(outcome.phase).toBe(phase)
          }
        },
      ),
    )
  })
})

test('what was found for the needs of an endpoint is asked again for its facts, by the bundle that found it', () => {
  const blocks = 'when: request.query.a == "1", action: { type: block }, reason: r'
  const [one, other] = [[blocks], [blocks, blocks]].map(
    specs => compilePolicies(specs.map((spec, index) => policy(`p${index}`, spec))).bundle,
  )
  const given = facts({ request: { query: { a: '1' } } })
  const needs = one!.needs(target.host, target.method, target.path, undefined, true)
  expect(one!.evaluate('request', given, undefined, needs)).toEqual(one!.evaluate('request', given))
  expect(one!.evaluate('request', given, undefined, needs)).toHaveLength(1)
  expect(other!.evaluate('request', given, undefined, needs)).toHaveLength(2)
})
