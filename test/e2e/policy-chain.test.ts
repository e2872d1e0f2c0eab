import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parsePolicies } from '../../src/policy/parse.ts'
import { answerOrder, readForeignOrders, readOrder, readOwnOrders } from './order-api.ts'
import { callsInMemory, rolloutAtOnce, withUpstream } from './protected-upstream.ts'
import { run } from './started.ts'

const upstream = withUpstream(answerOrder, { ...callsInMemory, ...rolloutAtOnce })
const patch = upstream.file('patch.yaml')
const did = upstream.did.bind(upstream)
const read = (user: string, id: number) => readOrder(upstream.gateway, user, id)
const ordinaryUse = (rounds: number) => readOwnOrders(upstream.gateway, rounds)
const attack = () => readForeignOrders(upstream.gateway)

describe('from an incident to a policy that stops it, and back', () => {
  let name: string

  it('recommends a policy for the incident, with what it would have done', async () => {
    expect(new Set(await ordinaryUse(4))).toEqual(new Set([200]))
    expect(await attack()).toEqual([200, 200, 200, 200, 200])
    const { id: incident } = await upstream.incident(({ principals }) => principals.includes('user:user-9'))
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
    const both = await upstream.run('policy', 'recommend', '--endpoint', endpoint, '--incident', 'x')
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringContaining('One thing is asked for at a time.'),
    ])
    expect((await upstream.run('policy', 'recommend', '--incident', 'none')).stderr).toContain(
      'no such incident',
    )
    expect((await upstream.run('policy', 'recommend')).code).toBe(2)
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
    const file = upstream.file('calls.jsonl')
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
    await did('bypass', 'on', '--local', '--data-dir', upstream.dataDir)
    await expect.poll(() => read('user-9', 101), { timeout: 10_000 }).toBe(200)
    await did('bypass', 'off', '--local', '--data-dir', upstream.dataDir)
    await expect.poll(() => read('user-9', 101), { timeout: 10_000 }).toBe(403)
  }, 60_000)

  it('refuses to enforce what was never simulated, and says how', async () => {
    const other = upstream.file('other.yaml')
    writeFileSync(
      other,
      'apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: other }\nspec: { match: { methods: [DELETE] }, action: { type: block }, mode: enforce }\n',
    )
    const refused = await upstream.run('policy', 'apply', other)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('sallyport policy simulate')
    await did('policy', 'apply', other, '--override', 'Agreed with the team.')
    expect(await upstream.rest('GET', '/audit?limit=1')).toMatchObject({
      items: [{ action: 'policy.put', target: 'other', detail: { override: 'Agreed with the team.' } }],
    })
  })

  it('is in force again after a restart', async () => {
    await upstream.restart()
    const { stdout } = await did('policy', 'list', '--format', 'json')
    expect((JSON.parse(stdout) as { name: string; mode: string }[]).map(one => [one.name, one.mode])).toEqual(
      [
        ['other', 'enforce'],
        [name, 'enforce'],
      ].sort(),
    )
    expect((await fetch(`${upstream.gateway}/orders/101`, { method: 'DELETE' })).status).toBe(403)
    expect(await read('user-9', 101)).toBe(403)
  }, 60_000)
})
