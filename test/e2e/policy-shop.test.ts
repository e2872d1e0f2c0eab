import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seedShop } from '../../range/shop/seed.ts'
import { parsePolicies } from '../../src/policy/parse.ts'
import { Client, token } from './client.ts'
import { consoleOf, gatewayOf, type Started, start, temporaryFolder } from './started.ts'

const client = new Client()
const folder = temporaryFolder()
const patch = join(folder.path, 'patch.yaml')
const { users } = seedShop(1)

let demo: Started
let gateway: string

const did = async (...args: string[]): Promise<string> => (await client.did(...args)).stdout

/** `fetch` does not let a host be named. */
function send(method: string, path: string, headers: Record<string, string>, body = '') {
  return new Promise<{ readonly status: number | undefined; readonly text: string }>((answered, failed) => {
    const url = new URL(path, gateway)
    const asked = request(
      url,
      {
        method,
        headers: { ...headers, host: 'api.shop.example', 'content-length': Buffer.byteLength(body) },
      },
      async answer => {
        let text = ''
        for await (const chunk of answer.setEncoding('utf8')) text += chunk
        answered({ status: answer.statusCode, text })
      },
    )
    asked.on('error', failed).end(body)
  })
}
async function signIn(username: string): Promise<string> {
  const password = users.find(one => one.username === username)?.password
  const credentials = JSON.stringify({ username, password })
  const { text } = await send('POST', '/auth/login', { 'content-type': 'application/json' }, credentials)
  return (JSON.parse(text) as { access_token?: string }).access_token ?? ''
}
const get = (path: string, token: string) => send('GET', path, { authorization: `Bearer ${token}` })

beforeAll(async () => {
  demo = start(['demo', '--attack-after', '8'], {
    SALLYPORT_GATEWAY_PORT: '0',
    SALLYPORT_SERVER_PORT: '0',
    SALLYPORT_TOKEN: token,
  })
  gateway = await gatewayOf(demo)
  client.url = await consoleOf(demo)
}, 120_000)
afterAll(async () => {
  await demo?.stop()
  folder.remove()
})

it('stops an attacker of the sample shop by the policy that its incident recommends, touches nobody else, and lets go again', async () => {
  const { id, principals } = await client.incident(({ detectors }) => detectors.includes('owner-binding'))
  const attacker = (principals.find(one => one.startsWith('user:')) ?? '').slice('user:'.length)
  const recommended = await did('policy', 'recommend', '--incident', id)
  writeFileSync(patch, recommended)
  const name = parsePolicies(recommended, 'patch').policies[0]?.name ?? ''
  expect(name).toMatch(/^owner-guard-/)

  const simulation = JSON.parse(
    await did('policy', 'simulate', patch, '--since', '1h', '--format', 'json'),
  ) as {
    attacks: { stopped: number }
    benign: { calls: number; stopped: number; amended: number }
    truncated: boolean
  }
  expect(simulation.attacks.stopped).toBeGreaterThan(0)
  expect(simulation.benign.calls).toBeGreaterThan(100)
  expect(simulation.benign).toMatchObject({ stopped: 0, amended: 0 })
  expect(simulation.truncated).toBe(false)

  const victim = users.find(one => one.username !== attacker && one.role === 'customer')
  const own = await signIn(victim?.username ?? '')
  const foreign = await signIn(attacker)
  const orders = JSON.parse((await get('/orders', own)).text) as { items?: { id: string }[] }
  const order = `/orders/${orders.items?.[0]?.id}`
  expect((await get(order, own)).status).toBe(200)
  expect((await get(order, foreign)).status).toBe(200)

  await did('policy', 'apply', patch)
  expect((await get(order, foreign)).status).toBe(200)
  const reason = ['--override', 'The attack is under way.']
  await did('policy', 'promote', name, ...reason)
  await did('policy', 'promote', name, '--to', 'enforce', ...reason)
  expect((await get(order, foreign)).status).toBe(403)
  expect((await get(order, own)).status).toBe(200)

  await did('policy', 'rollback', name, '--to', '1')
  expect((await get(order, foreign)).status).toBe(200)
}, 180_000)
