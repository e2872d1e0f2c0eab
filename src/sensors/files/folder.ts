import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SallyportError } from '../../kit/error.ts'

/** A file to read. */
export interface NamedFile {
  readonly path: string
  /** It was found in a folder that was named: then others may stand beside it that are nothing to read. */
  readonly found: boolean
}

/** Files in all folders together that were named. */
const maxFiles = 250_000

/**
 * The files that are named, and in place of a folder those in it and below, in the order of their names. Hidden ones and links are left
 * out.
 * @throws SallyportError `input/unreadable` of a folder, also of one that is named and empty, `input/too-large` beyond 250,000 files
 */
export async function filesOf(paths: readonly string[]): Promise<readonly NamedFile[]> {
  const files: NamedFile[] = []
  for (const path of paths) {
    // What is missing is told by whoever opens it.
    const isFolder = await stat(path).then(
      info => info.isDirectory(),
      () => false,
    )
    if (isFolder) await gatherSome(path, files)
    else files.push({ path, found: false })
  }
  return files
}

async function gatherSome(folder: string, files: NamedFile[]): Promise<void> {
  const before = files.length
  await gather(folder, files)
  if (files.length === before)
    throw new SallyportError('input/unreadable', 'The folder holds no file.', {
      where: folder,
      mend: 'Name a folder that holds recordings, or a recording.',
    })
}

async function gather(folder: string, files: NamedFile[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new SallyportError('input/unreadable', 'The folder cannot be read.', {
      where: folder,
      mend: 'Check its permissions.',
      cause,
    })
  })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await gather(path, files)
    else if (entry.isFile()) {
      if (files.length >= maxFiles)
        throw new SallyportError('input/too-large', `There are more than ${maxFiles} files.`, {
          where: folder,
          mend: 'Name some of the folders in it, or put the files together into fewer.',
        })
      files.push({ path, found: true })
    }
  }
}
