import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { HpackDecoder } from '../capture/hpack-decoder.ts'
import { connectionPreface } from '../capture/http2-frames.ts'
import { framed, type GrpcCall } from './grpc-call.ts'
import { GrpcListener, type GrpcListenerOptions } from './grpc-listener.ts'

const path = '/a.Service/Method'
const closing: GrpcListener[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const listener of closing.splice(0)) await listener.close()
})

/** A method that says back what it is told, and what it was told of calls. */
async function started(
  options: Partial<GrpcListenerOptions> = {},
  onMessage = (call: GrpcCall, bytes: Buffer): void => call.send(framed(bytes)),
) {
  const told: string[] = []
  const broken: string[] = []
  let closed = 0
  let wake = (): void => undefined
  const listener = await GrpcListener.start(
    {
      host: '127.0.0.1',
      port: 0,
      what: 'A test',
      maxMessageBytes: 4_000_000,
      maxConnections: 20,
      maxCalls: 20_000,
      maxHeldBytes: 8_000_000,
      ...options,
    },
    {
      [path]: call => ({
        message: bytes => {
          told.push(bytes.length > 20 ? `${bytes.length} bytes` : bytes.toString())
          onMessage(call, bytes)
        },
        end: () => {
          told.push('end')
          call.end()
        },
        closed: () => {
          closed += 1
          wake()
        },
      }),
    },
    { refused: sentence => broken.push(sentence), broken: sentence => broken.push(sentence) },
  )
  closing.push(listener)
  const closedCalls = async (count: number): Promise<void> => {
    while (closed < count)
      await new Promise<void>(resolve => {
        wake = resolve
      })
  }
  return { listener, told, broken, closedCalls, port: Number(listener.address.split(':').at(-1)) }
}

const frame = (
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)])
/** `:method POST`, and the path as a literal in no table. */
const head = Buffer.concat([Buffer.of(0x83, 0x04), text(path)])
const preface = Buffer.from(connectionPreface)
const begins = Buffer.concat([preface, frame(4, 0, 0)])
const message = (words: string): Buffer => framed(Buffer.from(words))

interface Seen {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** A peer that says bytes, and what it hears in frames. */
class Peer {
  readonly socket: Socket
  readonly seen: Seen[] = []
  readonly over: Promise<unknown>
  #rest: Buffer = Buffer.alloc(0)
  #wake = (): void => undefined

  constructor(port: number) {
    this.socket = connectTcp(port, '127.0.0.1')
    sockets.push(this.socket)
    this.socket.on('error', () => {})
    this.over = once(this.socket, 'close')
    this.socket.on('data', chunk => {
      this.#rest = Buffer.concat([this.#rest, chunk as Buffer])
      while (this.#rest.length >= 9) {
        const end = 9 + this.#rest.readUIntBE(0, 3)
        if (this.#rest.length < end) break
        this.seen.push({
          type: this.#rest[3]!,
          flags: this.#rest[4]!,
          stream: this.#rest.readUInt32BE(5),
          payload: this.#rest.subarray(9, end),
        })
        this.#rest = this.#rest.subarray(end)
      }
      this.#wake()
    })
  }

  say(...parts: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(parts))
    return this
  }

  async hears(wanted: (seen: readonly Seen[]) => boolean): Promise<void> {
    while (!wanted(this.seen))
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
  }

  /** Messages in the frames of one stream. */
  bytesOf(stream: number): Buffer {
    return Buffer.concat(this.seen.filter(of => of.type === 0 && of.stream === stream).map(of => of.payload))
  }

