import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { endedProcess, freePort, startedProcess } from '../../../test/support/started-process.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { systemClock } from '../../kit/clock.ts'
import { MirrorSensor } from '../mirror/mirror-sensor.ts'
import { type Asked, decisionPoint, type Service, service } from './fixture.ts'
import type { ForwardAuthOptions } from './forward-auth-options.ts'

/** Debian's proxies with the configuration files of `deploy/forward-auth`, which the guide shows. */
const deploy = join(import.meta.dirname, '../../../deploy/forward-auth')

interface Front {
  readonly url: string
  readonly port: number
  readonly asked: Asked
  readonly service: Service
}

interface Proxy {
  readonly program: string
  readonly files: readonly string[]
  readonly args: (folder: string) => readonly string[]
  /** Turns the file into the one that fails open. */
  readonly open: (text: string) => string
  /** Status where Sallyport is absent and it fails closed. */
  readonly absent: number
  readonly seesBodies: boolean
}

const uncommented = (text: string): string => text.replace(/#open /g, '')

const proxies: Readonly<Record<string, Proxy>> = {
  nginx: {
    program: '/usr/sbin/nginx',
    files: ['nginx.conf'],
    args: folder => [
      ...['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
      '-g',
      ['daemon off; worker_processes 1;', `pid ${folder}/pid;`].join(' '),
    ],
    open: uncommented,
    absent: 500,
    seesBodies: false,
  },
  caddy: {
    program: '/usr/bin/caddy',
    files: ['Caddyfile'],
    args: folder => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
    open: uncommented,
    absent: 502,
    seesBodies: false,
  },
  haproxy: {
    program: '/usr/sbin/haproxy',
    files: ['haproxy.cfg', 'haproxy-spoe.conf'],
    args: folder => ['-db', '-C', folder, '-f', 'haproxy.cfg'],
    open: text => text.replace(/^.*var\(txn\.sallyport\.error\).*$/gm, ''),
    absent: 503,
    seesBodies: true,
  },
}

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function front(
  name: string,
  options: { open?: boolean; edit?: (text: string) => string; point?: Partial<ForwardAuthOptions> } = {},
): Promise<Front> {
  const proxy = proxies[name]!
  const asked = await decisionPoint(options.point)
  closers.push(() => asked.point.close(0))
  const behind = await service()
  closers.push(() => behind.close())
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  for (const file of proxy.files) {
    let text = readFileSync(join(deploy, file), 'utf8')
    if (options.open === true) text = proxy.open(text)
    if (options.edit !== undefined) text = options.edit(text)
    text = text
      .replaceAll('127.0.0.1:4602', asked.point.address)
      .replaceAll('127.0.0.1:9000', `127.0.0.1:${behind.port}`)
      .replaceAll(':8081', `:${port}`)
    if (name === 'nginx')
      text = text.replace(
        'http {',
        `http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${folder}/${kind};`).join(' ')}`,
      )
    if (name === 'caddy') text = `{\n\tadmin off\n\tauto_https off\n}\n${text}`
    writeFileSync(join(folder, file), text)
  }
  // Caddy keeps files at home.
  const args = [`HOME=${folder}`, proxy.program, ...proxy.args(folder)]
  const child: ChildProcess = await startedProcess('/usr/bin/env', args, port, { cwd: folder })
  closers.push(() => endedProcess(child, 'SIGKILL'))
  return { url: `http://127.0.0.1:${port}`, port, asked, service: behind }
}

/** Sends bytes as they stand, and gives back the status of the answer. */
const statusOf = (port: number, text: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    let read = ''
    socket.on('data', chunk => {
      read += chunk.toString('latin1')
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(read)?.[1]
      if (status === undefined) return
      socket.destroy()
      resolve(Number(status))
    })
    socket.on('close', () => reject(new Error('closed without an answer')))
    socket.on('error', reject)
  })

describe.each(Object.entries(proxies))('%s', (name, proxy) => {
  const there = existsSync(proxy.program)

  it.skipIf(!there)('lets pass, refuses as decided, and tags', { timeout: 60_000 }, async () => {
    const { url, port, asked, service: behind } = await front(name)
    const passed = await fetch(`${url}/orders/7?expand=lines`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', authorization: 'Bearer of-the-caller' },
    })
    expect([passed.status, await passed.text()]).toEqual([200, 'from the service'])
    expect(behind.seen[0]).toMatchObject({ method: 'POST', url: '/orders/7?expand=lines', body: '{"a":1}' })

    const request = asked.guard.admitted[0]!
    expect(request).toMatchObject({
      method: 'POST',
      target: '/orders/7?expand=lines',
      source: { ip: '127.0.0.1' },
      destination: { host: url.slice('http://'.length) },
    })
    const headers = new Map(request.headers)
    expect(headers.get('authorization')).toBe('Bearer of-the-caller')
    expect(headers.get('host')).toBe(url.slice('http://'.length))
    expect(
      request.headers.some(([key]) => key.startsWith('x-original') || key.startsWith('x-forwarded')),
    ).toBe(false)

    const rows: readonly (readonly [string, number, string])[] = [
      ['/blocked', 403, 'This request is not allowed – “here”.'],
      ['/cloaked', 404, 'There is nothing here.'],
      ['/throttled', 429, 'Slow down.'],
      ['/challenged', 401, 'Sign in again.'],
    ]
    for (const [path, status, title] of rows) {
      const answer = await fetch(url + path)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        status,
        'application/problem+json',
      ])
      expect(await answer.json()).toMatchObject({ title, decisionId: 'd-1' })
      if (status === 429) expect(answer.headers.get('retry-after')).toBe('7')
      if (status === 401) expect(answer.headers.get('www-authenticate')).toContain('acr_values="mfa"')
    }
    expect(rows).toHaveLength(4)
    expect(behind.seen).toHaveLength(1)
    const upgrade = [
      'GET /free HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ]
    expect(await statusOf(port, [...upgrade, '', ''].join('\r\n'))).toBe(200)

    expect((await fetch(`${url}/tagged`, { headers: { 'x-risk': 'low, says the client' } })).status).toBe(200)
    expect((await fetch(`${url}/free`, { headers: { 'x-risk': 'low, says the client' } })).status).toBe(200)
    expect(behind.seen.map(({ headers }) => headers['x-risk'] ?? '')).toEqual(['', '', 'high', ''])

    const seen = await asked.guard.seen(8)
    expect(seen.map(({ request: { target }, verdict }) => [target, verdict?.action])).toEqual([
      ['/orders/7?expand=lines', undefined],
      ['/blocked', 'block'],
      ['/cloaked', 'block'],
      ['/throttled', 'throttle'],
      ['/challenged', 'challenge'],
      ['/free', undefined],
      ['/tagged', 'amend'],
      ['/free', undefined],
    ])
    expect(seen[1]?.response?.status).toBe(403)
  })

  it.skipIf(!there)('does not let a client speak for the proxy', { timeout: 60_000 }, async () => {
    const { url, port, asked } = await front(name)
    const lies = {
      'x-original-method': 'GET',
      'x-original-uri': '/free',
      'x-original-url': '/free',
      'x-original-host': 'other.example',
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': '/free',
      'x-forwarded-host': 'other.example',
      'x-forwarded-for': '198.51.100.7',
      'x-real-ip': '198.51.100.7',
      forwarded: 'for=198.51.100.7;host=other.example',
      'x-forwarded-client-cert': 'Hash=00;Subject="CN=admin"',
      'x-original-content-length': '5',
    }
    expect((await fetch(`${url}/blocked`, { headers: lies })).status).toBe(403)
    const underscored = Object.fromEntries(
      Object.entries(lies).map(([key, value]) => [key.replaceAll('-', '_'), value]),
    )
    expect((await fetch(`${url}/blocked`, { headers: underscored })).status).toBe(403)
    const twice = Object.entries(lies).flatMap(([key, value]) => [`${key}: ${value}`, `${key}: ${value}x`])
    const raw = ['GET /blocked HTTP/1.1', 'Host: shop.example', ...twice, '', ''].join('\r\n')
    expect(await statusOf(port, raw)).toBeGreaterThanOrEqual(400)
    const dropped = [
      'GET /blocked HTTP/1.1',
      'Host: shop.example',
      `Connection: ${Object.keys(lies).join(', ')}`,
    ]
    expect(await statusOf(port, [...dropped, '', ''].join('\r\n'))).toBe(403)
    expect(asked.guard.admitted.length).toBeGreaterThanOrEqual(3)
    for (const { target, method, source, destination, headers } of asked.guard.admitted) {
      expect([method, target, source.ip]).toEqual(['GET', '/blocked', '127.0.0.1'])
      expect(destination.host).not.toBe('other.example')
      expect(headers.some(([key]) => key.replaceAll('_', '-') === 'x-forwarded-client-cert')).toBe(false)
    }
  })

  it.skipIf(!there)('fails as it is configured when Sallyport is absent', { timeout: 60_000 }, async () => {
    const closed = await front(name)
    await closed.asked.point.close(0)
    expect((await fetch(`${closed.url}/free`)).status).toBe(proxy.absent)
    const open = await front(name, { open: true })
    await open.asked.point.close(0)
    const answer = await fetch(`${open.url}/free`, { headers: { 'x-risk': 'low' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'from the service'])
    expect(open.service.seen[0]?.headers['x-risk'] ?? '').toBe('')
  })

  it.skipIf(!there)('is not opened by what a client sends', { timeout: 60_000 }, async () => {
    const { port, service: behind } = await front(name, { open: true })
    const odd: readonly string[] = [
      `GET /blocked HTTP/1.1\r\nHost: a\r\n${'X-Long: '.padEnd(7_000, 'y')}\r\n\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 90 }, (_, n) => `X-${n}: y\r\n`).join('')}\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\nX-Odd: \x80\xff\x09z\r\n\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET /blocked HTTP/1.0\r\n\r\n`,
      `GET /blocked?${'q'.repeat(6_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a b\r\n\r\n`,
      `CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n`,
      `GET http://a/blocked HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET http://a/blocked HTTP/1.1\r\nHost: b\r\n\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 14 }, (_, n) => `X-${n}: ${'y'.repeat(1_000)}\r\n`).join('')}\r\n`,
      `GET /blocked HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(95)}\r\n`,
      `POST /blocked HTTP/1.1\r\nHost: a\r\nContent-Length: 15000\r\nX: ${'y'.repeat(5_000)}\r\n\r\n${'z'.repeat(15_000)}`,
      `POST /blocked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    ]
    for (const text of odd)
      expect([text.slice(0, 60), await statusOf(port, text)]).not.toEqual([text.slice(0, 60), 200])
    expect(odd).toHaveLength(15)
    expect(behind.seen).toEqual([])
  })

  it.skipIf(!there || !proxy.seesBodies)(
    'decides on bodies and on answers',
    { timeout: 60_000 },
    async () => {
      const { url, asked, service: behind } = await front(name)
      const post = (body: string): Promise<Response> => fetch(`${url}/posted`, { method: 'POST', body })
      expect((await post('an order')).status).toBe(200)
      expect((await post('an attack')).status).toBe(400)
      expect(behind.seen.map(({ body }) => body)).toEqual(['an order'])
      expect((await fetch(`${url}/answered?answer=fine`)).status).toBe(200)
      const withheld = await fetch(`${url}/answered?answer=the-secret`)
      expect([withheld.status, await withheld.json()]).toEqual([
        403,
        expect.objectContaining({ decisionId: 'd-1' }),
      ])
      expect((await fetch(`${url}/status?status=500`)).status).toBe(403)
      const seen = await asked.guard.seen(5)
      expect(seen.map(({ response }) => response?.status)).toEqual([200, 400, 200, 200, 500])
      expect(Buffer.from(seen[0]?.request.body?.bytes ?? []).toString()).toBe('an order')
      expect(seen[3]?.verdict?.action).toBe('block')
    },
  )
})

describe('nginx with a mirror', () => {
  it.skipIf(!existsSync(proxies.nginx!.program))(
    'counts each request once',
    { timeout: 60_000 },
    async () => {
      const copies: RawExchange[] = []
      const mirror = await MirrorSensor.start(
        { call: call => copies.push(call), event: () => {} },
        systemClock,
        { token: 'a-long-secret-of-your-own' },
      )
      closers.push(() => mirror.close())
      const { url, asked } = await front('nginx', {
        point: { observe: 'refused' },
        edit: text => text.replace('#mirror ', '').replaceAll('127.0.0.1:9180', mirror.address),
      })
      expect((await fetch(`${url}/orders`, { method: 'POST', body: 'an order' })).status).toBe(200)
      expect((await fetch(`${url}/blocked`)).status).toBe(403)
      await expect.poll(() => copies.length, { timeout: 10_000 }).toBe(1)
      expect(copies[0]?.request).toMatchObject({ method: 'POST', target: '/orders' })
      expect(Buffer.from(copies[0]?.request.body?.bytes ?? []).toString()).toBe('an order')
      expect(asked.guard.exchanges.map(({ request }) => request.target)).toEqual(['/blocked'])
    },
  )
})
