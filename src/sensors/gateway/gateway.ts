import { readFileSync } from 'node:fs'
import { createServer, isIP, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Destination } from '../../call/api-call.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import { SallyportError } from '../../kit/error.ts'
import { type Placed, Roster } from '../../kit/roster.ts'
import type { Guard, GuardedRequest } from '../guard.ts'
import { listen } from '../listen.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { TrustedProxies } from './client-address.ts'
import { ClientConnection, type ClientHost, PeerOf } from './client-connection.ts'
import type { ClientPeer, ClientSide } from './client-side.ts'
import { ExchangeIds } from './exchange-id.ts'
import { forwardingHeaders, readForwarding } from './forwarding.ts'
import { believed, onwardHeaders } from './header-rules.ts'
import { Http2Connection } from './http2-connection.ts'
import { MessageLog } from './message-log.ts'
import { type GatewayOptions, type GatewaySettings, gatewaySettings } from './options.ts'
import { Passage, type PassageContext, type Upgrade } from './passage.ts'
import { refusalAnswer } from './problem-answer.ts'
import type { Asked, RefusedHead, RequestHead } from './request-head.ts'
import { Ticker, tickInterval } from './ticker.ts'
import { TlsListener } from './tls-listener.ts'
import { Tunnel } from './tunnel.ts'
import { UpstreamPool } from './upstream-pool.ts'

export type { GatewayOptions } from './options.ts'

/** An upgrade whose tunnel is open. */
interface Upgraded {
  readonly exchange: RawExchange
  /** When it was last reported on, or began. */
  since: number
  reports: number
}

/** What follows from the options, as a whole: a reload puts another in its place. */
interface Setup {
  readonly settings: GatewaySettings
  readonly trusted: TrustedProxies
  readonly pool: UpstreamPool
  readonly tls: TlsListener | undefined
  readonly upstreamAddress: Partial<Destination>
  /** Of the upstream's paths. */
  readonly prefix: string
}

/** How long connections get to send what their last exchange left. */
const flushMs = 500

/** Upstream failures in a row after which the gateway calls itself degraded. */
const degradedAfter = 3

interface Accepted extends Placed {
  readonly socket: Socket
}

/**
 * The inline sensor: an HTTP/1.1 reverse proxy that asks a `Guard` before it lets a request on or a response back, and
 * hands every finished exchange to `observe` exactly once. Bodies stream; at most `windowBytes` of each is held.
 */
export class Gateway implements PassageContext, ClientHost {
  readonly guard: Guard
  readonly clock: Clock
  readonly counters = new CounterSet()
  readonly ticker: Ticker
  draining = false
  readonly #ids = new ExchangeIds()
  #setup: Setup
  /** Pools of upstreams before a reload that still carry exchanges. */
  readonly #retired = new Set<UpstreamPool>()
  readonly #server: Server
  readonly #clients = new Roster<ClientConnection | Http2Connection>()
  /** Every connection the listener accepted, those within a handshake among them. */
  readonly #sockets = new Roster<Accepted>()
  /** Listeners of TLS before a reload, with the handshakes they began. */
  readonly #endings = new Set<TlsListener>()
  readonly #passages = new Roster<Passage>()
  readonly #tunnels = new Set<Tunnel>()
  readonly #upgraded = new Map<Tunnel, Upgraded>()
  readonly #watch = new SourceWatch()
  #address: string | undefined
  #destination: Destination | undefined
  #state: SensorHealth['state'] = 'starting'
  #events = 0
  #refused = 0
  #lastEventAt: number | undefined
  #failuresInARow = 0
  #dateAt = Number.NaN
  #date = ''
  #onQuiet: (() => void) | undefined

