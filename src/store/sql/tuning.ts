import type { Kysely } from 'kysely'
import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { DetectorSetting, Feedback } from '../../detect/tuning/tuning.ts'
import type { CounterSet } from '../../kit/counters.ts'
import type { StateSchema } from '../migrations/schema.ts'
import type { Visit } from '../ports/tuning-state.ts'
import { chunks, roundTime } from './rows.ts'

interface SuppressionRow {
  readonly body: string
  readonly removed_at: number | null
  readonly removed_by: string | null
}

const suppressionOf = ({ body, removed_at, removed_by }: SuppressionRow): Suppression => ({
  ...(JSON.parse(body) as Suppression),
  ...(removed_at === null ? {} : { removedAt: Number(removed_at) }),
  ...(removed_by === null ? {} : { removedBy: removed_by }),
})

/** What people say of detection, in SQL. */
export class SqlTuning {
  readonly #db: Kysely<StateSchema>
  /** Words of each kind that are kept. */
  readonly #bound: number
  readonly #counters: CounterSet

  constructor(db: Kysely<StateSchema>, bound: number, counters: CounterSet) {
    this.#db = db
    this.#bound = bound
    this.#counters = counters
  }

  async putSuppressions(suppressions: readonly Suppression[]): Promise<void> {
    await this.#db.transaction().execute(async transaction => {
      for (const some of chunks(suppressions)) {
        const rows = some.map(({ removedAt, removedBy, ...suppression }) => ({
          id: suppression.id,
          body: JSON.stringify(suppression),
          at: suppression.at,
          expires_at: suppression.expiresAt,
          removed_at: removedAt ?? null,
          removed_by: removedBy ?? null,
        }))
        await transaction
          .insertInto('suppressions')
          .values(rows)
          .onConflict(conflict =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              body: ref('excluded.body'),
              at: ref('excluded.at'),
              expires_at: ref('excluded.expires_at'),
              removed_at: ref('excluded.removed_at'),
              removed_by: ref('excluded.removed_by'),
            })),
          )
          .execute()
      }
      const { numDeletedRows } = await transaction
        .deleteFrom('suppressions')
        .where('id', 'in', query =>
          query
            .selectFrom('suppressions')
            .select('id')
            .orderBy('expires_at', 'desc')
            .orderBy('id')
            .limit(1_000_000)
            .offset(this.#bound),
        )
        .executeTakeFirstOrThrow()
      this.#dropped('suppressions', numDeletedRows)
    })
  }

  async suppressions(now: number, all: boolean): Promise<readonly Suppression[]> {
    let select = this.#db.selectFrom('suppressions').select(['body', 'removed_at', 'removed_by'])
    if (!all) select = select.where('expires_at', '>', roundTime(now)).where('removed_at', 'is', null)
    const rows = await select.orderBy('at', 'desc').orderBy('id').execute()
    return rows.map(suppressionOf)
  }

  async removeSuppression(id: string, by: string, at: number): Promise<Suppression | undefined> {
    const row = await this.#db
      .updateTable('suppressions')
      .set({ removed_at: at, removed_by: by })
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      .where('expires_at', '>', at)
      .returning(['body', 'removed_at', 'removed_by'])
      .executeTakeFirst()
    return row === undefined ? undefined : suppressionOf(row)
  }

  async putFeedback(feedback: Feedback): Promise<void> {
    const row = { incident: feedback.incident, body: JSON.stringify(feedback), at: feedback.at }
    await this.#db.transaction().execute(async transaction => {
      await transaction
        .insertInto('feedback')
        .values(row)
        .onConflict(conflict => conflict.column('incident').doUpdateSet(row))
        .execute()
      const { numDeletedRows } = await transaction
        .deleteFrom('feedback')
        .where('incident', 'in', query =>
          query
            .selectFrom('feedback')
            .select('incident')
            .orderBy('at', 'desc')
            .orderBy('incident')
            .limit(1_000_000)
            .offset(this.#bound),
        )
        .executeTakeFirstOrThrow()
      this.#dropped('feedback', numDeletedRows)
    })
  }

  async feedback(): Promise<readonly Feedback[]> {
    const rows = await this.#db
      .selectFrom('feedback')
      .select('body')
      .orderBy('at')
      .orderBy('incident')
      .execute()
    return rows.map(({ body }) => JSON.parse(body) as Feedback)
  }

  async putDetectorSetting(setting: DetectorSetting): Promise<void> {
    const row = { detector: setting.detector, body: JSON.stringify(setting) }
    await this.#db
      .insertInto('detector_settings')
      .values(row)
      .onConflict(conflict => conflict.column('detector').doUpdateSet(row))
      .execute()
  }

  async detectorSettings(): Promise<readonly DetectorSetting[]> {
    const rows = await this.#db.selectFrom('detector_settings').select('body').orderBy('detector').execute()
    return rows.map(({ body }) => JSON.parse(body) as DetectorSetting)
  }

  async putVisit({ user, page, at }: Visit): Promise<number | undefined> {
    return await this.#db.transaction().execute(async transaction => {
      const before = await transaction
        .selectFrom('visits')
        .select('at')
        .where('user', '=', user)
        .where('page', '=', page)
        .executeTakeFirst()
      await transaction
        .insertInto('visits')
        .values({ user, page, at })
        .onConflict(conflict => conflict.columns(['user', 'page']).doUpdateSet({ at }))
        .execute()
      return before === undefined ? undefined : Number(before.at)
    })
  }

  async visit(user: string, page: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('visits')
      .select('at')
      .where('user', '=', user)
      .where('page', '=', page)
      .executeTakeFirst()
    return row === undefined ? undefined : Number(row.at)
  }

  async signalCounts(since: number): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#db
      .selectFrom('signals')
      .select(({ fn }) => ['detector', fn.countAll().as('count')])
      .where('time', '>=', roundTime(since))
      .groupBy('detector')
      .orderBy('detector')
      .execute()
    return new Map(rows.map(({ detector, count }) => [detector, Number(count)]))
  }

  #dropped(table: string, rows: bigint): void {
    if (rows > 0n) this.#counters.add(`sallyport_state_dropped_total{table="${table}"}`, Number(rows))
  }
}
