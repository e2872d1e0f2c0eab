import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { freePort } from '../support/started-process.ts'
import { consoleOf, run, type Started, start, temporaryFolder } from './started.ts'

/** Two processes of one application, attached to a Sallyport that runs beside them: it decides for both, and learns from both. */

const root = resolve(import.meta.dirname, '../..')
const folder = temporaryFolder()
const dataDir = join(folder.path, 'data')
const admin = 'a-token-of-the-test-that-is-long-enough'
const applications: ChildProcess[] = []
const urls: string[] = []
let up: Started
let api = ''
let decisions = 0

const application = `
import { createServer } from 'node:http'
import { protect } from '@sallyport/middleware'
const server = createServer(protect((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ path: request.url, process: process.argv[2] }))
}))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

beforeAll(async () => {
  decisions = await freePort()
  mkdirSync(join(folder.path, 'node_modules/@sallyport'), { recursive: true })
  symlinkSync(join(root, 'middleware'), join(folder.path, 'node_modules/@sallyport/middleware'))
  writeFileSync(join(folder.path, 'app.mjs'), application)
  up = start(['up'], {
    SALLYPORT_CALLS_DRIVER: 'memory',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_SENSORS_OTLP_ENABLED: 'false',
    SALLYPORT_DECISION_POINTS_ENVOY_ENABLED: 'false',
    SALLYPORT_DECISION_POINTS_FORWARD_AUTH_PORT: String(decisions),
    SALLYPORT_DATA_DIR: dataDir,
    SALLYPORT_TOKEN: admin,
  })
  api = await consoleOf(up)
  const env = {
    ...process.env,
    SALLYPORT_DECISION_TOKEN: readFileSync(join(dataDir, 'decision-token'), 'utf8').trim(),
    SALLYPORT_DECISION_URL: `http://127.0.0.1:${decisions}`,
  }
  for (const name of ['one', 'two']) {
    const child = spawn(process.execPath, ['app.mjs', name], {
      cwd: folder.path,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    applications.push(child)
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    urls.push(`http://127.0.0.1:${said.toString().trim()}`)
  }
}, 120_000)

afterAll(async () => {
  for (const child of applications) child.kill()
  await up?.stop()
  folder.remove()
})

const get = (process: number, path: string, caller: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { host: 'shop.example', 'x-api-key': `a-key-that-is-${caller}` }
    const asked = request(urls[process] + path, { headers }, response => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })

const recorded = async (
  path: string,
): Promise<readonly { readonly endpoint: string; readonly principal: string }[]> => {
  const answer = await fetch(`${api}/api/v1/calls?limit=100&text=${path}`, {
    headers: { authorization: `Bearer ${admin}` },
  })
  return ((await answer.json()) as { items: { endpoint: string; principal: string }[] }).items
}

it('both see one policy, one budget and one quarantine, and are one inventory', async () => {
  for (const process of [0, 1])
    for (let call = 0; call < 5; call += 1) expect(await get(process, '/orders', 'alice')).toBe(200)
  await vi.waitFor(async () => expect(await recorded('/orders')).toHaveLength(10), {
    timeout: 60_000,
    interval: 200,
  })
  const calls = await recorded('/orders')
  expect([
    new Set(calls.map(call => call.endpoint)).size,
    new Set(calls.map(call => call.principal)).size,
  ]).toEqual([1, 1])

  writeFileSync(
    join(folder.path, 'policies.yaml'),
    `apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: six-a-day }
spec:
  when: request.path == "/reports"
  action: { type: throttle, requests: 6, windowSeconds: 86400 }
  mode: enforce
---
apiVersion: sallyport/v1alpha1
kind: ApiPolicy
metadata: { name: trap }
spec:
  when: request.path == "/trap"
  action: { type: quarantine, target: principal, ttl: 1h }
  mode: enforce
`,
  )
  const apply = ['policy', 'apply', join(folder.path, 'policies.yaml'), '--override', 'A test.']
  const applied = await run(apply, { SALLYPORT_URL: api, SALLYPORT_TOKEN: admin })
  expect([applied.code, applied.stderr]).toEqual([0, expect.any(String)])

  const statuses: number[] = []
  for (let call = 0; call < 10; call += 1) statuses.push(await get(call % 2, '/reports', 'bob'))
  expect(statuses).toEqual([...Array<number>(6).fill(200), ...Array<number>(4).fill(429)])

  expect(await get(0, '/trap', 'mallory')).toBe(403)
  expect([await get(1, '/orders', 'mallory'), await get(1, '/orders', 'alice')]).toEqual([403, 200])
}, 120_000)

it('goes on without it where it is gone, as the application chose', async () => {
  await up.stop()
  expect([await get(0, '/orders', 'alice'), await get(1, '/trap', 'mallory')]).toEqual([200, 200])
}, 120_000)
