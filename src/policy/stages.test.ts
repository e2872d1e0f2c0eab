import { expect, test } from 'vitest'
import { atStage, reachOf, rulesHash } from './stages.ts'

const policy = (spec: string, name = 'p'): string =>
  `# Whose it is.\napiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec:\n${spec}`
const rules = '  when: object.foreign # read\n  action: { type: block }\n'

test('the hash is of the rules, whatever the stage, the comments and the order of keys', () => {
  const hash = rulesHash(policy(`${rules}  mode: shadow\n`))
  const same = [
    policy(rules),
    policy(`${rules}  mode: enforce\n`),
    policy(`${rules}  mode: canary\n  canary: { percent: 5 }\n`),
    policy(`${rules}  rollout: { steps: [10] }\n`),
    policy('  action: {type: block}\n  when: object.foreign\n'),
  ]
  for (const source of same) expect(rulesHash(source)).toBe(hash)
  const others = [
    policy('  when: object.foreign\n  action: { type: block, status: 404 }\n'),
    policy(rules, 'q'),
    `${policy(rules)}---\n${policy(rules, 'q')}`,
    '',
    'not yaml: [',
  ]
  expect(new Set(others.map(rulesHash)).size).toBe(others.length)
  expect(others.map(rulesHash)).not.toContain(hash)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
})

test('a text is brought to a stage and keeps its comments and its hash', () => {
  const two = `${policy(`${rules}  mode: shadow\n`)}---\n${policy(`${rules}  mode: shadow\n`, 'q')}`
  const canary = atStage(two, { mode: 'canary', percent: 5 })
  expect(canary.match(/mode: canary/g)).toHaveLength(2)
  expect(canary).toContain('canary: { percent: 5, seed: principal }')
  expect(canary).toContain('# Whose it is.')
  expect(canary).toContain('when: object.foreign # read')
  const enforced = atStage(canary, { mode: 'enforce' })
  expect(enforced).not.toContain('canary')
  expect(enforced.match(/mode: enforce/g)).toHaveLength(2)
  for (const text of [canary, enforced]) expect(rulesHash(text)).toBe(rulesHash(two))
  expect(atStage('apiVersion: a\nspec: { action: { type: block } }\n', { mode: 'enforce' })).toContain(
    'mode: enforce',
  )
})

test('stages are ordered by whom they act for', () => {
  const stages = [
    { mode: 'shadow' },
    { mode: 'canary', percent: 1 },
    { mode: 'canary', percent: 25 },
    { mode: 'canary', percent: 100 },
    { mode: 'enforce' },
  ] as const
  const reaches = stages.map(reachOf)
  expect(reaches).toEqual([...reaches].sort((a, b) => a - b))
  expect(new Set(reaches).size).toBe(stages.length)
})
