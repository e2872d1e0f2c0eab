import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { profileOf } from '../data-class.ts'
import { dataClasses } from './index.ts'

const files = readdirSync(import.meta.dirname)
  .filter(
    name => name.endsWith('.ts') && !['index.ts', 'custom.ts'].includes(name) && !name.endsWith('.test.ts'),
  )
  .map(name => name.slice(0, -3))
  .sort()

describe('the registry of data classes', () => {
  it('lists every file of the folder under its own name, once', () => {
    expect(dataClasses.map(definition => definition.id).sort()).toEqual(files)
    expect(files.length).toBeGreaterThanOrEqual(26)
  })

  it.each(dataClasses.map(definition => [definition.id, definition] as const))(
    '%s accepts and rejects its examples',
    (_, definition) => {
      expect(definition.examples.matches.length).toBeGreaterThan(0)
      expect(definition.examples.rejects.length).toBeGreaterThanOrEqual(2)
      for (const value of definition.examples.matches)
        expect({ value, passes: definition.test(profileOf(value)) }).toEqual({ value, passes: true })
      for (const value of definition.examples.rejects)
        expect({ value, passes: definition.test(profileOf(value)) }).toEqual({ value, passes: false })
    },
  )

  it('keeps its numbers within what they mean', () => {
    for (const { chance, recall, sensitivity, names } of dataClasses) {
      expect(chance).toBeGreaterThan(0)
      expect(chance).toBeLessThan(recall)
      expect(recall).toBeLessThan(1)
      expect(sensitivity).toBeGreaterThan(0)
      expect(sensitivity).toBeLessThanOrEqual(30)
      for (const name of names) expect(name).toBe(name.toLowerCase())
    }
  })
})
