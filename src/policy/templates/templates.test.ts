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

  test.each(policyTemplates.map(template => [template.id, template] as const))(
    '%s compiles, is clean and passes its tests',
    (id, template) => {
      for (const options of [
        undefined,
        { mode: 'enforce', hosts: ['api.shop.example'], endpoints: ['POST /v1/login'], name: 'mine' },
      ] as const) {
        const source = template.render(options)
        const { problems, policies } = compilePolicies([{ name: id, source, version: 1 }])
        expect(problems).toEqual([])
        expect(policies[0]?.document.name).toBe(options?.name ?? id)
        expect(policies[0]?.document.mode).toBe(options?.mode ?? 'shadow')
        expect(lintPolicies([{ name: id, source, version: 1 }])).toEqual([])
        const results = runPolicyTests(source)
        expect(results.length).toBeGreaterThanOrEqual(2)
        expect(results.filter(({ passed }) => !passed)).toEqual([])
      }
    },
  )
})
