import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll } from 'vitest'
import { callStoreContract } from '../../../test/contract/call-store.ts'
import { ClickHouseCallStore } from '../clickhouse/call-store.ts'
import { type Chdb, chdbAvailability, startChdb } from './chdb-process.ts'

const { reason } = chdbAvailability()
const directory = mkdtempSync(join(tmpdir(), 'sallyport-chdb-'))
let chdb: Chdb
let databases = 0

beforeAll(async () => {
  if (reason === undefined) chdb = await startChdb({ directory, log: () => {} })
})
afterAll(async () => {
  await chdb?.close()
  rmSync(directory, { recursive: true })
})

/** A database of its own for each store: one engine for all, since starting one takes most of a second. */
async function openStore(): Promise<ClickHouseCallStore> {
  databases += 1
  const database = `calls_${databases}`
  const address = { url: chdb.url, username: chdb.username, password: chdb.password }
  const client = createClient(address)
  await client.command({ query: `CREATE DATABASE ${database}` })
  await client.close()
  return await ClickHouseCallStore.open({ ...address, database })
}

callStoreContract({ name: 'chdb', open: openStore, skip: reason, runs: 6 })
