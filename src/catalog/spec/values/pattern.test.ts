import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearPattern } from './pattern.ts'

const fits = (pattern: string, value: string): boolean => {
  const made = linearPattern(pattern)
  if (typeof made === 'string') throw new Error(made)
  return made.test(value)
}

describe('patterns of specifications', () => {
  const same: readonly (readonly [string, readonly string[]])[] = [
    ['^[a-z0-9]+(?:-[a-z0-9]+)*$', ['a', 'a-b-c', '-a', 'a--b', 'A', '']],
    ['^(a+)+$', ['aaaa', 'aaab', '']],
    ['^\\d{3}-\\d{2,4}$', ['123-45', '123-4567', '123-45678', '12-34']],
    ['b|cd', ['abc', 'xcdx', 'ac', '']],
    ['^[^/\\]]{2,}$', ['ab', 'a/', 'a]', 'a']],
    ['^\\p{L}+$', ['äö', 'a1']],
    ['^(?<year>\\d{4})\\.?x{0}$', ['2026', '2026.', '2026x']],
    ['^$', ['', ' ']],
    ['.', ['', '\n', 'a']],
    ['^(|a)*b{2}?$', ['bb', 'aabb', 'b']],
    ['^[\\w.+-]+@[\\w-]+\\.\\w{2,}$', ['a.b@c.de', 'a@b', '@c.de']],
    ['^\\u0041\\x42$', ['AB', 'ab']],
    ['^#/[a-z/]*\\/x$', ['#/a/x', '#/x', '#//x']],
  ]
  let ran = 0
  it.each(same)('%s fits what the language of JavaScript fits', (pattern, values) => {
    ran += 1
    const own = new RegExp(pattern, pattern.includes('\\p') ? 'u' : '')
    for (const value of values) expect([value, fits(pattern, value)]).toEqual([value, own.test(value)])
  })
  it('ran every row', () => expect(ran).toBe(same.length))

  const refused: readonly (readonly [string, string])[] = [
    ['(?=a)b', 'looks around'],
    ['(?<!a)b', 'looks around'],
    ['(a)\\1', 'refers back'],
    ['\\bword\\b', 'word boundaries'],
    ['a{1000}', 'counts too far'],
    ['(?:a{100}){100}', 'counts too far'],
    [`${'('.repeat(20)}${'){512}'.repeat(20)}`, 'counts too far'],
    ['(', 'no regular expression'],
    ['a'.repeat(600), 'longer than'],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 'nest deeper'],
  ]
  let told = 0
  it.each(refused)('says of %s why it is not checked', (pattern, reason) => {
    told += 1
    expect(linearPattern(pattern)).toContain(reason)
  })
  it('told every row', () => expect(told).toBe(refused.length))

  it('agrees with JavaScript on patterns and values made at random', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '[^a]',
      '.',
      '\\d',
      'c?',
      'a*',
      '(?:ab|c)',
      '(?:a|b)+',
      'b{1,2}',
    )
    const pattern = fc
      .tuple(fc.boolean(), fc.array(atom, { minLength: 1, maxLength: 6 }), fc.boolean())
      .map(([start, atoms, end]) => `${start ? '^' : ''}${atoms.join('')}${end ? '$' : ''}`)
    const value = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '\n'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, value, (source, text) => {
        expect(fits(source, text)).toBe(new RegExp(source).test(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes steps in proportion to the value, where an engine that goes back never ends', () => {
    const value = `${'a'.repeat(20_000)}!`
    expect(fits('^(a+)+$', value)).toBe(false)
    expect(fits('(a*)*(a*)*b', value)).toBe(false)
  })
})
