import type { Migration } from './migration.ts'

/** What people say of detection, and when they looked. */
export const tuning: Migration = {
  name: '0003-tuning',
  async up(db) {
    const { schema } = db
    await schema
      .createTable('suppressions')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('removed_at', 'bigint')
      .addColumn('removed_by', 'text')
      .execute()
    await schema
      .createTable('feedback')
      .addColumn('incident', 'text', column => column.primaryKey())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .execute()
    await schema
      .createTable('detector_settings')
      .addColumn('detector', 'text', column => column.primaryKey())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('visits')
      .addColumn('user', 'text', column => column.notNull())
      .addColumn('page', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('visits_by_user', ['user', 'page'])
      .execute()
    await schema.createIndex('signals_by_detector').on('signals').columns(['detector', 'time']).execute()
  },
}
