import { describe, expect, test } from 'vitest'
import { buildFacts } from './facts-builder.ts'
import { lintPolicies } from './lint.ts'
import { runPolicyTests } from './run-tests.ts'
import { type SimulatedCall, simulate } from './simulate.ts'

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
    expect(ran).toBe(11)
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

describe('simulate', () => {
  async function* recording(): AsyncGenerator<SimulatedCall> {
    for (let index = 0; index < 30; index += 1) {
      const name = index % 3 === 0 ? 'mallory' : 'alice'
      const facts = buildFacts(
        { identity: { name }, object: { foreign: name === 'mallory' } },
        { host: 'h', method: 'GET', path: '/orders/{id}' },
      )
      const { response: _response, object: _object, ...request } = facts
      yield {
        call: `c-${index}`,
        principal: `user:${name}`,
        endpoint: 'GET h/orders/{id}',
        time: 1000 * index,
        request,
        response: facts,
      }
    }
  }

  test('whom a response policy would have touched', async () => {
    expect(await simulate(policy('p', 'action: { type: block }, when: object.foreign'), recording())).toEqual(
      {
        calls: 30,
        from: 0,
        to: 29_000,
        matched: 10,
        principals: [{ principal: 'user:mallory', calls: 10 }],
        endpoints: [{ endpoint: 'GET h/orders/{id}', calls: 10 }],
        examples: ['c-0', 'c-3', 'c-6', 'c-9', 'c-12', 'c-15', 'c-18', 'c-21', 'c-24', 'c-27'],
        errors: 0,
      },
    )
  })

  test('a throttle counts only what exceeds it', async () => {
    const result = await simulate(
      policy('p', 'action: { type: throttle, requests: 5, windowSeconds: 3600 }'),
      recording(),
    )
    expect(result.principals).toEqual([
      { principal: 'user:alice', calls: 15 },
      { principal: 'user:mallory', calls: 5 },
    ])
  })

  test('a faulty policy is refused', async () => {
    await expect(simulate(policy('p', 'action: { type: blok }'), recording())).rejects.toMatchObject({
      code: 'policy/invalid',
    })
    await expect(simulate('', recording())).rejects.toMatchObject({ code: 'policy/invalid' })
  })
})
