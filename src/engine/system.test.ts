import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { storedCall } from '../../test/support/sample-server.ts'
import { systemClock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { loadConfig } from './config.ts'
import type { LiveEvent } from './live-events.ts'
import { System } from './system.ts'

/** Yesterday: recorded calls that are younger than what is kept. */
const historyStart = Date.now() - 86_400_000

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function jwt(sub: string): string {
  const content = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

/** A small API with the flaw this product exists for: `/orders/{id}` does not ask whose order it is. */
function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume()
    const id = Number(/^\/orders\/(\d+)$/.exec(request.url ?? '')?.[1])
    response.setHeader('content-type', 'application/json')
    if (Number.isNaN(id)) {
      response.statusCode = 404
      response.end('{"error":"not found"}')
    } else response.end(JSON.stringify({ id, ownerId: `user-${id % 10}`, card: '4012888888881881' }))
  })
  return new Promise(listening => server.listen(0, '127.0.0.1', () => listening(server)))
}

let upstream: Server
let folder: string

beforeAll(async () => {
  upstream = await startUpstream()
  folder = mkdtempSync(join(tmpdir(), 'sallyport-system-'))
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

const configFor = (name: string, driver: string) =>
  loadConfig(undefined, {
    SALLYPORT_DATA_DIR: join(folder, name),
    SALLYPORT_CALLS_DRIVER: driver,
    SALLYPORT_GATEWAY_PORT: '0',
    SALLYPORT_GATEWAY_UPSTREAM: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
  })

const log: string[] = []
const startSystem = (name: string, driver = 'memory'): Promise<System> =>
  System.start({ config: configFor(name, driver), clock: systemClock, log: line => log.push(line) })

const get = (system: System, path: string, user: string): Promise<Response> =>
  fetch(`${system.gatewayUrl()}${path}`, { headers: { authorization: `Bearer ${jwt(user)}` } })

/** Nice values of threads of this process by their names: the second and the nineteenth field of proc_pid_stat(5). */
function niceOf(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
      const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/.exec(stat.trim()) ?? []
      if (names.includes(name)) found[name] = Number(rest.split(' ')[16])
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found
}

/** The next live event that `wanted` accepts. */
function event(system: System, wanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
  return new Promise(found => {
    const stop = system.subscribe(heard => {
      if (!wanted(heard)) return
      stop()
      found(heard)
    })
  })
}

/** Everybody reads orders of their own. */
async function plausibleUse(system: System): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    for (let user = 0; user < 8; user += 1) {
      const answer = await get(system, `/orders/${round * 10 + user + 100}`, `user-${user}`)
      expect(answer.status).toBe(200)
      await answer.body?.cancel()
    }
  }
}

