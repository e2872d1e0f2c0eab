import { readFileSync } from 'node:fs'
import { readJwtKeys } from '../call/jwt-key.ts'
import type { RedactorOptions } from '../call/redactor.ts'
import { SallyportError } from '../kit/error.ts'
import type { Config } from './config.ts'

/** The redactor's options from the configuration, with the verification keys read from their file. */
export function redactorOptions(redaction: Config['redaction'], key: Uint8Array): RedactorOptions {
  return {
    key,
    bodies: redaction.bodies,
    redactFields: redaction.fields,
    ...(redaction.jwtKeys === undefined ? {} : { jwtKeys: readJwtKeys(readKeyFile(redaction.jwtKeys)) }),
  }
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The file with the JWT keys cannot be read.', {
      where: file,
      mend: 'Correct redaction.jwtKeys.',
      cause,
    })
  }
}
