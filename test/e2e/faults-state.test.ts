import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProtectedApi } from './fault-fixture.ts'
import { run } from './started.ts'

const patience = { timeout: 40_000, interval: 200 }
let api: ProtectedApi
afterEach(() => api.close())

/** What a disk may do to a file. */
const damages: readonly (readonly [what: string, damage: (file: string) => void])[] = [
  ['cut short', file => truncateSync(file, 100)],
  ['empty', file => writeFileSync(file, '')],
  [
    'changed in one byte',
    file => {
      const bytes = readFileSync(file)
      const at = Math.floor(bytes.length / 2)
      bytes[at] = bytes[at]! ^ 1
      writeFileSync(file, bytes)
    },
  ],
  ['gone', file => rmSync(file)],
]

describe.runIf(process.platform === 'linux')('files of a Sallyport that does not run', () => {
  it('bundle and kept state, damaged in any way: the next start decides as before from the first request, and says what it put aside', async () => {
    api = await ProtectedApi.start()
    await api.expectDecisions(10, 'first')
    await vi.waitFor(async () => expect(await api.storedPaths()).toHaveLength(10), patience)
    let ran = 0
    for (const [what, damage] of damages) {
      expect(await api.started.stop(), what).toBe(0)
      damage(join(api.dataDir, 'policies.bundle'))
      damage(join(api.dataDir, 'analysis.state'))
      await api.up()
      expect(await api.status(`/blocked/${ran}`), what).toBe(403)
      await api.expectDecisions(5, `after-${ran}`)
      const isThere = what !== 'gone'
      if (isThere) expect(api.started.stderr()).toMatch(/learned anew/)
      await vi.waitFor(
        async () =>
          expect(await api.metric('sallyport_policy_bundles_refused_total'), what).toBe(isThere ? 1 : 0),
        patience,
      )
      ran += 1
    }
    expect(ran).toBe(4)
    expect(await api.close()).toBe(0)
  }, 180_000)

  it('the state store, damaged: it does not start, nothing passes undecided, and it says what to do', async () => {
    api = await ProtectedApi.start()
    await api.expectDecisions(5, 'first')
    expect(await api.started.stop()).toBe(0)
    for (const name of ['state.db-wal', 'state.db-shm']) rmSync(join(api.dataDir, name), { force: true })
    writeFileSync(join(api.dataDir, 'state.db'), 'not a database at all, but long enough to be looked at')
    const again = await run(['up', '--upstream', 'http://127.0.0.1:9', '--data-dir', api.dataDir], {
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_SERVER_PORT: '0',
    })
    expect(again.code).toBe(3)
    expect(again.stderr).toMatch(/damaged[\s\S]*backup/)
    expect(again.stdout).not.toMatch(/Gateway:/)
  }, 60_000)
})
