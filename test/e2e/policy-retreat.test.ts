import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AuditView } from '../../src/server/api/audit.ts'
import type { PageView } from '../../src/server/api/page.ts'
import type { PolicyView } from '../../src/server/api/policy.ts'
import type { PolicyVersionView } from '../../src/server/api/policy-version.ts'
import { FakedTime, noFakedTime } from '../support/faked-time.ts'
import { ProtectedApi } from './fault-fixture.ts'
import { temporaryFolder } from './started.ts'

const patience = { timeout: 60_000, interval: 100 }
const users = 120

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function tokenOf(user: number): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: `user-${user}`, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}
const tokens = Array.from({ length: users }, (_, user) => tokenOf(user))

/** Its own way: a canary for half of the callers after a day in shadow with 200 calls. */
const rollout = 'rollout: { steps: [50], stepMinutes: [60], shadowMinutes: 1440, shadowCalls: 200 }'
const policy = (name: string, spec: string): string =>
  `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: ${name} }\nspec:\n  ${rollout}\n${spec}`

const folders: { remove(): void }[] = []
let api: ProtectedApi
let time: FakedTime

/** A Sallyport whose clock the test moves, before an upstream. */
async function begin(listener?: (request: IncomingMessage, response: ServerResponse) => void): Promise<void> {
  const folder = temporaryFolder()
  folders.push(folder)
  time = new FakedTime(folder.path)
  api = await ProtectedApi.start({ env: time.env, ...(listener === undefined ? {} : { listener }) })
}
afterEach(async () => {
  await api.close()
  for (const folder of folders.splice(0)) folder.remove()
})

/** Every caller asks once; gives how many were answered with each status. */
async function everybody(headers: Readonly<Record<string, string>> = {}): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  for (const [user, token] of tokens.entries()) {
    const status = await api.status(`/things/${user}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  return statuses
}

async function answer<Body>(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const got = await api.ask(`/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(method === 'PUT' ? { headers: { 'if-none-match': '*' } } : {}),
  })
  return { status: got.status, body: (await got.json()) as Body }
}

const stateOf = async (name: string): Promise<PolicyView> =>
  (await answer<PolicyView>(`/policies/${name}`)).body

/** From shadow into the canary by its own way: too early at first, then a day later. */
async function intoCanary(name: string, source: string): Promise<void> {
  expect(await answer(`/policies/${name}`, { source }, 'PUT')).toMatchObject({ status: 200 })
  expect(await answer(`/policies/${name}/promote`, {})).toMatchObject({ status: 428 })
  // The time of its first calls counts for who was well before.
  for (let round = 0; round < 2; round += 1) expect([...(await everybody())]).toEqual([[200, users]])
  await vi.waitFor(
    async () => expect((await api.storedPaths()).length).toBeGreaterThanOrEqual(2 * users),
    patience,
  )
  time.jump('+25h')
  expect(await answer('/policies/simulate', { source })).toMatchObject({
    status: 200,
    body: { benign: { stopped: 0 } },
  })
  const promoted = await answer<PolicyView>(`/policies/${name}/promote`, {})
  expect(promoted.body.rollout).toMatchObject({
    stage: { mode: 'canary', percent: 50 },
    plan: { steps: [{ percent: 50, minutes: 60 }] },
  })
}

