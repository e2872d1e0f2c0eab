import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { ManualClock, systemClock } from '../../kit/clock.ts'
import type { MirrorOptions } from './mirror-options.ts'
import { MirrorSensor } from './mirror-sensor.ts'
import { mirroredCall } from './mirrored-request.ts'

async function started(options: Partial<MirrorOptions> = {}) {
  const calls: RawExchange[] = []
  const sensor = await MirrorSensor.start(
    { call: call => calls.push(call), event: () => {} },
    new ManualClock(1_796_000_000_000),
    options,
  )
  return { sensor, calls, url: `http://${sensor.address}`, port: Number(sensor.address.split(':').at(-1)) }
}

async function until(happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!happened() && Date.now() < deadline) await new Promise(resolve => setImmediate(resolve))
}

const copyOf = (target: string, headers: Record<string, string>) =>
  mirroredCall({
    id: 'm',
    time: 1,
    method: 'GET',
    target,
    httpVersion: '1.1',
    headers: Object.entries(headers),
    body: { bytes: new Uint8Array(0), size: 0, truncated: false },
    sender: '10.0.0.9',
  })

describe('a copy', () => {
  const rows: readonly (readonly [
    string,
    string,
    Record<string, string>,
    string,
    string,
    string | undefined,
  ])[] = [
    ['as it is', '/a?b', { host: 'shop.example' }, 'shop.example', '/a?b', '10.0.0.9'],
    [
      'of nginx',
      '/_mirror',
      {
        host: 'mirror',
        'x-original-uri': '/a?b',
        'x-original-host': 'shop.example',
        'x-forwarded-for': '192.0.2.1, 10.0.0.1',
      },
      'shop.example',
      '/a?b',
      '192.0.2.1',
    ],
    ['of Envoy', '/a', { host: 'shop.example-shadow' }, 'shop.example', '/a', '10.0.0.9'],
    [
      'of Envoy, with a port',
      '/a',
      { host: 'shop.example-shadow:8080' },
      'shop.example:8080',
      '/a',
      '10.0.0.9',
    ],
    [
      'by forwarding headers',
      '/a',
      { host: 'x', 'x-forwarded-host': 'shop.example, inner', 'x-real-ip': '192.0.2.2' },
      'shop.example',
      '/a',
      '192.0.2.2',
    ],
    [
      'with a whole address',
      '/_',
      { host: 'x', 'x-original-url': 'https://shop.example/a?b' },
      'shop.example',
      '/a?b',
      '10.0.0.9',
    ],
    ['with a client that is none', '/a', { host: 'x', 'x-forwarded-for': '<script>' }, 'x', '/a', undefined],
    ['without a host', '/a', {}, 'unknown', '/a', '10.0.0.9'],
  ]
  it.each(rows)('%s becomes its original', (_, target, headers, host, original, ip) => {
    const call = copyOf(target, headers)
    expect([call.destination.host, call.request.target, call.source.ip]).toEqual([host, original, ip])
    expect(call.request.headers.some(([name]) => name.startsWith('x-original'))).toBe(false)
  })
  it('was read in all forms of the table', () => expect(rows).toHaveLength(8))
})

