import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compilePolicies } from '../compile.ts'
import { lintPolicies } from '../lint.ts'
import { runPolicyTests } from '../run-tests.ts'
import { policyTemplates } from './index.ts'

describe('policy templates', () => {
  test('the registry is the folder', () => {
    const files = readdirSync(import.meta.dirname)
      .filter(name => !name.endsWith('.test.ts') && name !== 'index.ts' && name !== 'template.ts')
      .map(name => name.replace(/\.ts$/, ''))
    expect(policyTemplates.map(({ id }) => id).toSorted()).toEqual(files.toSorted())
  })

  test('each compiles, is clean, fires and does not: its own tests say when', () => {
    let ran = 0
    for (const template of policyTemplates)
      for (const options of [
        undefined,
        { mode: 'enforce', hosts: ['api.shop.example'], endpoints: ['POST /v1/login'], name: 'mine' },
      ] as const) {
        const { id } = template
        const source = template.render(options)
        const { problems, policies } = compilePolicies([{ name: id, source, version: 1 }])
        expect([id, problems]).toEqual([id, []])
        expect(policies[0]?.document.name).toBe(options?.name ?? id)
        expect(policies[0]?.document.mode).toBe(options?.mode ?? 'shadow')
        expect([id, lintPolicies([{ name: id, source, version: 1 }])]).toEqual([id, []])
        const results = runPolicyTests(source)
        expect([id, results.filter(({ passed }) => !passed)]).toEqual([id, []])
        expect([id, results.some(({ actual }) => actual !== 'pass')]).toEqual([id, true])
        expect([id, results.some(({ actual }) => actual === 'pass')]).toEqual([id, true])
        ran += results.length
      }
    expect(policyTemplates).toHaveLength(18)
    expect(ran).toBe(100)
  })
})
