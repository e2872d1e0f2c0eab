import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decisionToken, decisionTokenFileName, readDecisionToken } from './decision-token.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'decision-token-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => join(folder, decisionTokenFileName)

describe('the token of the decision API', () => {
  it('is made once, for the own user, and found again', () => {
    expect(readDecisionToken(folder)).toBeUndefined()
    const { token, made } = decisionToken(folder)
    expect([made, token]).toEqual([true, expect.stringMatching(/^[\w-]{32}$/)])
    expect([readdirSync(folder), statSync(file()).mode & 0o777]).toEqual([[decisionTokenFileName], 0o600])
    expect(readFileSync(file(), 'utf8')).toBe(`${token}\n`)
    expect(decisionToken(folder)).toEqual({ token, made: false })
  })

  it.each(['', 'short\n', 'a token of several words\n', 'ein-Schlüssel-mit-Umlaut\n'])(
    'is not taken where its file says %j',
    text => {
      writeFileSync(file(), text)
      expect(() => decisionToken(folder)).toThrow(
        expect.objectContaining({ code: 'store/corrupt', where: file() }),
      )
    },
  )
})