describe('the receiver', () => {
  it('takes a copy and answers with nothing', async () => {
    const { sensor, calls, port } = await started()
    const copy = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/slow',
      headers: { host: 'shop.example' },
    })
    copy.write('first')
    copy.end(' and last')
    const [response] = await once(copy, 'response')
    expect(response.statusCode).toBe(204)
    response.resume()
    expect(calls[0]).toMatchObject({
      time: 1_796_000_000_000,
      source: { ip: '127.0.0.1' },
      destination: { host: 'shop.example' },
      request: { method: 'POST', target: '/slow', body: { size: 14, truncated: false } },
    })
    expect(calls[0]?.response).toBeUndefined()
    expect(Buffer.from(calls[0]?.request.body?.bytes ?? []).toString()).toBe('first and last')
    await sensor.close()
    expect(sensor.health(0).state).toBe('stopped')
  })

  it('keeps a window of a body, and reads none without end', async () => {
    const { sensor, calls, url } = await started({ bodyBytes: 1_000, maxBodyBytes: 200_000 })
    await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })
    await fetch(url, { method: 'POST', body: 'x'.repeat(5_000_000) }).catch(() => {})
    await until(() => calls.length === 2)
    expect(calls.map(({ request: { body } }) => [body?.bytes.length, body?.truncated])).toEqual([
      [1_000, true],
      [1_000, true],
    ])
    expect(calls[0]?.request.body?.size).toBe(100_000)
    expect(sensor.health(0).detail).toContain('1 bodies were cut off.')
    await sensor.close()
  })

  it('takes copies with the token alone, and leaves it out', async () => {
    const { sensor, calls, url } = await started({ token: 'let-me-in' })
    const rows: readonly (readonly [Record<string, string>, number])[] = [
      [{}, 401],
      [{ authorization: 'Bearer let-me-in' }, 401],
      [{ 'x-mirror-token': 'wrong' }, 401],
      [{ 'x-mirror-token': 'let-me-in', authorization: 'Bearer of-the-caller' }, 204],
    ]
    for (const [headers, status] of rows) expect((await fetch(url, { headers })).status).toBe(status)
    await until(() => calls.length === 1)
    expect(calls[0]?.request.headers.find(([name]) => name === 'authorization')?.[1]).toBe(
      'Bearer of-the-caller',
    )
    expect(calls[0]?.request.headers.some(([name]) => name === 'x-mirror-token')).toBe(false)
    expect(sensor.health(0)).toMatchObject({ events: 1, rejected: 3 })
    await sensor.close()
  })

  it('takes the copy of a request for an upgrade as a request, with the token alone', async () => {
    const { sensor, calls, port } = await started({ token: 'let-me-in' })
    const answers: string[] = []
    for (const token of ['wrong', 'let-me-in']) {
      const socket = connect(port, '127.0.0.1')
      socket.setEncoding('latin1').on('data', (text: string) => answers.push(text.slice(9, 12)))
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Mirror-Token: ${token}\r\n\r\n`,
      )
      await once(socket, 'close')
    }
    expect([answers, calls.map(({ request: asked }) => asked.target)]).toEqual([['401', '204'], ['/ws']])
    expect(sensor.health(0)).toMatchObject({ events: 1, rejected: 1 })
    await sensor.close()
  })

  it('says that it sees no answers', async () => {
    const { sensor, url } = await started()
    await fetch(url)
    await until(() => sensor.health(0).events === 1)
    expect(sensor.health(0)).toMatchObject({
      state: 'running',
      sees: 'request',
      address: sensor.address,
      detail: expect.stringContaining('Copies of requests carry no answer'),
    })
    await sensor.close()
  })

  it('counts what is no HTTP, and lives on', async () => {
    const { sensor, calls, port, url } = await started()
    for (const bytes of [
      '\x16\x03\x01',
      'GET / HTTP/9.9\r\n\r\n',
      `GET / HTTP/1.1\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.end(bytes)
      socket.resume()
      await new Promise(resolve => socket.on('close', resolve))
    }
    expect((await fetch(url)).status).toBe(204)
    await until(() => calls.length === 1)
    expect(sensor.health(0).rejected).toBeGreaterThanOrEqual(3)
    await sensor.close()
  })

  it('says that its port is taken', async () => {
    const { sensor, port } = await started()
    await expect(started({ port })).rejects.toThrow(`The mirror receiver cannot listen on 127.0.0.1:${port}.`)
    await sensor.close()
  })
})

const nginx = '/usr/sbin/nginx'
const hasNginx = existsSync(nginx)

describe(`nginx${hasNginx ? '' : ' (skipped: it is not installed)'}`, () => {
  const freePort = async (): Promise<number> => {
    const server = createTcp().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    return port
  }

  it.skipIf(!hasNginx)('mirrors what its clients ask', { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mirror-'))
    const calls: RawExchange[] = []
    const sensor = await MirrorSensor.start(
      { call: call => calls.push(call), event: () => {} },
      systemClock,
      { token: 't' },
    )
    const upstream = createServer((asked, response) => {
      asked.resume()
      asked.on('end', () => response.end('from the upstream'))
    }).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    const port = await freePort()
    const config = join(folder, 'nginx.conf')
    writeFileSync(
      config,
      `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  access_log off; client_body_buffer_size 1m; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port};
    location / {
      mirror /_sallyport;
      proxy_pass http://127.0.0.1:${(upstream.address() as AddressInfo).port};
    }
    location = /_sallyport {
      internal;
      proxy_pass http://${sensor.address};
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Original-Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Mirror-Token t;
    }
  }
}
`,
    )
    const child: ChildProcess = spawn(nginx, ['-c', config, '-p', folder, '-e', join(folder, 'error.log')], {
      stdio: 'ignore',
    })
    const url = `http://127.0.0.1:${port}`
    let answer: Response | undefined
    const deadline = Date.now() + 10_000
    while (answer === undefined && Date.now() < deadline)
      answer = await fetch(`${url}/ready`).catch(() => undefined)
    const texts = [
      await (
        await fetch(`${url}/orders/7?expand=lines`, {
          method: 'POST',
          body: '{"a":1}',
          headers: { 'content-type': 'application/json' },
        })
      ).text(),
      await (await fetch(`${url}/large`, { method: 'PUT', body: 'x'.repeat(300_000) })).text(),
    ]
    await until(() => calls.length >= 3)
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    await gone
    await sensor.close()
    upstream.close()
    upstream.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
    expect(texts).toEqual(['from the upstream', 'from the upstream'])
    const found = calls.map(({ request: asked, destination, source }) => [
      asked.method,
      asked.target,
      asked.body?.size,
      destination.host,
      source.ip,
    ])
    expect(found.sort((a, b) => String(a[1]).localeCompare(String(b[1])))).toEqual([
      ['PUT', '/large', 300_000, `127.0.0.1:${port}`, '127.0.0.1'],
      ['POST', '/orders/7?expand=lines', 7, `127.0.0.1:${port}`, '127.0.0.1'],
      ['GET', '/ready', undefined, `127.0.0.1:${port}`, '127.0.0.1'],
    ])
  })
})
