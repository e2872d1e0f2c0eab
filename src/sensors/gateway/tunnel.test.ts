import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  blockVerdict,
  closeAll,
  RawClient,
  RecordingGuard,
  rawUpstream,
  scripted,
  siteBefore,
} from './fixture.ts'

afterEach(closeAll)

const upgrade =
  'GET /live HTTP/1.1\r\nHost: shop.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

/** Agrees to the upgrade with some bytes right behind, then echoes. */
function echoing(onHead: (head: string, socket: Socket) => void = () => undefined): (socket: Socket) => void {
  return socket => {
    socket.once('data', chunk => {
      onHead(chunk.toString('latin1'), socket)
      socket.write(`${switching}hello`)
      socket.on('data', more => socket.write(more))
    })
  }
}

test('a WebSocket goes through: the 101 is recorded, the bytes pass, both sides close', async () => {
  let head = ''
  let upstreamEnded: () => void = () => undefined
  const whenEnded = new Promise<void>(resolve => {
    upstreamEnded = resolve
  })
  const { url } = await rawUpstream(
    echoing((text, socket) => {
      head = text
      socket.on('end', () => upstreamEnded())
    }),
  )
  const { port, guard, gateway } = await siteBefore(url)
  const client = new RawClient(port).send(upgrade)
  const answer = await client.until('hello')
  expect(answer).toBe(`${switching}hello`)
  expect(head).toMatch(/^GET \/live HTTP\/1.1\r\n/)
  expect(head).toMatch(/Connection: Upgrade\r\nUpgrade: websocket\r\n/)
  const [exchange] = await guard.seen(1)
  expect(exchange).toMatchObject({ request: { target: '/live' }, response: { status: 101 } })
  client.send('ping')
  await client.until('ping')
  const large = `${'z'.repeat(3_000_000)}END`
  client.send(large)
  expect(await client.until('END')).toBe(`${switching}helloping${large}`)
  client.socket.end()
  await whenEnded
  await client.closed
  expect(guard.exchanges).toHaveLength(1)
  expect(gateway.counters.get('sallyport_gateway_upgrades_total')).toBe(1)
  await gateway.close(5_000)
  expect(gateway.counters.get('sallyport_gateway_tunnel_bytes_total')).toBe(2 * (4 + large.length))
})

test('an upstream that closes a WebSocket closes it for the client', async () => {
  const { url } = await rawUpstream(scripted(socket => socket.end(`${switching}bye`)))
  const { port } = await siteBefore(url)
  expect(await new RawClient(port).send(upgrade).untilClosed()).toBe(`${switching}bye`)
})

test('a refusal to upgrade comes through as a response', async () => {
  const { url } = await rawUpstream(scripted('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'))
  const { port, guard } = await siteBefore(url)
  expect(await new RawClient(port).send(upgrade).untilClosed()).toMatch(/^HTTP\/1.1 403 [\s\S]*no$/)
  expect((await guard.seen(1))[0]?.response?.status).toBe(403)
})

test('a blocked upgrade never reaches the upstream, before or after its answer', async () => {
  let reached = 0
  const { url } = await rawUpstream(
    echoing(() => {
      reached += 1
    }),
  )
  const before = await siteBefore(url, {}, new RecordingGuard(() => ({ verdict: blockVerdict })))
  expect(await new RawClient(before.port).send(upgrade).untilClosed()).toMatch(
    /^HTTP\/1.1 403 [\s\S]*"decisionId"/,
  )
  expect(reached).toBe(0)
  const needs = { requestBody: false, response: true, responseBody: false }
  const after = await siteBefore(
    url,
    {},
    new RecordingGuard(() => ({ needs, decideResponse: () => blockVerdict })),
  )
  const text = await new RawClient(after.port).send(upgrade).untilClosed()
  expect(text).toMatch(/^HTTP\/1.1 403 /)
  expect(text).not.toContain('hello')
  expect(reached).toBe(1)
  expect((await after.guard.seen(1))[0]).toMatchObject({
    verdict: { action: 'block' },
    response: { status: 101 },
  })
})

test('a silent tunnel is closed', async () => {
  const { url } = await rawUpstream(echoing())
  const { port } = await siteBefore(url, { tunnelIdleTimeoutMs: 40 })
  expect(await new RawClient(port).send(upgrade).untilClosed()).toBe(`${switching}hello`)
})

test('closing the gateway closes its tunnels', async () => {
  const { url } = await rawUpstream(echoing())
  const { port, gateway } = await siteBefore(url)
  const client = new RawClient(port).send(upgrade)
  await client.until('hello')
  await gateway.close(10)
  expect(await client.untilClosed()).toBe(`${switching}hello`)
})

test('an upgrade pipelined behind a request waits for its turn', async () => {
  const { url } = await rawUpstream(socket => {
    socket.on('data', chunk => {
      const upgrades = chunk.toString('latin1').includes('Upgrade: websocket')
      socket.write(upgrades ? `${switching}hello` : 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst')
    })
  })
  const { port, guard } = await siteBefore(url)
  const client = new RawClient(port).send(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${upgrade}`)
  expect(await client.until('hello')).toMatch(/^HTTP\/1.1 200 [\s\S]*firstHTTP\/1.1 101 [\s\S]*hello$/)
  expect((await guard.seen(2)).map(exchange => exchange.response?.status)).toEqual([200, 101])
})

test('CONNECT behind a request under way is refused in its turn', async () => {
  const { url } = await rawUpstream(scripted('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst'))
  const { port, guard } = await siteBefore(url)
  const text = await new RawClient(port)
    .send('GET /first HTTP/1.1\r\nHost: a\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')
    .untilClosed()
  expect(text).toMatch(/^HTTP\/1\.1 200 [\s\S]*firstHTTP\/1\.1 405 /)
  expect(await guard.seen(2)).toHaveLength(2)
})

test('bytes sent before the 101 go through the tunnel, or nowhere', async () => {
  const { url } = await rawUpstream(echoing())
  const { port } = await siteBefore(url)
  expect(await new RawClient(port).send(`${upgrade}early`).until('early')).toBe(`${switching}helloearly`)
  const blocking = await siteBefore(url, {}, new RecordingGuard(() => ({ verdict: blockVerdict })))
  const text = await new RawClient(blocking.port)
    .send(`${upgrade}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    .untilClosed()
  expect(text.match(/HTTP\/1.1 /g)).toHaveLength(1)
  expect(blocking.guard.admitted).toHaveLength(1)
})
