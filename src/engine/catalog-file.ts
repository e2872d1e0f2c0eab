import { readFileSync } from 'node:fs'
import { type CatalogFile, parseCatalogFile } from '../catalog/ownership/catalog-file.ts'
import { SallyportError } from '../kit/error.ts'

/**
 * The catalog file, read and checked.
 * @throws SallyportError `config/invalid` where it cannot be read or is not right, with file, line and column.
 */
export function readCatalogFile(file: string): CatalogFile {
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The catalog file cannot be read.', {
      where: file,
      mend: 'Correct the path of the catalog file.',
      cause,
    })
  }
  return parseCatalogFile(source, file)
}