describe('the whole system', () => {
  it('learns an API, finds who reads what is not theirs, stops them and lets them go again', async () => {
    const system = await startSystem('spine')
    try {
      await plausibleUse(system)
      const found = event(
        system,
        one => one.type === 'incident' && one.incident.principals.includes('user:user-9' as never),
      )
      for (const id of [101, 112, 123])
        expect((await get(system, `/orders/${id}`, 'user-9')).status).toBe(200)
      const { incident } = (await found) as Extract<LiveEvent, { type: 'incident' }>
      expect(incident.title).toContain('user:user-9')
      expect(incident.endpoints[0]).toMatch(/^GET 127\.0\.0\.1:\d+\/orders\/\{orderId\}$/)

      await system.state.putQuarantine({
        id: 'q1',
        kind: 'principal',
        target: 'user:user-9',
        reason: 'test',
        createdAt: Date.now(),
        createdBy: 'test',
        expiresAt: Date.now() + 60_000,
      })
      await system.changed('quarantine')
      const refused = await get(system, '/orders/109', 'user-9')
      expect(refused.status).toBe(403)
      expect(refused.headers.get('content-type')).toContain('application/problem+json')
      expect(await refused.json()).toMatchObject({ status: 403, decisionId: expect.any(String) })
      expect((await get(system, '/orders/103', 'user-3')).status).toBe(200)

      await system.state.releaseQuarantine('q1', 'test', Date.now())
      await system.changed('quarantine')
      expect((await get(system, '/orders/109', 'user-9')).status).toBe(200)
    } finally {
      await system.close()
    }
  })

  it.runIf(process.platform === 'linux')('lets requests go before analysis', async () => {
    const system = await startSystem('priority')
    try {
      // Before it has loaded, a thread has the priority it was born with.
      await vi.waitFor(
        () => expect(niceOf(['analysis', 'gateway-0'])).toEqual({ analysis: 5, 'gateway-0': 0 }),
        {
          timeout: 20_000,
        },
      )
    } finally {
      await system.close()
    }
  })

  it('withholds the first answer that belongs to somebody else when a policy says so', async () => {
    const system = await startSystem('response')
    try {
      const learned = new Promise<void>(done => {
        const look = setInterval(() => {
          if ((system.snapshot?.owners.length ?? 0) === 0) return
          clearInterval(look)
          done()
        }, 20)
      })
      await plausibleUse(system)
      await learned
      const source = [
        'apiVersion: sallyport/v1alpha1',
        'kind: ApiPolicy',
        'metadata: { name: owner-guard }',
        'spec:',
        '  phase: response',
        "  when: 'object.foreign'",
        '  action: { type: block, status: 403 }',
        '  mode: enforce',
        '',
      ].join('\n')
      expect(system.checkPolicy(source)).toMatchObject({ valid: true })
      const simulated = await system.policies.simulate(source, {}, 'test')
      expect(simulated).toMatchObject({ matched: 0 })
      await system.state.putPolicy('owner-guard', source, 'test', Date.now(), 0)
      await system.changed('policies')

      const withheld = await get(system, '/orders/107', 'user-2')
      expect(withheld.status).toBe(403)
      expect(await withheld.text()).not.toContain('4012888888881881')
      expect((await get(system, '/orders/102', 'user-2')).status).toBe(200)
    } finally {
      await system.close()
    }
  })

  it('refuses a second instance on the same data, and a port that is taken', async () => {
    const system = await startSystem('locked')
    try {
      await expect(startSystem('locked')).rejects.toMatchObject({ code: 'store/locked' })
      const taken = new URL(system.gatewayUrl() as string).port
      const config = { ...configFor('other', 'memory') }
      const clash = System.start({
        config: { ...config, gateway: { ...config.gateway, port: Number(taken) } },
        clock: systemClock,
        log: line => log.push(line),
      })
      await expect(clash).rejects.toMatchObject({ code: 'listen/in-use', exitCode: 3 })
      await expect(clash).rejects.toBeInstanceOf(SallyportError)
    } finally {
      await system.close()
    }
  })

  it('remembers over a restart what it recorded', async () => {
    const before = await startSystem('restart', 'auto')
    try {
      await plausibleUse(before)
    } finally {
      await before.close()
    }
    const after = await startSystem('restart', 'auto')
    try {
      const stats = await after.calls.stats()
      if (stats.driver === 'memory') {
        expect(log.join('\n')).toContain('will not survive a restart')
        return
      }
      expect(stats.calls).toBe(32)
      expect(after.endpoints().map(endpoint => endpoint.template)).toContain('/orders/{orderId}')
      expect(after.snapshot?.owners.length).toBeGreaterThan(0)
    } finally {
      await after.close()
    }
  }, 90_000)

  it('tells again after a restart what changed, in the time of the calls', async () => {
    const before = await startSystem('changes', 'auto')
    // One every three minutes, for six hours; in the last two the answers say more.
    const history = Array.from({ length: 120 }, (_, index) => {
      const { call, ...rest } = storedCall(index)
      const value = { id: index, owner: 'alice', ...(index >= 80 ? { discount: index } : {}) }
      const response = { ...call.response!, status: 200, content: { kind: 'json' as const, value } }
      return { ...rest, call: { ...call, time: historyStart + index * 180_000, response } }
    })
    try {
      await before.calls.append(history, 'history')
    } finally {
      await before.close()
    }
    const after = await startSystem('changes', 'auto')
    try {
      // Without a store that lasts there is no history to tell of.
      if ((await after.calls.stats()).driver === 'memory') return
      const told = after.catalogChanges()
      expect(told.map(({ kind, field }) => [kind, field])).toEqual([
        ['field-new', 'discount'],
        ['endpoint-new', undefined],
      ])
      const hours = told.map(({ time }) => (time - historyStart) / 3_600_000)
      expect(hours[0]).toBeGreaterThanOrEqual(4)
      expect(hours[0]).toBeLessThan(5.1)
      expect(hours[1]).toBeLessThan(1.1)
    } finally {
      await after.close()
    }
  }, 90_000)

  it('names endpoints by a specification from the moment it is given, and tells the drift', async () => {
    const system = await startSystem('specified')
    try {
      const source = JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'Orders', version: '1' },
        paths: {
          '/orders/{number}': {
            get: {
              responses: {
                '200': {
                  description: 'one order',
                  content: {
                    'application/json': {
                      schema: {
                        type: 'object',
                        properties: { id: { type: 'string' }, ownerId: { type: 'string' } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      })
      const stored = [{ name: 'orders.json', source, updatedAt: 0, updatedBy: 'test' }]
      await system.state.putSetting('specs', JSON.stringify(stored))
      await system.changed('specs')
      await plausibleUse(system)
      const found = async () =>
        (await system.catalogFindings({ now: Date.now(), status: ['open'] })).items.map(
          ({ finding: { rule, title } }) => `${rule} ${title.split(': ')[1]}`,
        )
      await vi.waitFor(async () => expect((await found()).length).toBeGreaterThan(1), { timeout: 20_000 })
      expect(system.endpoints().map(({ inventory, template }) => `${inventory} ${template}`)).toEqual([
        'documented /orders/{number}',
      ])
      expect((await found()).sort()).toEqual([
        'type-drift response:id',
        'undocumented-response-field response:card',
      ])
      const { items } = await system.catalogFindings({ now: Date.now(), rule: 'undocumented-response-field' })
      const finding = items[0]!.finding.id
      // The calls are recorded within a second.
      const recommended = await vi.waitFor(
        async () => {
          const { items } = await system.policies.recommend({ finding }, 'test')
          expect(items[0]?.simulation.calls).toBeGreaterThan(0)
          return items
        },
        { timeout: 20_000 },
      )
      expect(
        recommended.map(({ title, action, simulation: { matched, stopped } }) => [
          title,
          action,
          matched > 0,
          stopped,
        ]),
      ).toEqual([['Mask card in answers', 'mask', true, 0]])
    } finally {
      await system.close()
    }
  }, 60_000)
})
