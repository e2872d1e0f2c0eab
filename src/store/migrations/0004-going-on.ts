import type { Signal } from '../../detect/signal.ts'
import type { Migration } from './migration.ts'

/** Which signals were held back, and how far an incident was when it was closed. */
export const goingOn: Migration = {
  name: '0004-going-on',
  async up(db) {
    await db.schema
      .alterTable('signals')
      .addColumn('held', 'integer', column => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('resolutions').addColumn('revision', 'integer').execute()
    const mayBeHeld = await db
      .selectFrom('signals')
      .select(['id', 'body'])
      .where('body', 'like', '%"held":%')
      .execute()
    for (const { id, body } of mayBeHeld)
      if ((JSON.parse(body) as Signal).held !== undefined)
        await db.updateTable('signals').set({ held: 1 }).where('id', '=', id).execute()
  },
}
