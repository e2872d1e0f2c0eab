import { renameSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BrokenSnapshot, readBytes } from '../graph/state/graph-bytes.ts'
import type { GraphState } from '../graph/state/graph-state.ts'

/** What a file of the graph held. */
export interface KeptGraph {
  readonly state: GraphState
  readonly note: unknown
}

/**
 * Reads the graph's file.
 * @returns Undefined where there is none. A file that cannot be taken is put aside, and `trouble` says so.
 */
export async function readGraphFile(
  file: string,
): Promise<KeptGraph | { readonly trouble: string } | undefined> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return { trouble: `The graph's file cannot be read, and the graph begins anew: ${String(thrown)}` }
  }
  try {
    return readBytes(bytes)
  } catch (thrown) {
    const why = thrown instanceof BrokenSnapshot ? thrown.message : 'it is damaged'
    const aside = `${file}.unreadable`
    renameSync(file, aside)
    return { trouble: `The graph begins anew: its file cannot be taken, ${why}. It is kept as ${aside}.` }
  }
}

/** Puts the bytes in place of what was there: after a crash at any moment it is the one or the other, whole. */
export async function writeGraphFile(file: string, bytes: Uint8Array): Promise<void> {
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
