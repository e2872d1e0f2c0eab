import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../../src/engine/config.ts'
import { System } from '../../src/engine/system.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { noRedis, RedisServer } from '../support/redis-server.ts'
import { temporaryFolder } from './started.ts'

/** Two installations before one API and on one Redis: what they count together, and what each counts alone where Redis does not answer. */
const budget = 20
/** Longer than the five milliseconds that are the rule: machines that test are busy. */
const deadlineMs = 100
const token = 'a-token-of-the-decision-api'
const policy = `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: orders }
spec:
  match: { endpoints: ["GET /orders/*"] }
  mode: enforce
  # Whoever stands in the path has a budget: tests take a new one each.
  action: { type: throttle, requests: ${budget}, windowSeconds: 86400, key: request.path }
`

const closing: (() => unknown)[] = []
let redis: RedisServer
let systems: readonly System[]
let reached = 0

const installation = async (name: string, root: string, upstream: string): Promise<System> => {
  const policies = join(root, `${name}-policies`)
  mkdirSync(policies)
  writeFileSync(join(policies, 'orders.yaml'), policy)
  const system = await System.start({
    config: loadConfig(undefined, {
      SALLYPORT_DATA_DIR: join(root, name),
      SALLYPORT_CALLS_DRIVER: 'memory',
      SALLYPORT_POLICIES: policies,
      SALLYPORT_GATEWAY_UPSTREAM: upstream,
      SALLYPORT_GATEWAY_PORT: '0',
      SALLYPORT_GATEWAY_WORKERS: '2',
      SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
      SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
      SALLYPORT_DECISION_POINTS_FORWARD_AUTH_PORT: '0',
      SALLYPORT_DECISION_POINTS_FORWARD_AUTH_TOKEN: token,
      SALLYPORT_BUDGETS_URL: redis.url,
      SALLYPORT_BUDGETS_DEADLINE_MS: String(deadlineMs),
    }),
    clock: systemClock,
    log: () => {},
  })
  closing.push(() => system.close())
  return system
}

const row = (system: System, id: string) => system.sensors().find(sensor => sensor.id === id)
const answers = (kind: string): number =>
  systems.reduce(
    (sum, system) => sum + (system.counters()[`sallyport_shared_budget_total{answer="${kind}"}`] ?? 0),
    0,
  )

/** The status of each, one connection each so that the loops of a gateway share them. */
const get = (system: System, path: string): Promise<Response> =>
  fetch(`${system.gatewayUrl()}${path}`, { headers: { connection: 'close' } })

async function decided(system: System, target: string): Promise<string> {
  const answer = await fetch(`http://${row(system, 'forward-auth')?.address}/v1/decide`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      source: { ip: '127.0.0.1' },
      destination: { host: 'x' },
      request: { method: 'GET', target, headers: [] },
    }),
  })
  return ((await answer.json()) as { action: string }).action
}

async function statuses(system: System, path: string, count: number): Promise<number[]> {
  const found: number[] = []
  for (let call = 0; call < count; call += 1) {
    const answer = await get(system, path)
    found.push(answer.status)
    await answer.arrayBuffer()
  }
  return found
}
const passed = (found: readonly number[]): number => found.filter(status => status === 200).length

const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 50 })

describe.skipIf(noRedis !== undefined)(`budgets of two installations ${noRedis ?? ''}`, () => {
  beforeAll(async () => {
    const folder = temporaryFolder()
    closing.push(() => folder.remove())
    redis = await RedisServer.start()
    closing.push(() => redis.end())
    const upstream = createServer((_, response) => {
      reached += 1
      response.end('an order')
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => upstream.once('listening', resolve))
    closing.push(() => upstream.closeAllConnections())
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    systems = [await installation('a', folder.path, url), await installation('b', folder.path, url)]
    await waitFor(() => {
      for (const system of systems) {
        expect(row(system, 'shared-budgets')?.state).toBe('running')
        expect(row(system, 'forward-auth')?.address).toBeDefined()
      }
    })
  }, 120_000)

  afterAll(async () => {
    redis.release()
    for (const close of closing.splice(0).reverse()) await close()
  }, 60_000)

  it('are one, whichever gateway, loop or decision point a request comes to', {
    timeout: 60_000,
  }, async () => {
    const before = reached
    const found: (number | string)[] = []
    const ask = async (index: number): Promise<void> => {
      const system = systems[index % 2]!
      if (index % 3 === 0) {
        found.push((await decided(system, '/orders/1')) === 'pass' ? 'asked' : 429)
        return
      }
      const answer = await get(system, '/orders/1')
      await answer.arrayBuffer()
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      found.push(answer.status)
    }
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 6 }, (_, index) => ask(round * 6 + index)))
    expect(found.filter(status => status !== 429)).toHaveLength(budget)
    expect(found.filter(status => status === 429)).toHaveLength(60 - budget)
    expect(reached - before).toBe(found.filter(status => status === 200).length)
    expect(found).toContain('asked')
    await waitFor(() => expect(answers('shared')).toBe(60))
    expect(answers('late') + answers('down') + answers('skipped')).toBe(0)
  })

  it('are each loop’s own while Redis is silent: nobody waits for long, and soon nobody at all', {
    timeout: 60_000,
  }, async () => {
    const [system] = systems as [System]
    redis.hold()
    const took: number[] = []
    const before = answers('late') + answers('skipped')
    let late = 0
    try {
      for (let call = 0; call < 200; call += 1) {
        const began = performance.now()
        const answer = await get(system, `/orders/silent-${call}`)
        await answer.arrayBuffer()
        took.push(performance.now() - began)
        expect(answer.status).toBe(200)
      }
      await waitFor(() => expect(answers('skipped')).toBeGreaterThan(0))
      await waitFor(() => expect(answers('skipped') + answers('late')).toBe(before + 200))
      late = answers('late')
    } finally {
      redis.release()
    }
    // Of each loop five in a row, then none for a second.
    expect(late).toBeLessThan(100)
    took.sort((a, b) => a - b)
    expect(took[100]).toBeLessThan(deadlineMs)
    expect(took[197]).toBeLessThan(deadlineMs + 400)
    await waitFor(() => expect(row(system, 'shared-budgets')?.state).toBe('running'))
  })

  it('are each loop’s own while Redis is gone, which health and counters tell', {
    timeout: 60_000,
  }, async () => {
    const [a, b] = systems as [System, System]
    expect(passed(await statuses(a, '/orders/2', budget))).toBe(budget)
    expect(passed(await statuses(b, '/orders/2', 1))).toBe(0)
    await redis.end()
    await waitFor(() => {
      for (const system of systems)
        expect(row(system, 'shared-budgets')).toMatchObject({
          state: 'degraded',
          detail: '3 of 3 loops get no answer and count without other gateways.',
        })
    })
    const found = [await statuses(a, '/orders/3', 50), await statuses(b, '/orders/3', 50)].map(passed)
    // Of this one both know that it was used up before.
    const known = [await statuses(a, '/orders/2', 5), await statuses(b, '/orders/2', 5)].map(passed)
    expect(known).toEqual([0, 0])
    // The loops of one gateway count together: each grants a budget that nobody asked for before once.
    expect(found).toEqual([budget, budget])
    await waitFor(() => expect(answers('down')).toBe(110))
    await redis.begin()
    await waitFor(() => {
      for (const system of systems) expect(row(system, 'shared-budgets')?.state).toBe('running')
    })
    const again = [...(await statuses(a, '/orders/4', 15)), ...(await statuses(b, '/orders/4', 15))]
    expect(passed(again)).toBe(budget)
  })
})
