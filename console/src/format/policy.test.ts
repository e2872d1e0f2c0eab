import { describe, expect, test } from 'vitest'
import { modeIn, nameIn, withMode } from './policy-source.ts'

describe('the source', () => {
  const source = 'metadata: { name: a }\nspec:\n  # how far\n  mode: shadow\n  action: { type: block }\n'
  test('changes its mode and nothing else', () => {
    const enforced = withMode(source, 'enforce')
    expect([modeIn(source), modeIn(enforced)]).toEqual(['shadow', 'enforce'])
    expect(withMode(enforced, 'shadow')).toBe(source)
    expect(enforced).toContain('# how far\n  mode: enforce\n')
  })

  test('gets a mode where it has none', () => {
    const without = source.replace(/\n {2}mode: shadow/, '')
    expect(modeIn(without)).toBe('shadow')
    expect(withMode(without, 'enforce')).toContain('spec:\n  mode: enforce\n  # how far')
  })

  test('names itself in either style of YAML', () => {
    expect(nameIn('metadata: { name: a-b }\nspec:\n')).toBe('a-b')
    expect(nameIn('metadata:\n  labels: {}\n  name: "c" # comment\n')).toBe('c')
    expect(nameIn('spec:\n  name: no\n')).toBeUndefined()
  })
})
