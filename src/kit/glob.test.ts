import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob } from './glob.ts'

/** By definition: a star is any text. Exponential. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') return fits(pattern.slice(1), text) || (text !== '' && fits(pattern, text.slice(1)))
  return text !== '' && pattern[0] === text[0] && fits(pattern.slice(1), text.slice(1))
}

describe('a glob', () => {
  it.each([
    ['orders', 'orders', true],
    ['orders', 'orders2', false],
    ['*', '', true],
    ['**', 'a', true],
    ['*.shop.example', 'api.shop.example', true],
    ['*.shop.example', '.shop.example', true],
    ['*.shop.example', 'shop.example', false],
    ['a*a', 'a', false],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'aa', false],
    ['*a*a*', 'a', false],
    // Nothing else is special.
    ['a.c', 'abc', false],
    ['[a]*', '[a]b', true],
  ])('%s and %s: %s', (pattern, text, whether) => {
    expect(compileGlob(pattern)(text)).toBe(whether)
  })

  it('fits what it says by definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 })
    fc.assert(
      fc.property(word, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(fits(pattern, text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('asks for each part once, however many stars there are', () => {
    const matches = compileGlob(`${'a*'.repeat(20_000)}b`)
    expect([matches('a'.repeat(1_000_000)), matches(`${'a'.repeat(1_000_000)}b`)]).toEqual([false, true])
  })
})
