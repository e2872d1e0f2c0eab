import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { GraphPathView } from '../../src/server/api/graph.ts'
import { consoleOf, type Started, start, temporaryFolder } from './started.ts'

const token = 'a-token-of-the-test-that-is-long-enough'
const folder = temporaryFolder()
let running: Started | undefined
afterAll(async () => {
  await running?.stop()
  folder.remove()
})

interface Up {
  readonly started: Started
  readonly runtime: string
  readonly paths: () => Promise<readonly GraphPathView[]>
}

async function up(): Promise<Up> {
  const started = start(['up'], {
    SALLYPORT_DATA_DIR: join(folder.path, 'data'),
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
    SALLYPORT_SENSORS_RUNTIME_PORT: '0',
    SALLYPORT_TOKEN: token,
  })
  running = started
  const runtime = (await started.printed(/Sensor runtime: {2}(\S+)/))[1] as string
  const url = await consoleOf(started)
  const paths = async (): Promise<readonly GraphPathView[]> => {
    const query = new URLSearchParams({ from: 'workload:shop/web', to: 'host:drop.example' })
    const answer = await fetch(`${url}/api/v1/graph/paths?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return answer.ok ? ((await answer.json()) as { readonly paths: readonly GraphPathView[] }).paths : []
  }
  return { started, runtime, paths }
}

async function tell(runtime: string, ...connections: readonly (readonly [from: string, to: string])[]) {
  const lines = connections.map(([name, object], index) =>
    JSON.stringify({
      type: 'runtime',
      id: `${name}-${index}`,
      time: Date.now(),
      workload: { namespace: 'shop', name },
      source: 'tetragon',
      action: 'network',
      object,
    }),
  )
  const answer = await fetch(`http://${runtime}/events`, { method: 'POST', body: lines.join('\n') })
  expect(answer.status).toBe(200)
}

describe.runIf(process.platform === 'linux')('kill -9', () => {
  it('leaves the graph as it was kept last: it answers the same', async () => {
    const first = await up()
    await tell(first.runtime, ['web', 'drop.example:443'])
    const before = await vi.waitFor(
      async () => {
        const found = await first.paths()
        expect(found).toHaveLength(1)
        return found
      },
      { timeout: 20_000, interval: 200 },
    )
    expect(await first.started.stop()).toBe(0)

    // Killed while it takes in more.
    const second = await up()
    expect(await second.paths()).toEqual(before)
    await tell(
      second.runtime,
      ...Array.from({ length: 500 }, (_, index) => [`w${index}`, 'x.example:1'] as const),
    )
    second.started.child.kill('SIGKILL')
    await second.started.stop()

    const third = await up()
    expect(await third.paths()).toEqual(before)
    expect(third.started.stdout() + third.started.stderr()).not.toMatch(/begins anew/)
    expect(await third.started.stop()).toBe(0)
  }, 60_000)
})
