import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findingsIn } from './example-findings.ts'
import { findingRules } from './rules/index.ts'

const folder = fileURLToPath(new URL('./rules', import.meta.url))
const rows = findingRules.flatMap(({ id, examples }) => [
  ...examples.fires.map((example, index) => ({ id, kind: 'fires' as const, index, example })),
  ...examples.quiet.map((example, index) => ({ id, kind: 'quiet' as const, index, example })),
])

describe('the findings', () => {
  it('are exactly the files of their folder, each named after its id', () => {
    const files = readdirSync(folder).filter(name => name !== 'index.ts')
    expect(findingRules.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
  })

  it('say what they are about', () => {
    for (const rule of findingRules) {
      expect(rule.title.length, rule.id).toBeGreaterThan(10)
      expect(rule.summary.length, rule.id).toBeGreaterThan(30)
      expect(rule.owasp.length, rule.id).toBeGreaterThan(0)
      expect(rule.call ?? rule.tool, rule.id).toBeDefined()
      expect(rule.examples.fires.length, rule.id).toBeGreaterThan(0)
      expect(rule.examples.quiet.length, rule.id).toBeGreaterThan(0)
    }
  })

  let ran = 0
  it.each(rows)('$id $kind on its example $index', ({ id, kind, example }) => {
    ran += 1
    const own = findingsIn(example).filter(({ rule }) => rule === id)
    if (kind === 'quiet') expect(own).toEqual([])
    else {
      expect(own.length).toBe(1)
      for (const finding of own) {
        expect(finding.evidence.length).toBeGreaterThan(0)
        expect(finding.why).not.toMatch(/undefined|\[object|redacted/)
        expect(finding.fix.length).toBeGreaterThan(10)
        expect(JSON.stringify(finding)).not.toContain('correct-horse')
      }
    }
  })
  it('ran every row', () => expect(ran).toBe(rows.length))

  it('say whether a tool’s words or its schema changed', () => {
    const { examples } = findingRules.find(({ id }) => id === 'tool-definition-changed')!
    const said = examples.fires.map(example => {
      const [finding] = findingsIn(example).filter(({ rule }) => rule === 'tool-definition-changed')
      return [finding?.severity, finding?.why.slice(0, 40)]
    })
    expect(said).toEqual([
      ['high', expect.stringContaining('The description of `find_order` changed')],
      ['medium', expect.stringContaining('The input schema of `find_order` changed')],
    ])
  })
})
