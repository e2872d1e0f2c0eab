import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePolicies } from '../../src/policy/parse.ts'
import { run, type Started, start, temporaryFolder } from './started.ts'

const token = 'a-token-of-the-test-that-is-long-enough'
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const patch = join(folder.path, 'patch.yaml')

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
function jwt(sub: string): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: 4_000_000_000 })}`
  return `${content}.${createHmac('sha256', 'test').update(content).digest('base64url')}`
}

/** Answers with anybody's order, whoever asks. */
const upstream = createServer((request, response) => {
  request.resume()
  const id = Number(/^\/orders\/(\d+)$/.exec(request.url ?? '')?.[1])
  response.setHeader('content-type', 'application/json')
  response.statusCode = Number.isNaN(id) ? 404 : 200
  response.end(Number.isNaN(id) ? '{}' : JSON.stringify({ id, ownerId: `user-${id % 10}`, total: id * 3 }))
})

let up: Started
let api: string
let gateway: string

const cli = (...args: string[]) => run(args, { SALLYPORT_URL: api, SALLYPORT_TOKEN: token })
/** What it prints; it has to end well. */
async function did(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await cli(...args)
  expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, ''])
  return { stdout, stderr }
}

const read = async (user: string, id: number): Promise<number> => {
  const answer = await fetch(`${gateway}/orders/${id}`, {
    headers: { authorization: `Bearer ${jwt(user)}` },
  })
  await answer.body?.cancel()
  return answer.status
}
/** Everybody reads their own. */
async function ordinaryUse(rounds: number): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let round = 0; round < rounds; round += 1)
    for (let user = 0; user < 9; user += 1) statuses.push(await read(`user-${user}`, round * 10 + user + 100))
  return statuses
}
const attack = async (): Promise<readonly number[]> => {
  const statuses: number[] = []
  for (const id of [101, 112, 123, 134, 145]) statuses.push(await read('user-9', id))
  return statuses
}

/** On the same port again, for endpoints are known by their host. */
async function startUp(gatewayPort = '0'): Promise<void> {
  const { port } = upstream.address() as AddressInfo
  up = start(['up', '--upstream', `http://127.0.0.1:${port}`, '--data-dir', dataDir], {
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_GATEWAY_PORT: gatewayPort,
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_TOKEN: token,
    SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_MINUTES: '0',
    SALLYPORT_ENFORCEMENT_ROLLOUT_SHADOW_CALLS: '0',
    SALLYPORT_ENFORCEMENT_ROLLOUT_CANARY_MINUTES: '0',
  })
  gateway = (await up.printed(/Gateway:\s+(http:\S+)/))[1] as string
  api = new URL((await up.printed(/(http:\S+)\/sign-in/))[1] as string).origin
}

async function incidentOf(principal: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const live = (await fetch(`${api}/api/v1/live`, { headers })).body?.getReader()
  for (;;) {
    const answer = await fetch(`${api}/api/v1/incidents`, { headers })
    const { items } = (await answer.json()) as { items: { id: string; principals: string[] }[] }
    const found = items.find(({ principals }) => principals.includes(principal))
    if (found !== undefined) {
      await live?.cancel()
      return found.id
    }
    if ((await live?.read())?.done === true) throw new Error('the live feed ended')
  }
}

beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  await startUp()
}, 60_000)

afterAll(async () => {
  expect(await up?.stop()).toBe(0)
  upstream.closeAllConnections()
  upstream.close()
  folder.remove()
})

