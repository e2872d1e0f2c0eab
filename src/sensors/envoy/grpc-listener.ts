import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { type ListenAt, listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import { type GrpcMethods, grpcStatus } from './grpc-call.ts'
import { GrpcConnection, type GrpcConnectionHost } from './grpc-connection.ts'
import type { GrpcHead } from './grpc-head.ts'
import type { GrpcStream } from './grpc-stream.ts'

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

/** A connection says in this time what it speaks. */
const prefaceMs = 10_000

/** gRPC over HTTP/2 without TLS: framing, limits and status of our own, the methods are handed in. */
export class GrpcListener implements GrpcConnectionHost {
  readonly maxMessageBytes: number
  readonly #options: GrpcListenerOptions
  readonly #methods: GrpcMethods
  readonly #trouble: GrpcTrouble
  readonly #server: Server
  readonly #connections = new Set<GrpcConnection>()
  readonly #sockets = new Set<Socket>()
  #heldBytes = 0
  #calls = 0
  #closing = false
  #onQuiet: (() => void) | undefined
  address = ''

  private constructor(options: GrpcListenerOptions, methods: GrpcMethods, trouble: GrpcTrouble) {
    this.maxMessageBytes = options.maxMessageBytes
    this.#options = options
    this.#methods = methods
    this.#trouble = trouble
    this.#server = createServer({ noDelay: true }, socket => this.#welcome(socket))
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
    return this.#connections.size
  }

  /** Calls under way. */
  get calls(): number {
    return this.#calls
  }

  /** Bytes held for calls under way. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Takes nothing new, waits up to `drainMs` for calls to end, then cuts them off. */
  async close(drainMs = 0): Promise<void> {
    this.#closing = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#options.http1?.close()
    if (this.#calls > 0 && drainMs > 0) {
      for (const connection of this.#connections) connection.goaway()
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, drainMs)
        this.#onQuiet = () => {
          clearTimeout(timer)
          // What was said last is still to be handed on.
          setImmediate(resolve)
        }
      })
    }
    for (const connection of [...this.#connections]) connection.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  // ---- connections

  #welcome(socket: Socket): void {
    if (this.#sockets.size >= this.#options.maxConnections) {
      this.#trouble.refused(`There are ${this.#options.maxConnections} connections already.`)
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    this.#sort(socket)
  }

  /** HTTP/2 begins with `PRI` (RFC 9113 §3.4), which no method of HTTP/1.1 does. */
  #sort(socket: Socket): void {
    socket.setTimeout(prefaceMs, () => socket.destroy())
    let begun: Buffer = Buffer.alloc(0)
    const look = (chunk: Buffer): void => {
      begun = begun.length === 0 ? chunk : Buffer.concat([begun, chunk])
      const start = begun.toString('latin1', 0, 3)
      if (start.length < 3 && 'PRI'.startsWith(start)) return
      socket.removeListener('data', look)
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      const { http1 } = this.#options
      if (start === 'PRI') {
        const connection = new GrpcConnection(socket, this)
        this.#connections.add(connection)
        connection.read(begun)
      } else if (http1 === undefined) {
        this.#trouble.refused('A connection does not begin as HTTP/2 does.')
        socket.destroy()
      } else {
        socket.pause()
        socket.unshift(begun)
        http1.emit('connection', socket)
        socket.resume()
      }
    }
    socket.on('data', look)
  }

  gone(connection: GrpcConnection): void {
    this.#connections.delete(connection)
  }

  // ---- calls

  begin(call: GrpcStream, head: GrpcHead): void {
    const refusal = this.#refusalOf(head)
    if (refusal !== undefined) {
      this.#trouble.refused(refusal[1])
      call.fail(...refusal)
      return
    }
    this.#calls += 1
    call.serve(this.#methods[head.path]!(call))
  }

  over(): void {
    this.#calls -= 1
    if (this.#calls === 0) this.#onQuiet?.()
  }

  hold(bytes: number): boolean {
    this.#heldBytes += bytes
    return this.#heldBytes <= this.#options.maxHeldBytes
  }

  broken(sentence: string): void {
    this.#trouble.broken(sentence)
  }

  #refusalOf({ path, authorization }: GrpcHead): readonly [code: number, sentence: string] | undefined {
    if (!Object.hasOwn(this.#methods, path))
      return [grpcStatus.unimplemented, `Only ${Object.keys(this.#methods).join(', ')} is served.`]
    if (!isAllowed(authorization, this.#options.token))
      return [grpcStatus.unauthenticated, 'The bearer token is missing or wrong.']
    if (this.#closing) return [grpcStatus.unavailable, 'It is closing.']
    return this.#calls < this.#options.maxCalls
      ? undefined
      : [grpcStatus.resourceExhausted, `There are ${this.#options.maxCalls} calls already.`]
  }
}
