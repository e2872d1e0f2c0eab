import type { Migration } from './migration.ts'

/** Only column types that SQLite and PostgreSQL both know: text, integer, bigint. */
export const base: Migration = {
  name: '0001-base',
  async up(db) {
    const schema = db.schema
    await schema
      .createTable('signals')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('time', 'bigint', column => column.notNull())
      .addColumn('detector', 'text', column => column.notNull())
      .addColumn('principal', 'text', column => column.notNull())
      .addColumn('endpoint', 'text')
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('signals_by_time').on('signals').columns(['time', 'id']).execute()
    await schema
      .createIndex('signals_by_principal')
      .on('signals')
      .columns(['principal', 'time', 'id'])
      .execute()
    await schema
      .createTable('incidents')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('updated', 'bigint', column => column.notNull())
      .addColumn('status', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('incidents_by_updated').on('incidents').columns(['updated', 'id']).execute()
    await schema
      .createTable('resolutions')
      .addColumn('incident', 'text', column => column.primaryKey())
      .addColumn('status', 'text', column => column.notNull())
      .addColumn('reason', 'text', column => column.notNull())
      .addColumn('at', 'bigint', column => column.notNull())
      .addColumn('by', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('policies')
      .addColumn('name', 'text', column => column.primaryKey())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('updated_at', 'bigint', column => column.notNull())
      .addColumn('updated_by', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('quarantine')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('target', 'text', column => column.notNull())
      .addColumn('reason', 'text', column => column.notNull())
      .addColumn('incident', 'text')
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('created_by', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('released_at', 'bigint')
      .addColumn('released_by', 'text')
      .execute()
    await schema.createIndex('quarantine_by_expiry').on('quarantine').columns(['expires_at']).execute()
    await schema
      .createTable('decisions')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('time', 'bigint', column => column.notNull())
      .addColumn('principal', 'text', column => column.notNull())
      .addColumn('policy', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('decisions_by_time').on('decisions').columns(['time', 'id']).execute()
    await schema
      .createTable('tokens')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull().unique())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('last_used_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute()
    await schema
      .createTable('audit')
      .addColumn('sequence', 'bigint', column => column.primaryKey())
      .addColumn('time', 'bigint', column => column.notNull())
      .addColumn('actor', 'text', column => column.notNull())
      .addColumn('action', 'text', column => column.notNull())
      .addColumn('target', 'text', column => column.notNull())
      .addColumn('detail', 'text', column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull())
      .execute()
    // The newest record's hash, kept apart: records cut from the end of the chain would not show otherwise.
    await schema
      .createTable('audit_head')
      .addColumn('id', 'integer', column => column.primaryKey())
      .addColumn('sequence', 'bigint', column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('settings')
      .addColumn('key', 'text', column => column.primaryKey())
      .addColumn('value', 'text', column => column.notNull())
      .execute()
  },
}
