import { readFileSync } from 'node:fs'
import { readCustomClasses } from '../catalog/data-classes/custom.ts'
import { SallyportError } from '../kit/error.ts'

/** A file of data classes as it was read: what a worker needs to read it again. */
export interface DataClassFile {
  readonly file: string
  readonly source: string
}

/**
 * The file of data classes, read and checked.
 * @throws SallyportError `config/invalid` where it cannot be read or is not right, with file, line and column.
 */
export function readDataClassFile(file: string): DataClassFile {
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The file of data classes cannot be read.', {
      where: file,
      mend: 'Correct the setting dataClasses.',
      cause,
    })
  }
  readCustomClasses(source, file)
  return { file, source }
}
