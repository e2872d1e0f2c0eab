import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FrameReader } from '../../call/decode/websocket-frames.ts'
import { readOperations } from '../../call/protocols/index.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import { Redactor } from '../../call/redactor.ts'
import { sealCall } from '../../call/seal-call.ts'
import { closeAll, RawClient, rawUpstream, type Site, siteBefore } from './fixture.ts'
import type { MessageOptions } from './message-log.ts'

afterEach(closeAll)

const redactor = new Redactor({ key: Buffer.alloc(32, 1) })

/** An unmasked frame, as servers send them. */
function frame(opcode: number, payload: Uint8Array | string, first = 0x80): Buffer {
  const bytes = Buffer.from(payload as string)
  const head =
    bytes.length > 125
      ? Buffer.from([first | opcode, 126, bytes.length >> 8, bytes.length & 255])
      : Buffer.from([first | opcode, bytes.length])
  return Buffer.concat([head, bytes])
}

/** A WebSocket server of a few lines: answers every message by what `answer` makes of it, and a close by a close. */
async function webSocketServer(
  answer: (text: string) => readonly Buffer[],
): Promise<{ url: URL; heads: string[] }> {
  const heads: string[] = []
  const { url } = await rawUpstream(socket => socket.once('data', head => accept(socket, head)))
  function accept(socket: Socket, head: Buffer): void {
    heads.push(head.toString('latin1'))
    const key = /sec-websocket-key: (\S+)/i.exec(head.toString('latin1'))?.[1] ?? ''
    const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const greeting = frame(1, '{"type":"connection_ack"}')
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    lines.push(`Sec-WebSocket-Accept: ${accepted}`, '', '')
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), greeting]))
    const reader = new FrameReader(true, 100_000, {
      onMessage: ({ bytes }) => {
        for (const piece of answer(Buffer.from(bytes).toString())) socket.write(piece)
      },
      onClose: status => socket.end(frame(8, Uint8Array.of((status ?? 1000) >> 8, (status ?? 1000) & 255))),
    })
    socket.on('data', chunk => reader.feed(chunk))
  }
  return { url, heads }
}

