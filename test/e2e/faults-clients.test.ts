import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProtectedApi } from './fault-fixture.ts'

const patience = { timeout: 40_000, interval: 200 }
const mega = 1024 * 1024
let api: ProtectedApi
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await api.close()
})

/** Bytes of memory that the process holds now, and held at most. */
function memory(): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${api.started.child.pid}/status`, 'utf8')
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1])
  return { now: kilobytes('VmRSS') * 1024, most: kilobytes('VmHWM') * 1024 }
}

/** Sends `size` bytes in pieces of a megabyte as the other side takes them; gives how many came back. */
async function bounce(size: number): Promise<number> {
  const url = new URL('/echo', api.gateway)
  const request = httpRequest(url, { method: 'POST', headers: { 'content-length': size } })
  const answered = once(request, 'response')
  const sent = (async () => {
    const piece = Buffer.alloc(mega, 'x')
    for (let left = size; left > 0; left -= piece.length)
      if (!request.write(piece)) await once(request, 'drain')
    request.end()
  })()
  const [response] = (await answered) as [IncomingMessage]
  let came = 0
  for await (const chunk of response) came += (chunk as Buffer).length
  await sent
  return came
}

/** Opens connections and says nothing on them; tells when all are open, and how many were closed on it. */
const idleClients = `
const [port, count] = process.argv.slice(1).map(Number)
let open = 0
const next = () => {
  const socket = require('node:net').connect(port, '127.0.0.1', () => {
    open += 1
    if (open === count) console.log('open')
  })
  socket.on('error', error => { console.error(error.message); process.exit(1) })
}
const step = left => {
  for (let index = 0; index < Math.min(left, 200); index += 1) next()
  if (left > 200) setTimeout(step, 5, left - 200)
}
step(count)
`

describe.runIf(process.platform === 'linux')('clients of a running Sallyport', () => {
  it('with bodies of 100 MB both ways, four at once: memory stays bounded', async () => {
    api = await ProtectedApi.start({
      listener: (request, response) => {
        if (request.url !== '/echo') return void response.end('ok')
        response.writeHead(200, { 'content-length': request.headers['content-length'] ?? '0' })
        request.pipe(response)
      },
    })
    await api.expectDecisions(10, 'before')
    const before = memory().now
    const size = 100 * mega
    expect(await Promise.all([1, 2, 3, 4].map(() => bounce(size)))).toEqual([size, size, size, size])
    // 800 MB went through.
    expect(memory().most - before).toBeLessThan(200 * mega)
    await api.expectDecisions(10, 'after')
    expect(await api.close()).toBe(0)
  }, 180_000)

  it('with 10,000 idle connections: requests go on between them, memory stays bounded', async () => {
    const count = 10_000
    api = await ProtectedApi.start({ env: { SALLYPORT_GATEWAY_LIMITS_CONNECTIONS: String(count + 100) } })
    await api.expectDecisions(10, 'before')
    const before = memory().now
    const clients = spawn(process.execPath, ['-e', idleClients, new URL(api.gateway).port, String(count)])
    try {
      await new Promise<void>((opened, failed) => {
        clients.stdout.once('data', () => opened())
        clients.stderr.once('data', text => failed(new Error(String(text))))
      })
      await api.expectDecisions(20, 'between')
      expect((memory().now - before) / count).toBeLessThan(25_000)
    } finally {
      clients.kill()
    }
    await api.expectDecisions(10, 'after')
    expect(await api.close()).toBe(0)
  }, 120_000)

  it('that write their heads a byte a second: they are given up, requests go on meanwhile', async () => {
    api = await ProtectedApi.start({ env: { SALLYPORT_GATEWAY_LIMITS_HEADER_SECONDS: '4' } })
    const port = Number(new URL(api.gateway).port)
    const head = 'GET /slow HTTP/1.1\r\nHost: a.example\r\nX-Long: '
    let closed = 0
    let said = ''
    for (let index = 0; index < 500; index += 1) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', bytes => {
        said = bytes.toString('latin1')
      })
      socket.once('close', () => {
        closed += 1
      })
      socket.write(head)
    }
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a')
    }, 1_000)
    try {
      await api.expectDecisions(20, 'between')
      await vi.waitFor(() => expect(closed).toBe(500), patience)
    } finally {
      clearInterval(drip)
    }
    expect(said).toMatch(/^HTTP\/1\.1 408 /)
    await api.expectDecisions(10, 'after')
    expect(api.seen).not.toContain('/slow')
    expect(await api.close()).toBe(0)
  }, 120_000)
})

describe.runIf(process.platform === 'linux')('the upstream of a running Sallyport', () => {
  it('slow: others are answered meanwhile; silent: 504; gone: 502 and a degraded health; back: everything as before', async () => {
    const waiting: (() => void)[] = []
    api = await ProtectedApi.start({
      env: { SALLYPORT_GATEWAY_LIMITS_RESPONSE_SECONDS: '10' },
      listener: (request, response) => {
        if (request.url === '/silent') return
        if (request.url === '/slow') waiting.push(() => response.end('late'))
        else response.end('ok')
      },
    })
    const slow = Array.from({ length: 100 }, () => api.status('/slow'))
    await vi.waitFor(() => expect(waiting).toHaveLength(100), patience)
    await api.expectDecisions(20, 'while-slow')
    for (const answer of waiting) answer()
    expect(await Promise.all(slow)).toEqual(Array.from({ length: 100 }, () => 200))

    expect(await api.status('/silent')).toBe(504)
    await api.stopUpstream()
    for (let index = 0; index < 10; index += 1) {
      expect(await api.status(`/things/gone-${index}`)).toBe(502)
      expect(await api.status(`/blocked/gone-${index}`)).toBe(403)
    }
    await vi.waitFor(async () => {
      expect(await api.health()).toMatchObject({ status: 'degraded', sensors: { gateway: 'degraded' } })
      for (const [code, count] of [
        ['timeout', 1],
        ['unreachable', 10],
      ] as const)
        expect(await api.metric(`sallyport_gateway_upstream_failures_total{code="upstream/${code}"}`)).toBe(
          count,
        )
    }, patience)
    await api.startUpstream()
    await api.expectDecisions(10, 'back')
    await vi.waitFor(async () => expect((await api.health()).status).toBe('ok'), patience)
    await vi.waitFor(async () => expect((await api.storedPaths()).length).toBe(151), patience)
    expect(await api.close()).toBe(0)
  }, 120_000)
})
