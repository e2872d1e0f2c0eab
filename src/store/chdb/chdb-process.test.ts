import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { aCall } from '../../../test/contract/call-store.ts'
import { ClickHouseCallStore } from '../clickhouse/call-store.ts'
import { type Chdb, type ChdbExit, chdbAvailability, startChdb } from './chdb-process.ts'

const { reason } = chdbAvailability()
const root = mkdtempSync(join(tmpdir(), 'sallyport-chdb-process-'))
afterAll(() => rmSync(root, { recursive: true }))

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe.skipIf(reason !== undefined)(
  `the embedded engine's process${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let chdb: Chdb
    const lines: string[] = []
    beforeAll(async () => {
      chdb = await startChdb({
        directory: join(root, 'main'),
        log: line => lines.push(line),
        backOff: { first: 10, longest: 100 },
      })
    })
    afterAll(() => chdb.close())
    const clients: { close(): Promise<void> }[] = []
    afterEach(async () => {
      for (const client of clients.splice(0)) await client.close()
    })
    const client = (change: { password?: string } = {}) => {
      const made = createClient({
        url: chdb.url,
        username: chdb.username,
        password: chdb.password,
        log: { level: ClickHouseLogLevel.OFF },
        ...change,
      })
      clients.push(made)
      return made
    }
    const rows = async (
      query: string,
      query_params: Record<string, unknown> = {},
      settings = {},
    ): Promise<unknown[]> => {
      const answer = await client().query({
        query,
        query_params,
        format: 'JSONEachRow',
        clickhouse_settings: settings,
      })
      return await answer.json()
    }

    test('listens on loopback, to whoever has its credential', async () => {
      expect(new URL(chdb.url).hostname).toBe('127.0.0.1')
      expect(chdb.password.length).toBeGreaterThanOrEqual(40)
      expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
      await expect(client({ password: 'guess' }).query({ query: 'SELECT 1' })).rejects.toMatchObject({
        code: '516',
      })
      expect((await fetch(`${chdb.url}/?query=SELECT+1`)).status).toBe(403)
      expect((await client().ping()).success).toBe(true)
      // The credential is told over the channel: the command line and the environment are others' to read.
      expect(readFileSync(`/proc/${chdb.pid}/cmdline`, 'utf8')).not.toContain(chdb.password)
      expect(readFileSync(`/proc/${chdb.pid}/environ`, 'utf8')).not.toContain(chdb.password)
      expect(statSync(join(root, 'main')).mode & 0o777).toBe(0o700)
    })

    test('parameters and settings of requests that run at once do not meet', async () => {
      const wrong: unknown[] = []
      const texts = [
        'plain',
        "it's",
        'a\\b',
        'tab\tline\n',
        '{x:String}',
        'ü \u{1f600}',
        "'; DROP TABLE x; --",
        '',
      ]
      await Promise.all(
        Array.from({ length: 96 }, async (_, index) => {
          const text = `${texts[index % texts.length]}${index}`
          const threads = (index % 4) + 1
          const [row] = await rows(
            `SELECT {x:String} AS x, {list:Array(String)} AS list, getSetting('max_threads') AS threads`,
            { x: text, list: [text, 'b'] },
            { max_threads: threads },
          )
          if (
            JSON.stringify(row) !==
              JSON.stringify({ x: text, list: [text, 'b'], threads: String(threads) }) &&
            JSON.stringify(row) !== JSON.stringify({ x: text, list: [text, 'b'], threads })
          )
            wrong.push([text, row])
        }),
      )
      expect(wrong).toEqual([])
    })

    test('fails in the engine’s own words', async () => {
      await expect(rows('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
      await expect(rows('SELEC 1')).rejects.toMatchObject({ code: '62' })
      await expect(rows('SELECT throwIf(number = 5) FROM numbers(10)')).rejects.toMatchObject({ code: '395' })
      expect(await rows('SELECT 1 AS still')).toEqual([{ still: 1 }])
    })

    test('streams a large result without holding it, and stops when the reader leaves', async () => {
      const before = memory(chdb.pid)
      const answer = await client().query({
        query: `SELECT number, repeat('x', 1000) AS x FROM numbers(100000000)`,
        format: 'JSONEachRow',
      })
      let seen = 0
      for await (const chunk of answer.stream()) {
        seen += chunk.length
        if (seen > 20_000) break
      }
      answer.close()
      // A hundred gigabytes were asked for; the engine's one turn is free again and its memory did not follow.
      expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect(memory(chdb.pid) - before).toBeLessThan(600)
    })

    test('a reader that disappears does not take a turn with it', async () => {
      const { port } = new URL(chdb.url)
      const authorization = `Basic ${Buffer.from(`${chdb.username}:${chdb.password}`).toString('base64')}`
      const sql = 'SELECT number FROM numbers(10000000000) FORMAT JSONEachRow'
      for (let index = 0; index < 8; index += 1) {
        const socket = connect(Number(port), '127.0.0.1')
        socket.on('error', () => {})
        await once(socket, 'connect')
        socket.write(
          `POST / HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-length: ${sql.length}\r\n\r\n${sql}`,
        )
        await once(socket, 'data')
        socket.destroy()
      }
      expect(await rows('SELECT 2 AS two')).toEqual([{ two: 2 }])
    })

    test('starts again after a crash with the same address, data and credential; meanwhile it is unavailable', async () => {
      const store = await ClickHouseCallStore.open(chdb)
      await store.append([aCall(1), aCall(2)], 'one')
      const exits: ChdbExit[] = []
      chdb.onExit(exit => exits.push(exit))
      const [url, pid] = [chdb.url, chdb.pid]
      process.kill(pid, 'SIGKILL')
      await vi.waitFor(() => expect(exits).toHaveLength(1), { timeout: 10_000, interval: 5 })
      expect(exits[0]).toEqual({ pid, code: null, signal: 'SIGKILL', restartInMs: 10 })
      await expect(store.append([aCall(3)], 'two')).rejects.toMatchObject({
        code: 'store/unavailable',
        mend: expect.any(String),
      })
      await vi.waitFor(() => expect(chdb.running).toBe(true), { timeout: 20_000, interval: 10 })
      expect(chdb.url).toBe(url)
      expect(chdb.pid).not.toBe(pid)
      await store.append([aCall(3)], 'two')
      await store.append([aCall(1), aCall(2)], 'one')
      expect((await store.query({})).items).toEqual([aCall(3), aCall(2), aCall(1)])
      expect(lines.some(line => line.includes('starting again in 10 ms'))).toBe(true)
      await store.close()
    })

    test('a second process on the same directory is refused', async () => {
      await expect(startChdb({ directory: join(root, 'main'), log: () => {} })).rejects.toMatchObject({
        code: 'store/locked',
      })
      expect(await rows('SELECT 3 AS three')).toEqual([{ three: 3 }])
    })

    test('a directory that cannot be made is named', async () => {
      writeFileSync(join(root, 'file'), '')
      const directory = join(root, 'file', 'calls')
      await expect(startChdb({ directory, log: () => {} })).rejects.toMatchObject({
        code: 'store/unavailable',
        where: directory,
      })
    })

    test('ends with its parent, however that ends', async () => {
      const script = `
      const { startChdb } = await import(${JSON.stringify(new URL('./chdb-process.ts', import.meta.url).href)})
      const chdb = await startChdb({ directory: ${JSON.stringify(join(root, 'orphan'))}, log: () => {} })
      process.stdout.write(chdb.pid + '\\n')
      setInterval(() => {}, 1 << 30)`
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = Number(line.toString())
      expect(isGone(pid)).toBe(false)
      parent.kill('SIGKILL')
      await vi.waitFor(() => expect(isGone(pid)).toBe(true), { timeout: 15_000, interval: 20 })
    })

    test('close ends it for good', async () => {
      const other = await startChdb({ directory: join(root, 'closed'), log: () => {} })
      const exits: ChdbExit[] = []
      other.onExit(exit => exits.push(exit))
      const { pid } = other
      await other.close()
      await other.close()
      expect(isGone(pid)).toBe(true)
      expect(exits).toEqual([{ pid, code: 0, signal: null }])
    })
  },
)

/** Resident memory in MB. */
const memory = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
