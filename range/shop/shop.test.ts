import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { attackers, runAttackers } from './attackers.ts'
import { apiHost, Client } from './client.ts'
import { ask, serve } from './service.ts'
import { type Shop, startShop } from './start.ts'
import { runUsers, users } from './traffic.ts'
import { attackOf, attacks } from './truth.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop({ seed: 1 })
})
afterAll(() => shop.close())

const userOf = (username: string) => shop.users.find(user => user.username === username)!
const device = () => new Client({ target: shop.url, host: apiHost, userAgent: 'test', ip: '192.0.2.1' })
async function signedIn(username: string): Promise<Client> {
  const client = device()
  expect((await client.signIn(username, userOf(username).password)).status).toBe(200)
  return client
}
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe('the API', () => {
  test('signs in with the right password only', async () => {
    const client = device()
    expect((await client.signIn('alice', 'wrong')).status).toBe(401)
    expect((await client.signIn(userOf('alice').email, userOf('alice').password)).status).toBe(200)
    const [, payload = ''] = client.token!.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    expect(claims).toMatchObject({ sub: 'alice', tenant: userOf('alice').tenant, roles: ['customer'] })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(900)
  })

  test('refuses tokens that are none, altered, or missing', async () => {
    const client = await signedIn('alice')
    const token = client.token!
    let refused = 0
    for (const bad of [
      undefined,
      'x',
      'a.b.c',
      `${token.slice(0, -6)}AAAAAA`,
      token.replace(/^[^.]+/, 'e30'),
    ]) {
      client.token = bad
      expect((await client.call('GET', '/orders')).status).toBe(401)
      refused += 1
    }
    expect(refused).toBe(5)
  })

  test('keeps what is closed closed: profiles, payments, the export', async () => {
    const client = await signedIn('alice')
    expect((await client.call('GET', `/customers/${userOf('bruno').customer}`)).status).toBe(403)
    expect((await client.call('GET', `/customers/${userOf('alice').customer}`)).status).toBe(200)
    expect((await client.call('GET', '/admin/export?from=1000&to=1010')).status).toBe(403)
    const bruno = await signedIn('bruno')
    const [payment] = ((await bruno.call('GET', '/payments')).body as { items: { id: string }[] }).items
    expect((await bruno.call('GET', `/payments/${payment!.id}`)).status).toBe(200)
    expect((await client.call('GET', `/payments/${payment!.id}`)).status).toBe(404)
    const support = await signedIn('support-ines')
    expect((await support.call('GET', `/customers/${userOf('bruno').customer}`)).status).toBe(200)
    const partner = await signedIn('partner-sync')
    const exported = await partner.call('GET', '/admin/export?from=1000&to=1009')
    expect((exported.body as { items: unknown[] }).items).toHaveLength(10)
  })

  test('has its flaws: other people’s orders and invoices are shown to whoever asks', async () => {
    const client = await signedIn('mallory')
    const order = await client.call('GET', '/orders/1000')
    expect(order).toMatchObject({
      status: 200,
      body: { id: 1000, customerId: 'alice', tenantId: userOf('alice').tenant },
    })
    const invoice = await client.call('GET', '/orders/1000/invoice')
    expect(invoice).toMatchObject({
      status: 200,
      body: { customerId: 'alice', billTo: { email: userOf('alice').email } },
    })
  })

  test('has its flaws: a token lives on after signing out', async () => {
    const client = await signedIn('alice')
    expect((await client.call('POST', '/auth/logout')).status).toBe(204)
    expect((await client.call('GET', '/customers/me')).status).toBe(200)
  })

  test('has its flaws: the search is a part of the statement, within a sandbox of products', async () => {
    const search = (words: string) => device().call('GET', `/products/search?q=${encodeURIComponent(words)}`)
    expect((await search('lamp')).status).toBe(200)
    const broken = await search("'")
    expect(broken.status).toBe(500)
    expect(JSON.stringify(broken.body)).toMatch(/unrecognized token|syntax error|near/)
    const union = await search("x' UNION SELECT 1, sqlite_version(), 3, 4, 5 --")
    expect(JSON.stringify(union.body)).toMatch(/"slug":"3\.\d+/)
    let denied = 0
    for (const words of [
      "x' UNION SELECT 1, randomblob(1000000000), 3, 4, 5 --",
      "x' UNION SELECT * FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i),1,1,1,1 FROM n) --",
      "'; DROP TABLE products; --",
    ]) {
      // The last one is a statement too many, which the engine does not look at.
      const reply = await search(words)
      expect([200, 500]).toContain(reply.status)
      if (reply.status === 500) denied += 1
    }
    expect(denied).toBe(2)
    expect(((await search('lamp')).body as { items: unknown[] }).items.length).toBeGreaterThan(0)
  })

  test('buys: an order, its payment, a coupon once', async () => {
    const client = await signedIn('carla')
    const [{ slug }] = ((await client.call('GET', '/products?page=1')).body as { items: [{ slug: string }] })
      .items
    const order = await client.call('POST', '/orders', { sku: slug, quantity: 2 })
    expect(order).toMatchObject({ status: 201, body: { customerId: 'carla', status: 'placed' } })
    const { id } = order.body as { id: number }
    const payment = await client.call('POST', '/payments', { orderId: id, card: '4242424242424242' })
    expect(payment).toMatchObject({ status: 201, body: { orderId: id, customerId: 'carla' } })
    const { id: paymentId } = payment.body as { id: string }
    expect(await client.call('GET', `/payments/${paymentId}`)).toEqual({ status: 200, body: payment.body })
    expect((await client.call('POST', '/payments', { orderId: 1000, card: '4242424242424242' })).status).toBe(
      404,
    )
    const redeem = () => client.call('POST', '/coupons/redeem', { code: 'WELCOME10' })
    expect(await redeem()).toEqual({ status: 200, body: { code: 'WELCOME10', discount: 10 } })
    expect((await redeem()).status).toBe(409)
  })

  test('answers odd requests with a client error', async () => {
    const client = await signedIn('alice')
    const table: readonly (readonly [method: string, path: string, body: unknown, status: number])[] = [
      ['GET', '/nothing', undefined, 404],
      ['DELETE', '/orders/1000', undefined, 405],
      ['GET', '/orders/abc', undefined, 404],
      ['GET', '/orders/%E0%A4%A', undefined, 400],
      ['GET', '/customers/999999', undefined, 404],
      ['POST', '/orders', { sku: 'no-such-thing' }, 422],
      ['POST', '/orders', [1], 400],
      ['POST', '/auth/login', { username: 'alice' }, 400],
      ['POST', '/coupons/redeem', { code: 'NOPE' }, 404],
      ['PUT', '/customers/me', { note: 'x'.repeat(9_000) }, 413],
      ['PUT', '/customers/me', { note: 'x'.repeat(70_000) }, 413],
    ]
    let checked = 0
    for (const [method, path, body, status] of table) {
      expect([method, path, (await client.call(method, path, body)).status]).toEqual([method, path, status])
      checked += 1
    }
    expect(checked).toBe(11)
  })

  test('only its front is open: a service behind it answers none but its peers', async () => {
    expect(new Set(shop.pids).size).toBe(4)
    const port = await serve({ 'GET /orders/:id': () => ({ status: 200, body: {} }) }, 0, 'between-us')
    const base = `http://127.0.0.1:${port}`
    expect((await ask(base, 'between-us', 'GET', '/orders/1')).status).toBe(200)
    expect((await ask(base, 'guessed', 'GET', '/orders/1')).status).toBe(403)
    expect((await fetch(`${base}/orders/1`)).status).toBe(403)
  })
})

/** Passes calls on to the shop and notes them, as a gateway would. */
async function withRecorder(
  work: (
    target: string,
    seen: { method: string; path: string; ip: string; status: number; sub?: string }[],
  ) => Promise<void>,
): Promise<void> {
  const seen: { method: string; path: string; ip: string; status: number; sub?: string }[] = []
  const server = createServer(async (incoming: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
    const reply = await fetch(new URL(incoming.url ?? '/', shop.url), {
      method: incoming.method ?? 'GET',
      headers: {
        'content-type': 'application/json',
        ...(incoming.headers.authorization === undefined
          ? {}
          : { authorization: incoming.headers.authorization }),
      },
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    })
    const [, payload] = (incoming.headers.authorization ?? '').split('.')
    seen.push({
      method: incoming.method ?? '',
      path: (incoming.url ?? '').split('?')[0] ?? '',
      ip: String(incoming.headers['x-forwarded-for']),
      status: reply.status,
      ...(payload === undefined
        ? {}
        : { sub: (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub }),
    })
    response.statusCode = reply.status
    response.end(Buffer.from(await reply.arrayBuffer()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  try {
    await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, seen)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

describe('its users', () => {
  test('show every endpoint and enough own orders within what the first twenty seconds hold, and break nothing', async () => {
    await withRecorder(async (target, seen) => {
      const crowd = users({ target, shop, seed: 7 })
      await crowd.stepUsers(800)
      expect(crowd.status().calls).toBe(800)
      expect(seen.length).toBe(800)
      const bad = seen.filter(({ status }) => status >= 500 || status === 401 || status === 0)
      expect(bad).toEqual([])
      const templates = new Set(
        seen.map(
          ({ method, path }) =>
            `${method} ${path
              .replace(/[0-9a-f-]{36}/, '{uuid}')
              .replace(/\/\d+/, '/{n}')
              .replace(/products\/(?!search).+/, 'products/{slug}')}`,
        ),
      )
      expect([...templates].sort()).toEqual(
        [
          'GET /admin/export',
          'GET /customers/me',
          'GET /customers/{n}',
          'GET /orders',
          'GET /orders/{n}',
          'GET /orders/{n}/invoice',
          'GET /payments',
          'GET /payments/{uuid}',
          'GET /products',
          'GET /products/search',
          'GET /products/{slug}',
          'GET /support/tickets',
          'POST /auth/login',
          'POST /auth/logout',
          'POST /coupons/redeem',
          'POST /orders',
          'POST /payments',
          'POST /support/tickets',
          'PUT /customers/me',
        ].sort(),
      )
      const readers = new Map<string, number>()
      for (const { path, sub = '' } of seen) {
        if (/^\/orders\/\d+$/.test(path) && !sub.includes('-')) readers.set(sub, (readers.get(sub) ?? 0) + 1)
      }
      expect(readers.size).toBeGreaterThanOrEqual(30)
      expect([...readers.values()].reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(100)
      expect(seen.every(({ ip, sub }) => attackOf(ip) === undefined && sub !== 'mallory')).toBe(true)
    })
  })

  test('the same seed makes the same calls', async () => {
    const paths: string[][] = []
    for (let run = 0; run < 2; run += 1) {
      await withRecorder(async (target, seen) => {
        await users({ target, shop, seed: 3 }).stepUsers(120)
        // Numbers that the shop gives out itself differ between two runs on the same shop.
        paths.push(
          seen
            .filter(({ path }) => !path.includes('/payments/'))
            .map(({ method, sub = '' }) => `${method} ${sub}`)
            .slice(0, 100),
        )
      })
    }
    expect(paths[0]).toHaveLength(100)
    expect(paths[1]).toEqual(paths[0])
  })

  test('keep to their rate and stop when told', async () => {
    const stop = new AbortController()
    const started = performance.now()
    const crowd = runUsers({
      target: shop.url,
      shop,
      seed: 5,
      rate: 5,
      warmUpRate: 60,
      warmUpMs: 10_000,
      signal: stop.signal,
    })
    await vi.waitFor(() => expect(crowd.status().calls).toBeGreaterThanOrEqual(20), {
      timeout: 20_000,
      interval: 20,
    })
    stop.abort()
    await crowd.done
    const { calls } = crowd.status()
    expect(calls).toBeLessThanOrEqual(((performance.now() - started) / 1_000) * 60 + 8)
  })

  test('meet a shop that is gone with patience, not with an exception', async () => {
    const crowd = users({ target: 'http://127.0.0.1:1', shop, seed: 5 })
    await crowd.stepUsers(30)
    expect(crowd.status()).toEqual({ calls: 30, statuses: { 0: 30 } })
  })
})

describe('its attackers', () => {
  test('do what the truth says, from the addresses it names, and nothing else', async () => {
    await withRecorder(async (target, seen) => {
      const gang = attackers({ target, shop, seed: 11 })
      for (const { id } of attacks) await gang.stepAttacker(id, 60)
      const from = (id: string) => seen.filter(({ ip }) => attackOf(ip)?.id === id)
      const walked = from('walk').filter(({ path }) => path.startsWith('/orders/'))
      expect(walked.every(({ sub, status }) => sub === 'mallory' && status === 200)).toBe(true)
      expect(new Set(walked.map(({ path }) => path.split('/')[2])).size).toBeGreaterThan(50)
      expect(from('stuffing').filter(({ status }) => status === 401)).toHaveLength(59)
      expect(from('stuffing').filter(({ status }) => status === 200)).toHaveLength(1)
      expect(from('replay').every(({ sub, status }) => sub === 'zoe' && status === 200)).toBe(true)
      const logout = seen.findIndex(({ path }) => path === '/auth/logout')
      expect(seen.findIndex(({ ip }) => attackOf(ip)?.id === 'replay')).toBeGreaterThan(logout)
      expect(from('injection').filter(({ status }) => status === 500).length).toBeGreaterThan(5)
      expect(new Set(from('scraping').map(({ path }) => path)).size).toBeGreaterThan(50)
      expect(gang.status().map(({ id, calls, active }) => [id, calls, active])).toEqual(
        attacks.map(({ id }) => [id, 60, false]),
      )
    })
  })

  test('tell how they fare when they are shut out', async () => {
    const wall = createServer((_, response) => {
      response.statusCode = 403
      response.end()
    })
    wall.listen(0, '127.0.0.1')
    await once(wall, 'listening')
    const address = wall.address()
    const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const gang = attackers({ target, shop, seed: 11 })
    await gang.stepAttacker('walk', 5)
    wall.close()
    wall.closeAllConnections()
    expect(gang.status()[0]).toMatchObject({ id: 'walk', calls: 5, refused: 5, lastStatus: 403 })
  })

  test('wait for their time, then mallory goes on until told to stop', async () => {
    const stop = new AbortController()
    const gang = runAttackers({ target: shop.url, shop, seed: 2, signal: stop.signal, delayMs: 0 })
    await vi.waitFor(() => expect(gang.status()[0]?.calls).toBeGreaterThanOrEqual(1), {
      timeout: 20_000,
      interval: 20,
    })
    expect(gang.status()[0]).toMatchObject({ active: true, lastStatus: 200 })
    expect(
      gang
        .status()
        .slice(1)
        .every(({ calls }) => calls === 0),
    ).toBe(true)
    stop.abort()
    await gang.done
    expect(gang.status().some(({ active }) => active)).toBe(false)
  })
})

describe('its processes', () => {
  test('end with close', async () => {
    const other = await startShop({ seed: 2 })
    expect(other.pids.filter(isGone)).toEqual([])
    await other.close()
    expect(other.pids.filter(isGone)).toEqual(other.pids)
  })

  test('end when the process that started them is killed', async () => {
    const script = `
      const { startShop } = await import(${JSON.stringify(new URL('./start.ts', import.meta.url).href)})
      const shop = await startShop({ seed: 3 })
      process.stdout.write(JSON.stringify(shop.pids) + '\\n')
      setInterval(() => {}, 1 << 30)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pids = JSON.parse(line.toString()) as number[]
    expect(pids).toHaveLength(4)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(pids.filter(isGone)).toEqual(pids), { timeout: 10_000, interval: 20 })
  })

  test('a port that is taken is a failed start that leaves nothing running', async () => {
    const port = Number(new URL(shop.url).port)
    await expect(startShop({ port })).rejects.toThrow(/front service did not start/)
  })
})
