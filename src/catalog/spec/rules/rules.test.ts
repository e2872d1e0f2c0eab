import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../example-traffic.ts'
import { driftRules } from './index.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const rows = driftRules.flatMap(({ id, examples }) => [
  ...examples.fires.map((example, index) => ({ id, kind: 'fires' as const, index, example })),
  ...examples.quiet.map((example, index) => ({ id, kind: 'quiet' as const, index, example })),
])

describe('the drift rules', () => {
  it('are exactly the files of their folder, each named after its id', () => {
    const files = readdirSync(folder).filter(
      name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'index.ts',
    )
    expect(driftRules.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
    expect(new Set(driftRules.map(({ id }) => id)).size).toBe(driftRules.length)
  })

  it('say what they are about', () => {
    for (const rule of driftRules) {
      expect(rule.title.length, rule.id).toBeGreaterThan(10)
      expect(rule.summary.length, rule.id).toBeGreaterThan(30)
      expect(rule.owasp.length, rule.id).toBeGreaterThan(0)
      expect(rule.examples.fires.length, rule.id).toBeGreaterThan(0)
      expect(rule.examples.quiet.length, rule.id).toBeGreaterThan(0)
      expect(rule.call ?? rule.endpoint, rule.id).toBeDefined()
    }
  })

  let ran = 0
  it.each(rows)('$id $kind on its example $index', ({ id, kind, example }) => {
    ran += 1
    const findings = findingsOf(example)
    // What a rule is quiet about, no other rule speaks of either.
    if (kind === 'quiet') expect(findings).toEqual([])
    else {
      expect([...new Set(findings.map(({ rule }) => rule))]).toEqual([id])
      for (const finding of findings) {
        expect(finding.evidence.length).toBeGreaterThan(0)
        expect(finding.why).not.toMatch(/undefined|\[object/)
        expect(finding.fix.length).toBeGreaterThan(10)
      }
    }
  })
  it('ran every row', () => expect(ran).toBe(rows.length))
})
