import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { charactersOf, RequiredCharacters } from './required-characters.ts'

const mayMatch = (pattern: RegExp, text: string): boolean => {
  const present = new Int32Array(4)
  charactersOf(text, present)
  return new RequiredCharacters(pattern).mayBeIn(present)
}

describe('RequiredCharacters', () => {
  it('tells a text that lacks what a pattern takes', () => {
    const rows: readonly (readonly [pattern: RegExp, without: string, withAll: string])[] = [
      [/document\.cookie/, 'documents, cookies', 'document.cookie'],
      [/(?:window|self)(?:\.|\[["'`])name/, 'the window itself name', 'self["name'],
      [/<(?:script|img)/, 'script img', '<img'],
      [/@\{[a-z]{1,8}\}/, 'a @ {b', '@{b}'],
      [/x{0}y{2,3}\d/, 'xx 4', 'yy4'],
      [/[;|&]\s*cat/, 'the cat sat', 'a;cat'],
      [/A\x2fB\u0040/i, 'a/b', 'a/b@'],
      [/(?<name>=)a/, 'a', '=a'],
    ]
    for (const [pattern, without, withAll] of rows) {
      expect(mayMatch(pattern, without), `${pattern} in ${without}`).toBe(false)
      expect(pattern.test(withAll)).toBe(true)
      expect(mayMatch(pattern, withAll), `${pattern} in ${withAll}`).toBe(true)
    }
    expect(rows).toHaveLength(8)
  })

  it('requires nothing where nothing has to be there', () => {
    const patterns = [
      /a*b?/,
      /[^a]x?/,
      /.|;/,
      /\s|;/,
      /(?=;)a?/,
      /(?!;)/,
      /;|\W/,
      /(;)\1/,
      /é|;/,
      /[a-ÿ]/,
      /;{0,3}/,
    ]
    for (const pattern of patterns) expect(new RequiredCharacters(pattern).count, String(pattern)).toBe(0)
    expect(patterns).toHaveLength(11)
  })

  it('never rules out a text that matches', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '\\.',
      ';',
      '[a-c]',
      '[^;]',
      '\\d',
      '\\w+',
      '\\s*',
      '(?:a|;b)',
      '(=|<)?',
      '(?=x)',
      'x{2}',
      '[$%]{0,2}',
      '|',
      '\\x41',
      '[\\d-]',
      '^',
      '$',
    )
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'B', 'x', 'A', '.', ';', '=', '<', '$', '-', '7', ' ', 'é'),
      maxLength: 12,
    })
    let matched = 0
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 6 }),
        text,
        fc.boolean(),
        (pieces, value, ignoreCase) => {
          const pattern = new RegExp(pieces.join(''), ignoreCase ? 'i' : '')
          if (!pattern.test(value)) return
          matched += 1
          expect(mayMatch(pattern, value), `${pattern} in ${value}`).toBe(true)
        },
      ),
      { numRuns: 20_000 },
    )
    expect(matched).toBeGreaterThan(2_000)
  })
})
