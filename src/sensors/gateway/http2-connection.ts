import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Placed, Roster } from '../../kit/roster.ts'
import type { ClientHost, PeerOf } from './client-connection.ts'
import { Http2Exchange } from './http2-exchange.ts'
import { readHttp2Head } from './http2-head.ts'

/** Exchanges of one connection at once. */
const maxStreams = 100
/**
 * What a client may do that costs it nothing, in one window of time: streams that it resets, pings, settings, streams whose head HTTP/2
 * itself refuses. Beyond, its connection is ended.
 */
const floodWindowMs = 10_000
const floodBounds = { reset: 200, ping: 100, settings: 50, refused: 100 } as const
type Flood = keyof typeof floodBounds
const noFloods: Record<Flood, number> = { reset: 0, ping: 0, settings: 0, refused: 0 }

/** One HTTP/2 client connection: its streams are exchanges side by side. */
export class Http2Connection implements Placed {
  place = -1
  readonly peer: PeerOf
  readonly #host: ClientHost
  readonly #socket: Socket
  readonly #session: ServerHttp2Session
  readonly #exchanges = new Roster<Http2Exchange>()
  #floodSince: number
  #counts = { ...noFloods }
  /** Streams that were refused before they came here. */
  #refused = 0
  #bytesRead = 0
  /** In the ticker's time: since when there is no exchange. */
  #idleSince: number
  #requests = 0
  #draining = false

  constructor(
    socket: TLSSocket,
    peer: PeerOf,
    host: ClientHost,
    onClosed: (connection: Http2Connection) => void,
  ) {
    this.peer = peer
    this.#socket = socket
    this.#host = host
    this.#floodSince = host.ticker.now
    this.#idleSince = host.ticker.now
    const { settings } = host
    const session = performServerHandshake(socket, {
      maxSessionMemory: 10,
      // Also what bounds the bytes of a head of a client that does not confirm `maxHeaderListSize`: a field of its table is 4 KB at most.
      maxHeaderListPairs: settings.maxHeaderCount + 8,
      maxSettings: 16,
      maxOutstandingPings: 4,
      maxSessionInvalidFrames: 50,
      maxSessionRejectedStreams: 50,
      streamResetBurst: floodBounds.reset,
      streamResetRate: floodBounds.reset / (floodWindowMs / 1_000),
      settings: {
        maxConcurrentStreams: maxStreams,
        maxHeaderListSize: settings.maxHeaderBytes,
        enablePush: false,
        initialWindowSize: 262_144,
      },
    })
    this.#session = session
    session.on('stream', (stream, _headers, flags, rawHeaders) => this.#onStream(stream, flags, rawHeaders))
    session.on('ping', () => this.#flooded('ping'))
    session.on('remoteSettings', () => this.#flooded('settings'))
    session.on('error', () => host.counters.add('sallyport_gateway_http2_errors_total'))
    session.on('frameError', () => host.counters.add('sallyport_gateway_http2_errors_total'))
    socket.on('error', () => undefined)
    session.on('close', () => {
      for (const exchange of this.#exchanges) exchange.onStreamClosed()
      onClosed(this)
    })
  }

  #onStream(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    this.#requests += 1
    const exchange = new Http2Exchange(
      stream,
      this.peer,
      over => {
        this.#exchanges.delete(over)
        if (this.#exchanges.size === 0) this.#idleSince = this.#host.ticker.now
        if (over.reset) this.#flooded('reset')
      },
      this.#host,
    )
    this.#exchanges.add(exchange)
    const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
    exchange.begin(readHttp2Head(rawHeaders, ended, this.#host.settings))
  }

  #flooded(kind: Flood, times = 1): void {
    const { ticker, counters } = this.#host
    if (this.#session.destroyed) return
    if (ticker.now - this.#floodSince > floodWindowMs) {
      this.#floodSince = ticker.now
      this.#counts = { ...noFloods }
    }
    const before = this.#counts[kind]
    this.#counts[kind] += times
    if (before > floodBounds[kind] || this.#counts[kind] <= floodBounds[kind]) return
    counters.add(`sallyport_gateway_http2_floods_total{kind="${kind}"}`)
    // Told why where it still listens; it need not for the connection to end.
    if (!this.#session.closed) this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    setImmediate(() => this.abort())
  }

  /** Streams of which HTTP/2 tells nobody: their heads have more fields, or more bytes, than was agreed. */
  #countRefused(): void {
    if (this.#socket.bytesRead === this.#bytesRead) return
    this.#bytesRead = this.#socket.bytesRead
    const { lastProcStreamID: last = 0 } = this.#session.state
    const refused = Math.ceil(last / 2) - this.#requests - this.#refused
    if (refused <= 0) return
    this.#refused += refused
    this.#host.counters.add('sallyport_gateway_http2_streams_refused_total', refused)
    this.#flooded('refused', refused)
  }

  /** The gateway closes: no new exchanges, those under way go on. */
  drain(): void {
    this.#draining = true
    this.#session.close()
  }

  abort(): void {
    this.#session.destroy()
    this.#socket.destroy()
  }

  /** Looks after the time-outs that are the connection's; called with every tick. */
  sweep(): void {
    const { ticker, settings } = this.#host
    for (const exchange of this.#exchanges) exchange.sweep()
    this.#countRefused()
    if (this.#exchanges.size > 0 || this.#draining) return
    const patience = this.#requests === 0 ? settings.headerTimeoutMs : settings.keepAliveTimeoutMs
    if (ticker.passed(this.#idleSince, patience)) this.drain()
  }
}
