import { expect, test } from 'vitest'
import { endpointShort, principalName, visible } from './names.ts'
import { plainNames } from './plain-names.ts'

const turned = 'user:evil\u202egnp.exe'

test('what would turn the text around is shown instead', () => {
  expect(visible('a\u202eb\u2066c\u200fd\u061ce\ufefff')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf')
  expect([
    principalName(turned),
    endpointShort(`GET h/\u202ex`),
    plainNames(`${turned} read 2\u2067`, [turned]),
  ]).toEqual(['evil\ufffdgnp.exe', 'GET /\ufffdx', 'evil\ufffdgnp.exe read 2\ufffd'])
  // Joiners are part of words and signs.
  expect(visible('\u0928\u094d\u200d \ud83d\udc68\u200d\ud83d\udc69')).not.toContain('\ufffd')
})

test('names are cut where nobody would read on, and hold no patterns', () => {
  expect(principalName(`user:${'a'.repeat(200)}`)).toBe(`${'a'.repeat(64)}…`)
  expect(plainNames('user:$& read 2', ['user:$&'])).toBe('$& read 2')
})
