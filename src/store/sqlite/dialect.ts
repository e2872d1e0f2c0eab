import { DatabaseSync, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { BoundedMap } from '../../kit/bounded-map.ts'
import { fromSqlite } from './error.ts'

type Parameter = null | number | bigint | string | Uint8Array

/**
 * kysely over Node's own SQLite: one connection, WAL, every commit synced. kysely itself hands that connection to one
 * query or transaction at a time, because the adapter says there is only one.
 */
export class NodeSqliteDialect implements Dialect {
  readonly #database: DatabaseSync
  readonly #file: string

  /** `database` is open already; `file` names it in errors. Destroying the kysely instance closes it. */
  constructor(database: DatabaseSync, file: string) {
    this.#database = database
    this.#file = file
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(new NodeSqliteConnection(this.#database, this.#file))
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }

  // kysely's own interface asks for `Kysely<any>` here; `never` accepts every one of them without saying `any`.
  createIntrospector(db: Kysely<never>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }
}

class NodeSqliteDriver implements Driver {
  readonly #connection: NodeSqliteConnection

  constructor(connection: NodeSqliteConnection) {
    this.#connection = connection
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: a transaction that reads first and writes later must not find the write lock gone.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(): Promise<void> {
    this.#connection.rollback()
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#connection.close()
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #file: string
  readonly #statements = new BoundedMap<string, StatementSync>(128)

  constructor(database: DatabaseSync, file: string) {
    this.#database = database
    this.#file = file
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const statement = this.#statements.ensure(query.sql, () => this.#database.prepare(query.sql))
      const parameters = query.parameters as readonly Parameter[]
      if (statement.columns().length > 0) return { rows: statement.all(...parameters) as Row[] }
      const { changes, lastInsertRowid } = statement.run(...parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (thrown) {
      throw fromSqlite(thrown, this.#file)
    }
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query)
  }

  /** SQLite has rolled back by itself after some failures (a full disk is one): then there is nothing left to undo. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec('rollback')
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }
}

/**
 * Opens `file` (`:memory:` for none) so that a resolved write survives power loss: WAL with `synchronous=FULL`.
 * A file that is not a sound database is refused with `store/corrupt`.
 */
export function openSqlite(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 2_000, enableForeignKeyConstraints: true })
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off')
    const [check] = database.prepare('pragma quick_check(1)').all()
    const word = check === undefined ? '' : String(Object.values(check)[0])
    if (word !== 'ok') throw Object.assign(new Error(word), { errcode: 11 })
    return database
  } catch (thrown) {
    if (database?.isOpen === true) database.close()
    throw fromSqlite(thrown, file)
  }
}
