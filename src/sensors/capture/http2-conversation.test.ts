import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, createServer, sensitiveHeaders } from 'node:http2'
import { type AddressInfo, connect, createServer as createRelay, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inShort, Talk, taken } from './fixture.ts'

/** What a real client and a real server of HTTP/2 said through a relay, in order. */
interface Recorded {
  readonly client: boolean
  readonly bytes: Buffer
}

const recorded: Recorded[] = []
/** So long that Huffman coding, which some bytes make longer, makes it shorter. */
const everyByte =
  'a'.repeat(2_000) +
  String.fromCharCode(
    ...Array.from({ length: 256 }, (_, byte) => byte).filter(byte => byte > 32 && byte !== 127),
  )

async function ask(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<void> {
  const stream = session.request(
    {
      ':method': body === '' ? 'GET' : 'POST',
      ':path': path,
      ...headers,
      [sensitiveHeaders]: ['authorization'],
    },
    { endStream: false },
  )
  stream.resume()
  stream.end(body)
  await once(stream, 'close')
}

beforeAll(async () => {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    stream.on('end', () => {
      if (headers[':path'] === '/hints') stream.additionalHeaders({ ':status': 103, link: '</a>' })
      stream.respond(
        { ':status': 200, 'x-size': String(size), 'x-long': 'z'.repeat(3_000) },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '5' }))
      stream.end(`answer to ${headers[':path']}`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Socket[] = []
  const relay = createRelay(client => {
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1')
    sockets.push(client, upstream)
    for (const [from, to, isClient] of [
      [client, upstream, true],
      [upstream, client, false],
    ] as const)
      from.on('data', bytes => {
        recorded.push({ client: isClient, bytes })
        to.write(bytes)
      })
    for (const socket of [client, upstream]) socket.on('error', () => {})
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const session = connectHttp2(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`)
  await ask(
    session,
    '/one',
    { authorization: 'Bearer abc', 'x-repeated': 'v'.repeat(300), 'x-all': everyByte },
    '',
  )
  await ask(session, '/hints', { 'x-repeated': 'v'.repeat(300) }, 'some text')
  await Promise.all(
    ['/a', '/b', '/c'].map(path =>
      ask(session, path, { 'content-type': 'application/grpc' }, path.repeat(20_000)),
    ),
  )
  session.destroy()
  for (const socket of sockets) socket.destroy()
  relay.close()
  server.close()
})
afterAll(() => {
  recorded.length = 0
})

const talkOf = (list: readonly Recorded[], size: number): Talk => {
  const talk = new Talk().open()
  for (const { client, bytes } of list) client ? talk.client(bytes, size) : talk.server(bytes, size)
  return talk
}

const calls = [
  'GET /one 200 14',
  'POST /hints +9 200 16',
  'POST /a +40000 200 12',
  'POST /b +40000 200 12',
  'POST /c +40000 200 12',
]

describe('a connection in HTTP/2', () => {
  it.each([[1_400], [65_000], [37]])(
    'of a real client and server is read from segments of %i bytes',
    size => {
      const { calls: found, intake } = taken(talkOf(recorded, size).packets)
      expect(found.map(inShort).sort()).toEqual([...calls].sort())
      expect([intake.counts.explain(), intake.held]).toEqual([[], 0])
    },
  )

  it('gives headers, host and trailers', () => {
    const [call] = taken(talkOf(recorded, 1_400).packets).calls
    expect(call?.request).toMatchObject({
      httpVersion: '2',
      target: '/one',
      headers: [
        ['authorization', 'Bearer abc'],
        ['x-repeated', 'v'.repeat(300)],
        ['x-all', everyByte],
      ],
    })
    expect(call?.destination.host).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(call?.response?.headers.filter(([name]) => name !== 'date' && name !== 'x-long')).toEqual([
      ['x-size', '0'],
      ['grpc-status', '5'],
    ])
  })

  it('bears a gap in a body, and gives up at one elsewhere', () => {
    const { packets } = talkOf(recorded, 1_000)
    const large = packets.map((_, index) => index).filter(index => packets[index]!.bytes.length === 1_054)
    const inBody = taken(packets.filter((_, index) => index !== large.at(-8)))
    expect(inBody.calls.map(inShort).sort()).toEqual(
      [...calls.slice(0, 2), ...calls.slice(2)]
        .sort()
        .map(text => expect.stringMatching(new RegExp(`^${text.slice(0, 7)}`))),
    )
    expect(inBody.calls.filter(({ request }) => request.body?.truncated === true)).toHaveLength(1)
    // The first of the connection with the preface and the headers.
    const atHead = taken(packets.filter((_, index) => index !== 6))
    expect(atHead.intake.held).toBe(0)
    expect(atHead.calls.length).toBeLessThan(5)
  })

  it('begins by an upgrade', () => {
    const server = recorded.filter(({ client }) => !client).map(({ bytes }) => bytes)
    expect(server.length).toBeGreaterThan(0)
    const talk = new Talk()
      .open()
      .client(
        'GET /first HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
      )
      .server('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
      .client('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
      .server(Buffer.from('000001010400000001' + '88', 'hex'))
      .server(Buffer.concat([Buffer.from('000005000100000001', 'hex'), Buffer.from('hello')]))
      .close()
    const found = taken(talk.packets).calls
    expect(found.map(inShort)).toEqual(['GET /first 200 5'])
    expect(found[0]?.destination.host).toBe('shop.example')
  })
})

const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const get = Buffer.from([0x82, 0x86, 0x84])

describe('a hostile HTTP/2 connection', () => {
  const rows: readonly (readonly [string, readonly Buffer[], number, RegExp])[] = [
    [
      'continuations without end',
      [frame(1, 0, 1, get), ...Array.from({ length: 3_000 }, () => frame(9, 0, 1, Buffer.alloc(1, 0x82)))],
      0,
      /header block is longer/,
    ],
    [
      'empty continuations',
      [frame(1, 0, 1, get), ...Array.from({ length: 3_000 }, () => frame(9, 0, 1, Buffer.alloc(0)))],
      0,
      /None of its/,
    ],
    [
      'a block that is not ended',
      [frame(1, 0, 1, get), frame(0, 0, 1, Buffer.from('x'))],
      0,
      /was not ended/,
    ],
    [
      'more streams than the bound',
      Array.from({ length: 20 }, (_, index) => frame(1, 4, index * 2 + 1, get)),
      20,
      /more than 4 streams/,
    ],
    [
      'a frame of 16 MB that never comes',
      [frame(1, 4, 1, get), Buffer.from('ffffff000000000001', 'hex')],
      1,
      /^$/,
    ],
    [
      'a table without bound',
      [frame(1, 5, 1, Buffer.from('3fffffff7f', 'hex'))],
      0,
      /larger than the bound|has no end/,
    ],
    ['padding beyond its frame', [frame(1, 0x0d, 1, Buffer.from([250, 0x82]))], 0, /None of its/],
    [
      'resets at once',
      Array.from({ length: 50 }, (_, index) =>
        Buffer.concat([frame(1, 5, index * 2 + 1, get), frame(3, 0, index * 2 + 1, Buffer.alloc(4))]),
      ),
      50,
      /^$/,
    ],
  ]
  it.each(rows)('is bounded and told: %s', (_, parts, count, told) => {
    const talk = new Talk().open().client(preface)
    for (const part of parts) talk.client(part)
    const { calls: found, intake } = taken(talk.packets, { streams: 4 })
    expect(found).toHaveLength(count)
    expect(intake.counts.explain().join(' ')).toMatch(told)
    expect(intake.held).toBe(0)
  })
  it('was tried in all ways of the table', () => expect(rows).toHaveLength(8))

  it('never makes it throw, whatever the frames are', () => {
    const any = fc.record({
      client: fc.boolean(),
      type: fc.oneof(
        { weight: 3, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 10 }) },
      ),
      flags: fc.oneof(fc.constantFrom(4, 5), fc.integer({ min: 0, max: 63 })),
      stream: fc.integer({ min: 0, max: 5 }),
      payload: fc.oneof(fc.constant(new Uint8Array(get)), fc.uint8Array({ maxLength: 20 })),
    })
    let found = 0
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (list, size) => {
        const talk = new Talk().open().client(preface)
        for (const { client, type, flags, stream, payload } of list) {
          const bytes = frame(type, flags, stream, Buffer.from(payload))
          client ? talk.client(bytes, size) : talk.server(bytes, size)
        }
        const { calls: seen, intake } = taken(talk.packets, { streams: 2, heldBytes: 2_000, bodyBytes: 10 })
        found += seen.length
        expect(intake.held).toBe(0)
      }),
      { numRuns: 600 },
    )
    expect(found).toBeGreaterThan(100)
  })
})
