import { SqliteStateStore, type SqliteStateStoreOptions } from '../sqlite/state-store.ts'

/** A state store that ends with the process: the SQLite driver without a file. */
export const MemoryStateStore = {
  open: (options: Omit<SqliteStateStoreOptions, 'file'> = {}): Promise<SqliteStateStore> =>
    SqliteStateStore.open({ ...options, file: ':memory:' }),
}
