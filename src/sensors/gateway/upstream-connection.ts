import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ChunkedDecoder, MessageFault } from './chunked-decoder.ts'
import { readTrailers } from './header-rules.ts'
import { Outgoing } from './outgoing.ts'
import { type ResponseHead, readResponseHead } from './response-head.ts'
import type { UpstreamEvents, UpstreamFailure, UpstreamRequest } from './upstream-events.ts'

export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  /** Speak TLS, and check the certificate: signed by one of `ca`, or by an authority the runtime trusts. */
  readonly tls: { readonly ca: string | undefined } | undefined
  readonly connectTimeoutMs: number
  readonly maxHeaderBytes: number
  readonly maxHeaderCount: number
}

/** How the connection's owner hears of it. */
export interface ConnectionOwner {
  /** The exchange is over on both sides and the connection can carry another. */
  onIdle(connection: UpstreamConnection): void
  /** It is gone, or handed over to a tunnel. */
  onGone(connection: UpstreamConnection): void
}

/**
 * Reads land in one buffer for all connections of a thread: what a receiver keeps is copied out before the next read.
 */
const readBuffer = Buffer.allocUnsafeSlow(65_536)
const nothing = Buffer.alloc(0)

/** One HTTP/1.1 connection to the upstream, one exchange at a time, never pipelined. */
export class UpstreamConnection {
  readonly #socket: Socket
  readonly #settings: ConnectionSettings
  readonly #owner: ConnectionOwner
  readonly #out: Outgoing
  #events: UpstreamEvents | undefined
  #request: UpstreamRequest | undefined
  #sent = false
  #head: ResponseHead | undefined
  /** Head bytes that came without the end of the head. */
  #partial: Buffer | undefined
  #remaining = 0
  #decoder: ChunkedDecoder | undefined
  #untilClose = false
  #received = false
  #connected = false
  #gone = false
  #detached = false
  #failure: UpstreamFailure | undefined
  #connectTimer: NodeJS.Timeout | undefined
  /** Exchanges this connection has carried. */
  uses = 0
  /** When it last became idle, in the owner's time. */
  idleSince = 0

