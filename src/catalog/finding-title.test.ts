import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findingTitle, titleSubject } from './finding-title.ts'

test('a title gives its subject back, whatever an attacker named', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (rule, subject) => {
      expect(titleSubject(findingTitle(rule, subject), rule)).toBe(subject)
    }),
  )
  expect(titleSubject('Another rule: response:card', 'Response field in no specification')).toBe('')
})
