import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parsePolicies } from './parse.ts'
import { policyJsonSchema } from './policy-schema.ts'
import { policyTemplates } from './templates/index.ts'

const validate = new Ajv2020({ strict: false }).compile(policyJsonSchema)
const document = (spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p }\nspec: { ${spec} }\n`

describe('the JSON Schema of policies', () => {
  test('takes every ready-made policy', () => {
    let ran = 0
    for (const template of policyTemplates) {
      validate(parse(template.render()))
      expect([template.id, validate.errors]).toEqual([template.id, null])
      ran += 1
    }
    expect(ran).toBe(18)
  })

  const rows: readonly (readonly [spec: string, good: boolean])[] = [
    ['action: { type: block }', true],
    ['action: { type: block, status: 503 }', true],
    ['action: { type: block, cloak: 404 }', true],
    ['action: { type: block, status: 500 }', false],
    ['action: { type: blok }', false],
    ['action: { type: throttle, windowSeconds: 5 }', false],
    ['action: { type: throttle, budget: 5.5, windowSeconds: 5, cost: response.records }', true],
    ['action: { type: challenge, kind: step-up, maxAge: 300 }', true],
    ['action: { type: challenge, kind: proof-of-work, difficulty: 40 }', false],
    ['action: { type: mask, fields: ["/a"] }', true],
    ['action: { type: mask, fields: ["a"] }', false],
    ['action: { type: observe }, mode: canary, canary: { percent: 5 }', true],
    ['action: { type: observe }, canary: { percent: 500 }', false],
    ['action: { type: observe }, match: { exposure: [outside] }', false],
    ['action: { type: observe }, mtach: {}', false],
    ['action: { type: observe, ttl: 1h }', false],
    ['match: {}', false],
    [
      'action: { type: observe }, rollout: { steps: [0.5, 10], stepMinutes: [60], shadowMinutes: 0, shadowCalls: 5, canaryMinutes: 9, automaticRollback: false }',
      true,
    ],
    ['action: { type: observe }, rollout: { steps: [0] }', false],
    ['action: { type: observe }, rollout: { stepMinutes: [1.5] }', false],
    ['action: { type: observe }, rollout: { canaryMinutes: -1 }', false],
    ['action: { type: observe }, rollout: { step: [5] }', false],
    ['action: { type: observe }, rollout: { automaticRollback: 1 }', false],
  ]
  test(`says of ${rows.length} documents what the parser says`, () => {
    let ran = 0
    for (const [spec, good] of rows) {
      const source = document(spec)
      const read = !parsePolicies(source, 'p').problems.some(({ severity }) => severity === 'error')
      expect([spec, validate(parse(source)), read]).toEqual([spec, good, good])
      ran += 1
    }
    expect(ran).toBe(23)
  })
})
