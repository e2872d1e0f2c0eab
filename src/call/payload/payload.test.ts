import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grammars, inspectKey, inspectText, payloadKinds, pieceLength } from './index.ts'
import { placedRules } from './placed/index.ts'

const confidenceOf = (value: string): number => inspectText(value)?.confidence ?? 0

describe('payload grammars', () => {
  test('one grammar per kind, each with examples of both sorts', () => {
    const kinds = new Set([...grammars, ...placedRules].map(({ kind }) => kind))
    expect([...kinds].toSorted()).toEqual([...payloadKinds].toSorted())
    expect(new Set(grammars.map(({ kind }) => kind)).size).toBe(grammars.length)
    for (const { examples, triggers } of grammars) {
      expect(examples.hits.length).toBeGreaterThanOrEqual(4)
      expect(examples.misses.length).toBeGreaterThanOrEqual(4)
      expect(triggers.every(trigger => trigger === trigger.toLowerCase())).toBe(true)
    }
  })

  test('every grammar file is registered', () => {
    const sources = readdirSync(import.meta.dirname)
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter(name =>
        /^export const \w+: PayloadGrammar = /m.test(readFileSync(join(import.meta.dirname, name), 'utf8')),
      )
    expect(sources.length).toBe(grammars.length)
  })

  for (const grammar of grammars) {
    test.each(grammar.examples.hits)(`${grammar.kind} hits %j`, value => {
      expect(grammar.inspect(value, value.toLowerCase())).toMatchObject({
        kind: grammar.kind,
        confidence: expect.closeTo(0.75, 0),
      })
      expect(confidenceOf(value)).toBeGreaterThanOrEqual(0.5)
    })
    test.each(grammar.examples.misses)(`${grammar.kind} misses %j`, value => {
      expect(grammar.inspect(value, value.toLowerCase())?.confidence ?? 0).toBeLessThan(0.5)
      expect(confidenceOf(value)).toBeLessThan(0.5)
    })
  }

  for (const rule of placedRules) {
    test.each(rule.examples.hits)(`${rule.kind} hits %j at its place`, value => {
      expect(rule.inspect(value)?.kind).toBe(rule.kind)
    })
    test.each(rule.examples.misses)(`${rule.kind} misses %j at its place`, value => {
      expect(rule.inspect(value)).toBeUndefined()
    })
  }

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), value => {
        const hit = inspectText(value)
        if (hit !== undefined) expect(hit.confidence).toBeGreaterThan(0)
      }),
    )
  })

  test('finds a payload wherever it stands in a long value', () => {
    for (const padding of [0, pieceLength - 10, pieceLength, 3 * pieceLength - 600, 40_000]) {
      expect(inspectText(`${'A'.repeat(padding)} <script>alert(1)</script>`)?.kind).toBe('xss')
    }
  })

  test('keys', () => {
    expect(inspectKey('$ne')?.kind).toBe('nosql-injection')
    expect(inspectKey('__proto__')?.kind).toBe('prototype-pollution')
    for (const key of ['name', 'user_id', '$ref', 'items[0]', 'constructor', '$schema'])
      expect(inspectKey(key)).toBeUndefined()
  })
})
