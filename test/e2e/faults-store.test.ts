import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chdbAvailability } from '../../src/store/chdb/chdb-process.ts'
import { noSmallDisk, SmallDisk } from '../support/small-disk.ts'
import { childrenOf } from '../support/started-process.ts'
import { ProtectedApi } from './fault-fixture.ts'

const patience = { timeout: 40_000, interval: 200 }
const { available } = chdbAvailability()
let api: ProtectedApi
let disk: SmallDisk | undefined
afterEach(async () => {
  await api.close()
  disk?.remove()
  disk = undefined
})

/** One that is large enough not to fit into what is left of a page. */
function putPolicy(to: ProtectedApi, name: string): Promise<Response> {
  const head = `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\n`
  const source = `${head}spec:\n  action: { type: tag }\n# ${'x'.repeat(60_000)}\n`
  return to.ask(`/api/v1/policies/${name}`, {
    method: 'PUT',
    headers: { 'if-none-match': '*' },
    body: JSON.stringify({ source }),
  })
}

describe.runIf(process.platform === 'linux' && available)('the calls store', () => {
  it('killed: traffic goes on, calls wait and are all stored when it is back', async () => {
    api = await ProtectedApi.start()
    await api.expectDecisions(10, 'before')
    await vi.waitFor(async () => expect(await api.storedPaths()).toHaveLength(10), patience)
    for (const pid of childrenOf(api.started.child.pid as number)) process.kill(pid, 'SIGKILL')
    await api.expectDecisions(50, 'while')
    await vi.waitFor(async () => expect(await api.storedPaths()).toHaveLength(60), patience)
    await vi.waitFor(async () => expect(await api.metric('sallyport_store_waiting_calls')).toBe(0), patience)
    expect(await api.close()).toBe(0)
  }, 120_000)

  it('held still: traffic goes on, the calls that wait are counted, and all are stored once it goes on', async () => {
    api = await ProtectedApi.start()
    await api.expectDecisions(10, 'before')
    await vi.waitFor(async () => expect(await api.storedPaths()).toHaveLength(10), patience)
    const [pid = 0] = childrenOf(api.started.child.pid as number)
    process.kill(pid, 'SIGSTOP')
    try {
      await api.expectDecisions(50, 'while')
      await vi.waitFor(
        async () => expect(await api.metric('sallyport_store_waiting_calls')).toBe(50),
        patience,
      )
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await vi.waitFor(async () => expect(new Set(await api.storedPaths()).size).toBe(60), patience)
    expect(await api.storedPaths()).toHaveLength(60)
    await vi.waitFor(async () => expect(await api.metric('sallyport_store_waiting_calls')).toBe(0), patience)
    expect(await api.close()).toBe(0)
  }, 120_000)
})

describe.skipIf(noSmallDisk !== undefined)(`a full disk (${noSmallDisk ?? 'a tmpfs'})`, () => {
  it('traffic is decided on, the health says so, the kill switch works, and what waited is kept when there is room', async () => {
    disk = new SmallDisk(96)
    api = await ProtectedApi.start({ dataDir: join(disk.path, 'data') })
    await api.expectDecisions(10, 'before')
    await vi.waitFor(async () => expect(await api.storedPaths()).toHaveLength(10), patience)
    disk.fill()
    await api.expectDecisions(50, 'while')
    if (available)
      await vi.waitFor(async () => {
        const { status, sensors } = await api.health()
        expect([status, sensors['calls-store']]).toEqual(['degraded', 'degraded'])
        expect(await api.metric('sallyport_store_append_errors_total')).toBeGreaterThan(0)
      }, patience)
    await vi.waitFor(
      async () => expect(await api.metric('sallyport_state_errors_total')).toBeGreaterThan(0),
      patience,
    )
    // What somebody changes is refused with the reason, and not half done.
    const put = await putPolicy(api, 'late')
    expect(put.status).toBe(507)
    expect(await put.json()).toMatchObject({ mend: expect.stringContaining('space') })
    // The one change that must not wait for a disk: it is in force, and the answer says that it is not stored.
    for (const [on, status] of [
      [true, 200],
      [false, 403],
      [true, 200],
    ] as const) {
      const bypass = await api.ask('/api/v1/bypass', { method: 'PUT', body: JSON.stringify({ on }) })
      expect([200, 507]).toContain(bypass.status)
      if (bypass.status === 507) expect(await bypass.text()).toContain('in force')
      expect(await api.status(`/blocked/bypass-${on}`)).toBe(status)
    }

    disk.drain()
    await vi.waitFor(async () => expect(new Set(await api.storedPaths()).size).toBe(62), patience)
    await vi.waitFor(async () => expect((await api.health()).status).toBe('ok'), patience)
    // What was refused can be done now, and takes along what was said of the kill switch.
    await vi.waitFor(async () => expect((await putPolicy(api, 'late')).ok).toBe(true), patience)
    // Of each refusal there is a record, also of those meanwhile: 2 before, 10 while it was full, 1 between bypasses.
    await vi.waitFor(async () => {
      const page = (await (await api.ask('/api/v1/decisions?limit=1000')).json()) as { items: unknown[] }
      expect(page.items).toHaveLength(13)
    }, patience)
    // What was said of the kill switch holds over a restart now.
    await vi.waitFor(
      async () => {
        const page = (await (await api.ask('/api/v1/audit?limit=100')).json()) as {
          items: { action: string }[]
        }
        expect(page.items.map(({ action }) => action)).toContain('bypass.set')
      },
      { timeout: 40_000, interval: 200 },
    )
    await api.kill()
    await api.up()
    expect(await api.status('/blocked/restarted')).toBe(200)
    expect(await api.close()).toBe(0)
  }, 240_000)
})
