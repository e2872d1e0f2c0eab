import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A service's own data. It is a sample: losing it with the power is fine, waiting for the disk is not. */
export function openDatabase(directory: string, name: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, `${name}.db`))
  database.exec(`pragma journal_mode = wal; pragma synchronous = off; ${schema}`)
  return database
}

/** Runs `work` as one transaction. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('begin')
  work()
  database.exec('commit')
}
