import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakedTime, noFakedTime } from '../support/faked-time.ts'
import { ProtectedApi } from './fault-fixture.ts'
import { temporaryFolder } from './started.ts'

const patience = { timeout: 40_000, interval: 200 }
const folder = temporaryFolder()
let api: ProtectedApi
afterEach(async () => {
  await api.close()
  folder.remove()
})

describe.skipIf(noFakedTime !== undefined)(`a clock that jumps (${noFakedTime ?? 'libfaketime'})`, () => {
  it('an hour ahead, two days back and on again: requests are decided on, connections stay, every call is stored', async () => {
    const time = new FakedTime(folder.path)
    api = await ProtectedApi.start({ env: time.env })
    await api.expectDecisions(10, 'before')
    let ran = 0
    for (const by of ['+1h', '-2d', '+0', '+30d', '-1h']) {
      time.jump(by)
      await api.expectDecisions(20, `jump-${ran}`)
      // A throttle, a bundle or a session that was made in another time must not shut anybody out.
      expect((await api.health()).status, by).toBe('ok')
      ran += 1
    }
    expect(ran).toBe(5)
    time.jump('+0')
    await api.expectDecisions(10, 'after')
    await vi.waitFor(async () => expect(new Set(await api.storedPaths()).size).toBe(120), patience)
    // The jumps were there to be seen.
    const { items } = (await (await api.ask('/api/v1/calls/export?limit=1000')).json()) as { items: string[] }
    const times = items.map(line => new Date((JSON.parse(line) as { time: string }).time).getTime())
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(31 * 86_400_000)
    expect(await api.metric('sallyport_analysis_errors_total')).toBe(0)
    expect(await api.metric('sallyport_decision_errors_total')).toBe(0)
    expect(await api.close()).toBe(0)
  }, 120_000)
})