  /** @param own reads into buffers of its own: for a connection that may become a tunnel */
  constructor(settings: ConnectionSettings, owner: ConnectionOwner, own: boolean) {
    this.#settings = settings
    this.#owner = owner
    const target = { host: settings.host, port: settings.port, noDelay: true }
    if (settings.tls !== undefined) {
      this.#socket = connectTls({ ...target, ...secured(settings) })
      this.#socket.on('data', this.#onChunk)
    } else if (own) {
      this.#socket = connect(target)
      this.#socket.on('data', this.#onChunk)
    } else {
      const onread = { buffer: readBuffer, callback: (bytes: number) => this.#onRead(bytes, readBuffer) }
      this.#socket = connect({ ...target, onread })
    }
    this.#out = new Outgoing(this.#socket)
    this.#connectTimer = setTimeout(() => {
      this.#fail({ code: 'upstream/timeout', detail: 'connect' })
    }, settings.connectTimeoutMs)
    this.#socket.on(settings.tls === undefined ? 'connect' : 'secureConnect', () => {
      this.#connected = true
      clearTimeout(this.#connectTimer)
    })
    this.#socket.on('drain', () => this.#events?.onDrain())
    this.#socket.on('end', () => this.#onEof())
    this.#socket.on('error', error => this.#onError(error))
    this.#socket.on('close', () => this.#onError(undefined))
  }

  /** Bytes of a response have arrived since `start`: it cannot be tried again. */
  get received(): boolean {
    return this.#received
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  /** Begins a request. The body follows by `write` and `end`; without one, `end` alone. Nothing is sent before `flush` or `end`. */
  start(request: UpstreamRequest, events: UpstreamEvents): void {
    this.uses += 1
    this.#request = request
    this.#events = events
    this.#sent = false
    this.#head = undefined
    this.#received = false
    this.#untilClose = false
    this.#remaining = 0
    this.#decoder = undefined
    let text = `${request.method} ${request.target} HTTP/1.1\r\n`
    const { headers } = request
    for (let index = 0; index < headers.length; index += 2)
      text += `${headers[index]}: ${headers[index + 1]}\r\n`
    text += '\r\n'
    this.#out.add(text)
  }

  write(chunk: Uint8Array): void {
    if (this.#gone || chunk.length === 0) return
    if (this.#request?.framing.kind !== 'chunked') {
      this.#out.add(chunk)
      return
    }
    this.#out.add(`${chunk.length.toString(16)}\r\n`)
    this.#out.add(chunk)
    this.#out.add('\r\n')
  }

  /** Sends what was written. False when the sender should wait for `onDrain`. */
  flush(): boolean {
    return this.#gone || this.#out.flush()
  }

  /** The request is complete. @param trailers name, value … of a chunked body */
  end(trailers: readonly string[] = []): void {
    if (this.#gone || this.#sent) return
    this.#sent = true
    if (this.#request?.framing.kind === 'chunked') {
      let text = '0\r\n'
      for (let index = 0; index < trailers.length; index += 2)
        text += `${trailers[index]}: ${trailers[index + 1]}\r\n`
      this.#out.add(`${text}\r\n`)
    }
    this.#out.flush()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#events = undefined
    this.#socket.destroy()
    this.#leave()
  }

  readonly #onChunk = (chunk: Buffer): void => {
    this.#onRead(chunk.length, chunk)
  }

  #onRead(bytes: number, buffer: Buffer): boolean {
    try {
      this.#feed(buffer, 0, bytes)
      this.#events?.onFlush()
    } catch (error) {
      if (!(error instanceof MessageFault)) throw error
      this.#fail({ code: 'upstream/reset', detail: error.message })
    }
    return !this.#detached
  }

  #feed(buffer: Buffer, from: number, to: number): void {
    let at = from
    while (at < to && !this.#gone) {
      if (this.#events === undefined) throw new MessageFault('bytes outside a response')
      this.#received = true
      at = this.#head === undefined ? this.#feedHead(buffer, at, to) : this.#feedBody(buffer, at, to)
    }
  }

  #feedHead(buffer: Buffer, from: number, to: number): number {
    const { maxHeaderBytes } = this.#settings
    if (this.#partial === undefined) {
      const text = buffer.toString('latin1', from, Math.min(to, from + maxHeaderBytes + 4))
      const end = text.indexOf('\r\n\r\n')
      if (end !== -1) return this.#endHead(text.slice(0, end + 2), buffer, from + end + 4, to)
    }
    const held = this.#partial?.length ?? 0
    const bytes = Buffer.concat([this.#partial ?? nothing, buffer.subarray(from, to)])
    this.#partial = undefined
    const end = bytes.indexOf('\r\n\r\n', Math.max(0, held - 3), 'latin1')
    if (end === -1 || end > maxHeaderBytes) {
      if (bytes.length > maxHeaderBytes) throw new MessageFault('response head too large')
      this.#partial = bytes
      return to
    }
    return this.#endHead(bytes.toString('latin1', 0, end + 2), buffer, from + end + 4 - held, to)
  }

  #endHead(text: string, buffer: Buffer, next: number, to: number): number {
    this.#onHead(readResponseHead(text, this.#settings.maxHeaderCount), buffer, next, to)
    return this.#detached ? to : next
  }

  #onHead(head: ResponseHead, buffer: Buffer, next: number, to: number): void {
    const events = this.#events!
    const request = this.#request!
    if (head.status === 101) {
      if (!request.upgrade) throw new MessageFault('upgrade that nobody asked for')
      this.#detach(head, Buffer.from(buffer.subarray(next, to)))
      return
    }
    if (head.status < 200) {
      events.onInformation(head)
      return
    }
    const bodiless =
      request.method === 'HEAD' || head.status === 204 || head.status === 304 || head.length === 0
    this.#head = head
    if (!bodiless) {
      if (head.chunked) this.#decoder = new ChunkedDecoder(this.#settings.maxHeaderBytes)
      else if (head.length !== undefined) this.#remaining = head.length
      else this.#untilClose = true
    }
    events.onHead(head, bodiless)
    if (bodiless) this.#complete([], false)
  }

  #feedBody(buffer: Buffer, from: number, to: number): number {
    const decoder = this.#decoder
    if (decoder !== undefined) {
      const stop = decoder.feed(buffer, from, to, (start, end) => {
        this.#events?.onData(Buffer.from(buffer.subarray(start, end)), false)
      })
      if (decoder.done) {
        const trailers = readTrailers(decoder.trailers, this.#settings.maxHeaderCount)
        if (trailers === undefined) throw new MessageFault('trailers malformed')
        this.#complete(trailers, false)
      }
      return stop
    }
    const end = this.#untilClose ? to : Math.min(to, from + this.#remaining)
    const chunk = Buffer.from(buffer.subarray(from, end))
    if (this.#untilClose) {
      this.#events?.onData(chunk, false)
      return end
    }
    this.#remaining -= chunk.length
    if (this.#remaining > 0) this.#events?.onData(chunk, false)
    else this.#complete([], true, chunk)
    return end
  }

  #complete(trailers: readonly string[], withChunk: boolean, chunk = nothing): void {
    const events = this.#events
    const reusable = this.#sent && this.#head?.close === false && !this.#untilClose
    this.#events = undefined
    this.#request = undefined
    // The connection is settled first: the receiver may start the next exchange from inside the event.
    if (!reusable) {
      this.#socket.destroy()
      this.#leave()
    } else if (this.#socket.isPaused()) this.#socket.resume()
    if (withChunk) events?.onData(chunk, true)
    else events?.onEnd(trailers)
    if (reusable) this.#owner.onIdle(this)
  }

  #detach(head: ResponseHead, first: Buffer): void {
    const events = this.#events!
    const socket = this.#socket
    this.#events = undefined
    this.#detached = true
    socket.pause()
    socket.off('data', this.#onChunk)
    this.#leave()
    events.onUpgrade(head, socket, first)
  }

  #onEof(): void {
    if (this.#detached) return
    if (this.#untilClose && this.#head !== undefined) {
      this.#complete([], false)
      return
    }
    this.#fail({ code: 'upstream/reset', detail: 'closed before the response was complete' })
  }

  #onError(error: Error | undefined): void {
    if (this.#detached) return
    const code = this.#connected ? 'upstream/reset' : 'upstream/unreachable'
    this.#fail({
      code,
      detail: error === undefined ? 'closed' : ((error as NodeJS.ErrnoException).code ?? 'failed'),
    })
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#gone) return
    this.#failure = failure
    const events = this.#events
    this.#events = undefined
    this.#socket.destroy()
    this.#leave()
    events?.onFailure(this.#failure)
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#connectTimer)
    this.#owner.onGone(this)
  }
}

function secured({ host, tls }: ConnectionSettings): ConnectionOptions {
  return {
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // An address is no name to ask for; the certificate is checked against it all the same.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
  }
}
