import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { apiHost, Client } from '../../range/shop/client.ts'
import { type Shop, startShop } from '../../range/shop/start.ts'
import type { ContextEvent } from '../../src/call/event.ts'
import type { RawExchange } from '../../src/call/raw-exchange.ts'
import { Redactor } from '../../src/call/redactor.ts'
import { sealCall } from '../../src/call/seal-call.ts'
import { Analysis } from '../../src/engine/analysis.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { Gateway } from '../../src/sensors/gateway/gateway.ts'
import { pass } from '../../src/sensors/guard.ts'
import { MirrorSensor } from '../../src/sensors/mirror/mirror-sensor.ts'
import { OtlpSensor } from '../../src/sensors/otlp/otlp-sensor.ts'
import { temporaryFolder } from './started.ts'

/**
 * The same people do the same in the sample shop, seen from three places: by spans alone, by a mirror of requests alone, by the gateway
 * with spans. What each of them knows of the shop's API is compared; what it cannot see is the golden table.
 */
const people = ['alice', 'milan', 'anton', 'ugo', 'elena']
const rounds = 3
/** A device each. */
const browsers = [
  'Firefox/141.0',
  'shop-app/4.1 (Android)',
  'Safari/605.1.15',
  'Edg/140.0',
  'shop-app/4.1 (iOS)',
]

const closing: (() => unknown)[] = []
const folder = temporaryFolder()

afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  folder.remove()
})

/** A shop of its own for each placement: its spans are nobody else's. */
async function freshShop(): Promise<Shop> {
  const shop = await startShop({ telemetry: true })
  closing.push(() => shop.close())
  return shop
}

/** Every person looks at what is theirs, more than once. Resolves with the number of calls. */
async function use(shop: Shop, target: string): Promise<number> {
  let calls = 0
  for (const [index, username] of people.entries()) {
    const user = shop.users.find(one => one.username === username)
    if (user === undefined) throw new Error(`the shop has no ${username}`)
    const client = new Client({
      target,
      host: apiHost,
      userAgent: browsers[index] ?? 'curl/8',
      ip: `203.0.113.${20 + index}`,
    })
    await client.signIn(user.username, user.password)
    calls += 1
    for (let round = 0; round < rounds; round += 1) {
      const orders = await client.call('GET', '/orders')
      const { items } = orders.body as { items: readonly { readonly id: number }[] }
      for (const { id } of items.slice(0, 2)) {
        await client.call('GET', `/orders/${id}`)
        await client.call('GET', `/orders/${id}/invoice`)
        calls += 2
      }
      for (const path of ['/customers/me', '/payments', '/products?page=1', '/support/tickets']) {
        await client.call('GET', path)
        calls += 1
      }
      calls += 1
    }
  }
  return calls
}

/** Analysis that sensors hand what they saw to. */
function analysisOf(): {
  analysis: Analysis
  sink: (sensor: string) => { call(exchange: RawExchange): void; event(event: ContextEvent): void }
} {
  const analysis = new Analysis()
  const redactor = new Redactor({ key: new Uint8Array(32) })
  return {
    analysis,
    sink: sensor => ({
      call: exchange => {
        analysis.observe(sealCall({ ...exchange, sensor }, redactor))
      },
      event: event => {
        analysis.observe(event)
      },
    }),
  }
}