  /** Throws `config/invalid` for options that cannot work. */
  constructor(options: GatewayOptions, guard: Guard, clock: Clock) {
    const settings = gatewaySettings(options)
    this.guard = guard
    this.clock = clock
    const interval = tickInterval([
      settings.headerTimeoutMs,
      settings.requestTimeoutMs,
      settings.keepAliveTimeoutMs,
      settings.idleTimeoutMs,
      settings.responseTimeoutMs,
      settings.upstreamKeepAliveMs,
      settings.tunnelIdleTimeoutMs,
      settings.messages.reportMs,
    ])
    this.ticker = new Ticker(interval, () => this.#sweep())
    try {
      this.#setup = this.#prepare(settings)
    } catch (thrown) {
      this.ticker.stop()
      throw thrown
    }
    this.#server = this.#createServer()
  }

  get settings(): GatewaySettings {
    return this.#setup.settings
  }

  get pool(): UpstreamPool {
    return this.#setup.pool
  }

  /** Everything that follows from the options. Throws `config/invalid`. */
  #prepare(settings: GatewaySettings): Setup {
    const { upstream, connectTimeoutMs, maxHeaderBytes, maxHeaderCount, headerTimeoutMs } = settings
    const { ticker, counters } = this
    const secure = upstream.protocol === 'https:'
    const host = upstream.hostname.replace(/^\[|\]$/g, '')
    const port = Number(upstream.port || (secure ? 443 : 80))
    const target = {
      host,
      port,
      tls: secure ? { ca: readAuthorities(settings.upstreamCa) } : undefined,
      connectTimeoutMs,
      maxHeaderBytes,
      maxHeaderCount,
    }
    return {
      settings,
      trusted: new TrustedProxies(settings.trustedProxies),
      pool: new UpstreamPool(target, settings.upstreamKeepAliveMs, ticker),
      upstreamAddress: { ...(isIP(host) === 0 ? {} : { ip: host }), port },
      prefix: upstream.pathname.replace(/\/$/, ''),
      tls:
        settings.tls === undefined
          ? undefined
          : new TlsListener(
              { ...settings.tls, ticketKeys: settings.ticketKeys },
              headerTimeoutMs,
              ticker,
              counters,
              (socket, ja4) => this.#onSecure(socket, ja4),
            ),
    }
  }

