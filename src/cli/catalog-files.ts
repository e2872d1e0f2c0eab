import type { Command } from 'commander'
import { SallyportError } from '../kit/error.ts'

/** Files that say more of recorded traffic than it says itself. */
export interface CatalogFiles {
  /** Data classes besides the built-in ones. */
  readonly dataClasses?: string
  /** Owners, business flows, pins and host patterns. */
  readonly catalog?: string
}

/** Adds `--data-classes` and `--catalog`. */
export const withCatalogFiles = (command: Command): Command =>
  command
    .option('--data-classes <file>', 'of recordings: data classes besides the built-in ones (YAML)')
    .option('--catalog <file>', 'of recordings: owners, business flows, pins and host patterns (YAML)')

/**
 * The two files, where recordings are read.
 * @throws SallyportError `usage/invalid-argument` where a running Sallyport is asked, which has files of its own.
 */
export function catalogFilesOf(
  { dataClasses, catalog }: CatalogFiles,
  recordings: readonly string[],
): CatalogFiles {
  const given = dataClasses !== undefined ? '--data-classes' : catalog !== undefined ? '--catalog' : undefined
  if (given !== undefined && recordings.length === 0)
    throw new SallyportError('usage/invalid-argument', 'A running Sallyport has files of its own.', {
      where: given,
      mend: 'Name recordings to read, or set dataClasses and catalog in sallyport.yaml.',
    })
  return {
    ...(dataClasses === undefined ? {} : { dataClasses }),
    ...(catalog === undefined ? {} : { catalog }),
  }
}