describe('from an incident to a policy that stops it, and back', () => {
  let name: string

  it('recommends a policy for the incident, with what it would have done', async () => {
    expect(new Set(await ordinaryUse(4))).toEqual(new Set([200]))
    expect(await attack()).toEqual([200, 200, 200, 200, 200])
    const incident = await incidentOf('user:user-9')
    // The last calls are kept a moment after they are told.
    const recommended = await did('policy', 'recommend', '--incident', incident)
    writeFileSync(patch, recommended.stdout)
    name = parsePolicies(recommended.stdout, 'patch').policies[0]?.name ?? ''
    expect(name).toMatch(/^owner-guard-/)
    expect(recommended.stdout).toContain('mode: shadow')
    expect(recommended.stderr).toContain('/orders/{orderId}')
  }, 60_000)

  it('recommends to enforce what was learned of an endpoint, and one thing at a time', async () => {
    const endpoints = JSON.parse((await did('apis', 'list', '--format', 'json')).stdout) as { id: string }[]
    const endpoint = endpoints.find(({ id }) => id.endsWith('/orders/{orderId}'))?.id ?? ''
    const { stdout, stderr } = await did('policy', 'recommend', '--endpoint', endpoint)
    expect(parsePolicies(stdout, 'schema').policies[0]).toMatchObject({
      name: expect.stringMatching(/^schema-guard-/) as string,
      mode: 'shadow',
    })
    expect(stderr).toMatch(/touches 0 of \d+ benign ones/)
    const both = await cli('policy', 'recommend', '--endpoint', endpoint, '--incident', 'x')
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringContaining('One thing is asked for at a time.'),
    ])
    expect((await cli('policy', 'recommend', '--incident', 'none')).stderr).toContain('no such incident')
    expect((await cli('policy', 'recommend')).code).toBe(2)
  }, 60_000)

  it('simulates that it stops the attack and touches nobody else', async () => {
    const { stdout } = await did('policy', 'simulate', patch, '--since', '1h', '--format', 'json')
    const simulation = JSON.parse(stdout) as {
      attacks: { calls: number; stopped: number; missed: number }
      benign: { calls: number; stopped: number; amended: number }
    }
    expect(simulation.attacks.calls).toBeGreaterThan(0)
    expect(simulation.attacks).toMatchObject({ stopped: simulation.attacks.calls, missed: 0 })
    expect(simulation.benign.calls).toBeGreaterThanOrEqual(36)
    expect(simulation.benign).toMatchObject({ stopped: 0, amended: 0 })
  })

  it('simulates the same over a recording, without a server', async () => {
    const file = join(folder.path, 'calls.jsonl')
    await did('calls', 'export', '--since', '1h', '--output', file)
    const { code, stdout, stderr } = await run(['policy', 'simulate', patch, file, '--format', 'json'])
    expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({
      calls: 41,
      attacks: { calls: 5, stopped: 5, missed: 0 },
      benign: { calls: 36, stopped: 0 },
    })
    const told = await run(['policy', 'simulate', patch, file])
    expect(told.stderr).toContain('Attacks: it stops 5 of 5 calls and misses 0.')
    expect(told.stderr).toContain('Benign: it touches none of 36 calls.')
  }, 60_000)

  it('lets it act for some, for all, and the attack is stopped at the door', async () => {
    const applied = await did('policy', 'apply', patch)
    expect(applied.stderr).toContain(`${name}: version 1, shadow.`)
    expect(await attack()).toEqual([200, 200, 200, 200, 200])
    const stages: string[] = []
    for (let step = 0; step < 4; step += 1) {
      const { stderr } = await did('policy', 'promote', name)
      stages.push(/, (canary \d+ %|enforce) since/.exec(stderr)?.[1] ?? stderr)
    }
    expect(stages).toEqual(['canary 1 %', 'canary 5 %', 'canary 25 %', 'canary 100 %'])
    expect(await attack()).toEqual([403, 403, 403, 403, 403])
    expect((await did('policy', 'promote', name)).stderr).toContain('enforce since')
    expect(await attack()).toEqual([403, 403, 403, 403, 403])
    expect(new Set(await ordinaryUse(2))).toEqual(new Set([200]))
    const { stdout } = await did('policy', 'history', name, '--format', 'json')
    expect((JSON.parse(stdout) as unknown[]).length).toBe(6)
  }, 60_000)

  it('lets it pass again where the policy goes back, is set aside, or everything is', async () => {
    await did('policy', 'rollback', name, '--to', '1', '--reason', 'The team asked for it.')
    expect(await read('user-9', 101)).toBe(200)
    await did('policy', 'rollback', name, '--to', '6')
    expect(await read('user-9', 101)).toBe(403)
    await did('bypass', 'on', '--policy', name)
    expect(await read('user-9', 101)).toBe(200)
    await did('bypass', 'off', '--policy', name)
    expect(await read('user-9', 101)).toBe(403)
    await did('bypass', 'on', '--local', '--data-dir', dataDir)
    await expect.poll(() => read('user-9', 101), { timeout: 10_000 }).toBe(200)
    await did('bypass', 'off', '--local', '--data-dir', dataDir)
    await expect.poll(() => read('user-9', 101), { timeout: 10_000 }).toBe(403)
  }, 60_000)

  it('refuses to enforce what was never simulated, and says how', async () => {
    const other = join(folder.path, 'other.yaml')
    writeFileSync(
      other,
      'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: other }\nspec: { match: { methods: [DELETE] }, action: { type: block }, mode: enforce }\n',
    )
    const refused = await cli('policy', 'apply', other)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('sallyport policy simulate')
    await did('policy', 'apply', other, '--override', 'Agreed with the team.')
    const audit = await fetch(`${api}/api/v1/audit?limit=1`, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(await audit.json()).toMatchObject({
      items: [{ action: 'policy.put', target: 'other', detail: { override: 'Agreed with the team.' } }],
    })
  })

  it('is in force again after a restart', async () => {
    expect(await up.stop()).toBe(0)
    await startUp(new URL(gateway).port)
    const { stdout } = await did('policy', 'list', '--format', 'json')
    expect((JSON.parse(stdout) as { name: string; mode: string }[]).map(one => [one.name, one.mode])).toEqual(
      [
        ['other', 'enforce'],
        [name, 'enforce'],
      ].sort(),
    )
    expect((await fetch(`${gateway}/orders/101`, { method: 'DELETE' })).status).toBe(403)
    expect(await read('user-9', 101)).toBe(403)
  }, 60_000)
})
