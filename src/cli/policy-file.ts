import { readFileSync } from 'node:fs'
import { SallyportError } from '../kit/error.ts'

/** @throws SallyportError `input/unreadable` */
export function readPolicy(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('input/unreadable', 'The policy file cannot be read.', {
      where: file,
      mend: 'Check the path.',
      cause,
    })
  }
}
