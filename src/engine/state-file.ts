import { createHash } from 'node:crypto'
import { renameSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SallyportError } from '../kit/error.ts'
import { type Externals, freeze, thaw } from '../kit/snapshot.ts'

const magic = Buffer.from('SALLYPORT-STATE\n')
const digestLength = 32

/** The state as a file's content: a head line, the snapshot, and the SHA-256 of both. */
export function stateBytes(state: unknown, externals: Externals): Buffer {
  const body = Buffer.concat([magic, freeze(state, externals)])
  return Buffer.concat([body, createHash('sha256').update(body).digest()])
}

/**
 * Reads the file of the state.
 * @returns Undefined where there is none. A file that cannot be taken is put aside, and `trouble` says so.
 */
export async function readStateFile(
  file: string,
  externals: Externals,
): Promise<{ readonly state: unknown } | { readonly trouble: string } | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return {
      trouble: `What was learned cannot be read from its file, and is learned anew: ${String(thrown)}`,
    }
  }
  const read = readState(bytes, externals)
  if ('state' in read) return read
  const aside = `${file}.unreadable`
  renameSync(file, aside)
  return {
    trouble: `What was learned is learned anew: its file cannot be taken, ${read.why}. It is kept as ${aside}.`,
  }
}

function readState(
  bytes: Buffer,
  externals: Externals,
): { readonly state: unknown } | { readonly why: string } {
  const body = bytes.subarray(0, bytes.length - digestLength)
  if (bytes.length < magic.length + digestLength || !bytes.subarray(0, magic.length).equals(magic))
    return { why: 'it is none of ours' }
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(body.length)))
    return { why: 'its checksum does not match' }
  try {
    return { state: thaw(body.subarray(magic.length), externals) }
  } catch (thrown) {
    return { why: SallyportError.from(thrown).message }
  }
}

/** Puts the bytes in place of what was there: after a crash at any moment it is the one or the other, whole. */
export async function writeStateFile(file: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
