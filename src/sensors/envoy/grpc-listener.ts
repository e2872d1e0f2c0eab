import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { inflate } from '../../call/decode/inflate.ts'
import { type ListenAt, listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import { MessageFrames } from './message-frames.ts'
import { BrokenMessage } from './protobuf-reader.ts'

/** Status codes of gRPC (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcStatus = {
  ok: 0,
  invalidArgument: 3,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** One call of a peer, as a method of ours speaks with it. After its end, and after the peer is gone, what is said goes nowhere. */
export interface GrpcCall {
  readonly open: boolean
  /** Reads no more of the peer until it is resumed; what was read already still comes. */
  pause(): void
  resume(): void
  /** A message in its frame, as `framed` makes it. */
  send(frame: Buffer): void
  /** Ends well; with a last message, if there is one. */
  end(frame?: Buffer): void
  fail(code: number, sentence: string): void
}

/** A method of ours during one call. */
export interface GrpcReceiver {
  /** One whole message. @throws BrokenMessage which ends the call. */
  message(bytes: Buffer): void
  /** The peer has said everything. */
  end(): void
  /** The call is over, however it ended. Called once. */
  closed?(): void
}

export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => GrpcReceiver>>

export interface GrpcListenerOptions extends ListenAt {
  /** Who listens, in words. */
  readonly what: string
  /** Bearer token in the metadata `authorization`; none is asked for when absent. */
  readonly token?: string | undefined
  readonly maxMessageBytes: number
  readonly maxConnections: number
  /** Calls of all peers at one time; more are refused as `RESOURCE_EXHAUSTED`. */
  readonly maxCalls: number
  /** Bytes of unfinished messages of all calls; a call that needs more is refused. */
  readonly maxHeldBytes: number
  /** Takes connections that do not begin with the preface of HTTP/2. */
  readonly http1?: HttpServer
}

/** What was turned away, and why. */
export interface GrpcTrouble {
  readonly refused: (sentence: string) => void
  readonly broken: (sentence: string) => void
}

/** Answers of ours that the peer does not take, bytes: beyond, nothing more of it is read. */
const maxUnsentBytes = 4 * 1024 * 1024
/** A connection says in this time what it speaks. */
const prefaceMs = 10_000

/** gRPC over HTTP/2 without TLS: framing, limits and status of our own, the methods are handed in. */
export class GrpcListener {
  readonly #options: GrpcListenerOptions
  readonly #methods: GrpcMethods
  readonly #trouble: GrpcTrouble
  readonly #http2: Http2Server
  readonly #server: Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()
  readonly #held = { bytes: 0 }
  #calls = 0
  #closing = false
  #onQuiet: (() => void) | undefined
  address = ''

  private constructor(options: GrpcListenerOptions, methods: GrpcMethods, trouble: GrpcTrouble) {
    this.#options = options
    this.#methods = methods
    this.#trouble = trouble
    this.#http2 = createServer({
      settings: { maxConcurrentStreams: 1_000, initialWindowSize: 1024 * 1024 },
      maxSessionMemory: 64,
      // Envoy resets streams on which all was said: at the runtime's own rate of 33 a second it would be cut off.
      streamResetBurst: 1_000_000,
      streamResetRate: 1_000_000,
      // What was on its way to a call that we ended counts as invalid, over the life of a connection.
      maxSessionInvalidFrames: 1_000_000,
    })
    this.#http2.on('session', session => this.#welcome(session))
    this.#http2.on('sessionError', () => {})
    this.#http2.on('stream', (stream, headers) => this.#serve(stream, headers))
    const { http1 } = options
    this.#server = http1 === undefined ? this.#http2 : createTcpServer(socket => this.#sort(socket, http1))
    this.#server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    options: GrpcListenerOptions,
    methods: GrpcMethods,
    trouble: GrpcTrouble,
  ): Promise<GrpcListener> {
    const listener = new GrpcListener(options, methods, trouble)
    listener.address = (await listen(listener.#server, options.what, options)).address
    return listener
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Takes nothing new, waits up to `drainMs` for calls to end, then cuts them off. */
  async close(drainMs = 0): Promise<void> {
    this.#closing = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#options.http1?.close()
    if (this.#calls > 0 && drainMs > 0) {
      for (const session of this.#sessions) session.goaway()
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, drainMs)
        this.#onQuiet = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #welcome(session: ServerHttp2Session): void {
    session.on('error', () => {})
    if (this.#sessions.size >= this.#options.maxConnections) {
      this.#trouble.refused(`There are ${this.#options.maxConnections} connections already.`)
      session.destroy()
      return
    }
    this.#sessions.add(session)
    session.on('close', () => this.#sessions.delete(session))
  }

  /** HTTP/2 begins with `PRI` (RFC 9113 §3.4), which no method of HTTP/1.1 does. */
  #sort(socket: Socket, http1: HttpServer): void {
    if (this.#sockets.size > this.#options.maxConnections) {
      this.#trouble.refused(`There are ${this.#options.maxConnections} connections already.`)
      socket.destroy()
      return
    }
    socket.on('error', () => {})
    socket.setTimeout(prefaceMs, () => socket.destroy())
    let begun: Buffer = Buffer.alloc(0)
    const look = (chunk: Buffer): void => {
      begun = begun.length === 0 ? chunk : Buffer.concat([begun, chunk])
      const start = begun.toString('latin1', 0, 3)
      if (start.length < 3 && 'PRI'.startsWith(start)) return
      socket.pause()
      socket.removeListener('data', look)
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      socket.unshift(begun)
      // A session of HTTP/2 reads what is there itself.
      if (start === 'PRI') this.#http2.emit('connection', socket)
      else {
        http1.emit('connection', socket)
        socket.resume()
      }
    }
    socket.on('data', look)
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {})
    const call = new Call(stream)
    const refusal = this.#refusalOf(headers)
    if (refusal !== undefined) {
      this.#trouble.refused(refusal[1])
      call.fail(...refusal)
      return
    }
    this.#calls += 1
    const { maxMessageBytes, maxHeldBytes } = this.#options
    const receiver = this.#methods[headers[':path'] as string]!(call)
    const breakOff = (code: number, sentence: string): void => {
      this.#trouble.broken(sentence)
      call.fail(code, sentence)
    }
    const frames = new MessageFrames(maxMessageBytes, (bytes, compressed) => {
      if (!call.open) return
      const plain = compressed ? inflated(bytes, headers, maxMessageBytes) : bytes
      if (plain === undefined)
        return breakOff(grpcStatus.invalidArgument, 'A message is not coded as its head says.')
      try {
        receiver.message(plain)
      } catch (thrown) {
        if (!(thrown instanceof BrokenMessage)) throw thrown
        breakOff(grpcStatus.invalidArgument, thrown.message)
      }
    })
    let held = 0
    const hold = (bytes: number): void => {
      this.#held.bytes += bytes - held
      held = bytes
    }
    stream.on('data', (chunk: Buffer) => {
      if (!call.open) return
      if (!frames.feed(chunk))
        breakOff(grpcStatus.resourceExhausted, `A message has more than ${maxMessageBytes} bytes.`)
      hold(frames.size)
      if (this.#held.bytes > maxHeldBytes)
        breakOff(grpcStatus.resourceExhausted, 'Too much is held of unfinished messages.')
      if (stream.writableLength > maxUnsentBytes) {
        stream.pause()
        stream.once('drain', () => stream.resume())
      }
    })
    stream.on('end', () => {
      if (call.open) receiver.end()
    })
    stream.on('close', () => {
      this.#calls -= 1
      hold(0)
      receiver.closed?.()
      if (this.#calls === 0) this.#onQuiet?.()
    })
  }

  #refusalOf(headers: IncomingHttpHeaders): readonly [code: number, sentence: string] | undefined {
    const path = headers[':path']
    if (path === undefined || !Object.hasOwn(this.#methods, path))
      return [grpcStatus.unimplemented, `Only ${Object.keys(this.#methods).join(', ')} is served.`]
    if (!isAllowed(headers.authorization, this.#options.token))
      return [grpcStatus.unauthenticated, 'The bearer token is missing or wrong.']
    if (this.#closing) return [grpcStatus.unavailable, 'It is closing.']
    return this.#calls < this.#options.maxCalls
      ? undefined
      : [grpcStatus.resourceExhausted, `There are ${this.#options.maxCalls} calls already.`]
  }
}

const answerHead = { ':status': 200, 'content-type': 'application/grpc' } as const
const withTrailers = { waitForTrailers: true } as const

class Call implements GrpcCall {
  readonly #stream: ServerHttp2Stream
  #over = false

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
  }

  get open(): boolean {
    return !this.#over && !this.#stream.destroyed
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  send(frame: Buffer): void {
    if (!this.open) return
    if (!this.#stream.headersSent) this.#begin('0')
    this.#stream.write(frame)
  }

  end(frame?: Buffer): void {
    if (!this.open) return
    this.#over = true
    if (!this.#stream.headersSent) this.#begin('0')
    this.#stream.end(frame)
  }

  fail(code: number, sentence: string): void {
    if (!this.open) return
    this.#over = true
    const stream = this.#stream
    const said = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(sentence) }
    // Whatever else the peer has to say is not read: it is told to stop (RFC 9113 §8.1).
    const stop = (): void => stream.close(constants.NGHTTP2_NO_ERROR)
    if (!stream.headersSent) {
      stream.respond({ ...answerHead, ...said }, { endStream: true })
      stop()
      return
    }
    // The trailers would say that all is well.
    stream.removeAllListeners('wantTrailers')
    stream.on('wantTrailers', () => {
      stream.sendTrailers(said)
      setImmediate(stop)
    })
    stream.end()
  }

  #begin(status: string): void {
    const stream = this.#stream
    stream.respond(answerHead, withTrailers)
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
  }
}

function inflated(bytes: Buffer, headers: IncomingHttpHeaders, most: number): Buffer | undefined {
  const outcome = inflate(bytes, String(headers['grpc-encoding'] ?? 'gzip'), most)
  return outcome.ok ? Buffer.from(outcome.bytes) : undefined
}

/** A message as gRPC sends it. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  return frame
}
