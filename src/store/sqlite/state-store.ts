import { chmodSync, closeSync, openSync } from 'node:fs'
import { Kysely } from 'kysely'
import { type Clock, systemClock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import { migrate } from '../migrations/migrate.ts'
import type { StateSchema } from '../migrations/schema.ts'
import { SqlStateStore, type StateBounds } from '../sql/state-store.ts'
import { NodeSqliteDialect, openSqlite } from './dialect.ts'

export interface SqliteStateStoreOptions {
  /** Path of the database file, created (mode 0600) when absent; `:memory:` for one that ends with the process. */
  readonly file: string
  readonly bounds?: Partial<StateBounds>
  /** Only stamps schema versions. */
  readonly clock?: Clock
}

/** The embedded state store: one SQLite file, WAL, synced at every commit. */
export class SqliteStateStore extends SqlStateStore {
  /** Opens or creates the file and brings its schema forward; rejects with `store/…` errors. */
  static async open(options: SqliteStateStoreOptions): Promise<SqliteStateStore> {
    const { file, clock = systemClock } = options
    if (file !== ':memory:') createPrivateFile(file)
    const db = new Kysely<StateSchema>({ dialect: new NodeSqliteDialect(openSqlite(file), file) })
    try {
      await migrate(db, clock.now(), file)
      return new SqliteStateStore(db, options.bounds)
    } catch (thrown) {
      await db.destroy()
      throw SallyportError.from(thrown)
    }
  }
}

/** SQLite gives its -wal and -shm files the mode of the main file, so that one decides. */
function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch (cause) {
    throw new SallyportError('store/unavailable', 'The state store cannot be created.', {
      where: file,
      mend: 'Check that the directory exists and is writable by this user.',
      cause,
    })
  }
}
