import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClickHouseError, createClient } from '@clickhouse/client'
import { afterAll, expect, test } from 'vitest'
import { aCall, callStoreContract } from '../../../test/contract/call-store.ts'
import { formatEventLine } from '../../call/event-line.ts'
import { chdbAvailability, startChdb } from '../chdb/chdb-process.ts'
import { ClickHouseCallStore } from './call-store.ts'
import { fromClickHouse } from './error.ts'
import { callSchema } from './schema.ts'

const server = process.env.CLICKHOUSE_URL
const databases: string[] = []

/** A ClickHouse server is not part of the tests' machine: whoever has one names it, and a user who may make databases. */
callStoreContract({
  name: 'clickhouse server',
  skip: server === undefined ? 'CLICKHOUSE_URL names no server' : undefined,
  runs: 6,
  open: async () => {
    const database = `sallyport_test_${process.pid}_${databases.length}`
    databases.push(database)
    const client = createClient({ url: server ?? '' })
    await client.command({ query: `CREATE DATABASE ${database}` })
    await client.close()
    return await ClickHouseCallStore.open({ url: server ?? '', database })
  },
})
afterAll(async () => {
  if (databases.length === 0) return
  const client = createClient({ url: server ?? '' })
  for (const database of databases) await client.command({ query: `DROP DATABASE ${database}` })
  await client.close()
})

test('an address nobody answers at is unavailable, one that is none is refused', async () => {
  const where = 'http://127.0.0.1:1'
  await expect(ClickHouseCallStore.open({ url: where })).rejects.toMatchObject({
    code: 'store/unavailable',
    where,
  })
  await expect(ClickHouseCallStore.open({ url: 'nonsense' })).rejects.toMatchObject({
    code: 'config/invalid',
  })
})

test('the server’s errors become ours, and its text stays behind them', () => {
  const thrown = (code: string, message = 'secret detail'): ClickHouseError =>
    new ClickHouseError({ message, code, type: 'T' })
  const table: readonly (readonly [unknown, string])[] = [
    [thrown('243'), 'store/full'],
    [thrown('75', 'Cannot write to file: errno: 28, strerror: No space left on device'), 'store/full'],
    [thrown('159'), 'store/unavailable'],
    [thrown('241'), 'store/unavailable'],
    [thrown('202'), 'store/unavailable'],
    [thrown('516'), 'store/unavailable'],
    [thrown('40'), 'store/corrupt'],
    [thrown('62'), 'internal/defect'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'store/unavailable'],
    [new Error('Timeout error.'), 'store/unavailable'],
  ]
  let checked = 0
  for (const [given, code] of table) {
    const error = fromClickHouse(given, 'http://db:8123')
    expect(error.code).toBe(code)
    expect(error.toDisplayString()).not.toContain('secret detail')
    checked += 1
  }
  expect(checked).toBe(10)
})

const { reason } = chdbAvailability()

test.skipIf(reason !== undefined)(
  'the schema goes forward once per step, and a newer one is refused',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-schema-'))
    const chdb = await startChdb({ directory, log: () => {} })
    try {
      const first = await ClickHouseCallStore.open(chdb)
      await first.append([aCall(1)], 'a')
      await first.close()
      const address = { url: chdb.url, username: chdb.username, password: chdb.password }
      const next = {
        name: '0003-note',
        statements: ['ALTER TABLE calls ADD COLUMN IF NOT EXISTS note String'],
      }
      const second = await ClickHouseCallStore.open({ ...address, schema: [...callSchema, next] })
      await second.append([aCall(2)], 'b')
      expect((await second.query({})).items).toEqual([aCall(2), aCall(1)])
      await second.close()
      await (await ClickHouseCallStore.open({ ...address, schema: [...callSchema, next] })).close()
      const client = createClient(address)
      const rows = await (
        await client.query({
          query: 'SELECT version FROM calls_schema_versions ORDER BY version',
          format: 'JSONEachRow',
        })
      ).json()
      await client.close()
      expect(rows).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }])
      await expect(ClickHouseCallStore.open(address)).rejects.toMatchObject({
        code: 'store/unavailable',
        message: expect.stringContaining('schema version 3'),
      })
    } finally {
      await chdb.close()
      rmSync(directory, { recursive: true })
    }
  },
)

test.skipIf(reason !== undefined)(
  'calls that were kept before their workloads were are found by them',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-schema-'))
    const chdb = await startChdb({ directory, log: () => {} })
    try {
      const address = { url: chdb.url, username: chdb.username, password: chdb.password }
      await (await ClickHouseCallStore.open({ ...address, schema: callSchema.slice(0, 1) })).close()
      const calls = [
        aCall(1, { to: { cluster: 'prod', namespace: 'shop', name: 'orders' }, from: { name: 'web' } }),
        aCall(2),
      ]
      const client = createClient(address)
      for (const { call, endpoint, principal } of calls)
        await client.insert({
          table: 'calls',
          format: 'JSONEachRow',
          values: [{ time: call.time, id: call.id, endpoint, principal, line: formatEventLine(call) }],
        })
      await client.close()
      const store = await ClickHouseCallStore.open(address)
      const found = async (workload: string): Promise<number> =>
        (await store.query({ workload })).items.length
      expect(await Promise.all(['shop/orders', 'web', 'bank/orders'].map(found))).toEqual([1, 1, 0])
      await store.close()
    } finally {
      await chdb.close()
      rmSync(directory, { recursive: true })
    }
  },
)
