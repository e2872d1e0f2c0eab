import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { metrics } from '../../scripts/reference/metrics.ts'
import { policyTemplates } from '../../src/policy/templates/index.ts'
import { withUpstream } from './protected-upstream.ts'
import { run } from './started.ts'

const attack = '%27%20UNION%20SELECT%20login%2Cpassword%20FROM%20users--%20'
const upstream = withUpstream((request, response) => {
  const id = Number(/\d+/.exec(request.url ?? '')?.[0])
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ id, email: `person-${id}@mail.example` }))
})

const ask = upstream.run.bind(upstream)

/** The answer in JSON of a command that ends well and says nothing besides. */
async function data<Answer>(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await ask(...args, '--format', 'json')
  expect(stderr, args.join(' ')).toBe('')
  expect(code, args.join(' ')).toBe(0)
  return JSON.parse(stdout) as Answer
}

interface Identified {
  readonly id: string
}

beforeAll(async () => {
  for (let id = 1; id <= 20; id += 1) {
    const headers = { host: 'api.shop.example', authorization: `Bearer opaque-${id % 4}` }
    expect((await fetch(`${upstream.gateway}/things/${id}`, { headers })).status).toBe(200)
  }
  expect((await fetch(`${upstream.gateway}/things/3?q=${attack}`)).status).toBe(200)
  // The attack is the last call: once its incident is told, everything before it is analysed.
  await upstream.incident()
}, 60_000)

describe('commands that ask a running Sallyport', () => {
  it('list and show endpoints', async () => {
    const [endpoint, ...others] = await data<(Identified & { calls: number })[]>('apis', 'list')
    expect(others).toEqual([])
    expect(endpoint).toMatchObject({ calls: 21, dataClasses: { response: ['email'] } })
    expect(endpoint?.id).toContain('/things/{thingId}')
    expect(await data('apis', 'show', endpoint?.id ?? '')).toMatchObject({ id: endpoint?.id })
    expect(await data('apis', 'list', '--data-class', 'payment-card')).toEqual([])
    const table = await ask('apis', 'list')
    expect(table.stdout.split('\n')[0]).toMatch(/^RISK +ENDPOINT +CALLS/)
  })

  it('list, show and export calls, which analyze reads', async () => {
    const calls = await data<Identified[]>('calls', 'list', '--limit', '3')
    expect(calls).toHaveLength(3)
    const id = calls[0]?.id ?? ''
    expect(await data('calls', 'show', id)).toMatchObject({ id })
    expect(await data<unknown[]>('calls', 'list', '--status', '5xx')).toEqual([])
    const file = upstream.file('calls.jsonl')
    expect(await ask('calls', 'export', '--since', '1h', '--output', file)).toMatchObject({
      code: 0,
      stdout: '',
    })
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(21)
    expect(readFileSync(file, 'utf8')).not.toContain('opaque-')
    const again = await data<{ calls: unknown; signals: { detector: string }[] }>('analyze', file)
    expect(again.calls).toMatchObject({ read: 21, rejected: 0 })
    expect(again.signals.map(({ detector }) => detector)).toContain('injection-payload')
  })

  it('list signals and incidents, and fail where that is asked for', async () => {
    const signals = await data<{ detector: string }[]>('signals', 'list', '--detector', 'injection-payload')
    expect(signals).toHaveLength(1)
    const [incident] = await data<Identified[]>('incidents', 'list', '--status', 'open')
    expect(await data('incidents', 'show', incident?.id ?? '')).toMatchObject({ id: incident?.id })
    expect((await ask('incidents', 'list', '--fail-on', 'high')).code).toBe(1)
    const told = await ask('incidents', 'show', incident?.id ?? '')
    expect(told.stdout).toMatch(/sql injection/)
    expect(await ask('incidents', 'close', incident?.id ?? '', '--reason', 'a test')).toMatchObject({
      code: 0,
      stdout: '',
    })
    expect((await ask('incidents', 'list', '--status', 'open', '--fail-on', 'info')).code).toBe(0)
  })

  it('apply, change, simulate, list and delete policies', async () => {
    const file = upstream.file('owner-guard.yaml')
    writeFileSync(file, policyTemplates[0].render())
    expect((await ask('policy', 'apply', file)).stderr).toBe('owner-guard: version 1, shadow.\n')
    expect((await ask('policy', 'apply', file)).stderr).toMatch(/^owner-guard: version \d+, shadow\.\n$/)
    expect(await data('policy', 'simulate', file)).toMatchObject({ calls: 21 })
    expect(await data('policy', 'list')).toMatchObject([{ name: 'owner-guard', mode: 'shadow' }])
    expect((await ask('policy', 'delete', 'owner-guard')).code).toBe(0)
    expect(await data('policy', 'list')).toEqual([])
  })

  it('create, list and revoke tokens', async () => {
    const created = await ask('token', 'create', 'ci', '--role', 'viewer')
    const secret = created.stdout.trim()
    expect(secret).toMatch(/^\S{20,}$/)
    const asViewer = (...args: string[]) =>
      run(args, { SALLYPORT_URL: upstream.url, SALLYPORT_TOKEN: secret })
    expect((await asViewer('bypass', 'status')).stdout).toBe('off\n')
    expect((await asViewer('bypass', 'on')).code).toBe(3)
    const tokens = await data<(Identified & { name: string })[]>('token', 'list')
    expect(JSON.stringify(tokens)).not.toContain(secret)
    const id = tokens.find(({ name }) => name === 'ci')?.id ?? ''
    expect((await ask('token', 'revoke', id)).code).toBe(0)
    expect((await asViewer('bypass', 'status')).code).toBe(3)
  })

  it('throw the kill switch', async () => {
    for (const on of ['on', 'off']) {
      expect((await ask('bypass', on)).code).toBe(0)
      expect((await ask('bypass', 'status')).stdout).toBe(`${on}\n`)
    }
  })

  it('end with 2 and a sentence for what is not there', async () => {
    const rows = [
      ['apis', 'show', 'nope'],
      ['calls', 'show', 'nope'],
      ['incidents', 'show', 'nope'],
      ['policy', 'delete', 'nope'],
      ['token', 'revoke', 'nope'],
    ]
    for (const args of rows) {
      const { code, stdout, stderr } = await ask(...args)
      expect(code, args.join(' ')).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/^sallyport: There is no such .*\(nope\)/)
    }
    expect(rows).toHaveLength(5)
  })
})

describe('the metrics', () => {
  it('are those of the reference, with its types and labels', async () => {
    const answer = await upstream.ask('/metrics')
    expect(answer.status).toBe(200)
    const known = new Map(metrics().map(metric => [metric.name, metric]))
    let samples = 0
    for (const line of (await answer.text()).trimEnd().split('\n')) {
      if (line.startsWith('#')) continue
      const [, name = '', labels = ''] = /^([a-z_]+)(?:\{(.*)\})? -?[\d.e+-]+$/.exec(line) ?? []
      samples += 1
      const metric = known.get(name)
      expect(metric?.name, line).toBe(name)
      for (const [, label = ''] of labels.matchAll(/([a-z]+)="/g))
        expect(metric?.labels.has(label), line).toBe(true)
    }
    expect(samples).toBeGreaterThan(15)
  })
})
