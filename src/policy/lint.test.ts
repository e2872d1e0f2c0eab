import { describe, expect, test } from 'vitest'
import type { EndpointShape } from './endpoint-shape.ts'
import { lintPolicies } from './lint.ts'
import { runPolicyTests } from './run-tests.ts'

const policy = (name: string, spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`
const tests = 'tests: [{ name: t, input: {}, expect: block }]'
const lint = (...sources: string[]): string[] =>
  lintPolicies(
    sources.map((source, index) => ({ name: `${index}.yaml`, source, version: 1 })),
    { now: Date.UTC(2026, 5, 1) },
  ).map(({ message }) => message)

describe('lintPolicies', () => {
  const rows: readonly (readonly [what: string, sources: readonly string[], expected: readonly RegExp[]])[] =
    [
      ['clean', [policy('p', `match: { methods: [GET] }, action: { type: block }, ${tests}`)], []],
      ['no tests', [policy('p', 'match: { methods: [GET] }, action: { type: block }')], [/has no tests/]],
      [
        'enforced without a test',
        [policy('p', 'match: { methods: [GET] }, action: { type: block }, mode: enforce')],
        [/enforced without a test/],
      ],
      [
        'failing test',
        [
          policy(
            'p',
            'match: { methods: [GET] }, action: { type: block }, tests: [{ name: t, input: {}, expect: pass }]',
          ),
        ],
        [/test "t" of "p" fails: expected pass, got block/],
      ],
      [
        'always true',
        [policy('p', `action: { type: block }, when: 'request.method == "GET" || 1 < 2', ${tests}`)],
        [/always true/],
      ],
      [
        'never true',
        [
          policy(
            'p',
            `action: { type: block }, when: 'request.method == "GET" && !true', tests: [{ name: t, input: {}, expect: pass }]`,
          ),
        ],
        [/never true/],
      ],
      [
        'depends',
        [policy('p', `action: { type: block }, when: 'request.method == "GET" && true', ${tests}`)],
        [],
      ],
      ['everything', [policy('p', `action: { type: block }, ${tests}`)], [/matches every request/]],
      [
        'expired',
        [policy('p', `match: { methods: [GET] }, action: { type: block }, expiresAt: 2026-01-01, ${tests}`)],
        [/has expired/],
      ],
      [
        'shadowed',
        [
          policy('a', `match: { methods: [GET] }, action: { type: block }, mode: enforce, ${tests}`),
          policy(
            'b',
            `match: { methods: [GET] }, action: { type: block }, when: request.size > 1.0, tests: [{ name: t, input: { request: { size: 2 } }, expect: block }]`,
          ),
        ],
        [/"b" never decides/],
      ],
      [
        'shadowed by one with a wider match',
        [
          policy(
            'a',
            `match: { endpoints: ["* /admin/**"] }, action: { type: block }, mode: enforce, ${tests}`,
          ),
          policy(
            'b',
            `match: { endpoints: ["GET /admin/users/{id}"], roles: [x] }, action: { type: tag }, tests: [{ name: t, input: { identity: { roles: [x] } }, expect: tag }]`,
          ),
        ],
        [/"b" never decides/],
      ],
      [
        'not shadowed by a narrower one',
        [
          policy(
            'a',
            `match: { endpoints: ["GET /admin/users"] }, action: { type: block }, mode: enforce, ${tests}`,
          ),
          policy('b', `match: { endpoints: ["GET /admin/**"] }, action: { type: block }, ${tests}`),
        ],
        [],
      ],
      [
        'an empty list',
        [
          policy(
            'p',
            'match: { methods: [] }, action: { type: block }, tests: [{ name: t, input: {}, expect: pass }]',
          ),
        ],
        [/can never match: match.methods is an empty list/],
      ],
      [
        'methods that its endpoints do not have',
        [
          policy(
            'p',
            'match: { methods: [POST], endpoints: ["GET /a"] }, action: { type: block }, tests: [{ name: t, input: {}, expect: pass }]',
          ),
        ],
        [/can never match: none of its endpoints/],
      ],
      [
        'later than it could',
        [policy('p', `phase: response, match: { methods: [GET] }, action: { type: block }, ${tests}`)],
        [/waits for the answer/],
      ],
      [
        'shuts out without an owner',
        [
          policy(
            'p',
            `match: { methods: [GET] }, mode: enforce, action: { type: quarantine }, tests: [{ name: t, input: {}, expect: quarantine }]`,
          ),
        ],
        [/nobody answers for it/],
      ],
      [
        'not shadowed by one that only watches',
        [
          policy('a', `match: { methods: [GET] }, action: { type: block }, ${tests}`),
          policy('b', `match: { methods: [GET] }, action: { type: block }, ${tests}`),
        ],
        [],
      ],
    ]
  test(`${rows.length} doubts`, () => {
    let ran = 0
    for (const [what, sources, expected] of rows) {
      const messages = lint(...sources)
      expect([what, messages.length]).toEqual([what, expected.length])
      for (const [index, pattern] of expected.entries()) expect(messages[index]).toMatch(pattern)
      ran += 1
    }
    expect(ran).toBe(17)
  })
})

describe('names are looked for in what endpoints take and give', () => {
  const shapes: readonly EndpointShape[] = [
    {
      method: 'POST',
      template: '/orders/{orderId}/lines',
      params: ['orderId'],
      query: ['expand'],
      requests: [
        {
          properties: {
            quantity: {},
            lines: { items: { properties: { sku: {} } } },
            free: {},
            map: { additional: {} },
          },
        },
      ],
      responses: [{ properties: { card: {} } }],
    },
  ]
  const at = 'match: { endpoints: ["POST /orders/{orderId}/lines"] }'
  const rows: readonly (readonly [spec: string, doubt: RegExp | undefined, mend?: string])[] = [
    [`${at}, action: { type: block }, when: 'endpoint.params.orderId == "1"'`, undefined],
    [
      `${at}, action: { type: block }, when: 'endpoint.params.orderID == "1"'`,
      /parameter "orderID"/,
      'orderId',
    ],
    [
      `${at}, action: { type: block }, when: 'request.query["expnad"] == "1"'`,
      /query parameter "expnad"/,
      'expand',
    ],
    [`${at}, action: { type: block }, when: 'request.body.quantty > 1.0'`, /field "quantty"/, 'quantity'],
    [`${at}, action: { type: block }, when: 'request.body.lines[0].sku == "x"'`, undefined],
    [`${at}, action: { type: block }, when: 'request.body.lines[0].skv == "x"'`, /field "skv"/, 'sku'],
    [
      `${at}, action: { type: block }, when: 'request.body.free.anything == "x" || request.body.map.any == 1.0'`,
      undefined,
    ],
    [
      `${at}, action: { type: throttle, requests: 1, windowSeconds: 1, key: request.body.qauntity }`,
      /field "qauntity"/,
      'quantity',
    ],
    [`${at}, action: { type: mask, fields: ["/crad"] }`, /field "crad"/, 'card'],
    [`${at}, action: { type: mask, fields: ["/card"] }`, undefined],
    [
      'match: { endpoints: ["POST /orders/{orderId}/linse"] }, action: { type: block }',
      /No endpoint is known/,
      'POST /orders/{orderId}/lines',
    ],
    ['match: { endpoints: ["* /admin/**"] }, action: { type: block }', undefined],
  ]
  test(`${rows.length} policies`, () => {
    let ran = 0
    for (const [spec, doubt, mend] of rows) {
      const found = lintPolicies([{ name: 'p', source: policy('p', spec), version: 1 }], { shapes })
        .filter(({ message }) => message.startsWith('"p": '))
        .map(problem => [doubt?.test(problem.message), problem.mend])
      expect([spec, found]).toEqual([spec, doubt === undefined ? [] : [[true, `Did you mean "${mend}"?`]]])
      ran += 1
    }
    expect(ran).toBe(12)
  })

  test('with the place of the name', () => {
    const source = `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: p }
