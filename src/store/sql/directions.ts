import type { Kysely } from 'kysely'
import type { StateSchema } from '../migrations/schema.ts'
import type { StoredDirection } from '../ports/catalog-state.ts'

/** What people say of the catalog, in SQL. */
export class SqlDirections {
  readonly #db: Kysely<StateSchema>

  constructor(db: Kysely<StateSchema>) {
    this.#db = db
  }

  async put({ id, kind, body, at, by }: StoredDirection): Promise<void> {
    const row = { id, kind, body, at, by }
    await this.#db
      .insertInto('directions')
      .values(row)
      .onConflict(conflict => conflict.column('id').doUpdateSet(row))
      .execute()
  }

  async delete(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('directions')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  }

  async all(): Promise<readonly StoredDirection[]> {
    const rows = await this.#db.selectFrom('directions').selectAll().orderBy('at').orderBy('id').execute()
    return rows.map(({ id, kind, body, at, by }) => ({
      id,
      kind: kind === 'override' ? 'override' : 'pin',
      body,
      at: Number(at),
      by,
    }))
  }
}
