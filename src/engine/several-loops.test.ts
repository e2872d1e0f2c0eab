import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../kit/clock.ts'
import { configSchema } from './config.ts'
import { System } from './system.ts'

/** What loops of one gateway must have in common: each connection below is a new one, and may be met by either of two. */

const fixture = (name: string): string => new URL(`../../test/fixtures/tls/${name}`, import.meta.url).pathname

let folder: string
let upstream: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-loops-'))
  upstream = createServer((asked, response) => {
    asked.resume()
    response.end('ok')
  })
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', () => resolve()))
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

let systems = 0
async function twoLoops(specs: readonly string[], gateway: Record<string, unknown> = {}): Promise<System> {
  systems += 1
  const policies = join(folder, `policies-${systems}`)
  mkdirSync(policies)
  for (const [index, spec] of specs.entries())
    writeFileSync(
      join(policies, `p${index}.yaml`),
      `apiVersion: sallyport/v1alpha1\nkind: ApiPolicy\nmetadata: { name: p${index} }\nspec: { mode: enforce, ${spec} }\n`,
    )
  const config = configSchema.parse({
    dataDir: join(folder, `data-${systems}`),
    policies,
    calls: { driver: 'memory' },
    gateway: {
      port: 0,
      workers: 2,
      upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      ...gateway,
    },
    decisionPoints: { envoy: { enabled: false }, forwardAuth: { enabled: false } },
    sensors: { otlp: { enabled: false } },
  })
  return System.start({ config, clock: systemClock, log: () => undefined })
}

interface Asked {
  readonly status: number
  /** Of the loop that refused it; empty where it passed. */
  readonly loop: string
}

/** One request on a connection of its own. */
const ask = (url: string, caller: string, path = '/'): Promise<Asked> =>
  new Promise((resolve, reject) => {
    const headers = { 'x-api-key': `a-key-that-is-${caller}` }
    const asked = request(new URL(path, url), { agent: false, headers }, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => {
        const status = response.statusCode ?? 0
        const id: string = status === 200 ? '' : JSON.parse(text).decisionId
        resolve({ status, loop: /g\d+$/.exec(id)?.[0] ?? '' })
      })
    })
    asked.on('error', reject)
    asked.end()
  })

const many = (count: number, url: string, caller: string, path?: string): Promise<Asked[]> =>
  Promise.all(Array.from({ length: count }, () => ask(url, caller, path)))
const passed = (all: readonly Asked[]): number => all.filter(({ status }) => status === 200).length

test('a budget is the same for two loops as for one', async () => {
  const system = await twoLoops(['action: { type: throttle, requests: 10, windowSeconds: 86400 }'])
  try {
    const url = system.gatewayUrl()!
    const all = await many(60, url, 'alice')
    expect(passed(all)).toBe(10)
    expect(new Set(all.filter(({ status }) => status === 429).map(({ loop }) => loop))).toEqual(
      new Set(['g0', 'g1']),
    )
    expect(passed(await many(12, url, 'bob'))).toBe(10)
    // Told as one sensor.
    while (system.sensors().find(({ id }) => id === 'gateway')!.events < 72)
      await new Promise(resolve => setImmediate(resolve))
    expect(system.sensors().filter(({ id }) => id === 'gateway')).toMatchObject([{ events: 72 }])
    await system.setBypass(true)
    expect(passed(await many(20, url, 'alice'))).toBe(20)
  } finally {
    await system.close()
  }
})

test('whom one loop shuts out both shut out', async () => {
  const system = await twoLoops([
    'when: request.path == "/trap", action: { type: quarantine, target: principal, ttl: 1h }',
  ])
  try {
    const url = system.gatewayUrl()!
    const heard = new Promise<void>(resolve =>
      system.subscribe(({ type }) => {
        if (type === 'quarantine') resolve()
      }),
    )
    expect(passed(await many(8, url, 'mallory'))).toBe(8)
    expect((await ask(url, 'mallory', '/trap')).status).toBe(403)
    await heard
    // Handed out, and obeyed by both.
    await system.changed('quarantine')
    const all = await many(30, url, 'mallory')
    expect([passed(all), new Set(all.map(({ loop }) => loop))]).toEqual([0, new Set(['g0', 'g1'])])
    expect(passed(await many(8, url, 'alice'))).toBe(8)
  } finally {
    await system.close()
  }
})

test('a TLS session that one loop began is gone on with by both', async () => {
  const tls = { certificates: [{ certificate: fixture('shop.pem'), key: fixture('shop.key.pem') }] }
  const system = await twoLoops([], { tls })
  const port = Number(new URL(system.gatewayUrl()!).port)
  const ca = readFileSync(fixture('authority.pem'))
  const visit = (session?: Buffer): Promise<{ reused: boolean; session: Buffer | undefined }> =>
    new Promise((resolve, reject) => {
      let given: Buffer | undefined
      const socket = connect({
        ...{ port, host: '127.0.0.1', servername: 'shop.example', ca },
        ...(session === undefined ? {} : { session }),
      })
      socket.on('session', got => {
        given = got
      })
      socket.once('data', () => {
        resolve({ reused: socket.isSessionReused(), session: given })
        socket.destroy()
      })
      socket.on('error', reject)
      socket.write('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n')
    })
  try {
    const { reused, session } = await visit()
    expect([reused, session instanceof Buffer]).toEqual([false, true])
    const again = await Promise.all(Array.from({ length: 24 }, () => visit(session)))
    expect(again.map(({ reused }) => reused)).toEqual(Array<boolean>(24).fill(true))
  } finally {
    await system.close()
  }
})

test('a port that another gateway of several loops has is refused', async () => {
  const first = await twoLoops([])
  try {
    const port = Number(new URL(first.gatewayUrl()!).port)
    await expect(twoLoops([], { port })).rejects.toMatchObject({ code: 'listen/in-use' })
  } finally {
    await first.close()
  }
})
