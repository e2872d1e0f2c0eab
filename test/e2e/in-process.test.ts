import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { protect } from '../../middleware/src/node.js'
import { loadConfig } from '../../src/engine/config.ts'
import { type ApplicationGuard, startGuard } from '../../src/engine/in-process.ts'
import { System } from '../../src/engine/system.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { temporaryFolder } from './started.ts'

/** A Sallyport inside a real application: no other process, no port of its own. */

const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const policies = join(folder.path, 'policies')
// Where the application decides, nothing else of a configuration listens.
const environment = {
  SALLYPORT_CALLS_DRIVER: 'memory',
  SALLYPORT_GATEWAY_UPSTREAM: 'http://127.0.0.1:1',
  SALLYPORT_SENSORS_OTLP_ENABLED: 'true',
  SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'true',
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function jwt(sub: string): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

const said: string[] = []
const reached: string[] = []
let guard: ApplicationGuard
let url = ''
let closeServer = async (): Promise<void> => {}

beforeAll(async () => {
  mkdirSync(policies)
  for (const id of ['owner-guard', 'injection-guard']) {
    const text = policyTemplates.find(template => template.id === id)?.render({}) ?? ''
    expect(text).toContain('mode: shadow')
    writeFileSync(join(policies, `${id}.yaml`), text.replace('mode: shadow', 'mode: enforce'))
  }
  guard = await startGuard({ policies, dataDir, environment, log: line => said.push(line) })
  // Answers with anybody's order, whoever asks.
  const application = protect(
    (request, response) => {
      reached.push(request.url ?? '')
      const id = Number(/^\/orders\/(\d+)$/.exec(request.url ?? '')?.[1])
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ id, ownerId: `user-${id % 10}`, total: id * 3 }))
    },
    { guard },
  )
  const server = createServer(application).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  closeServer = async () => {
    await application.close()
    server.closeAllConnections()
    server.close()
  }
}, 60_000)

afterAll(() => folder.remove())

const get = async (path: string, user = 'user-1') => {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${jwt(user)}` } })
  return { status: answer.status, text: await answer.text() }
}

describe('a Sallyport inside an application', () => {
  it('stops an injection before the application sees it', async () => {
    const attack = `/search?q=${encodeURIComponent("' OR 1=1 UNION SELECT password FROM users --")}`
    const { status, text } = await get(attack)
    expect([status, JSON.parse(text)]).toEqual([
      403,
      expect.objectContaining({ decisionId: expect.any(String) }),
    ])
    expect(reached).toEqual([])
    expect((await get('/search?q=shoes')).status).toBe(200)
  })

  it('learns whose objects are whose from what the application answers, and withholds those of others', async () => {
    for (let round = 0; round < 4; round += 1)
      for (let user = 0; user < 9; user += 1) {
        const answer = await get(`/orders/${round * 10 + user + 100}`, `user-${user}`)
        expect(answer.status).toBe(200)
      }
    await vi.waitFor(async () => expect((await get('/orders/101', 'user-9')).status).toBe(403), {
      timeout: 20_000,
      interval: 100,
    })
    const { text } = await get('/orders/101', 'user-9')
    expect(text).not.toContain('ownerId')
    expect((await get('/orders/101', 'user-1')).status).toBe(200)
  }, 60_000)

  it('listens nowhere, and keeps what it decided and learned for the next start', async () => {
    await closeServer()
    await guard.close()
    expect(said.filter(line => /:\d{4,5}/.test(line))).toEqual([])
    const system = await System.start({
      config: loadConfig(undefined, {
        SALLYPORT_CALLS_DRIVER: 'memory',
        SALLYPORT_DATA_DIR: dataDir,
        SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
        SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
        SALLYPORT_DECISION_POINTS_FORWARD_AUTH_ENABLED: 'false',
      }),
      clock: systemClock,
      log: () => {},
    })
    try {
      const { items } = await system.state.decisions({ limit: 100 })
      expect(new Set(items.map(({ policy, action }) => `${policy} ${action}`))).toEqual(
        new Set(['injection-guard block', 'owner-guard block']),
      )
      await vi.waitFor(() =>
        expect(system.endpoints().map(({ id }) => id)).toContainEqual(
          expect.stringMatching(/^GET 127\.0\.0\.1.*\/orders\/\{orderId\}$/),
        ),
      )
    } finally {
      await system.close()
    }
  }, 60_000)
})

describe('control of a Sallyport inside an application', () => {
  it('may end: decisions go on as they were, and it comes back', async () => {
    const spied = vi.spyOn(Worker.prototype, 'on')
    const lines: string[] = []
    const alone = join(folder.path, 'alone')
    const another = await startGuard({ policies, dataDir: alone, environment, log: line => lines.push(line) })
    const attack = (id: number) =>
      another.admit({
        id: `call-${id}`,
        time: Date.now(),
        source: { ip: '192.0.2.1' },
        destination: { host: 'shop.example' },
        method: 'GET',
        target: "/search?q=1'%20OR%201=1%20UNION%20SELECT%20password%20FROM%20users%20--",
        httpVersion: '1.1',
        headers: [],
      }).verdict.action
    const recorded = (id: number): boolean => {
      const state = new DatabaseSync(join(alone, 'state.db'), { readOnly: true })
      const found = state.prepare('select count(*) as count from decisions where body like ?')
      const { count } = found.get(`%call-${id}"%`) as { count: number }
      state.close()
      return count > 0
    }
    expect(attack(0)).toBe('block')
    await vi.waitFor(() => expect(recorded(0)).toBe(true), 20_000)
    const control = spied.mock.contexts[0] as Worker
    spied.mockRestore()
    await control.terminate()
    let last = 1
    expect(attack(last)).toBe('block')
    await vi.waitFor(
      () => {
        last += 1
        expect(attack(last)).toBe('block')
        expect(recorded(last - 1)).toBe(true)
      },
      { timeout: 60_000, interval: 500 },
    )
    expect(lines.filter(line => line.startsWith('Control stopped'))).toHaveLength(1)
    await another.close()
    expect(recorded(last)).toBe(true)
  }, 120_000)
})

describe('a Sallyport inside an application that cannot start', () => {
  it('says why, and leaves nothing behind', async () => {
    const broken = join(folder.path, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'policy.yaml'), 'kind: ApiPolicy\nmetadata: { name: x }\n')
    const options = { dataDir: join(folder.path, 'other'), environment }
    await expect(startGuard({ ...options, policies: broken })).rejects.toMatchObject({
      code: 'policy/invalid',
    })
    const again = await startGuard({ ...options, policies })
    await expect(startGuard({ ...options, policies })).rejects.toMatchObject({ code: 'store/locked' })
    await again.close()
  }, 120_000)
})
