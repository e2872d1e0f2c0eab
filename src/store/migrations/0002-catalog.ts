import type { Migration } from './migration.ts'

/** What people say of the catalog, and what was found about it. */
export const catalog: Migration = {
  name: '0002-catalog',
  async up(db) {
    const { schema } = db
    await schema
      .createTable('directions')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('by', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('catalog_findings')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('rule', 'text', column => column.notNull())
      .addColumn('endpoint', 'text', column => column.notNull())
      .addColumn('rank', 'integer', column => column.notNull())
      .addColumn('words', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('first_seen', 'bigint', column => column.notNull())
      .addColumn('last_seen', 'bigint', column => column.notNull())
      .addColumn('gone_at', 'bigint')
      .addColumn('dismissed_at', 'bigint')
      .addColumn('dismissed_by', 'text')
      .addColumn('dismissed_reason', 'text')
      .addColumn('dismissed_until', 'bigint')
      .execute()
    await schema
      .createIndex('catalog_findings_by_rank')
      .on('catalog_findings')
      .columns(['rank', 'id'])
      .execute()
    await schema
      .createIndex('catalog_findings_by_endpoint')
      .on('catalog_findings')
      .columns(['endpoint'])
      .execute()
    await schema
      .createIndex('catalog_findings_by_going')
      .on('catalog_findings')
      .columns(['gone_at'])
      .execute()
  },
}
