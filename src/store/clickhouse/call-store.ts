import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { type Clock, systemClock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import type { CallId } from '../../kit/id.ts'
import { checkBucket } from '../call-match.ts'
import { type CallKey, formatCallCursor } from '../call-order.ts'
import { pageSize } from '../cursor.ts'
import type {
  CallBucket,
  CallPage,
  CallQuery,
  CallStore,
  CallStoreStats,
  StoredCall,
} from '../ports/call-store.ts'
import { fromClickHouse } from './error.ts'
import { type CallRow, formatRows, storedCallOf } from './row.ts'
import { type CallSchemaStep, callColumns, callSchema, partitionMs, schemaVersions } from './schema.ts'
import { type Where, whereAfter, whereOf } from './where.ts'

export interface ClickHouseOptions {
  /** `http://host:port` of ClickHouse's HTTP interface. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** `default` when absent; it must exist. */
  readonly database?: string
  /** Longest wait for an answer, ms; 30,000 when absent. */
  readonly timeoutMs?: number
  /** Only stamps schema versions. */
  readonly clock?: Clock
  readonly schema?: readonly CallSchemaStep[]
}

const pageColumns = 'time, id, batch, row, endpoint, principal, tenant, detectors, line'
const newestFirst = 'ORDER BY time DESC, id DESC, batch DESC, row DESC'
const oldestFirst = 'ORDER BY time, id, batch, row'
/** Rows read at a time by `replay`: what one page may hold in memory. */
const replayPage = 500

/**
 * Calls in ClickHouse, over HTTP: the embedded one or a server. A batch is acknowledged when its part is synced to
 * disk. Lists, pages and buckets follow the port; `replay` reads in pages and so holds little at a time.
 */
export class ClickHouseCallStore implements CallStore {
  readonly #client: ClickHouseClient
  readonly #url: string
  #closed = false

  private constructor(client: ClickHouseClient, url: string) {
    this.#client = client
    this.#url = url
  }

  /** Connects and brings the schema forward; rejects with `store/…` errors. */
  static async open(options: ClickHouseOptions): Promise<ClickHouseCallStore> {
    let client: ClickHouseClient
    try {
      client = createClient({
        url: options.url,
        username: options.username ?? 'default',
        password: options.password ?? '',
        database: options.database ?? 'default',
        request_timeout: options.timeoutMs ?? 30_000,
        application: 'sallyport',
        max_open_connections: 8,
        compression: { request: false, response: false },
        clickhouse_settings: {
          output_format_json_quote_64bit_integers: 1,
          max_execution_time: Math.max(1, Math.ceil((options.timeoutMs ?? 30_000) / 1_000)),
        },
        log: { level: ClickHouseLogLevel.OFF },
      })
    } catch (cause) {
      throw new SallyportError('config/invalid', 'The address of the call store cannot be used.', {
        where: 'calls.url',
        mend: 'Give it as http://host:8123.',
        cause,
      })
    }
    const store = new ClickHouseCallStore(client, options.url)
    try {
      await store.#migrate(options.schema ?? callSchema, (options.clock ?? systemClock).now())
      return store
    } catch (thrown) {
      await client.close()
      throw fromClickHouse(thrown, options.url)
    }
  }

  async append(batch: readonly StoredCall[], token: string): Promise<void> {
    if (batch.length === 0) return
    const digest = createHash('sha256').update(token).digest()
    await this.#guard(async () => {
      await this.#client.insert({
        table: 'calls',
        columns: [...callColumns],
        format: 'TabSeparated',
        // From the token, so that the same batch is the same rows however often it is sent.
        values: Readable.from([formatRows(batch, digest.readBigUInt64BE(0))], { objectMode: false }),
        clickhouse_settings: {
          insert_deduplicate: 1,
          insert_deduplication_token: digest.toString('hex'),
          // One block per partition, so that a partition's share of the batch is stored whole or not at all.
          input_format_parallel_parsing: 0,
          max_insert_block_size: '1048576',
          max_partitions_per_insert_block: '0',
          async_insert: 0,
        },
      })
    })
  }

  async query(query: CallQuery): Promise<CallPage> {
    const limit = pageSize(query.limit)
    const rows = await this.#page(whereOf(query), newestFirst, limit + 1)
    const kept = rows.slice(0, limit)
    const last = kept.at(-1)
    const items = kept.map(storedCallOf)
    return rows.length > limit && last !== undefined
      ? { items, cursor: formatCallCursor(keyOf(last)) }
      : { items }
  }

  async get(id: CallId): Promise<StoredCall | undefined> {
    const [row] = await this.#page({ sql: 'id = {id:String}', params: { id } }, newestFirst, 1)
    return row === undefined ? undefined : storedCallOf(row)
  }

  async histogram(query: CallQuery, bucketMs: number): Promise<readonly CallBucket[]> {
    const size = checkBucket(bucketMs)
    const { sql, params } = whereOf(query)
    const rows = await this.#rows<{ bucket: string; calls: string; refused: string; failed: string }>(
      `SELECT toInt64(floor(time / {size:Int64})) * {size:Int64} AS bucket, count() AS calls,
         countIf(status BETWEEN 400 AND 499) AS refused, countIf(status >= 500) AS failed
       FROM calls WHERE ${sql} GROUP BY bucket ORDER BY bucket`,
      { ...params, size },
    )
    return rows.map(row => ({
      time: Number(row.bucket),
      calls: Number(row.calls),
      refused: Number(row.refused),
      failed: Number(row.failed),
    }))
  }

  async *replay(limit: number, since = Number.NEGATIVE_INFINITY): AsyncIterable<StoredCall> {
    let left = Math.max(0, Math.floor(limit))
    if (left === 0) return
    const keys = 'time, id, batch, row'
    // The first of the newest `limit`, found by its keys alone, is where reading forwards begins.
    const [first] = await this.#rows<CallRow>(
      `SELECT ${keys} FROM calls ${newestFirst} LIMIT 1 OFFSET {skip:UInt64}`,
      {
        skip: left - 1,
      },
    )
    const late = first === undefined || Number(first.time) < since
    let where: Where = !late
      ? whereAfter(keyOf(first), true)
      : Number.isFinite(since)
        ? { sql: 'time >= {since:Int64}', params: { since: Math.floor(since) } }
        : { sql: '1', params: {} }
    while (left > 0) {
      const rows = await this.#page(where, oldestFirst, Math.min(left, replayPage))
      for (const row of rows) yield storedCallOf(row)
      left -= rows.length
      const last = rows.at(-1)
      if (last === undefined || rows.length < replayPage) return
      where = whereAfter(keyOf(last))
    }
  }

  async dropBefore(time: number): Promise<void> {
    const bound = Math.ceil(time)
    // Whole days go as files. What is left of the day in which `time` lies is marked and goes with the next merge.
    const whole = Math.floor(bound / partitionMs)
    const days = await this.#rows<{ day: string }>(
      `SELECT DISTINCT partition AS day FROM system.parts
       WHERE database = currentDatabase() AND table = 'calls' AND active AND toInt64OrZero(partition) < {whole:Int64}`,
      { whole },
    )
    await this.#guard(async () => {
      for (const { day } of days) {
        if (!/^-?\d{1,15}$/.test(day)) continue
        await this.#client.command({ query: `ALTER TABLE calls DROP PARTITION ${day}` })
      }
      await this.#client.command({
        query: 'DELETE FROM calls WHERE time < {bound:Int64}',
        query_params: { bound },
        clickhouse_settings: { lightweight_deletes_sync: '2' },
      })
    })
  }

  async stats(): Promise<CallStoreStats> {
    const [row] = await this.#rows<{ calls: string; oldest: string; newest: string; bytes: string }>(
      `SELECT count() AS calls, min(time) AS oldest, max(time) AS newest,
         (SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND table = 'calls' AND active) AS bytes
       FROM calls`,
      {},
    )
    const calls = Number(row?.calls ?? 0)
    const range = calls === 0 ? {} : { oldest: Number(row?.oldest), newest: Number(row?.newest) }
    return { driver: 'clickhouse', calls, ...range, bytes: Number(row?.bytes ?? 0) }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#client.close()
  }

  async #migrate(steps: readonly CallSchemaStep[], now: number): Promise<void> {
    await this.#client.command({ query: schemaVersions })
    const [row] = await this.#rows<{ newest: number }>(
      'SELECT max(version) AS newest FROM calls_schema_versions',
      {},
    )
    const current = Number(row?.newest ?? 0)
    if (current > steps.length) {
      throw new SallyportError(
        'store/unavailable',
        `The call store has schema version ${current}; this version of Sallyport knows up to ${steps.length}.`,
        { where: this.#url, mend: 'Run the version of Sallyport that wrote it, or a newer one.' },
      )
    }
    for (const [index, step] of steps.entries()) {
      if (index + 1 <= current) continue
      for (const query of step.statements) await this.#client.command({ query })
      await this.#client.insert({
        table: 'calls_schema_versions',
        values: [{ version: index + 1, name: step.name, applied_at: now }],
        format: 'JSONEachRow',
      })
    }
  }

  async #page(where: Where, order: string, limit: number): Promise<CallRow[]> {
    return await this.#rows<CallRow>(
      `SELECT ${pageColumns} FROM calls WHERE ${where.sql} ${order} LIMIT {limit:UInt32}`,
      { ...where.params, limit },
    )
  }

  async #rows<Row>(query: string, params: Readonly<Record<string, unknown>>): Promise<Row[]> {
    return await this.#guard(async () => {
      const result = await this.#client.query({ query, query_params: { ...params }, format: 'JSONEachRow' })
      return await result.json<Row>()
    })
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed)
      throw new SallyportError('store/unavailable', 'The call store is closed.', { where: this.#url })
    try {
      return await work()
    } catch (thrown) {
      throw fromClickHouse(thrown, this.#url)
    }
  }
}

const keyOf = (row: CallRow): CallKey => ({
  time: Number(row.time),
  id: row.id,
  batch: BigInt(row.batch),
  row: row.row,
})
