import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Automaton } from './automaton.ts'

describe('Automaton', () => {
  test('finds literals inside one another, in any case, within bounds', () => {
    const automaton = new Automaton([
      { text: 'he', mask: 1 },
      { text: 'she', mask: 2 },
      { text: 'hers', mask: 4 },
      { text: '<!', mask: 8 },
    ])
    expect(automaton.scan('uSHErs')).toBe(7)
    expect(automaton.scan('s h e')).toBe(0)
    expect(automaton.scan('ü<!')).toBe(8)
    expect(automaton.scan('shers', 1)).toBe(5)
    expect(automaton.scan('shers', 0, 3)).toBe(3)
    expect(automaton.scan('')).toBe(0)
  })

  test('refuses what it cannot find', () => {
    expect(() => new Automaton([{ text: '', mask: 1 }])).toThrow(RangeError)
    expect(() => new Automaton([{ text: 'ü', mask: 1 }])).toThrow(RangeError)
  })

  test('agrees with a search for each literal', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'ü'), maxLength: 40 })
    const literals = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(literals, letters, (words, text) => {
        const automaton = new Automaton(words.map((word, index) => ({ text: word, mask: 1 << index })))
        const expected = words.reduce(
          (mask, word, index) => (text.toLowerCase().includes(word) ? mask | (1 << index) : mask),
          0,
        )
        expect(automaton.scan(text)).toBe(expected)
      }),
    )
  })
})
