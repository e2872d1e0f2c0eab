import type { Migration } from './migration.ts'

/** Versions of policies, what simulations said, and how far policies are rolled out. */
export const rollout: Migration = {
  name: '0005-rollout',
  async up(db) {
    const { schema } = db
    await schema
      .createTable('policy_versions')
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull())
      .addColumn('updated_by', 'text', column => column.notNull())
      .addColumn('change', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('policy_versions_by_name', ['name', 'version'])
      .execute()
    await schema
      .createTable('simulations')
      .addColumn('hash', 'text', column => column.primaryKey())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('rollouts')
      .addColumn('policy', 'text', column => column.primaryKey())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    for (const policy of await db.selectFrom('policies').selectAll().execute())
      await db
        .insertInto('policy_versions')
        .values({ ...policy, change: 'put' })
        .execute()
  },
}