  /**
   * Goes by other options from now on: upstream, trusted proxies, windows, time-outs, bounds, TLS. Connections stay, and exchanges under way
   * end as they began. Where it listens stays as it was.
   *
   * @throws SallyportError `config/invalid`; then nothing has changed
   */
  reload(options: GatewayOptions): void {
    const { host, port, reusePort } = this.settings
    const before = this.#setup
    this.#setup = this.#prepare({ ...gatewaySettings(options), host, port, reusePort })
    this.#destination = undefined
    this.#server.maxConnections = this.settings.maxConnections
    for (const client of this.#clients) client.peer.judge(this.#setup.trusted)
    before.pool.retire()
    if (before.pool.size > 0) this.#retired.add(before.pool)
    if (before.tls !== undefined) this.#endings.add(before.tls)
  }

  /** Begins to accept. Throws `listen/in-use` when the port is taken, `config/invalid` when the address is not ours. */
  async listen(): Promise<{ host: string; port: number }> {
    const { host, port, reusePort } = this.settings
    try {
      const { port: taken, address } = await listen(this.#server, 'The gateway', { host, port, reusePort })
      this.#address = address
      this.#state = 'running'
      return { host, port: taken }
    } catch (error) {
      this.ticker.stop()
      throw error
    }
  }

  /** Accepts nothing more, lets what is under way finish for up to `drainMs`, then cuts it off. */
  async close(drainMs: number): Promise<void> {
    this.draining = true
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const client of this.#clients) client.drain()
    if (this.#passages.size > 0 || this.#tunnels.size > 0)
      await within(drainMs, resolve => {
        this.#onQuiet = resolve
      })
    // The last answers are on their way: a connection ends itself behind them.
    if (this.#clients.size > 0) await within(Math.min(drainMs, flushMs), resolve => void closed.then(resolve))
    for (const tunnel of [...this.#tunnels]) tunnel.destroy()
    for (const passage of this.#passages) passage.abort()
    for (const client of this.#clients) client.abort()
    for (const { socket } of this.#sockets) socket.destroy()
    for (const pool of [this.pool, ...this.#retired]) pool.destroy()
    await closed
    this.ticker.stop()
    this.#state = 'stopped'
  }

  /** Files whose change wants `reloadCertificates`. */
  get certificatePaths(): readonly string[] {
    return this.#setup.tls?.paths ?? []
  }

  /** Reads the certificates again; connections stay. @throws SallyportError `config/invalid`: then those before stay */
  reloadCertificates(): void {
    this.#setup.tls?.reload()
  }

  health(): SensorHealth {
    const degraded = this.#state === 'running' && this.#failuresInARow >= degradedAfter
    return {
      id: 'gateway',
      kind: 'gateway',
      state: degraded ? 'degraded' : this.#state,
      events: this.#events,
      // Every exchange is handed on; what the guard has no room for it counts itself.
      dropped: 0,
      rejected: this.#refused,
      ...(this.#lastEventAt === undefined ? {} : { lastEventAt: this.#lastEventAt }),
      ...(this.#address === undefined ? {} : { address: this.#address }),
      perSecond: this.#watch.perSecond(this.clock.now()),
      sees: 'full',
      detail: degraded
        ? `${this.settings.upstream.origin} has failed ${this.#failuresInARow} times in a row`
        : `→ ${this.settings.upstream.origin}`,
    }
  }

  // ---- what passages tell

  onBegin(passage: Passage): void {
    this.#passages.add(passage)
  }

  onOver(passage: Passage, exchange: RawExchange): void {
    this.#passages.delete(passage)
    this.#count(exchange.time)
    this.guard.observe(exchange)
    this.#checkQuiet()
  }

  onUpgrade({ client, upstream, exchange, first }: Upgrade): void {
    this.counters.add('sallyport_gateway_upgrades_total')
    const { messages } = this.settings
    const log = messages.read
      ? new MessageLog(messages, this.clock, () =>
          this.counters.add('sallyport_gateway_websocket_unreadable_total'),
        )
      : undefined
    log?.received(first)
    const tunnel = new Tunnel(client, upstream, this.ticker, log, closed => {
      this.#tunnels.delete(closed)
      this.counters.add('sallyport_gateway_tunnel_bytes_total', closed.bytes)
      this.#report(closed, true)
      this.#checkQuiet()
    })
    this.#tunnels.add(tunnel)
    this.#upgraded.set(tunnel, { exchange, since: this.clock.now(), reports: 0 })
  }

  /** Hands on what went through a tunnel since the last time, as a call of its own: the upgrade's request with the messages. */
  #report(tunnel: Tunnel, closed: boolean): void {
    tunnel.reportedAt = this.ticker.now
    const upgraded = this.#upgraded.get(tunnel)
    const report = tunnel.log?.take()
    if (closed) this.#upgraded.delete(tunnel)
    if (upgraded === undefined || report === undefined) return
    const { exchange, since } = upgraded
    const time = this.clock.now()
    upgraded.since = time
    upgraded.reports += 1
    const { messages, sent, received, close } = report
    this.counters.add('sallyport_gateway_websocket_messages_total', sent.messages + received.messages)
    this.counters.add('sallyport_gateway_websocket_left_out_total', sent.leftOut + received.leftOut)
    this.#count(time)
    this.guard.observe({
      ...exchange,
      id: this.#ids.next(time),
      time,
      durationMs: Math.max(0, time - since),
      messages,
      extra: {
        webSocket: {
          connection: exchange.id,
          report: upgraded.reports,
          sent,
          received,
          ...(close === undefined ? {} : { close }),
          ...(closed ? { closed } : {}),
        },
      },
    })
  }

  onUpstream(reachable: boolean): void {
    this.#failuresInARow = reachable ? 0 : this.#failuresInARow + 1
  }

  #checkQuiet(): void {
    if (this.#passages.size === 0 && this.#tunnels.size === 0) this.#onQuiet?.()
  }

  #sweep(): void {
    for (const passage of this.#passages) passage.sweep()
    for (const client of this.#clients) client.sweep()
    this.#setup.tls?.sweep()
    for (const ending of this.#endings) if (!ending.sweep()) this.#endings.delete(ending)
    for (const pool of this.#retired) if (pool.size === 0) this.#retired.delete(pool)
    for (const tunnel of this.#tunnels) {
      tunnel.sweep(this.settings.tunnelIdleTimeoutMs)
      if (this.ticker.passed(tunnel.reportedAt, this.settings.messages.reportMs)) this.#report(tunnel, false)
    }
    this.pool.prune()
    this.counters.set('sallyport_gateway_upstream_connections', this.pool.size)
  }

  // ---- the listener

  #createServer(): Server {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#onConnection(socket))
    server.maxConnections = this.settings.maxConnections
    server.on('drop', () => this.counters.add('sallyport_gateway_connections_dropped_total'))
    return server
  }

  #onConnection(socket: Socket): void {
    const accepted: Accepted = { place: -1, socket }
    this.#sockets.add(accepted)
    socket.once('close', () => this.#sockets.delete(accepted))
    const { tls } = this.#setup
    if (tls !== undefined) tls.accept(socket)
    else
      this.#clients.add(new ClientConnection(socket, new PeerOf(socket, this.#setup.trusted, 'http'), this))
  }

  #onSecure(socket: TLSSocket, ja4: string | undefined): void {
    const peer = new PeerOf(socket, this.#setup.trusted, 'https', ja4)
    this.#clients.add(
      socket.alpnProtocol === 'h2'
        ? new Http2Connection(socket, peer, this, closed => this.#clients.delete(closed))
        : new ClientConnection(socket, peer, this),
    )
    this.counters.add(
      `sallyport_gateway_tls_connections_total{protocol="${socket.alpnProtocol || 'http/1.1'}"}`,
    )
  }

  onClosed(client: ClientConnection): void {
    this.#clients.delete(client)
  }

  onRequest(client: ClientSide, head: RequestHead): void {
    this.counters.add('sallyport_gateway_requests_total')
    const { settings, prefix } = this.#setup
    const { peer } = client
    const forwarding = peer.trusted
      ? readForwarding(peer.address, head.host, head.headers, this.#setup.trusted, peer.proto)
      : undefined
    const guarded = this.#guarded(
      peer,
      this.clock.now(),
      head,
      believed(head, peer.trusted),
      head.host,
      forwarding?.chain[0] ?? peer.address,
    )
    const upgrade = head.upgrade === 'websocket'
    const headers = onwardHeaders(head, {
      trusted: peer.trusted,
      host: settings.preserveHost && head.host !== '' ? undefined : settings.upstream.host,
      expect: head.expectContinue,
      via: settings.via,
      forwarding: forwarding === undefined ? peer.ownForwarding(head.host) : forwardingHeaders(forwarding),
    })
    if (upgrade) {
      // An extension codes the messages: without an offer there is none, and they can be read (RFC 6455 §9.1).
      if (settings.messages.read) withdraw(headers, 'sec-websocket-extensions')
      headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
    }
    const target = prefix === '' || head.target === '*' ? head.target : prefix + head.target
    const onward = { method: head.method, target, headers, framing: head.framing, upgrade }
    new Passage(this, client, guarded, head, onward).begin()
  }

  /** Counts what was not let in, and tells of it where it can be said what it asked for. */
  onRefusedHead(peer: ClientPeer, { refusal, asked }: RefusedHead): void {
    this.#refused += 1
    this.counters.add(`sallyport_gateway_refused_total{shape="${refusal.shape}"}`)
    if (asked === undefined) return
    if (asked.method !== 'CONNECT') this.counters.add('sallyport_gateway_requests_total')
    const time = this.clock.now()
    const answer = refusalAnswer(refusal)
    const headers: [string, string][] = []
    for (let index = 0; index < answer.headers.length; index += 2)
      headers.push([answer.headers[index]!.toLowerCase(), answer.headers[index + 1]!])
    const { id, source, destination, ...request } = this.#guarded(
      peer,
      time,
      asked,
      asked.headers,
      '',
      peer.address,
    )
    this.#count(time)
    this.guard.observe({
      id,
      time,
      durationMs: 0,
      source,
      destination,
      request: {
        method: request.method,
        target: request.target,
        httpVersion: request.httpVersion,
        headers: request.headers,
      },
      response: {
        status: refusal.status,
        headers,
        body: { bytes: answer.body, size: answer.body.length, truncated: false },
      },
      extra: { gateway: { outcome: 'refused', shape: refusal.shape } },
    })
  }

  get date(): string {
    const now = this.clock.now()
    const second = Math.floor(now / 1_000)
    if (second !== this.#dateAt) {
      this.#dateAt = second
      this.#date = new Date(now).toUTCString()
    }
    return this.#date
  }

  #guarded(
    peer: ClientPeer,
    time: number,
    { method, target, httpVersion }: Asked,
    headers: GuardedRequest['headers'],
    host: string,
    address: string,
  ): GuardedRequest {
    const direct = address === peer.address && peer.port !== undefined
    return {
      id: this.#ids.next(time),
      time,
      source: {
        ip: address,
        // The handshake and the port are the socket's: behind a trusted proxy they say nothing about the client.
        ...(direct ? { port: peer.port! } : {}),
        ...(direct && peer.ja4 !== undefined ? { ja4: peer.ja4 } : {}),
      },
      destination: this.#destinationOf(host),
      method,
      target,
      httpVersion,
      headers,
    }
  }

  #count(time: number): void {
    const now = this.clock.now()
    this.#events += 1
    this.#lastEventAt = time
    this.#watch.heard(undefined, now, now)
  }

  /** The last host asked for is nearly always the next one. */
  #destinationOf(host: string): Destination {
    const asked = host === '' ? this.settings.upstream.host : host
    if (this.#destination?.host === asked) return this.#destination
    const destination = {
      host: asked.toLowerCase().replace(/:(?:80|443)?$/, ''),
      ...this.#setup.upstreamAddress,
    }
    if (destination.host === asked) this.#destination = destination
    return destination
  }
}

/** Resolves when `start` calls back, or after so many milliseconds. */
const within = (milliseconds: number, start: (done: () => void) => void): Promise<void> =>
  new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    start(() => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Takes a header out of name, value, name, value …. */
function withdraw(headers: string[], name: string): void {
  for (let index = headers.length - 2; index >= 0; index -= 2)
    if (headers[index]!.toLowerCase() === name) headers.splice(index, 2)
}

function readAuthorities(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The authorities of the upstream cannot be read.', {
      where: path,
      mend: 'Give a PEM file of certificates.',
      cause,
    })
  }
}
