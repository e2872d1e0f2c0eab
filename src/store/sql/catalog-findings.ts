import {
  type ExpressionBuilder,
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
} from 'kysely'
import type { Finding } from '../../catalog/finding.ts'
import type { CounterSet } from '../../kit/counters.ts'
import { severityRank } from '../../kit/severity.ts'
import { formatCursor, pageSize, parseCursor } from '../cursor.ts'
import type { StateSchema } from '../migrations/schema.ts'
import type {
  CatalogFindingQuery,
  FindingDismissal,
  FindingStatus,
  StoredFinding,
} from '../ports/catalog-state.ts'
import type { Page } from '../ports/state-store.ts'
import { chunks, latestById, roundTime } from './rows.ts'

type Row = StateSchema['catalog_findings']

const goneKeptMs = 90 * 86_400_000

/** Findings about the catalog and what became of them, in SQL. */
export class SqlCatalogFindings {
  readonly #db: Kysely<StateSchema>
  readonly #bound: number
  readonly #counters: CounterSet

  /** @param bound Rows kept; beyond it those that are gone go first, the longest unseen of them before. */
  constructor(db: Kysely<StateSchema>, bound: number, counters: CounterSet) {
    this.#db = db
    this.#bound = bound
    this.#counters = counters
  }

  async put(findings: {
    readonly found: readonly Finding[]
    readonly gone?: readonly string[]
    readonly at: number
  }): Promise<void> {
    const { found, gone = [] } = findings
    if (found.length + gone.length === 0) return
    const at = roundTime(findings.at)
    await this.#db.transaction().execute(async transaction => {
      for (const ids of chunks(gone)) {
        await transaction
          .updateTable('catalog_findings')
          .set({ gone_at: at })
          .where('id', 'in', ids)
          .where('gone_at', 'is', null)
          .execute()
      }
      for (const rows of chunks(latestById(found).map(finding => rowOf(finding, at)))) {
        await transaction
          .insertInto('catalog_findings')
          .values(rows)
          .onConflict(conflict =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              rule: ref('excluded.rule'),
              endpoint: ref('excluded.endpoint'),
              rank: ref('excluded.rank'),
              words: ref('excluded.words'),
              body: ref('excluded.body'),
              last_seen: ref('excluded.last_seen'),
              gone_at: null,
            })),
          )
          .execute()
      }
      await transaction
        .deleteFrom('catalog_findings')
        .where('gone_at', '<', at - goneKeptMs)
        .execute()
      await this.#trim(transaction)
    })
  }

  async query(query: CatalogFindingQuery): Promise<Page<StoredFinding>> {
    const limit = pageSize(query.limit)
    const now = roundTime(query.now)
    let select = this.#db.selectFrom('catalog_findings').selectAll()
    if (query.ids !== undefined) {
      if (query.ids.length === 0) return { items: [] }
      select = select.where('id', 'in', [...query.ids])
    }
    if (query.rule !== undefined) select = select.where('rule', '=', query.rule)
    if (query.endpoint !== undefined) select = select.where('endpoint', '=', query.endpoint)
    if (query.severity !== undefined) select = select.where('rank', '=', severityRank(query.severity))
    if (query.text !== undefined)
      select = select.where(sql<boolean>`${sql.ref('words')} like ${containing(query.text)} escape '!'`)
    const { status } = query
    if (status !== undefined) select = select.where(eb => eb.or(status.map(one => isOf(eb, one, now))))
    if (query.cursor !== undefined) {
      const { time: rank, id } = parseCursor(query.cursor)
      select = select.where(eb =>
        eb.or([eb('rank', '<', rank), eb.and([eb('rank', '=', rank), eb('id', '>', id)])]),
      )
    }
    const rows = await select
      .orderBy('rank', 'desc')
      .orderBy('id')
      .limit(limit + 1)
      .execute()
    const kept = rows.slice(0, limit)
    const items = kept.map(row => findingOf(row, now))
    const last = kept.at(-1)
    return rows.length > limit && last !== undefined
      ? { items, cursor: formatCursor({ time: Number(last.rank), id: last.id }) }
      : { items }
  }

  async standing(): Promise<readonly { readonly id: string; readonly endpoint: string }[]> {
    return await this.#db
      .selectFrom('catalog_findings')
      .select(['id', 'endpoint'])
      .where('gone_at', 'is', null)
      .orderBy('id')
      .execute()
  }

  async dismiss({ id, by, at, reason, until }: FindingDismissal & { readonly id: string }) {
    return await this.#change(
      id,
      { dismissed_at: at, dismissed_by: by, dismissed_reason: reason, dismissed_until: until ?? null },
      at,
    )
  }

  async reopen(id: string): Promise<StoredFinding | undefined> {
    return await this.#change(
      id,
      { dismissed_at: null, dismissed_by: null, dismissed_reason: null, dismissed_until: null },
      0,
    )
  }

  async #change(id: string, change: Partial<Row>, now: number): Promise<StoredFinding | undefined> {
    return await this.#db.transaction().execute(async transaction => {
      await transaction.updateTable('catalog_findings').set(change).where('id', '=', id).execute()
      const row = await transaction
        .selectFrom('catalog_findings')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? undefined : findingOf(row, now)
    })
  }

  /** What is gone sorts before what is not: a null is made the latest of all times. */
  async #trim(transaction: Transaction<StateSchema>): Promise<void> {
    const { total } = await transaction
      .selectFrom('catalog_findings')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const excess = Number(total) - this.#bound
    if (excess <= 0) return
    const leaving = transaction
      .selectFrom('catalog_findings')
      .select('id')
      .orderBy(({ fn, val }) => fn.coalesce('gone_at', val(Number.MAX_SAFE_INTEGER)))
      .orderBy('last_seen')
      .orderBy('rank')
      .orderBy('id')
      .limit(excess)
    await transaction.deleteFrom('catalog_findings').where('id', 'in', leaving).execute()
    this.#counters.add('sallyport_state_dropped_total{table="catalog_findings"}', excess)
  }
}

