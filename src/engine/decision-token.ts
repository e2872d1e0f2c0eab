import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SallyportError } from '../kit/error.ts'
import { makePrivate } from '../store/private-file.ts'

export const decisionTokenFileName = 'decision-token'
const tokenBytes = 24
/** As the configuration asks of its own. */
const leastLength = 16

/**
 * The token of the decision API that was made for this data folder; undefined where none was yet.
 * @throws SallyportError `store/corrupt`
 */
export function readDecisionToken(folder: string): string | undefined {
  const file = join(folder, decisionTokenFileName)
  const mend = 'Remove it: a new one is made at the next start.'
  const refused = (sentence: string, cause?: unknown): SallyportError =>
    new SallyportError('store/corrupt', sentence, { where: file, mend, cause })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refused('The token of the decision API cannot be read.', thrown)
  }
  const token = text.trim()
  if (token.length < leastLength || !/^[\x21-\x7e]+$/.test(token))
    throw refused(`The token of the decision API is shorter than ${leastLength} characters, or none.`)
  return token
}

/**
 * The token of this data folder, made (mode 0600) where there is none.
 * @throws SallyportError `store/corrupt`, `store/unavailable`
 */
export function decisionToken(folder: string): { readonly token: string; readonly made: boolean } {
  const found = readDecisionToken(folder)
  if (found !== undefined) return { token: found, made: false }
  const token = randomBytes(tokenBytes).toString('base64url')
  try {
    makePrivate(join(folder, decisionTokenFileName), `${token}\n`)
  } catch (cause) {
    throw new SallyportError('store/unavailable', 'The token of the decision API cannot be kept.', {
      where: folder,
      mend: 'Check that the data folder is writable and has room, or set decisionPoints.forwardAuth.token.',
      cause,
    })
  }
  return { token, made: true }
}
