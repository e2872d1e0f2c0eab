import { join } from 'node:path'
import { openDataDirectory } from '../store/data-directory.ts'
import type { StateStore } from '../store/ports/state-store.ts'
import { SqliteStateStore } from '../store/sqlite/state-store.ts'
import { type OpenCallStore, openCallStore } from './call-stores.ts'
import type { Config } from './config.ts'

/** What a Sallyport keeps, open and its own alone. */
export interface OpenStores {
  /** The data folder: absolute. */
  readonly directory: string
  /** Of the installation: what fingerprints are keyed with. */
  readonly key: Uint8Array
  readonly state: StateStore
  readonly calls: OpenCallStore
  /** The last that is closed lets another process in. */
  close(): Promise<void>
}

/**
 * Opens the data folder and the stores in it, or all that were opened are closed again.
 * @throws SallyportError `store/locked`, `store/…`, `config/invalid`
 */
export async function openStores(config: Config, log: (line: string) => void): Promise<OpenStores> {
  const directory = openDataDirectory(config.dataDir)
  const opened: (() => unknown)[] = [() => directory.close()]
  const close = async (): Promise<void> => {
    for (const one of opened.toReversed()) await one()
  }
  try {
    const state = await SqliteStateStore.open({ file: join(directory.path, 'state.db') })
    opened.push(() => state.close())
    const calls = await openCallStore(config, directory.path, log)
    opened.push(() => calls.close())
    return { directory: directory.path, key: directory.key, state, calls, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