const freePort = (): Promise<number> =>
  new Promise(found => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** nginx before the shop, with copies of its requests to the mirror receiver. */
async function nginx(upstream: string, mirror: string): Promise<string> {
  const port = await freePort()
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => {
    mkdirSync(join(folder.path, kind), { recursive: true })
    return `${kind}_temp_path ${join(folder.path, kind)};`
  })
  const file = join(folder.path, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${join(folder.path, 'nginx.pid')}; error_log ${join(folder.path, 'error.log')};
events { worker_connections 256; }
http { access_log off; ${paths.join(' ')}
  server { listen 127.0.0.1:${port};
    location / { mirror /copy; mirror_request_body on; proxy_set_header Host $http_host; proxy_pass ${upstream}; }
    location = /copy { internal; proxy_pass http://${mirror}$request_uri; proxy_set_header Host $http_host;
      proxy_set_header X-Original-URI $request_uri; proxy_set_header X-Original-Host $http_host; } } }
`,
  )
  const child: ChildProcess = spawn('/usr/sbin/nginx', ['-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  closing.push(() => child.kill())
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => await fetch(`${url}/health`), { timeout: 10_000 })
  return url
}

/** What a placement knows of the API that clients see. */
function known({ catalog, graph }: Analysis) {
  const endpoints = catalog
    .endpoints()
    .filter(({ host, inventory }) => host === apiHost && inventory !== 'candidate')
  return {
    endpoints: endpoints.map(({ method, template }) => `${method} ${template}`),
    statuses: endpoints.some(({ statuses }) => Object.keys(statuses).length > 0),
    answers: endpoints.some(({ messages }) =>
      (messages?.responses ?? []).some(({ schema }) => schema !== undefined),
    ),
    bodies: endpoints.some(({ messages }) =>
      (messages?.requests ?? []).some(({ schema }) => schema !== undefined),
    ),
    dataClasses: [...new Set(endpoints.flatMap(({ dataClasses }) => dataClasses.response))].sort(),
    internal: catalog.endpoints().filter(({ host }) => host !== apiHost).length,
    workloads: [...graph.graph.allNodes()]
      .filter(({ kind }) => kind === 'workload')
      .map(({ name }) => name)
      .sort(),
    stores: [...graph.graph.allNodes()]
      .filter(({ kind }) => kind === 'store')
      .map(({ name }) => name)
      .sort(),
  }
}

const principalsOf = (analysis: Analysis): readonly string[] =>
  analysis
    .principals()
    .map(({ id }) => id)
    .filter(id => id.startsWith('user:'))
    .sort()

interface Placement {
  readonly name: string
  readonly analysis: Analysis
  readonly calls: number
}

async function bySpans(): Promise<Placement> {
  const { analysis, sink } = analysisOf()
  const sensor = await OtlpSensor.start(sink('otlp'), systemClock, { httpPort: 0, grpcPort: 0 })
  const shop = await freshShop()
  shop.reportTo(`http://${sensor.addresses[0]}`)
  const calls = await use(shop, shop.url)
  await shop.flushSpans()
  await sensor.close()
  return { name: 'spans alone', analysis, calls }
}

async function byMirror(): Promise<Placement> {
  const { analysis, sink } = analysisOf()
  let copies = 0
  const into = sink('mirror')
  const sensor = await MirrorSensor.start(
    {
      ...into,
      call: exchange => {
        copies += 1
        into.call(exchange)
      },
    },
    systemClock,
    { port: 0 },
  )
  const shop = await freshShop()
  const calls = await use(shop, await nginx(shop.url, sensor.address))
  await vi.waitFor(() => expect(copies).toBeGreaterThanOrEqual(calls), { timeout: 10_000, interval: 50 })
  await sensor.close()
  return { name: 'a mirror alone', analysis, calls }
}

async function byGateway(): Promise<Placement> {
  const { analysis, sink } = analysisOf()
  const sensor = await OtlpSensor.start(sink('otlp'), systemClock, { httpPort: 0, grpcPort: 0 })
  const shop = await freshShop()
  shop.reportTo(`http://${sensor.addresses[0]}`)
  const { call } = sink('gateway')
  const needs = { requestBody: false, response: false, responseBody: false }
  const gateway = new Gateway(
    { host: '127.0.0.1', port: 0, upstream: new URL(shop.url), trustedProxies: ['127.0.0.1/32'] },
    {
      admit: () => ({ verdict: pass, needs, decideBody: () => pass, decideResponse: () => pass }),
      observe: call,
    },
    systemClock,
  )
  const { host, port } = await gateway.listen()
  const calls = await use(shop, `http://${host}:${port}`)
  await shop.flushSpans()
  await gateway.close(1_000)
  await sensor.close()
  return { name: 'the gateway and spans', analysis, calls }
}

describe('three places to see the same shop from', () => {
  it('know the same endpoints and the same people; what each cannot see is written down', async () => {
    const placements = [await bySpans(), await byMirror(), await byGateway()]
    const [spans, mirror, gateway] = placements.map(({ analysis }) => known(analysis))
    expect(gateway?.endpoints).toEqual([
      'GET /customers/me',
      'GET /orders',
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/invoice',
      'GET /payments',
      'GET /products',
      'GET /support/tickets',
      'POST /auth/login',
    ])
    expect(spans?.endpoints).toEqual(gateway?.endpoints)
    expect(placements.map(({ analysis }) => principalsOf(analysis))).toEqual(
      placements.map(() => people.map(name => `user:${name}`).sort()),
    )
    // A mirror sees no answers: who never signs in does not show which path is one.
    expect(mirror?.endpoints).toEqual(gateway?.endpoints.filter(endpoint => endpoint !== 'POST /auth/login'))
    // A call that both saw counts once.
    const { analysis, calls } = placements[2]!
    const counted = analysis.catalog
      .endpoints()
      .filter(({ host }) => host === apiHost)
      .reduce((sum, endpoint) => sum + endpoint.calls, 0)
    expect(counted).toBe(calls)
    await expect(table(placements)).toMatchFileSnapshot('../golden/placements.txt')
  }, 90_000)
})

function table(placements: readonly Placement[]): string {
  const facts = placements.map(({ analysis }) => known(analysis))
  const said = (value: boolean | readonly string[] | number): string =>
    typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : typeof value === 'number'
        ? String(value)
        : value.length === 0
          ? 'none'
          : value.join(' ')
  const rows: readonly (readonly [string, ...string[]])[] = [
    ['', ...placements.map(({ name }) => name)],
    ['endpoints of the API', ...facts.map(({ endpoints }) => String(endpoints.length))],
    ['statuses', ...facts.map(({ statuses }) => said(statuses))],
    ['schemas of requests', ...facts.map(({ bodies }) => said(bodies))],
    ['schemas of answers', ...facts.map(({ answers }) => said(answers))],
    ['data it answers with', ...facts.map(({ dataClasses }) => said(dataClasses))],
    ['endpoints behind it', ...facts.map(({ internal }) => said(internal))],
    ['workloads', ...facts.map(({ workloads }) => said(workloads))],
    ['stores', ...facts.map(({ stores }) => said(stores.map(store => store.split('/').at(-1) ?? store)))],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return `${rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`
}
