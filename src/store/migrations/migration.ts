import type { Transaction } from 'kysely'
import type { StateSchema } from './schema.ts'

/** One step forward. There is no step back: a backup is the way back. */
export interface Migration {
  /** `0001-what-it-does`; the number is the schema version it leads to. */
  readonly name: string
  up(db: Transaction<StateSchema>): Promise<void>
}