/** A client that waits for `count` messages after each of the ones it sends. */
async function talk(
  site: Site,
  path: string,
  sent: readonly (string | Uint8Array)[],
  count = 1,
): Promise<string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}${path}`)
  socket.binaryType = 'arraybuffer'
  const heard: string[] = []
  let wake: () => void = () => undefined
  socket.onmessage = ({ data }) => {
    heard.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer).toString('latin1'))
    wake()
  }
  const until = async (wanted: number): Promise<void> => {
    while (heard.length < wanted)
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
  const closed = new Promise<void>(resolve => {
    socket.onclose = () => resolve()
  })
  await until(1)
  for (const [index, message] of sent.entries()) {
    socket.send(message as string)
    await until(1 + (index + 1) * count)
  }
  socket.close(1000)
  await closed
  return heard
}

const extraOf = (exchange: RawExchange | undefined): Record<string, unknown> =>
  (exchange?.extra?.webSocket ?? {}) as Record<string, unknown>

const siteWith = (url: URL, messages: Partial<MessageOptions> = {}): Promise<Site> =>
  siteBefore(url, { messages })

describe('messages of a WebSocket', () => {
  test('come with a call of their own when it closes, and their secrets masked', async () => {
    const { url, heads } = await webSocketServer(text => [frame(1, `echo ${text.length}`)])
    const site = await siteWith(url)
    const subscribe = JSON.stringify({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { orderChanged(orderId: 5) { status } }' },
    })
    const request = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'orders.get',
      params: { order_id: 'o-17' },
    })
    const login = JSON.stringify({ type: 'login', password: 'correct horse battery' })
    const heard = await talk(site, '/live', [subscribe, request, login, Uint8Array.of(0, 1, 2)])
    expect(heard.slice(1)).toEqual([subscribe, request, login, 'abc'].map(text => `echo ${text.length}`))
    // The client offers permessage-deflate; the offer goes no further.
    expect(heads[0]).toMatch(/^GET \/live HTTP\/1.1\r\n/)
    expect(heads[0]).not.toMatch(/sec-websocket-extensions/i)

    const [upgrade, report] = await site.guard.seen(2)
    expect(upgrade?.messages).toBeUndefined()
    expect(extraOf(report)).toMatchObject({
      connection: upgrade?.id,
      report: 1,
      sent: { messages: 4, bytes: subscribe.length + request.length + login.length + 3, leftOut: 1 },
      received: { messages: 5, leftOut: 0 },
      close: 1000,
      closed: true,
    })
    expect(report?.messages?.map(({ sent, text }) => [sent, text?.slice(0, 12)]).slice(0, 3)).toEqual([
      [false, '{"type":"con'],
      [true, subscribe.slice(0, 12)],
      [false, `echo ${subscribe.length}`],
    ])
    const call = sealCall(report!, redactor)
    expect(JSON.stringify(call)).not.toContain('horse')
    const operations = readOperations(call)
    expect(operations.map(({ name }) => name)).toEqual([
      'connect',
      'message:subscription:orderChanged',
      'message:orders.get',
      'message:login',
      'message:binary',
    ])
    expect(operations.flatMap(({ objects }) => objects.map(({ type, id }) => `${type}:${id}`))).toEqual([
      'order:5',
      'order:o-17',
    ])
    const none = sealCall(report!, new Redactor({ key: Buffer.alloc(32, 1), bodies: 'none' }))
    expect(JSON.stringify(none.extra)).not.toContain('orderChanged')
    expect(site.gateway.counters.get('sallyport_gateway_websocket_messages_total')).toBe(9)
  })

  test('are reported on while the connection stays open', async () => {
    const { url } = await webSocketServer(text => [frame(1, text)])
    const site = await siteWith(url, { reportMs: 20 })
    const socket = new WebSocket(`ws://127.0.0.1:${site.port}/live`)
    await new Promise(resolve => {
      socket.onmessage = resolve
    })
    const [, greeting] = await site.guard.seen(2)
    expect(extraOf(greeting)).toMatchObject({ report: 1, sent: { messages: 0 }, received: { messages: 1 } })
    socket.send('{"type":"ping"}')
    const third = (await site.guard.seen(3))[2]
    expect(extraOf(third)).toMatchObject({ report: 2 })
    expect(extraOf(third)).not.toHaveProperty('closed')
    socket.close()
    let count = 4
    while (extraOf((await site.guard.seen(count)).at(-1)).closed !== true) count += 1
    expect(extraOf(site.guard.exchanges.at(-1)).report).toBe(site.guard.exchanges.length - 1)
  })

  test('are bounded in number, length and sum, each way by itself, and counted beyond', async () => {
    const { url } = await webSocketServer(text => [frame(1, text.slice(0, 90)), frame(1, 'more')])
    const site = await siteWith(url, { count: 5, bytes: 300, messageBytes: 100 })
    const long = 'x'.repeat(400)
    await talk(site, '/live', [long, long, long, long, 'short', 'short', 'short'], 2)
    const report = (await site.guard.seen(2))[1]
    const kept = report?.messages ?? []
    expect(
      kept.filter(({ sent }) => sent).map(({ size, text, truncated }) => [size, text?.length, truncated]),
    ).toEqual([
      [400, 100, true],
      [400, 100, true],
      [400, 100, true],
      [400, undefined, true],
      [5, undefined, true],
    ])
    expect(extraOf(report)).toMatchObject({
      sent: { messages: 7, bytes: 1_615, leftOut: 4 },
      received: { messages: 15 },
    })
    expect(kept.filter(({ sent }) => !sent)).toHaveLength(5)
  })

  test('that an extension codes although none was offered are counted only', async () => {
    const { url } = await webSocketServer(() => [frame(1, 'coded', 0xc0)])
    const site = await siteWith(url)
    const socket = new WebSocket(`ws://127.0.0.1:${site.port}/live`)
    await new Promise(resolve => {
      socket.onmessage = resolve
    })
    const closed = new Promise(resolve => {
      socket.onclose = resolve
      socket.onerror = resolve
    })
    socket.send('a')
    await closed
    const report = (await site.guard.seen(2))[1]
    expect(extraOf(report)).toMatchObject({ received: { messages: 2, leftOut: 1 } })
  })

  test('a tunnel of something else goes on, unread', async () => {
    const { url } = await rawUpstream(socket =>
      socket.once('data', () => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello',
        )
        socket.on('data', chunk => socket.write(chunk))
      }),
    )
    const site = await siteWith(url)
    const client = new RawClient(site.port).send(
      'GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n',
    )
    await client.until('hello')
    client.send('no frames at all')
    expect(await client.until('at all')).toContain('hellono frames at all')
    expect(site.gateway.counters.get('sallyport_gateway_websocket_unreadable_total')).toBe(1)
  })

  test('are not looked at where that is switched off, and extensions pass', async () => {
    const { url, heads } = await webSocketServer(text => [frame(1, text)])
    const site = await siteWith(url, { read: false })
    await talk(site, '/live', ['a'])
    await site.gateway.close(1_000)
    expect(site.guard.exchanges).toHaveLength(1)
    expect(heads[0]).toMatch(/sec-websocket-extensions: permessage-deflate/i)
  })
})
