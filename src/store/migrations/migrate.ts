import type { Kysely } from 'kysely'
import { SallyportError } from '../../kit/error.ts'
import { base } from './0001-base.ts'
import { catalog } from './0002-catalog.ts'
import { tuning } from './0003-tuning.ts'
import { goingOn } from './0004-going-on.ts'
import { rollout } from './0005-rollout.ts'
import type { Migration } from './migration.ts'
import type { StateSchema } from './schema.ts'

/** In order; a migration's place in the list is its version. Only ever appended to. */
export const migrations: readonly Migration[] = [base, catalog, tuning, goingOn, rollout]

/**
 * Brings the schema forward to the newest version, each step in its own transaction. A store written by a newer
 * version is refused (`store/unavailable`) rather than guessed at. Returns the versions applied.
 */
export async function migrate(
  db: Kysely<StateSchema>,
  now: number,
  where: string,
  steps: readonly Migration[] = migrations,
): Promise<readonly number[]> {
  await db.schema
    .createTable('schema_versions')
    .ifNotExists()
    .addColumn('version', 'integer', column => column.primaryKey())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('applied_at', 'bigint', column => column.notNull())
    .execute()
  const { newest } = await db
    .selectFrom('schema_versions')
    .select(({ fn }) => fn.max('version').as('newest'))
    .executeTakeFirstOrThrow()
  const current = Number(newest ?? 0)
  if (current > steps.length) {
    throw new SallyportError(
      'store/unavailable',
      `The state store has schema version ${current}; this version of Sallyport knows up to ${steps.length}.`,
      { where, mend: 'Run the version of Sallyport that wrote it, or a newer one.' },
    )
  }
  const applied: number[] = []
  for (const [index, step] of steps.entries()) {
    const version = index + 1
    if (version <= current) continue
    await db.transaction().execute(async transaction => {
      await step.up(transaction)
      await transaction
        .insertInto('schema_versions')
        .values({ version, name: step.name, applied_at: now })
        .execute()
    })
    applied.push(version)
  }
  return applied
}
