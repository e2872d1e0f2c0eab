import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { aSignal, stateStoreContract } from '../../../test/contract/state-store.ts'
import { MemoryStateStore } from '../memory/state-store.ts'
import { migrate, migrations } from '../migrations/migrate.ts'
import type { StateSchema } from '../migrations/schema.ts'
import { NodeSqliteDialect, openSqlite } from './dialect.ts'
import { SqliteStateStore } from './state-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'sallyport-state-'))
let files = 0
const newFile = (): string => {
  files += 1
  return join(directory, `state-${files}.db`)
}
afterAll(() => rmSync(directory, { recursive: true }))

stateStoreContract({ name: 'sqlite file', open: () => SqliteStateStore.open({ file: newFile() }) })
stateStoreContract({ name: 'sqlite memory', open: () => MemoryStateStore.open() })

const record = (target: string) => ({
  time: 1,
  actor: 'cli',
  action: 'policy.put',
  target,
  detail: { note: 'x' },
})

test('everything is there after reopening, and only the owner can read the files', async () => {
  const file = newFile()
  const first = await SqliteStateStore.open({ file })
  await first.putFindings({ signals: [aSignal(1)], incidents: [] })
  await first.audit(record('a'))
  for (const each of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(each).mode & 0o777).toBe(0o600)
  await first.close()
  const second = await SqliteStateStore.open({ file })
  expect((await second.signals({})).items).toEqual([aSignal(1)])
  expect((await second.audit(record('b'))).sequence).toBe(2)
  expect(await second.verifyAudit()).toBeUndefined()
  await second.close()
})

test('every way to change the audit log behind its back shows at the right place', async () => {
  const tampering: readonly (readonly [sql: string, shows: number])[] = [
    [`update audit set actor = 'eve' where sequence = 2`, 2],
    [`update audit set detail = '{"note":"y"}' where sequence = 3`, 3],
    [`update audit set time = 2 where sequence = 1`, 1],
    [`update audit set hash = replace(hash, substr(hash, 1, 1), 'f') where sequence = 4`, 4],
    ['delete from audit where sequence = 1', 1],
    ['delete from audit where sequence = 3', 3],
    ['delete from audit where sequence >= 4', 4],
    ['delete from audit', 1],
    ['update audit set sequence = sequence + 10 where sequence = 5', 5],
  ]
  let checked = 0
  for (const [sql, shows] of tampering) {
    const file = newFile()
    const store = await SqliteStateStore.open({ file })
    for (const target of ['a', 'b', 'c', 'd', 'e']) await store.audit(record(target))
    const outside = new DatabaseSync(file)
    outside.exec(sql)
    outside.close()
    expect([sql, await store.verifyAudit()]).toEqual([sql, shows])
    await store.close()
    checked += 1
  }
  expect(checked).toBe(9)
})

test('a file that is no database, or a damaged one, is refused with a mend', async () => {
  const none = newFile()
  writeFileSync(none, 'not a database, but long enough to have a header: '.repeat(40))
  await expect(SqliteStateStore.open({ file: none })).rejects.toMatchObject({
    code: 'store/corrupt',
    where: none,
  })

  const damaged = newFile()
  const store = await SqliteStateStore.open({ file: damaged })
  await store.putFindings({
    signals: Array.from({ length: 300 }, (_, index) => aSignal(index)),
    incidents: [],
  })
  await store.close()
  truncateSync(damaged, Math.floor(statSync(damaged).size / 8192) * 4096)
  await expect(SqliteStateStore.open({ file: damaged })).rejects.toMatchObject({
    code: 'store/corrupt',
    mend: expect.stringContaining('backup'),
  })
})

test('a directory that is not there is named', async () => {
  const file = join(directory, 'none', 'state.db')
  await expect(SqliteStateStore.open({ file })).rejects.toMatchObject({
    code: 'store/unavailable',
    where: file,
  })
})

test('migrations run once, in order, and a newer schema is refused', async () => {
  const file = newFile()
  const db = new Kysely<StateSchema>({ dialect: new NodeSqliteDialect(openSqlite(file), file) })
  const noted: string[] = []
  const next = {
    name: '0006-next',
    up: async () => {
      noted.push('next')
    },
  }
  expect(await migrate(db, 7, file)).toEqual([1, 2, 3, 4, 5])
  expect(await migrate(db, 8, file, [...migrations, next])).toEqual([6])
  expect(await migrate(db, 9, file, [...migrations, next])).toEqual([])
  expect(noted).toEqual(['next'])
  await db.destroy()
  await expect(SqliteStateStore.open({ file })).rejects.toMatchObject({
    code: 'store/unavailable',
    where: file,
  })
})

test('a step that fails leaves nothing of itself', async () => {
  const file = newFile()
  const db = new Kysely<StateSchema>({ dialect: new NodeSqliteDialect(openSqlite(file), file) })
  await migrate(db, 7, file)
  const broken = {
    name: '0006-broken',
    up: async (transaction: Parameters<(typeof migrations)[0]['up']>[0]) => {
      await transaction.schema.createTable('half').addColumn('id', 'text').execute()
      throw new Error('half way')
    },
  }
  await expect(migrate(db, 8, file, [...migrations, broken])).rejects.toThrow('half way')
  const tables = await db.introspection.getTables()
  expect(tables.map(table => table.name)).not.toContain('half')
  expect(await migrate(db, 9, file)).toEqual([])
  await db.destroy()
})

test('beyond its bounds the oldest go, counted', async () => {
  const store = await MemoryStateStore.open({ bounds: { signals: 40, incidents: 1, decisions: 1 } })
  for (let index = 0; index < 200; index += 1)
    await store.putFindings({ signals: [aSignal(index)], incidents: [] })
  const kept = (await store.signals({ limit: 1_000 })).items
  expect(kept.length).toBeGreaterThanOrEqual(40)
  expect(kept.length).toBeLessThanOrEqual(42)
  expect(kept[0]).toEqual(aSignal(199))
  expect(kept.at(-1)).toEqual(aSignal(200 - kept.length))
  expect(store.counters.get('sallyport_state_dropped_total{table="signals"}')).toBe(200 - kept.length)
  await store.close()
  await expect(MemoryStateStore.open({ bounds: { signals: 0 } })).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
})

test('findings beyond their bound go, those that are gone first, counted', async () => {
  const store = await MemoryStateStore.open({ bounds: { catalogFindings: 3 } })
  const finding = (id: string) => ({
    id,
    rule: 'type-drift',
    severity: 'low' as const,
    endpoint: 'GET h/a',
    title: 'A',
    why: 'b',
    fix: 'c',
    owasp: [],
    evidence: [],
  })
  await store.putCatalogFindings({ found: [finding('a'), finding('b')], at: 1 })
  await store.putCatalogFindings({ found: [finding('c')], gone: ['b'], at: 2 })
  await store.putCatalogFindings({ found: [finding('d')], at: 3 })
  const standing = async () => (await store.standingFindings()).map(({ id }) => id)
  expect(await standing()).toEqual(['a', 'c', 'd'])
  await store.putCatalogFindings({ found: [finding('e')], at: 4 })
  expect(await standing()).toEqual(['c', 'd', 'e'])
  expect(store.counters.get('sallyport_state_dropped_total{table="catalog_findings"}')).toBe(2)
  await store.close()
})
