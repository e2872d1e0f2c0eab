import type { Socket } from 'node:net'
import { BrokenHeaders, HpackDecoder } from '../capture/hpack-decoder.ts'
import { connectionPreface } from '../capture/http2-frames.ts'
import {
  endCode,
  frameFlag,
  frameHeadBytes,
  frameType,
  maxFrameBytes,
  maxWindow,
  setting,
  usualWindow,
} from '../http2-code.ts'
import { FrameWriter } from './frame-writer.ts'
import { type GrpcHead, grpcHead } from './grpc-head.ts'
import { GrpcStream, type GrpcStreamCarrier, type GrpcStreamHost, streamWindow } from './grpc-stream.ts'

/** Calls side by side on one connection; more are refused by the protocol. */
const maxStreams = 1_000
const maxHeadBytes = 65_536
/** Frames that one head may come in. */
const maxHeadFrames = 64
/** What a peer may send on the connection before we take it. What comes is taken at once: it never waits for this. */
const connectionWindow = 16 * 1024 * 1024
/** Bytes that the peer does not take from the socket: beyond, nothing more is read of it. */
const maxUnsentBytes = 4 * 1024 * 1024
const headBounds = { tableBytes: 4_096, headerCount: 128, listBytes: maxHeadBytes }

const preface = Buffer.from(connectionPreface, 'latin1')
const nothing = Buffer.alloc(0)

/** Calls and bounds of the listener that a connection is of. */
export interface GrpcConnectionHost extends GrpcStreamHost {
  /** A call begins: it is given a receiver, or refused. */
  begin(call: GrpcStream, head: GrpcHead): void
  /** Nothing comes of this connection any more. Called once. */
  gone(connection: GrpcConnection): void
}

/** The peer does not keep to HTTP/2: the connection ends. */
class ConnectionFault extends Error {
  readonly code: number