spec:
  ${at}
  action: { type: block }
  when: |
    request.body.quantity > 1.0
      && request.body.quantty > 1.0
`
    const [doubt] = lintPolicies([{ name: 'p', source, version: 1 }], { shapes }).filter(({ message }) =>
      message.includes('quantty'),
    )
    expect(doubt).toMatchObject({ line: 9, column: 10 })
  })
})

describe('runPolicyTests', () => {
  test('says what passed and what did not', () => {
    const source = policy(
      'p',
      `match: { endpoints: ["POST /a/{id}"] }, action: { type: block }, when: 'identity.name == "m"', tests: [{ name: hit, input: { identity: { name: m } }, expect: block }, { name: other, input: { identity: { name: a } }, expect: pass }, { name: wrong, input: {}, expect: block }, { name: elsewhere, input: { identity: { name: m }, request: { path: /b } }, expect: pass }]`,
    )
    expect(runPolicyTests(source).map(({ test: name, passed }) => [name, passed])).toEqual([
      ['hit', true],
      ['other', true],
      ['wrong', false],
      ['elsewhere', true],
    ])
  })

  test('a policy that does not compile is a failure', () => {
    expect(runPolicyTests(policy('p', 'action: { type: blok }'))).toMatchObject([
      { test: 'compiles', passed: false },
    ])
  })
})
