import type { Kysely, Transaction } from 'kysely'
import type { Incident } from '../../detect/incident.ts'
import type { Signal } from '../../detect/signal.ts'
import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { DetectorSetting, Feedback } from '../../detect/tuning/tuning.ts'
import { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import { auditGenesis, auditHash } from '../audit-chain.ts'
import { type CursorKey, formatCursor, pageSize, parseCursor } from '../cursor.ts'
import type { StateSchema } from '../migrations/schema.ts'
import type {
  CatalogFindingQuery,
  FindingDismissal,
  StoredDirection,
  StoredFinding,
} from '../ports/catalog-state.ts'
import type {
  ApiToken,
  AuditRecord,
  DecisionQuery,
  DecisionRecord,
  IncidentResolution,
  Page,
  PageQuery,
  PolicyVersion,
  QuarantineEntry,
  StateStore,
  StoredPolicy,
  StoredRollout,
  StoredSimulation,
} from '../ports/state-store.ts'
import type { Visit } from '../ports/tuning-state.ts'
import { SqlCatalogFindings } from './catalog-findings.ts'
import { SqlDirections } from './directions.ts'
import { SqlPolicies } from './policies.ts'
import {
  auditOf,
  chunks,
  decisionRow,
  incidentRow,
  latestById,
  quarantineOf,
  quarantineRow,
  roundTime,
  signalRow,
  tokenOf,
  tokenRow,
} from './rows.ts'
import { SqlTuning } from './tuning.ts'

/** How much of what traffic can grow is kept; beyond it the oldest go, counted. */
export interface StateBounds {
  readonly signals: number
  readonly incidents: number
  readonly decisions: number
  readonly catalogFindings: number
  /** Suppressions, and words on incidents. */
  readonly tuning: number
}

export const defaultStateBounds: StateBounds = {
  signals: 200_000,
  incidents: 20_000,
  decisions: 200_000,
  catalogFindings: 50_000,
  tuning: 10_000,
}

type BoundedTable = 'signals' | 'incidents' | 'decisions'

/**
 * The state store in SQL that SQLite and PostgreSQL share. A driver opens the database, migrates it and hands it over.
 * Counters: `sallyport_state_dropped_total{table="…"}`, rows dropped for room.
 */
export class SqlStateStore implements StateStore {
  readonly counters = new CounterSet()
  readonly #db: Kysely<StateSchema>
  readonly #bounds: StateBounds
  readonly #directions: SqlDirections
  readonly #catalogFindings: SqlCatalogFindings
  readonly #tuning: SqlTuning
  readonly #policies: SqlPolicies
  /** Rows since the last count, per table: counting on every write would cost a scan. */
  readonly #sinceTrim = new Map<BoundedTable, number>()

  constructor(db: Kysely<StateSchema>, bounds: Partial<StateBounds> = {}) {
    this.#db = db
    this.#bounds = { ...defaultStateBounds, ...bounds }
    for (const [table, bound] of Object.entries(this.#bounds)) {
      if (!Number.isInteger(bound) || bound < 1) {
        throw new SallyportError(
          'usage/invalid-argument',
          `The bound of ${table} must be a positive whole number.`,
        )
      }
    }
    this.#directions = new SqlDirections(db)
    this.#catalogFindings = new SqlCatalogFindings(db, this.#bounds.catalogFindings, this.counters)
    this.#policies = new SqlPolicies(db)
    this.#tuning = new SqlTuning(db, this.#bounds.tuning, this.counters)
  }

  async putFindings(findings: {
    readonly signals: readonly Signal[]
    readonly incidents: readonly Incident[]
    readonly folded?: readonly string[]
  }): Promise<void> {
    const signals = latestById(findings.signals).map(signalRow)
    const incidents = latestById(findings.incidents).map(incidentRow)
    const folded = findings.folded ?? []
    if (signals.length + incidents.length + folded.length === 0) return
    await this.#db.transaction().execute(async transaction => {
      for (const rows of chunks(signals)) {
        await transaction
          .insertInto('signals')
          .values(rows)
          .onConflict(conflict =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              time: ref('excluded.time'),
              detector: ref('excluded.detector'),
              principal: ref('excluded.principal'),
              endpoint: ref('excluded.endpoint'),
              body: ref('excluded.body'),
              held: ref('excluded.held'),
            })),
          )
          .execute()
      }
      for (const ids of chunks(folded))
        await transaction.deleteFrom('incidents').where('id', 'in', ids).execute()
      for (const rows of chunks(incidents)) {
        await transaction
          .insertInto('incidents')
          .values(rows)
          .onConflict(conflict =>
            conflict.column('id').doUpdateSet(({ ref }) => ({
              updated: ref('excluded.updated'),
              status: ref('excluded.status'),
              body: ref('excluded.body'),
            })),
          )
          .execute()
      }
      await this.#trim(transaction, 'signals', 'time', signals.length)
      await this.#trim(transaction, 'incidents', 'updated', incidents.length)
    })
  }

  /** By `updated`, newest first; `status` is the one stored with the incident, `since` applies to `updated`. */
  async incidents(
    query: PageQuery & { readonly status?: string; readonly since?: number },
  ): Promise<Page<Incident>> {
    const limit = pageSize(query.limit)
    let select = this.#db.selectFrom('incidents').select(['id', 'updated', 'body'])
    if (query.status !== undefined) select = select.where('status', '=', query.status)
    if (query.since !== undefined) select = select.where('updated', '>=', roundTime(query.since))
    if (query.cursor !== undefined) {
      const { time, id } = parseCursor(query.cursor)
      select = select.where(({ eb, refTuple, tuple }) => eb(refTuple('updated', 'id'), '<', tuple(time, id)))
    }
    const rows = await select
      .orderBy('updated', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(
      rows,
      limit,
      row => ({ time: Number(row.updated), id: row.id }),
      row => JSON.parse(row.body) as Incident,
    )
  }

  async incident(id: string): Promise<Incident | undefined> {
    const row = await this.#db.selectFrom('incidents').select('body').where('id', '=', id).executeTakeFirst()
    return row === undefined ? undefined : (JSON.parse(row.body) as Incident)
  }

  async signals(
    query: PageQuery & {
      readonly ids?: readonly string[]
      readonly principal?: string
      readonly detector?: string
      readonly endpoint?: string
      readonly since?: number
      readonly held?: boolean
    },
  ): Promise<Page<Signal>> {
    const limit = pageSize(query.limit)
    let select = this.#db.selectFrom('signals').select(['id', 'time', 'body'])
    if (query.ids !== undefined) {
      if (query.ids.length === 0) return { items: [] }
      if (query.ids.length > 10_000) {
        throw new SallyportError('usage/invalid-argument', 'At most 10,000 ids can be asked for at once.', {
          where: 'ids',
        })
      }
      select = select.where('id', 'in', [...query.ids])
    }
    if (query.principal !== undefined) select = select.where('principal', '=', query.principal)
    if (query.detector !== undefined) select = select.where('detector', '=', query.detector)
    if (query.endpoint !== undefined) select = select.where('endpoint', '=', query.endpoint)
    if (query.held !== undefined) select = select.where('held', '=', query.held ? 1 : 0)
    if (query.since !== undefined) select = select.where('time', '>=', roundTime(query.since))
    if (query.cursor !== undefined) {
      const { time, id } = parseCursor(query.cursor)
      select = select.where(({ eb, refTuple, tuple }) => eb(refTuple('time', 'id'), '<', tuple(time, id)))
    }
    const rows = await select
      .orderBy('time', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(
      rows,
      limit,
      row => ({ time: Number(row.time), id: row.id }),
      row => JSON.parse(row.body) as Signal,
    )
  }

  async putResolution(resolution: IncidentResolution): Promise<void> {
    const { status, reason, at, by } = resolution
    const row = { status, reason, at, by, revision: resolution.revision ?? null }
    await this.#db
      .insertInto('resolutions')
      .values({ incident: resolution.incident, ...row })
      .onConflict(conflict => conflict.column('incident').doUpdateSet(row))
      .execute()
  }

  async deleteResolution(incident: string): Promise<void> {
    await this.#db.deleteFrom('resolutions').where('incident', '=', incident).execute()
  }

  async resolutions(): Promise<readonly IncidentResolution[]> {
    const rows = await this.#db
      .selectFrom('resolutions')
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('incident', 'desc')
      .execute()
    return rows.map(row => ({
      incident: row.incident,
      status: 'closed',
      reason: row.reason,
      at: Number(row.at),
      by: row.by,
      ...(row.revision === null ? {} : { revision: Number(row.revision) }),
    }))
  }

  policies(): Promise<readonly StoredPolicy[]> {
    return this.#policies.all()
  }

  putPolicy(
    name: string,
    source: string,
    by: string,
    at: number,
    expectedVersion?: number,
    change = 'put',
  ): Promise<StoredPolicy> {
    return this.#policies.put(name, source, by, at, expectedVersion, change)
  }

  deletePolicy(name: string, expectedVersion?: number): Promise<boolean> {
    return this.#policies.delete(name, expectedVersion)
  }

  policyVersions(name: string): Promise<readonly PolicyVersion[]> {
    return this.#policies.versions(name)
  }

  putSimulation(simulation: StoredSimulation): Promise<void> {
    return this.#policies.putSimulation(simulation)
  }

  simulation(hash: string): Promise<StoredSimulation | undefined> {
    return this.#policies.simulation(hash)
  }

  putRollout(rollout: StoredRollout): Promise<void> {
    return this.#policies.putRollout(rollout)
  }

  deleteRollout(policy: string): Promise<void> {
    return this.#policies.deleteRollout(policy)
  }

  rollouts(): Promise<readonly StoredRollout[]> {
    return this.#policies.rollouts()
  }

  async putQuarantine(entry: QuarantineEntry): Promise<void> {
    const row = quarantineRow(entry)
    await this.#db
      .insertInto('quarantine')
      .values(row)
      .onConflict(conflict => conflict.column('id').doUpdateSet(row))
      .execute()
  }

  async quarantine(
    now: number,
    options: { readonly all?: boolean } = {},
  ): Promise<readonly QuarantineEntry[]> {
    let select = this.#db.selectFrom('quarantine').selectAll()
    if (options.all !== true) select = select.where('expires_at', '>', now).where('released_at', 'is', null)
    const rows = await select.orderBy('created_at', 'desc').orderBy('id', 'desc').execute()
    return rows.map(quarantineOf)
  }

  /** The entry as it is afterwards; undefined when there is none. A second release changes nothing. */
  async releaseQuarantine(id: string, by: string, at: number): Promise<QuarantineEntry | undefined> {
    return await this.#db.transaction().execute(async transaction => {
      await transaction
        .updateTable('quarantine')
        .set({ released_at: at, released_by: by })
        .where('id', '=', id)
        .where('released_at', 'is', null)
        .execute()
      const row = await transaction
        .selectFrom('quarantine')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? undefined : quarantineOf(row)
    })
  }

  /** A decision is a fact: the same id again changes nothing. */
  async putDecisions(decisions: readonly DecisionRecord[]): Promise<void> {
    if (decisions.length === 0) return
    await this.#db.transaction().execute(async transaction => {
      for (const rows of chunks(latestById(decisions).map(decisionRow))) {
        await transaction
          .insertInto('decisions')
          .values(rows)
          .onConflict(conflict => conflict.column('id').doNothing())
          .execute()
      }
      await this.#trim(transaction, 'decisions', 'time', decisions.length)
    })
  }

  async decision(id: string): Promise<DecisionRecord | undefined> {
    const row = await this.#db.selectFrom('decisions').select('body').where('id', '=', id).executeTakeFirst()
    return row === undefined ? undefined : (JSON.parse(row.body) as DecisionRecord)
  }

  async decisions(query: DecisionQuery): Promise<Page<DecisionRecord>> {
    const limit = pageSize(query.limit)
    let select = this.#db.selectFrom('decisions').select(['id', 'time', 'body'])
    if (query.principal !== undefined) select = select.where('principal', '=', query.principal)
    if (query.policy !== undefined) select = select.where('policy', '=', query.policy)
    if (query.since !== undefined) select = select.where('time', '>=', roundTime(query.since))
    if (query.until !== undefined) select = select.where('time', '<', roundTime(query.until))
    for (const key of ['action', 'phase', 'mode'] as const) {
      const value = query[key]
      // As `JSON.stringify` writes it: within a text the quotes would be escaped, so that no text can pass for it.
      if (value !== undefined) select = select.where('body', 'like', `%"${key}":"${value}"%`)
    }
    if (query.cursor !== undefined) {
      const { time, id } = parseCursor(query.cursor)
      select = select.where(({ eb, refTuple, tuple }) => eb(refTuple('time', 'id'), '<', tuple(time, id)))
    }
    const rows = await select
      .orderBy('time', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(
      rows,
      limit,
      row => ({ time: Number(row.time), id: row.id }),
      row => JSON.parse(row.body) as DecisionRecord,
    )
  }

  async putToken(token: ApiToken): Promise<void> {
    const row = tokenRow(token)
    await this.#db
      .insertInto('tokens')
      .values(row)
      .onConflict(conflict => conflict.column('id').doUpdateSet(row))
      .execute()
  }

  async tokens(): Promise<readonly ApiToken[]> {
    const rows = await this.#db
      .selectFrom('tokens')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute()
    return rows.map(tokenOf)
  }

  /** Revoked tokens are returned too: whoever asks must say why it is refused. */
  async tokenByHash(hash: string): Promise<ApiToken | undefined> {
    const row = await this.#db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
    return row === undefined ? undefined : tokenOf(row)
  }

  async touchToken(id: string, at: number): Promise<void> {
    await this.#db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
  }

  /** True when it was valid until now. */
  async revokeToken(id: string, at: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('tokens')
      .set({ revoked_at: at })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  async audit(record: Omit<AuditRecord, 'sequence' | 'hash'>): Promise<AuditRecord> {
    return await this.#db.transaction().execute(async transaction => {
      const head = await transaction
        .selectFrom('audit_head')
        .selectAll()
        .where('id', '=', 1)
        .executeTakeFirst()
      // As it will be read back: what JSON cannot say must not be in the hash either.
      const detail = JSON.parse(JSON.stringify(record.detail)) as Record<string, unknown>
      const { time, actor, action, target } = record
      const unsealed = { sequence: Number(head?.sequence ?? 0) + 1, time, actor, action, target, detail }
      const sealed = { ...unsealed, hash: auditHash(head?.hash ?? auditGenesis, unsealed) }
      await transaction
        .insertInto('audit')
        .values({ ...sealed, detail: JSON.stringify(detail) })
        .execute()
      const next = { id: 1, sequence: sealed.sequence, hash: sealed.hash }
      await transaction
        .insertInto('audit_head')
        .values(next)
        .onConflict(conflict => conflict.column('id').doUpdateSet(next))
        .execute()
      return sealed
    })
  }

  async auditLog(query: PageQuery): Promise<Page<AuditRecord>> {
    const limit = pageSize(query.limit)
    let select = this.#db.selectFrom('audit').selectAll()
    if (query.cursor !== undefined) select = select.where('sequence', '<', parseCursor(query.cursor).time)
    const rows = await select
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, row => ({ time: Number(row.sequence), id: '' }), auditOf)
  }

  async verifyAudit(): Promise<number | undefined> {
    let previous = auditGenesis
    let sequence = 0
    for (;;) {
      const rows = await this.#db
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(1_000)
        .execute()
      for (const row of rows) {
        sequence += 1
        if (Number(row.sequence) !== sequence) return sequence
        const { hash, ...record } = auditOf(row)
        if (hash !== auditHash(previous, record)) return sequence
        previous = hash
      }
      if (rows.length < 1_000) break
    }
    const head = await this.#db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst()
    const whole = Number(head?.sequence ?? 0) === sequence && (head?.hash ?? auditGenesis) === previous
    return whole ? undefined : sequence + 1
  }

  putDirection(direction: StoredDirection): Promise<void> {
    return this.#directions.put(direction)
  }

  deleteDirection(id: string): Promise<boolean> {
    return this.#directions.delete(id)
  }

  directions(): Promise<readonly StoredDirection[]> {
    return this.#directions.all()
  }

  putCatalogFindings(findings: Parameters<StateStore['putCatalogFindings']>[0]): Promise<void> {
    return this.#catalogFindings.put(findings)
  }

  catalogFindings(query: CatalogFindingQuery): Promise<Page<StoredFinding>> {
    return this.#catalogFindings.query(query)
  }

  standingFindings(): ReturnType<StateStore['standingFindings']> {
    return this.#catalogFindings.standing()
  }

  dismissFinding(dismissal: FindingDismissal & { readonly id: string }): Promise<StoredFinding | undefined> {
    return this.#catalogFindings.dismiss(dismissal)
  }

  reopenFinding(id: string): Promise<StoredFinding | undefined> {
    return this.#catalogFindings.reopen(id)
  }

  putSuppressions(suppressions: readonly Suppression[]): Promise<void> {
    return this.#tuning.putSuppressions(suppressions)
  }

  suppressions(now: number, options: { readonly all?: boolean } = {}): Promise<readonly Suppression[]> {
    return this.#tuning.suppressions(now, options.all === true)
  }

  removeSuppression(id: string, by: string, at: number): Promise<Suppression | undefined> {
    return this.#tuning.removeSuppression(id, by, at)
  }

  putFeedback(feedback: Feedback): Promise<void> {
    return this.#tuning.putFeedback(feedback)
  }

  feedback(): Promise<readonly Feedback[]> {
    return this.#tuning.feedback()
  }

  putDetectorSetting(setting: DetectorSetting): Promise<void> {
    return this.#tuning.putDetectorSetting(setting)
  }

  detectorSettings(): Promise<readonly DetectorSetting[]> {
    return this.#tuning.detectorSettings()
  }

  putVisit(visit: Visit): Promise<number | undefined> {
    return this.#tuning.putVisit(visit)
  }

  visit(user: string, page: string): Promise<number | undefined> {
    return this.#tuning.visit(user, page)
  }

  signalCounts(since: number): Promise<ReadonlyMap<string, number>> {
    return this.#tuning.signalCounts(since)
  }

  async getSetting(key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('key', '=', key)
      .executeTakeFirst()
    return row?.value
  }

  async putSetting(key: string, value: string): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ key, value })
      .onConflict(conflict => conflict.column('key').doUpdateSet({ value }))
      .execute()
  }

  async close(): Promise<void> {
    await this.#db.destroy()
  }

  /** Drops the oldest rows beyond the bound. Between two counts the table may exceed it by a twentieth. */
  async #trim(
    transaction: Transaction<StateSchema>,
    table: BoundedTable,
    order: 'time' | 'updated',
    added: number,
  ): Promise<void> {
    const bound = this.#bounds[table]
    const since = (this.#sinceTrim.get(table) ?? bound) + added
    if (added === 0 || since * 20 < bound) {
      if (added > 0) this.#sinceTrim.set(table, since)
      return
    }
    const { total } = await transaction
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow()
    const excess = Number(total) - bound
    if (excess > 0) {
      const oldest = transaction
        .selectFrom(table)
        .select('id')
        .orderBy(transaction.dynamic.ref(order))
        .orderBy('id')
        .limit(excess)
      await transaction.deleteFrom(table).where('id', 'in', oldest).execute()
      this.counters.add(`sallyport_state_dropped_total{table="${table}"}`, excess)
    }
    this.#sinceTrim.set(table, 0)
  }
}

/** A page of at most `limit` from rows that were asked for with one more, which tells whether there is a next page. */
function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => CursorKey,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const items = kept.map(itemOf)
  return rows.length > limit && last !== undefined ? { items, cursor: formatCursor(keyOf(last)) } : { items }
}
