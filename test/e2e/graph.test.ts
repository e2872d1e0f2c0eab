import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { GraphPathView } from '../../src/server/api/graph.ts'
import type { SensorView } from '../../src/server/api/sensor.ts'
import type { WorkloadDetailView } from '../../src/server/api/workload.ts'
import { consoleOf, run, type Started, start, temporaryFolder } from './started.ts'

const service = join(import.meta.dirname, '../fixtures/otel/service.cjs')
const data = temporaryFolder()
const children: ChildProcess[] = []
const taken = createServer()
let takenPort: number
let sallyport: Started
let token: string

const environment = (): Record<string, string> => ({
  SALLYPORT_DATA_DIR: join(data.path, 'data'),
  SALLYPORT_CALLS_DRIVER: 'memory',
  SALLYPORT_SERVER_PORT: '0',
  SALLYPORT_SENSORS_OTLP_HTTP_PORT: '0',
  SALLYPORT_SENSORS_OTLP_GRPC_PORT: '0',
  SALLYPORT_SENSORS_RUNTIME_PORT: '0',
  SALLYPORT_SENSORS_MIRROR_PORT: String(takenPort),
})

let url: string
let otlp: string
let runtime: string

async function up(): Promise<void> {
  sallyport = start(['up'], environment())
  otlp = (await sallyport.printed(/Sensor otlp: {2}(\S+) and/))[1] as string
  runtime = (await sallyport.printed(/Sensor runtime: {2}(\S+)/))[1] as string
  url = await consoleOf(sallyport)
}

const sallyportCli = (...line: string[]) => run(line, { SALLYPORT_URL: url, SALLYPORT_TOKEN: token })

async function ask<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status, path).toBe(200)
  return (await answer.json()) as Answer
}

async function serve(name: string, next?: string): Promise<string> {
  const args = [name, '0', `http://${otlp}`, 'http/protobuf', ...(next === undefined ? [] : [next])]
  const child = fork(service, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  children.push(child)
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }]
  return `http://127.0.0.1:${port}`
}

/** Every service sends what it holds, and ends. */
async function endServices(): Promise<void> {
  await Promise.all(
    children.splice(0).map(async child => {
      const ended = once(child, 'exit')
      child.send('end')
      await ended
    }),
  )
}

const paths = async (from: string, to: string): Promise<readonly GraphPathView[]> => {
  const { stdout, code, stderr } = await sallyportCli(
    ...['graph', 'path', '--from', from, '--to', to, '--format', 'json'],
  )
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout) as GraphPathView[]
}

beforeAll(async () => {
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  takenPort = (taken.address() as AddressInfo).port
  await up()
  token = (await sallyport.printed(/shown this once: {2}(\S+)/))[1] as string
}, 60_000)
afterAll(async () => {
  for (const child of children) child.kill()
  await sallyport?.stop()
  taken.close()
  data.remove()
})

describe('the graph of services that send their traces', () => {
  it('leads from one service over the other to its store', async () => {
    const orders = await serve('orders')
    const web = await serve('web', orders)
    for (let index = 0; index < 6; index += 1)
      expect((await fetch(`${web}/orders/${index}`)).status).toBe(200)
    await endServices()
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${url}/api/v1/graph/nodes?kind=store`, {
          headers: { authorization: `Bearer ${token}` },
        })
        expect(((await answer.json()) as { items: unknown[] }).items).toHaveLength(1)
        expect((await ask<WorkloadDetailView>('/workloads/shop%2Forders')).callers).not.toEqual([])
      },
      { timeout: 20_000, interval: 200 },
    )
    const ways = await paths('workload:shop/web', 'store:*')
    // Over the workload, and over the endpoint that it serves.
    expect(ways).toHaveLength(2)
    const first = ways.find(({ nodes }) => nodes.some(({ id }) => id === 'workload:shop/orders'))
    expect(first?.nodes.map(({ id }) => id)).toEqual([
      'workload:shop/web',
      'workload:shop/orders',
      'store:postgresql://orders-db/shop/orders',
    ])
    expect(first?.edges.map(({ count, sources }) => [count, sources])).toEqual([
      [6, ['otlp']],
      [6, ['otlp']],
    ])
  }, 60_000)

  it('is joined by what a runtime sensor posts', async () => {
    const event = {
      type: 'runtime',
      id: 'r-1',
      time: Date.now(),
      workload: { namespace: 'shop', name: 'orders' },
      source: 'tetragon',
      action: 'network',
      object: 'evil.example:443',
    }
    const answer = await fetch(`http://${runtime}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
    })
    expect(answer.ok).toBe(true)
    await vi.waitFor(
      async () => {
        const found = await paths('workload:shop/web', 'host:evil.example').catch(() => [])
        expect(found.map(({ did }) => did)).toEqual([true])
      },
      { timeout: 20_000, interval: 300 },
    )
  }, 60_000)

  it('does without a sensor whose port is taken, and says so', async () => {
    await sallyport.printed(/Sensor mirror does not run, and is tried again: .*cannot listen on 127\.0\.0\.1/)
    const { items } = await ask<{ readonly items: readonly SensorView[] }>('/sensors')
    const told = Object.fromEntries(items.map(one => [one.id, one]))
    expect(told.mirror?.state).toBe('degraded')
    expect(told.mirror?.detail).toContain(String(takenPort))
    expect([told.otlp?.state, told.otlp?.address, told.runtime?.state]).toEqual([
      'running',
      expect.stringContaining(otlp),
      'running',
    ])
    expect(told.otlp?.sources?.map(({ name }) => name).sort()).toEqual(['orders', 'web'])
    const table = await sallyportCli('sensors')
    expect(table.stdout).toMatch(/mirror +degraded/)
  }, 60_000)

  it('is the same after a restart', async () => {
    const before = await ask('/graph/export?declared=true')
    await sallyport.stop()
    await up()
    expect(await ask('/graph/export?declared=true')).toEqual(before)
    expect((await paths('workload:shop/web', 'store:*')).length).toBeGreaterThan(0)
  }, 60_000)

  it('begins anew where its file is damaged, and keeps that', async () => {
    await sallyport.stop()
    const file = join(data.path, 'data', 'analysis.state')
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1
    writeFileSync(file, bytes)
    await up()
    await sallyport.printed(
      /What was learned is learned anew: its file cannot be taken, its checksum does not match\./,
    )
    expect(readFileSync(`${file}.unreadable`)).toEqual(bytes)
    expect(await ask('/workloads')).toEqual({ items: [] })
  }, 60_000)
})
