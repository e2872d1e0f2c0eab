import { spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { closeAll, httpUpstream, RawClient, rawUpstream, siteBefore } from './fixture.ts'

afterEach(closeAll)

const get = (path = '/'): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

/** Sends `text` over and over, a byte for each turn of the loop, until the connection is closed. */
function dribble(client: RawClient, text: string): void {
  let at = 0
  const more = (): void => {
    if (client.socket.destroyed || !client.socket.writable) return
    client.send(text[at % text.length]!)
    at += 1
    setImmediate(more)
  }
  more()
}

test('a head that comes byte by byte without end is given up after the time for heads', async () => {
  const { url } = await httpUpstream((_request, response) => response.end('ok'))
  const { port, gateway } = await siteBefore(url, { headerTimeoutMs: 60, maxHeaderBytes: 10_000_000 })
  const client = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\nX-A: ')
  dribble(client, 'b')
  expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 408 [\s\S]*connection: close/i)
  expect(gateway.counters.get('sallyport_gateway_refused_total{shape="slow-request"}')).toBe(1)
  expect(gateway.counters.get('sallyport_gateway_requests_total')).toBe(0)
})

test('a body that comes byte by byte without end is given up after the time for requests', async () => {
  let gone: () => void = () => undefined
  const whenGone = new Promise<void>(resolve => {
    gone = resolve
  })
  const { url } = await httpUpstream(request => {
    request.on('error', () => gone())
  })
  const { port, guard, gateway } = await siteBefore(url, { requestTimeoutMs: 80, idleTimeoutMs: 10_000 })
  const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  dribble(client, '1\r\nx\r\n')
  expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 408 /)
  await whenGone
  expect((await guard.seen(1))[0]).toMatchObject({
    response: { status: 408 },
    extra: { gateway: { outcome: 'refused', shape: 'slow-request' } },
  })
  expect(gateway.pool.size).toBe(0)
})

test('a client that stops reading its answer is given up, and its upstream with it', async () => {
  const { url } = await rawUpstream(socket => {
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n')
      const piece = Buffer.alloc(65_536)
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', more)
      more()
    })
  })
  const { port, guard, gateway } = await siteBefore(url, { idleTimeoutMs: 60 })
  const client = new RawClient(port)
  client.socket.pause()
  client.send(get())
  expect((await guard.seen(1))[0]).toMatchObject({ extra: { gateway: { outcome: 'client-timeout' } } })
  expect(gateway.pool.size).toBe(0)
})

test('a connection that says nothing is closed, a fresh one and one that was used', async () => {
  const { url } = await httpUpstream((_request, response) => response.end('ok'))
  const { port, gateway } = await siteBefore(url, { headerTimeoutMs: 40, keepAliveTimeoutMs: 60 })
  expect(await new RawClient(port).untilClosed()).toBe('')
  expect(await new RawClient(port).send(get()).untilClosed()).toMatch(/ok$/)
  expect(gateway.counters.get('sallyport_gateway_refused_total{shape="slow-request"}')).toBe(0)
})

test('what a client sends behind a refusal is read past for a bounded while', async () => {
  const { url } = await httpUpstream((_request, response) => response.end('ok'))
  const { port } = await siteBefore(url, { lingerBytes: 100_000 })
  const client = new RawClient(port).send('GET / HTTP/9.9\r\n\r\n')
  await client.until('"status"')
  const flood = Buffer.alloc(65_536)
  const more = (): void => {
    while (!client.socket.destroyed && client.socket.write(flood));
  }
  client.socket.on('drain', more)
  more()
  expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 400 /)
})

test('a request behind another waits until that one has its whole answer, and no more is read than a bound', async () => {
  let answer: () => void = () => undefined
  let arrived: () => void = () => undefined
  const whenArrived = new Promise<void>(resolve => {
    arrived = resolve
  })
  const { url } = await httpUpstream((request, response) => {
    request.resume()
    if (request.url === '/first') {
      answer = () => response.end('first')
      arrived()
    } else request.on('end', () => response.end('second'))
  })
  const { port, guard } = await siteBefore(url)
  const size = 20_000_000
  const client = new RawClient(port).send(
    `${get('/first')}POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`,
  )
  await whenArrived
  const sent = client.socket.write(Buffer.alloc(size))
  expect(sent).toBe(false)
  for (let turns = 0; turns < 500; turns += 1) await new Promise(resolve => setImmediate(resolve))
  // The system's buffers take some of it; the gateway does not take the rest.
  expect(client.socket.writableLength).toBeGreaterThan(0)
  expect(guard.admitted).toHaveLength(1)
  answer()
  expect(await client.until('second')).toMatch(/first[\s\S]*second$/)
  expect((await guard.seen(2))[1]?.request.body?.size).toBe(size)
})

/** A process of its own, since two ends of so many would not fit into one: connects, asks once on each, and waits. */
const idleClients = `
  const { connect } = require('node:net')
  const [port, count] = process.argv.slice(1).map(Number)
  let open = 0, answered = 0
  const next = () => {
    if (open === count) return
    open += 1
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      answered += 1
      if (answered === count) process.stdout.write('ready')
      else next()
    })
    socket.on('error', error => { throw error })
    socket.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
  }
  for (let started = 0; started < 200; started += 1) next()
`

test('10,000 idle connections take bounded memory, and requests go on between them', async () => {
  const { url } = await httpUpstream((_request, response) => response.end('ok'))
  const count = 10_000
  const { port, gateway } = await siteBefore(url, { maxConnections: count + 10 })
  const before = process.memoryUsage().rss
  const clients = spawn(process.execPath, ['-e', idleClients, String(port), String(count)])
  try {
    await new Promise<void>((resolve, reject) => {
      clients.stdout.once('data', () => resolve())
      clients.stderr.once('data', text => reject(new Error(String(text))))
    })
    const perConnection = (process.memoryUsage().rss - before) / count
    expect(await new RawClient(port).send(get()).until('ok')).toContain('HTTP/1.1 200 OK')
    expect(gateway.counters.get('sallyport_gateway_requests_total')).toBe(count + 1)
    // Upstream connections follow what is under way, not what is open.
    expect(gateway.pool.size).toBeLessThanOrEqual(201)
    expect(perConnection).toBeLessThan(25_000)
  } finally {
    clients.kill()
  }
})
