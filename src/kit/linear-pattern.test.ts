import { describe, expect, it } from 'vitest'
import { linearPatternFault } from './linear-pattern.ts'

describe('linearPatternFault', () => {
  it.each(['EMP-\\d{6}', '[A-Z]{2}\\d{4}[a-z]+', '(?:a|b)c*', 'x{64}'])('takes %s', pattern => {
    expect(linearPatternFault(pattern)).toBeUndefined()
  })

  it.each([
    ['(a+)+', 'unbounded'],
    ['a+b+', 'two unbounded'],
    ['(?=a)b', 'look-ahead'],
    ['(a)\\1', 'back-reference'],
    ['a{65}', 'count'],
    ['(a?b)+', 'repeated group that repeats'],
    ['(', 'not a pattern'],
    ['x'.repeat(201), 'length'],
    ['(?:ab){1,9}', 'repeated group'],
    ['a{1}b{1}c{1}d{1}e{1}', 'five counts'],
  ])('refuses %s: %s', pattern => {
    expect(linearPatternFault(pattern)).toMatch(/^The pattern /)
  })
})
