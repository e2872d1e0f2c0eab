import { describe, expect, test } from 'vitest'
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
