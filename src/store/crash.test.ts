import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { aCall } from '../../test/contract/call-store.ts'
import {
  batchSize,
  callBatch,
  callToken,
  signalBatch,
  signalsPerBatch,
} from '../../test/contract/crash-writer.ts'
import { aSignal } from '../../test/contract/state-store.ts'
import { chdbAvailability, startChdb } from './chdb/chdb-process.ts'
import { ClickHouseCallStore } from './clickhouse/call-store.ts'
import type { CallStore, StoredCall } from './ports/call-store.ts'
import { SqliteStateStore } from './sqlite/state-store.ts'

const root = mkdtempSync(join(tmpdir(), 'sallyport-crash-'))
const mounts: string[] = []
afterAll(() => {
  for (const mount of mounts) execFileSync('umount', ['--lazy', mount])
  rmSync(root, { recursive: true, force: true })
})

const writerFile = fileURLToPath(new URL('../../test/contract/crash-writer.ts', import.meta.url))

interface Writer {
  readonly process: ChildProcess
  /** Of the embedded engine; 0 when there is none. */
  engine: number
  /** The last number acknowledged, -1 before the first. */
  acknowledged: number
  until(number: number): Promise<void>
}

function startWriter(kind: 'calls' | 'state', path: string): Writer {
  const child = spawn(process.execPath, [writerFile, kind, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const waiting: { number: number; resolve: () => void }[] = []
  const writer: Writer = {
    process: child,
    engine: 0,
    acknowledged: -1,
    until: number => new Promise(resolve => waiting.push({ number, resolve })),
  }
  createInterface({ input: child.stdout }).on('line', line => {
    const [word, number] = line.split(' ')
    if (word === 'engine') writer.engine = Number(number)
    if (word !== 'ack') return
    writer.acknowledged = Number(number)
    for (const wait of waiting) if (wait.number <= writer.acknowledged) wait.resolve()
  })
  return writer
}

async function killed(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

async function everything(store: CallStore): Promise<StoredCall[]> {
  const found: StoredCall[] = []
  for await (const call of store.replay(1_000_000)) found.push(call)
  return found
}

/** Every acknowledged batch whole, the one under way whole or absent, nothing twice; and its retry completes it. */
async function checkCalls(directory: string, acknowledged: number): Promise<void> {
  const chdb = await startChdb({ directory, log: () => {} })
  try {
    const store = await ClickHouseCallStore.open(chdb)
    const found = await everything(store)
    const certain = (acknowledged + 1) * batchSize
    expect([certain, certain + batchSize]).toContain(found.length)
    const expected = Array.from({ length: found.length / batchSize }, (_, number) => callBatch(number)).flat()
    expect(found).toEqual(expected)
    await store.append(callBatch(acknowledged + 1), callToken(acknowledged + 1))
    await store.append(callBatch(acknowledged), callToken(acknowledged))
    expect((await store.stats()).calls).toBe(certain + batchSize)
    await store.close()
  } finally {
    await chdb.close()
  }
}

const { reason } = chdbAvailability()

describe.skipIf(reason !== undefined)(
  `calls after kill -9${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    test.each([3, 11])('of the writer, at batch %i: what was acknowledged is there', async at => {
      const directory = join(root, `writer-${at}`)
      const writer = startWriter('calls', directory)
      await writer.until(at)
      await killed(writer.process)
      await vi.waitFor(() => expect(isGone(writer.engine)).toBe(true), { timeout: 15_000, interval: 10 })
      await checkCalls(directory, writer.acknowledged)
    })

    test('of the engine while it writes: the writer’s retries lose nothing and store nothing twice', async () => {
      const directory = join(root, 'engine')
      const writer = startWriter('calls', directory)
      await writer.until(5)
      process.kill(writer.engine, 'SIGKILL')
      await writer.until(writer.acknowledged + 6)
      await killed(writer.process)
      await vi.waitFor(
        async () => {
          const chdb = await startChdb({ directory, log: () => {} })
          await chdb.close()
        },
        { timeout: 20_000, interval: 50 },
      )
      await checkCalls(directory, writer.acknowledged)
    })
  },
)

describe('state after kill -9', () => {
  test.each([2, 17, 60])('at write %i: findings and audit records are there, whole', async at => {
    const file = join(root, `state-${at}.db`)
    const writer = startWriter('state', file)
    await writer.until(at)
    await killed(writer.process)
    const store = await SqliteStateStore.open({ file })
    const { items } = await store.signals({ limit: 1_000 })
    const certain = writer.acknowledged + 1
    expect([certain * signalsPerBatch, (certain + 1) * signalsPerBatch]).toContain(items.length)
    const expected = Array.from({ length: items.length / signalsPerBatch }, (_, number) =>
      signalBatch(number),
    ).flat()
    expect([...items].reverse()).toEqual(expected)
    const [newest] = (await store.auditLog({ limit: 1 })).items
    expect([certain, certain + 1]).toContain(newest?.sequence)
    expect(await store.verifyAudit()).toBeUndefined()
    await store.close()
  })
})

/** A file system of its own, in memory, or why there is none. */
function smallDisk(name: string, megabytes: number): string {
  const mount = join(root, name)
  mkdirSync(mount)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', mount], {
    stdio: 'ignore',
  })
  mounts.push(mount)
  return mount
}
const noDisk = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'mounting a small disk needs root on Linux'
  try {
    smallDisk('probe', 1)
    return undefined
  } catch {
    return 'this system does not let a tmpfs be mounted'
  }
})()

const free = (path: string): number => {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

describe.skipIf(noDisk !== undefined)(
  `a full disk${noDisk === undefined ? '' : ` (skipped: ${noDisk})`}`,
  () => {
    test('state: says so, keeps what was acknowledged, goes on when there is space', async () => {
      const disk = smallDisk('state-disk', 6)
      const ballast = join(disk, 'ballast')
      writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024))
      const file = join(disk, 'state.db')
      const store = await SqliteStateStore.open({ file })
      let acknowledged = 0
      let failure: unknown
      while (failure === undefined && acknowledged < 20_000) {
        try {
          await store.putFindings({
            signals: [aSignal(acknowledged, { message: 'x'.repeat(8_000) })],
            incidents: [],
          })
          acknowledged += 1
        } catch (thrown) {
          failure = thrown
        }
      }
      expect(failure).toMatchObject({
        code: 'store/full',
        where: file,
        mend: expect.stringContaining('space'),
      })
      expect(acknowledged).toBeGreaterThan(50)
      // Reading does not need space.
      expect(await store.incident('i-none')).toBeUndefined()
      rmSync(ballast)
      await store.putFindings({ signals: [aSignal(acknowledged)], incidents: [] })
      await store.audit({ time: 1, actor: 'cli', action: 'note', target: 'disk', detail: {} })
      await store.close()
      const again = await SqliteStateStore.open({ file })
      let counted = 0
      let cursor: string | undefined
      do {
        const page = await again.signals({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
        counted += page.items.length
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(counted).toBe(acknowledged + 1)
      await again.close()
    })

    test.skipIf(reason !== undefined)(
      'calls: says so, keeps what was acknowledged, goes on when there is space',
      async () => {
        const disk = smallDisk('calls-disk', 48)
        const ballast = join(disk, 'ballast')
        const chdb = await startChdb({ directory: join(disk, 'calls'), log: () => {} })
        const store = await ClickHouseCallStore.open(chdb)
        writeFileSync(ballast, Buffer.alloc(Math.max(0, free(disk) - 6 * 1024 * 1024)))
        // Random text, so that compression does not make room.
        const noise = () => Array.from({ length: 400 }, () => Math.random().toString(36).slice(2)).join('')
        const batch = (number: number) =>
          Array.from({ length: 50 }, (_, index) => aCall(number * 50 + index, { target: `/n?${noise()}` }))
        let acknowledged = 0
        let failure: unknown
        let refused: StoredCall[] = []
        while (failure === undefined && acknowledged < 200) {
          const next = batch(acknowledged)
          try {
            await store.append(next, callToken(acknowledged))
            acknowledged += 1
          } catch (thrown) {
            failure = thrown
            refused = next
          }
        }
        expect(failure).toMatchObject({ code: 'store/full', mend: expect.stringContaining('space') })
        expect(acknowledged).toBeGreaterThan(2)
        expect((await store.stats()).calls).toBe(acknowledged * 50)
        rmSync(ballast)
        await store.append(refused, callToken(acknowledged))
        await store.append(refused, callToken(acknowledged))
        expect((await store.stats()).calls).toBe((acknowledged + 1) * 50)
        await store.close()
        await chdb.close()
        const later = await startChdb({ directory: join(disk, 'calls'), log: () => {} })
        const reopened = await ClickHouseCallStore.open(later)
        expect(await everything(reopened)).toHaveLength((acknowledged + 1) * 50)
        await reopened.close()
        await later.close()
      },
    )
  },
)