  constructor(code: number, sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** A head that comes in several frames. */
interface BegunHead {
  readonly stream: number
  readonly ends: boolean
  readonly parts: Buffer[]
  size: number
}

/** One connection of a peer that speaks gRPC over HTTP/2 (RFC 9113) without TLS, as a server needs it. */
export class GrpcConnection implements GrpcStreamCarrier {
  readonly host: GrpcConnectionHost
  readonly out: FrameWriter
  readonly blocked = new Set<GrpcStream>()
  readonly #socket: Socket
  readonly #streams = new Map<number, GrpcStream>()
  readonly #hpack = new HpackDecoder(headBounds)
  window = usualWindow
  /** Of each stream that begins from now on. */
  #streamWindow = usualWindow
  #prefaced = 0
  #rest: Buffer = nothing
  #begunHead: BegunHead | undefined
  /** The last head, as it came and as it was read: a proxy gives the same with every call. */
  #lastBlock: Buffer = nothing
  #lastHead: GrpcHead | undefined
  #lastChanges = 0
  #lastStream = 0
  #taken = 0
  #over = false

  constructor(socket: Socket, host: GrpcConnectionHost) {
    this.#socket = socket
    this.host = host
    this.out = new FrameWriter(bytes => {
      if (!socket.destroyed) socket.write(bytes)
    })
    socket.on('data', chunk => this.read(chunk as Buffer))
    socket.on('drain', () => socket.resume())
    socket.on('error', () => {})
    socket.on('close', () => this.#end())
    this.out.settings([
      [setting.maxStreams, maxStreams],
      [setting.initialWindow, streamWindow],
      [setting.maxHeaderList, maxHeadBytes],
    ])
    this.out.windowUpdate(0, connectionWindow - usualWindow)
  }

  /** The peer is told to begin no more calls here. */
  goaway(): void {
    this.out.goaway(this.#lastStream, endCode.none)
  }

  destroy(): void {
    this.#socket.destroy()
    this.#end()
  }

  forget(stream: GrpcStream): void {
    this.#streams.delete(stream.id)
    this.blocked.delete(stream)
  }

  /** A piece of what the peer says; valid during the call only. */
  read(chunk: Buffer): void {
    if (this.#over) return
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.out.hold()
    try {
      const at = this.#frames(bytes, this.#skipPreface(bytes))
      // A copy: a piece is not kept for its end.
      this.#rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
    } catch (thrown) {
      if (thrown instanceof ConnectionFault) this.#breakOff(thrown)
      else {
        // A fault of ours: where the next frame begins is not known any more.
        this.destroy()
        throw thrown
      }
    } finally {
      this.out.flush()
    }
    if (this.#socket.writableLength > maxUnsentBytes) this.#socket.pause()
  }

  /** @returns Where the frames begin. */
  #skipPreface(bytes: Buffer): number {
    const left = preface.length - this.#prefaced
    if (left === 0) return 0
    const size = Math.min(left, bytes.length)
    if (preface.compare(bytes, 0, size, this.#prefaced, this.#prefaced + size) !== 0)
      throw new ConnectionFault(endCode.protocol, 'A connection does not begin as HTTP/2 does.')
    this.#prefaced += size
    return size
  }

  /** @returns Where the first frame begins that is not whole yet. */
  #frames(bytes: Buffer, from: number): number {
    let at = from
    while (bytes.length - at >= frameHeadBytes && !this.#over) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
      if (length > maxFrameBytes)
        throw new ConnectionFault(endCode.frameSize, `A frame has more than ${maxFrameBytes} bytes.`)
      const begin = at + frameHeadBytes
      const end = begin + length
      if (end > bytes.length) break
      this.#frame(
        bytes[at + 3]!,
        bytes[at + 4]!,
        bytes.readUInt32BE(at + 5) & maxWindow,
        bytes.subarray(begin, end),
      )
      at = end
    }
    return at
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (this.#begunHead !== undefined && type !== frameType.continuation)
      throw new ConnectionFault(endCode.protocol, 'A head is interrupted.')
    switch (type) {
      case frameType.data:
        this.#onData(flags, stream, payload)
        break
      case frameType.headers:
        this.#onHeaders(flags, stream, payload)
        break
      case frameType.continuation:
        this.#onContinuation(flags, stream, payload)
        break
      case frameType.reset:
        sized(payload, 4, 'taken-back call')
        this.#known(stream)
        this.#streams.get(stream)?.gone()
        break
      case frameType.settings:
        this.#onSettings(flags, payload)
        break
      case frameType.windowUpdate:
        this.#onWindowUpdate(stream, payload)
        break
      case frameType.ping:
        sized(payload, 8, 'ping')
        if ((flags & frameFlag.ack) === 0) this.out.frame(frameType.ping, frameFlag.ack, 0, payload)
        break
      case frameType.push:
        throw new ConnectionFault(endCode.protocol, 'A client pushes an answer.')
      // What else there is says nothing to us: priorities, that the peer begins no more, frames of extensions.
    }
  }

  #onData(flags: number, id: number, payload: Buffer): void {
    this.#known(id)
    this.#taken += payload.length
    if (this.#taken >= connectionWindow / 2) {
      this.out.windowUpdate(0, this.#taken)
      this.#taken = 0
    }
    const stream = this.#streams.get(id)
    // Of a call that is over there may be something under way.
    if (stream === undefined) return
    const bytes = (flags & frameFlag.padded) === 0 ? payload : unpadded(payload)
    stream.hear(bytes, payload.length, (flags & frameFlag.endStream) !== 0)
  }

  #onHeaders(flags: number, id: number, payload: Buffer): void {
    if ((id & 1) === 0) throw new ConnectionFault(endCode.protocol, 'A call has a number of the server.')
    let block = (flags & frameFlag.padded) === 0 ? payload : unpadded(payload)
    if ((flags & frameFlag.priority) !== 0) {
      if (block.length < 5) throw new ConnectionFault(endCode.frameSize, 'A head is too short.')
      block = block.subarray(5)
    }
    const ends = (flags & frameFlag.endStream) !== 0
    if ((flags & frameFlag.endHeaders) !== 0) this.#onHead(id, block, ends)
    else this.#begunHead = { stream: id, ends, parts: [Buffer.from(block)], size: block.length }
  }

  #onContinuation(flags: number, id: number, payload: Buffer): void {
    const begun = this.#begunHead
    if (begun === undefined || begun.stream !== id)
      throw new ConnectionFault(endCode.protocol, 'A frame goes on with a head that has not begun.')
    begun.parts.push(Buffer.from(payload))
    begun.size += payload.length
    if (begun.size > maxHeadBytes || begun.parts.length > maxHeadFrames)
      throw new ConnectionFault(endCode.calm, `A head has more than ${maxHeadBytes} bytes.`)
    if ((flags & frameFlag.endHeaders) === 0) return
    this.#begunHead = undefined
    this.#onHead(id, Buffer.concat(begun.parts), begun.ends)
  }

  #onHead(id: number, block: Buffer, ends: boolean): void {
    // Of every head, also of a call that is over: it may change the table.
    const head = this.#read(block)
    const known = this.#streams.get(id)
    if (known !== undefined) {
      // Trailers: they say nothing but that it is the end.
      if (ends) known.hear(nothing, 0, true)
      else known.reset(endCode.protocol)
      return
    }
    if (id <= this.#lastStream) return
    this.#lastStream = id
    if (this.#streams.size >= maxStreams) {
      this.out.reset(id, endCode.refusedStream)
      return
    }
    const stream = new GrpcStream(id, head, this, this.#streamWindow)
    this.#streams.set(id, stream)
    this.host.begin(stream, head)
    if (ends) stream.hear(nothing, 0, true)
  }

  #read(block: Buffer): GrpcHead {
    const hpack = this.#hpack
    if (
      this.#lastHead !== undefined &&
      this.#lastChanges === hpack.changes &&
      block.length === this.#lastBlock.length &&
      block.equals(this.#lastBlock)
    )
      return this.#lastHead
    const before = hpack.changes
    try {
      const head = grpcHead(hpack.decode(block))
      if (hpack.changes === before) {
        this.#lastBlock = Buffer.from(block)
        this.#lastHead = head
        this.#lastChanges = before
      }
      return head
    } catch (thrown) {
      if (!(thrown instanceof BrokenHeaders)) throw thrown
      throw new ConnectionFault(endCode.compression, `A head cannot be read: ${thrown.message}.`)
    }
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & frameFlag.ack) !== 0) return
    if (payload.length % 6 !== 0) throw new ConnectionFault(endCode.frameSize, 'Settings are cut off.')
    for (let at = 0; at < payload.length; at += 6)
      if (payload.readUInt16BE(at) === setting.initialWindow) this.#setWindow(payload.readUInt32BE(at + 2))
    this.out.frame(frameType.settings, frameFlag.ack, 0, nothing)
  }

  /** Counts also for streams that have begun (RFC 9113 §6.9.2). */
  #setWindow(size: number): void {
    if (size > maxWindow) throw tooWide()
    const more = size - this.#streamWindow
    this.#streamWindow = size
    for (const stream of [...this.#streams.values()]) {
      if (!stream.widen(more)) throw tooWide()
      if (more > 0) stream.goOn()
    }
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    sized(payload, 4, 'window')
    const more = payload.readUInt32BE(0) & maxWindow
    if (id !== 0) {
      this.#known(id)
      const stream = this.#streams.get(id)
      if (stream === undefined) return
      if (more === 0) stream.reset(endCode.protocol)
      else if (!stream.widen(more)) stream.reset(endCode.flowControl)
      else stream.goOn()
      return
    }
    if (more === 0) throw new ConnectionFault(endCode.protocol, 'A window grows by nothing.')
    this.window += more
    if (this.window > maxWindow) throw tooWide()
    for (const stream of [...this.blocked]) {
      if (this.window <= 0) break
      stream.goOn()
    }
  }

  /** @throws ConnectionFault where no call of that number has begun. */
  #known(id: number): void {
    if (id === 0 || id > this.#lastStream)
      throw new ConnectionFault(endCode.protocol, 'A frame is of a call that has not begun.')
  }

  #breakOff({ code, message }: ConnectionFault): void {
    this.host.broken(message)
    this.out.goaway(this.#lastStream, code)
    this.out.flush()
    this.#socket.destroySoon()
    this.#end()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#rest = nothing
    this.#begunHead = undefined
    for (const stream of [...this.#streams.values()]) stream.gone()
    this.host.gone(this)
  }
}

const tooWide = (): ConnectionFault => new ConnectionFault(endCode.flowControl, 'A window is too wide.')

function sized(payload: Buffer, size: number, what: string): void {
  if (payload.length !== size)
    throw new ConnectionFault(endCode.frameSize, `A ${what} has not ${size} bytes.`)
}

/** What stands before the padding (RFC 9113 §6.1). */
function unpadded(payload: Buffer): Buffer {
  const padding = payload.length === 0 ? 0 : payload[0]!
  if (payload.length === 0 || padding >= payload.length)
    throw new ConnectionFault(endCode.protocol, 'A frame has more padding than bytes.')
  return payload.subarray(1, payload.length - padding)
}