  /** Heads of one stream. */
  headsOf(stream: number): string[] {
    const hpack = new HpackDecoder({ tableBytes: 4_096, headerCount: 100, listBytes: 65_536 })
    return this.seen
      .filter(of => of.type === 1 && of.stream === stream)
      .map(of =>
        hpack
          .decode(of.payload)
          .map(pair => pair.join(' '))
          .join(', '),
      )
  }
}

const ended =
  (stream: number) =>
  (seen: readonly Seen[]): boolean =>
    seen.some(of => of.stream === stream && of.type === 1 && (of.flags & 1) === 1)

describe('a connection of HTTP/2', () => {
  it('carries a call however its frames are padded, split and cut', async () => {
    const { port, told } = await started()
    const padded = Buffer.concat([Buffer.of(3), Buffer.alloc(5), head, Buffer.alloc(3)])
    const said = Buffer.concat([
      begins,
      frame(2, 0, 1, Buffer.alloc(5)),
      frame(1, 4 | 8 | 32, 1, padded),
      frame(0, 8, 1, Buffer.concat([Buffer.of(2), message('one'), Buffer.alloc(2)])),
      frame(250, 7, 9, Buffer.from('of an extension')),
      frame(1, 0, 3, head.subarray(0, 4)),
      frame(9, 0, 3, head.subarray(4, 9)),
      frame(9, 4, 3, head.subarray(9)),
      frame(0, 0, 3, message('two').subarray(0, 2)),
      frame(0, 0, 3, message('two').subarray(2)),
      frame(6, 0, 0, Buffer.from('12345678')),
      frame(0, 1, 1),
      // Trailers end a call as well.
      frame(1, 4 | 1, 3, Buffer.concat([Buffer.of(0), text('a'), text('b')])),
    ])
    for (const size of [1, 7, said.length]) {
      told.length = 0
      const peer = new Peer(port)
      peer.socket.setNoDelay(true)
      for (let at = 0; at < said.length; at += size) peer.say(said.subarray(at, at + size))
      await peer.hears(seen => ended(1)(seen) && ended(3)(seen))
      expect(told).toEqual(['one', 'two', 'end', 'end'])
      expect(peer.bytesOf(1)).toEqual(message('one'))
      expect(peer.bytesOf(3)).toEqual(message('two'))
      expect(peer.headsOf(1)).toEqual([':status 200, content-type application/grpc', 'grpc-status 0'])
      expect(peer.seen.find(of => of.type === 6)).toMatchObject({
        flags: 1,
        payload: Buffer.from('12345678'),
      })
      peer.socket.destroy()
    }
  })

  it('reads the same head anew where the table behind it has changed', async () => {
    const { port, told } = await started()
    const named = (name: string): Buffer => Buffer.concat([Buffer.of(0x83, 0x44), text(name)])
    // The newest entry of the table, whatever it is.
    const newest = Buffer.of(0x83, 0xbe)
    const heads = [named(path), newest, newest, named('/another.Service/Method'), newest]
    const calls = heads.map((block, at) =>
      Buffer.concat([frame(1, 4, 2 * at + 1, block), frame(0, 1, 2 * at + 1, message(`${at}`))]),
    )
    const peer = new Peer(port).say(begins, ...calls)
    await peer.hears(ended(9))
    const statuses = [1, 3, 5, 7, 9].map(id => /grpc-status (\d+)/.exec(peer.headsOf(id).join(', '))?.[1])
    expect(statuses).toEqual(['0', '0', '0', '12', '12'])
    expect(told.filter(word => word !== 'end')).toEqual(['0', '1', '2'])
  })

  it('ends with the reason where the peer does not keep to HTTP/2', async () => {
    const { port, listener, broken } = await started()
    const open = Buffer.concat([begins, frame(1, 4, 1, head)])
    const cases: readonly (readonly [string, Buffer, code: number])[] = [
      ['another preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'), 1],
      ['a frame too long', Buffer.concat([open, frame(0, 0, 1, Buffer.alloc(16_385))]), 6],
      ['data of no call', Buffer.concat([open, frame(0, 0, 3, message('x'))]), 1],
      ['data of the connection', Buffer.concat([open, frame(0, 0, 0, message('x'))]), 1],
      ['a reset of no call', Buffer.concat([open, frame(3, 0, 5, word(8))]), 1],
      ['a short reset', Buffer.concat([open, frame(3, 0, 1, Buffer.alloc(3))]), 6],
      ['a number of the server', Buffer.concat([begins, frame(1, 4, 2, head)]), 1],
      [
        'a head interrupted',
        Buffer.concat([begins, frame(1, 0, 1, head), frame(6, 0, 0, Buffer.alloc(8))]),
        1,
      ],
      ['a head not begun', Buffer.concat([open, frame(9, 4, 1, head)]), 1],
      [
        'a head without end',
        Buffer.concat([begins, frame(1, 0, 1), ...Array<Buffer>(70).fill(frame(9, 0, 1))]),
        11,
      ],
      ['a head not coded', Buffer.concat([begins, frame(1, 4, 1, Buffer.of(0xff, 0xff, 0xff))]), 9],
      ['padding alone', Buffer.concat([open, frame(0, 8, 1, Buffer.of(9, 0))]), 1],
      ['no padding', Buffer.concat([open, frame(0, 8, 1)]), 1],
      ['a short head', Buffer.concat([begins, frame(1, 4 | 32, 1, Buffer.alloc(4))]), 6],
      ['settings cut', Buffer.concat([open, frame(4, 0, 0, Buffer.alloc(5))]), 6],
      ['a wide setting', Buffer.concat([open, frame(4, 0, 0, Buffer.from('0004ffffffff', 'hex'))]), 3],
      ['a window of nothing', Buffer.concat([open, frame(8, 0, 0, word(0))]), 1],
      ['a wide window', Buffer.concat([open, frame(8, 0, 0, word(0x7fffffff))]), 3],
      ['a short ping', Buffer.concat([open, frame(6, 0, 0, Buffer.alloc(4))]), 6],
      ['a push', Buffer.concat([open, frame(5, 4, 1, Buffer.alloc(4))]), 1],
    ]
    for (const [what, bytes, code] of cases) {
      const peer = new Peer(port).say(bytes)
      await peer.over
      const goaway = peer.seen.find(of => of.type === 7)
      expect([what, goaway?.payload.readUInt32BE(4)]).toEqual([what, code])
    }
    expect(broken).toHaveLength(cases.length)
    expect([listener.calls, listener.connections, listener.heldBytes]).toEqual([0, 0, 0])
  })

  it('resets a call that does not keep to HTTP/2, and no other', async () => {
    const { port, listener } = await started()
    const peer = new Peer(port).say(
      begins,
      ...[1, 3, 5, 7, 9].map(id => frame(1, 4, id, head)),
      frame(8, 0, 1, word(0)),
      frame(8, 0, 3, word(0x7fffffff)),
      frame(1, 4, 5, head),
      // An end that is not the last word.
      frame(0, 0, 7, message('x').subarray(0, 4)),
      frame(0, 1, 9, message('still')),
    )
    await peer.hears(ended(9))
    const resets = peer.seen.filter(of => of.type === 3).map(of => [of.stream, of.payload.readUInt32BE(0)])
    expect(resets).toEqual([
      [1, 1],
      [3, 3],
      [5, 1],
    ])
    expect(peer.bytesOf(9)).toEqual(message('still'))
    expect(listener.calls).toBe(1)
    peer.say(frame(3, 0, 7, word(8)), frame(6, 0, 0, Buffer.alloc(8)))
    await peer.hears(seen => seen.some(of => of.type === 6))
    expect([listener.calls, listener.heldBytes]).toEqual([0, 0])
  })

  it('ends the call in which a fault of ours happens, and no other', async () => {
    const { port, told, listener } = await started({}, (call, bytes) => {
      if (bytes.toString() === 'fault') throw new Error('a fault of ours')
      call.send(framed(bytes))
    })
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = once(process, 'uncaughtException')
    const peer = new Peer(port).say(
      begins,
      ...[1, 3].map(id => frame(1, 4, id, head)),
      frame(0, 0, 1, message('fault')),
      frame(0, 1, 3, message('more')),
    )
    await peer.hears(ended(3))
    expect((await thrown)[0]).toMatchObject({ message: 'a fault of ours' })
    for (const other of others) process.on('uncaughtException', other)
    expect(peer.seen.find(of => of.type === 3)).toMatchObject({ stream: 1, payload: word(2) })
    expect([told, listener.calls]).toEqual([['fault', 'more', 'end'], 0])
  })

  it('says no more than the peer takes, of a call and of the connection, and goes on when it takes more', async () => {
    const { port, listener } = await started()
    const window = Buffer.concat([Buffer.from('0004', 'hex'), word(10)])
    const peer = new Peer(port).say(
      Buffer.concat([
        preface,
        frame(4, 0, 0, window),
        frame(1, 4, 1, head),
        frame(0, 1, 1, message('twenty letters here.')),
      ]),
      frame(6, 0, 0, Buffer.alloc(8)),
    )
    await peer.hears(seen => seen.some(of => of.type === 6))
    expect(peer.bytesOf(1)).toHaveLength(10)
    expect(listener.heldBytes).toBe(15)
    peer.say(frame(8, 0, 1, word(5)), frame(6, 0, 0, Buffer.alloc(8)))
    await peer.hears(seen => seen.filter(of => of.type === 6).length === 2)
    expect(peer.bytesOf(1)).toHaveLength(15)
    // Also a window that is set anew counts for calls under way; below nothing, too.
    peer.say(frame(4, 0, 0, Buffer.concat([Buffer.from('0004', 'hex'), word(4)])))
    peer.say(frame(4, 0, 0, Buffer.concat([Buffer.from('0004', 'hex'), word(100)])))
    await peer.hears(ended(1))
    expect(peer.bytesOf(1)).toEqual(message('twenty letters here.'))
    expect([listener.calls, listener.heldBytes]).toEqual([0, 0])
    // 65,535 bytes of the connection, of which 25 are gone.
    const long = Buffer.alloc(80_000, 'a')
    peer.say(
      frame(4, 0, 0, Buffer.concat([Buffer.from('0004', 'hex'), word(1_000_000)])),
      frame(1, 4, 3, head),
    )
    const whole = framed(long)
    for (let at = 0; at < whole.length; at += 16_000)
      peer.say(frame(0, 0, 3, whole.subarray(at, at + 16_000)))
    await peer.hears(() => peer.bytesOf(3).length === 65_510)
    peer.say(frame(8, 0, 0, word(1_000_000)), frame(0, 1, 3))
    await peer.hears(ended(3))
    expect(peer.bytesOf(3)).toEqual(whole)
    expect([listener.calls, listener.heldBytes]).toEqual([0, 0])
  })

  it('lets the peer send on as it takes, and holds it to the window while a call is paused', async () => {
    let resume = (): void => undefined
    const { port, told, broken, listener } = await started({}, (call, bytes) => {
      if (bytes.toString() !== 'pause') return
      call.pause()
      resume = () => call.resume()
    })
    const peer = new Peer(port).say(begins, frame(1, 4, 1, head), frame(0, 0, 1, message('pause')))
    const part = frame(0, 0, 1, framed(Buffer.alloc(16_379)))
    peer.say(...Array<Buffer>(40).fill(part), frame(6, 0, 0, Buffer.alloc(8)))
    await peer.hears(seen => seen.some(of => of.type === 6))
    expect(told).toEqual(['pause'])
    expect(listener.heldBytes).toBe(40 * 16_384)
    expect(peer.seen.filter(of => of.type === 8 && of.stream === 1)).toEqual([])
    resume()
    await peer.hears(seen => seen.some(of => of.type === 8 && of.stream === 1))
    expect([told.length, listener.heldBytes]).toEqual([41, 0])
    peer.say(frame(0, 0, 1, message('pause')), ...Array<Buffer>(65).fill(part))
    await peer.hears(seen => seen.some(of => of.type === 3))
    expect(peer.seen.find(of => of.type === 3)?.payload).toEqual(word(3))
    expect([told.at(-1), broken, listener.heldBytes, listener.calls]).toEqual(['pause', [], 0, 0])
    peer.say(frame(1, 4, 3, head), frame(0, 1, 3, message('pause')), frame(6, 0, 0, Buffer.alloc(8)))
    await peer.hears(seen => seen.filter(of => of.type === 6).length === 2)
    resume()
    await peer.hears(ended(3))
  })

  it('ends a call whose answers nobody takes, at the bound of what is held', async () => {
    const { port, broken, listener } = await started({ maxHeldBytes: 100_000 })
    const none = Buffer.concat([Buffer.from('0004', 'hex'), word(0)])
    const part = frame(0, 0, 1, framed(Buffer.alloc(16_379)))
    const peer = new Peer(port).say(
      preface,
      frame(4, 0, 0, none),
      frame(1, 4, 1, head),
      ...Array<Buffer>(8).fill(part),
    )
    await peer.hears(seen => seen.some(of => of.type === 3))
    expect(peer.seen.find(of => of.type === 3)?.payload).toEqual(word(11))
    expect(broken).toEqual(['Too much is held of unfinished messages.'])
    expect([listener.calls, listener.heldBytes]).toEqual([0, 0])
  })

  it('keeps nothing of 20,000 calls that were taken back, nor of a connection that is gone', async () => {
    const { port, listener, closedCalls } = await started()
    const peer = new Peer(port).say(begins)
    for (let id = 1; id < 40_001; id += 2)
      peer.say(
        frame(1, 4, id, head),
        frame(0, 0, id, message('half').subarray(0, 7)),
        frame(3, 0, id, word(8)),
      )
    await closedCalls(20_000)
    expect([listener.calls, listener.heldBytes, listener.connections]).toEqual([0, 0, 1])
    for (let id = 40_001; id < 42_001; id += 2)
      peer.say(frame(1, 4, id, head), frame(0, 0, id, message('half').subarray(0, 7)))
    // The thousand and first call at once is refused by the protocol.
    peer.say(frame(1, 4, 42_001, head))
    await peer.hears(seen => seen.some(of => of.type === 3))
    expect(peer.seen.find(of => of.type === 3)).toMatchObject({ stream: 42_001, payload: word(7) })
    expect([listener.calls, listener.heldBytes]).toEqual([1_000, 7_000])
    peer.socket.destroy()
    await closedCalls(21_000)
    expect([listener.calls, listener.heldBytes, listener.connections]).toEqual([0, 0, 0])
  })

  it('is understood by another implementation, with long messages in both ways side by side', async () => {
    const { port, listener } = await started()
    const session = connect(`http://127.0.0.1:${port}`)
    const call = async (size: number): Promise<void> => {
      const stream = session.request({ ':method': 'POST', ':path': path, 'x-size': String(size) })
      const sent = framed(Buffer.alloc(size, String(size)))
      const parts: Buffer[] = []
      let status: unknown
      stream.on('trailers', trailers => {
        status = trailers['grpc-status']
      })
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.end(sent)
      await once(stream, 'close')
      expect([size, status, Buffer.concat(parts).equals(sent)]).toEqual([size, '0', true])
      expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    }
    await Promise.all([0, 1, 16_378, 16_379, 16_380, 70_000, 1_100_000, 3_000_000].map(call))
    session.destroy()
    expect(listener.heldBytes).toBe(0)
  })

  it('survives whatever is said', async () => {
    const { port, listener, broken } = await started()
    const parts = [
      frame(1, 4, 1, head),
      frame(1, 5, 3, head),
      frame(1, 0, 5, head.subarray(0, 3)),
      frame(9, 4, 5, head.subarray(3)),
      frame(0, 1, 1, message('a')),
      frame(0, 8, 1, Buffer.concat([Buffer.of(2), message('b'), Buffer.alloc(2)])),
      frame(3, 0, 1, word(8)),
      frame(4, 0, 0, Buffer.from('000400000005', 'hex')),
      frame(8, 0, 1, word(7)),
      frame(8, 0, 0, word(7)),
      frame(6, 0, 0, Buffer.alloc(8)),
    ]
    const piece = fc.oneof(
      fc.constantFrom(...parts),
      fc
        .tuple(fc.constantFrom(...parts), fc.nat(), fc.nat(255))
        .map(([bytes, at, value]) =>
          Buffer.from(bytes).fill(value, at % bytes.length, (at % bytes.length) + 1),
        ),
      fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async pieces => {
        const peer = new Peer(port)
        await once(peer.socket, 'connect')
        peer.socket.end(Buffer.concat([begins, ...pieces]))
        await peer.over
      }),
      { numRuns: 300, seed: 7 },
    )
    expect(broken.length).toBeGreaterThan(50)
    while (listener.connections > 0) await new Promise(setImmediate)
    expect([listener.calls, listener.heldBytes]).toEqual([0, 0])
  })
})