function isOf(eb: ExpressionBuilder<StateSchema, 'catalog_findings'>, status: FindingStatus, now: number) {
  if (status === 'gone') return eb('gone_at', 'is not', null)
  const here = eb('gone_at', 'is', null)
  if (status === 'dismissed')
    return eb.and([
      here,
      eb('dismissed_at', 'is not', null),
      eb.or([eb('dismissed_until', 'is', null), eb('dismissed_until', '>', now)]),
    ])
  return eb.and([here, eb.or([eb('dismissed_at', 'is', null), eb('dismissed_until', '<=', now)])])
}

/** Each character stands for itself. */
const containing = (text: string): string => `%${text.toLowerCase().replace(/[!%_]/g, '!$&')}%`

const rowOf = (finding: Finding, at: number): Insertable<Row> => ({
  id: finding.id,
  rule: finding.rule,
  endpoint: finding.endpoint,
  rank: severityRank(finding.severity),
  words: `${finding.rule}\n${finding.endpoint}\n${finding.title}`.toLowerCase(),
  body: JSON.stringify(finding),
  first_seen: at,
  last_seen: at,
  gone_at: null,
  dismissed_at: null,
  dismissed_by: null,
  dismissed_reason: null,
  dismissed_until: null,
})

function findingOf(row: Selectable<Row>, now: number): StoredFinding {
  const dismissed = dismissalOf(row, now)
  return {
    finding: JSON.parse(row.body) as Finding,
    status: row.gone_at !== null ? 'gone' : dismissed === undefined ? 'open' : 'dismissed',
    firstSeen: Number(row.first_seen),
    lastSeen: Number(row.last_seen),
    ...(dismissed === undefined ? {} : { dismissed }),
  }
}

function dismissalOf(row: Selectable<Row>, now: number): FindingDismissal | undefined {
  const { dismissed_at, dismissed_until } = row
  if (dismissed_at === null) return undefined
  const until = dismissed_until === null ? undefined : Number(dismissed_until)
  if (until !== undefined && until <= now) return undefined
  return {
    by: row.dismissed_by ?? '',
    at: Number(dismissed_at),
    reason: row.dismissed_reason ?? '',
    ...(until === undefined ? {} : { until }),
  }
}
