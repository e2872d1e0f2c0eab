import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'
import { frameFlag, frameHeadBytes, frameType } from '../http2-code.ts'

/** For tests: HTTP/2 frames as a client would write them that keeps to no rule (RFC 9113 §4.1, RFC 7541). */

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(frameHeadBytes)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Settings by their numbers. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  return frame(
    frameType.settings,
    0,
    0,
    Buffer.concat(
      pairs.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 255]), number32(value)])),
    ),
  )
}

const text = (value: string): Buffer => {
  // Seven bits of length, and what is more in pieces of seven.
  const lengths = [Math.min(127, value.length)]
  if (value.length >= 127) {
    let rest = value.length - 127
    for (; rest >= 128; rest >>= 7) lengths.push((rest & 127) | 128)
    lengths.push(rest)
  }
  return Buffer.concat([Buffer.from(lengths), Buffer.from(value, 'latin1')])
}

/** A field as it stands, kept in no table. */
export const field = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0]), text(name), text(value)])

/** A field that the other side keeps: the newest of its table is number 62. */
export const keptField = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0x40]), text(name), text(value)])

export const newestField = Buffer.from([0x80 | 62])

/** The fields of `GET https://shop.example` and a path. */
export const get = (path: string): Buffer =>
  Buffer.concat([Buffer.from([0x82, 0x87, 0x04]), text(path), Buffer.from([0x01]), text('shop.example')])

/** A whole request without a body. */
export const request = (stream: number, path: string, more: Uint8Array = Buffer.alloc(0)): Buffer =>
  frame(
    frameType.headers,
    frameFlag.endStream | frameFlag.endHeaders,
    stream,
    Buffer.concat([get(path), more]),
  )

const ca = readFileSync(new URL('../../../test/fixtures/tls/authority.pem', import.meta.url))

/** A connection over which HTTP/2 was agreed, with its first settings sent. */
export class FrameClient {
  readonly socket: TLSSocket
  readonly closed: Promise<void>
  readonly frames: Frame[] = []
  #rest = Buffer.alloc(0)
  #waiting: (() => void)[] = []
  #gone = false

  static async open(port: number, first: Buffer = settings()): Promise<FrameClient> {
    const socket = connect({
      ...{ port, host: '127.0.0.1', servername: 'shop.example', ca },
      ALPNProtocols: ['h2'],
    })
    const client = new FrameClient(socket)
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    client.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), first)
    return client
  }

  private constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      for (;;) {
        if (this.#rest.length < frameHeadBytes) break
        const end = frameHeadBytes + this.#rest.readUIntBE(0, 3)
        if (this.#rest.length < end) break
        this.frames.push({
          type: this.#rest[3]!,
          flags: this.#rest[4]!,
          stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
          payload: this.#rest.subarray(frameHeadBytes, end),
        })
        this.#rest = this.#rest.subarray(end)
      }
      this.#wake()
    })
    this.closed = new Promise(resolve =>
      socket.once('close', () => {
        this.#gone = true
        this.#wake()
        resolve()
      }),
    )
  }

  get gone(): boolean {
    return this.#gone
  }

  send(...frames: readonly Uint8Array[]): this {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(Buffer.concat(frames))
    return this
  }

  /** Sends `make(0)`, `make(1)`, … `burst` at a time, as fast as they are taken, until the connection is closed or `count` are sent. */
  async flood(count: number, make: (index: number) => Uint8Array, burst = 100): Promise<number> {
    let sent = 0
    while (sent < count && !this.#gone && this.socket.writable) {
      const frames: Uint8Array[] = []
      for (let index = 0; index < burst && sent < count; index += 1, sent += 1) frames.push(make(sent))
      if (!this.socket.write(Buffer.concat(frames)))
        await new Promise<void>(resolve => {
          this.#waiting.push(resolve)
          this.socket.once('drain', resolve)
        })
      else await new Promise(resolve => setImmediate(resolve))
    }
    return sent
  }

  /** The first frame that is like this, once it is there; undefined where the connection ends without. */
  async until(wanted: (frame: Frame) => boolean): Promise<Frame | undefined> {
    for (;;) {
      const found = this.frames.find(wanted)
      if (found !== undefined || this.#gone) return found
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Why the other side ended the connection, of a GOAWAY. */
export const reasonOf = ({ payload }: Frame): number => payload.readUInt32BE(4)