/** Waits until the policy is back in shadow, and expects it to be told everywhere that people look. */
async function expectReturn(name: string, why: RegExp): Promise<void> {
  await vi.waitFor(async () => expect((await stateOf(name)).mode).toBe('shadow'), patience)
  const from = 'canary for 50 % of principals'
  const rolledBack = { from, why: expect.stringMatching(why) as string }
  expect((await stateOf(name)).rollout).toMatchObject({ stage: { mode: 'shadow' }, rolledBack })
  // What the board of the console shows.
  const board = await answer<PageView<PolicyView>>('/policies?rollout=true')
  expect(board.body.items.find(one => one.name === name)?.rollout).toMatchObject({ rolledBack })
  const { items } = (await answer<PageView<AuditView>>('/audit')).body
  expect(
    items.find(({ action, actor }) => action === 'policy.rollback' && actor === 'sallyport'),
  ).toMatchObject({
    target: name,
    detail: { from, to: 'shadow', automatic: true, why: expect.stringMatching(why) as string },
  })
  const history = await answer<PageView<PolicyVersionView>>(`/policies/${name}/history`)
  expect(history.body.items[0]).toMatchObject({
    by: 'sallyport',
    stage: { mode: 'shadow' },
    change: expect.stringMatching(/^automatic rollback: /) as string,
  })
  expect(api.started.stderr()).toMatch(new RegExp(`policy ${name} was put back to shadow: .*${why.source}`))
}

describe.skipIf(noFakedTime !== undefined)(
  `a canary that does harm (${noFakedTime ?? 'libfaketime'})`,
  () => {
    it('and stops callers whom nobody expected it to stop goes back to shadow by itself', async () => {
      await begin()
      // Right when it was simulated; then a release of the client brings the header to everybody.
      await intoCanary(
        'old-clients',
        policy('old-clients', '  when: \'"x-client" in request.headers\'\n  action: { type: block }\n'),
      )
      const release = { 'x-client': 'release 2' }
      const first = await everybody(release)
      const stopped = first.get(403) ?? 0
      expect(stopped).toBeGreaterThan(users / 4)
      expect(stopped).toBeLessThan((3 * users) / 4)
      expect(first.get(200)).toBe(users - stopped)
      // Within a minute detection may yet name whom it stops.
      expect((await stateOf('old-clients')).mode).toBe('canary')
      time.jump('+1502m')
      await everybody(release)
      await expectReturn('old-clients', /it stops \d+(\.\d+)? % of calls where 0 % were expected/)
      expect([...(await everybody(release))]).toEqual([[200, users]])
      expect(await api.metric('sallyport_decision_errors_total')).toBe(0)
      expect(await api.close()).toBe(0)
    }, 240_000)

    it('and makes the service fail goes back to shadow by itself', async () => {
      await begin((request, response) => {
        response.setHeader('content-type', 'application/json')
        // It does not know the header, and falls over it.
        if (request.headers['x-checked'] !== undefined) response.statusCode = 500
        response.end('{}')
      })
      await intoCanary(
        'marked',
        policy(
          'marked',
          '  match: { endpoints: ["GET /things/**"] }\n  action: { type: tag, header: x-checked }\n',
        ),
      )
      let rounds = 0
      let failed = 0
      while ((await stateOf('marked')).mode === 'canary' && rounds < 20) {
        failed += (await everybody()).get(500) ?? 0
        rounds += 1
      }
      expect(failed).toBeGreaterThan(100)
      await expectReturn('marked', /the service fails on 100 % of its calls and on 0 % of the others/)
      expect([...(await everybody())]).toEqual([[200, users]])
      expect(await api.close()).toBe(0)
    }, 240_000)

    it('stays where it is when the service fails for all alike', async () => {
      let failing = false
      let answers = 0
      await begin((_, response) => {
        response.setHeader('content-type', 'application/json')
        answers += 1
        if (failing && answers % 3 === 0) response.statusCode = 500
        response.end('{}')
      })
      await intoCanary(
        'harmless',
        policy(
          'harmless',
          '  match: { endpoints: ["GET /things/**"] }\n  action: { type: tag, header: x-checked }\n',
        ),
      )
      failing = true
      for (let round = 0; round < 5; round += 1) await everybody()
      await vi.waitFor(async () => {
        const { effect } = (await stateOf('harmless')).rollout
        expect((effect?.acting.answered ?? 0) + (effect?.control.answered ?? 0)).toBe(5 * users)
        expect(effect?.acting.failed).toBeGreaterThan(50)
      }, patience)
      expect((await stateOf('harmless')).mode).toBe('canary')
      expect(await api.close()).toBe(0)
    }, 240_000)
  },
)
