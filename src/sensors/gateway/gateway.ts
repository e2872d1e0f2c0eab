import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Destination } from '../../call/api-call.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Clock } from '../../kit/clock.ts'
import { CounterSet } from '../../kit/counters.ts'
import type { Guard, GuardedRequest } from '../guard.ts'
import { listen } from '../listen.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { TrustedProxies } from './client-address.ts'
import { ClientConnection } from './client-connection.ts'
import { ExchangeIds } from './exchange-id.ts'
import { forwardingHeaders, readForwarding } from './forwarding.ts'
import { believed, onwardHeaders } from './header-rules.ts'
import { MessageLog } from './message-log.ts'
import { type GatewayOptions, type GatewaySettings, gatewaySettings } from './options.ts'
import { type ParserError, parserRefusal } from './parser-refusal.ts'
import { Passage, type PassageContext, type Upgrade } from './passage.ts'
import { answerBytes, refusalAnswer } from './problem-answer.ts'
import { type Refusal, refusal } from './refusal.ts'
import { type RequestHead, readRequestHead } from './request-head.ts'
import { Ticker, tickInterval } from './ticker.ts'
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

/** Upstream failures in a row after which the gateway calls itself degraded. */
const degradedAfter = 3

/**
 * The inline sensor: an HTTP/1.1 reverse proxy that asks a `Guard` before it lets a request on or a response back, and
 * hands every finished exchange to `observe` exactly once. Bodies stream; at most `windowBytes` of each is held.
 */
export class Gateway implements PassageContext {
  readonly settings: GatewaySettings
  readonly guard: Guard
  readonly clock: Clock
  readonly counters = new CounterSet()
  readonly ticker: Ticker
  readonly pool: UpstreamPool
  draining = false
  readonly #ids = new ExchangeIds()
  readonly #trusted: TrustedProxies
  readonly #server: Server
  readonly #clients = new WeakMap<Socket, ClientConnection>()
  readonly #passages = new Set<Passage>()
  readonly #tunnels = new Set<Tunnel>()
  readonly #upgraded = new Map<Tunnel, Upgraded>()
  readonly #upstreamAddress: Partial<Destination>
  readonly #prefix: string
  readonly #watch = new SourceWatch()
  #address: string | undefined
  #destination: Destination | undefined
  #state: SensorHealth['state'] = 'starting'
  #events = 0
  #refused = 0
  #lastEventAt: number | undefined
  #failuresInARow = 0
  #onQuiet: (() => void) | undefined

  /** Throws `config/invalid` for options that cannot work. */
  constructor(options: GatewayOptions, guard: Guard, clock: Clock) {
    const settings = gatewaySettings(options)
    this.settings = settings
    this.guard = guard
    this.clock = clock
    this.#trusted = new TrustedProxies(settings.trustedProxies)
    const interval = tickInterval([
      settings.idleTimeoutMs,
      settings.responseTimeoutMs,
      settings.upstreamKeepAliveMs,
      settings.tunnelIdleTimeoutMs,
      settings.messages.reportMs,
    ])
    this.ticker = new Ticker(interval, () => this.#sweep())
    const host = settings.upstream.hostname.replace(/^\[|\]$/g, '')
    const port = Number(settings.upstream.port || 80)
    const { connectTimeoutMs, maxHeaderBytes, maxHeaderCount } = settings
    this.pool = new UpstreamPool(
      { host, port, connectTimeoutMs, maxHeaderBytes, maxHeaderCount },
      settings.upstreamKeepAliveMs,
      this.ticker,
    )
    this.#upstreamAddress = { ...(isIP(host) === 0 ? {} : { ip: host }), port }
    this.#prefix = settings.upstream.pathname.replace(/\/$/, '')
    this.#server = this.#createServer()
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
    this.#server.closeIdleConnections()
    if (this.#passages.size > 0 || this.#tunnels.size > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, drainMs)
        this.#onQuiet = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const tunnel of [...this.#tunnels]) tunnel.destroy()
    for (const passage of [...this.#passages]) passage.abort()
    this.#server.closeAllConnections()
    this.pool.destroy()
    await closed
    this.ticker.stop()
    this.#state = 'stopped'
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
    for (const tunnel of this.#tunnels) {
      tunnel.sweep(this.settings.tunnelIdleTimeoutMs)
      if (this.ticker.passed(tunnel.reportedAt, this.settings.messages.reportMs)) this.#report(tunnel, false)
    }
    this.pool.prune()
    this.counters.set('sallyport_gateway_upstream_connections', this.pool.size)
  }

  // ---- the listener

  #createServer(): Server {
    const { settings } = this
    const server = createServer(
      {
        insecureHTTPParser: false,
        // Both are answered by our own rules, as problem details.
        requireHostHeader: false,
        maxHeaderSize: settings.maxHeaderBytes,
        headersTimeout: settings.headerTimeoutMs,
        requestTimeout: settings.requestTimeoutMs,
        keepAliveTimeout: settings.keepAliveTimeoutMs,
        connectionsCheckingInterval: tickInterval([settings.headerTimeoutMs, settings.requestTimeoutMs]),
        noDelay: true,
        // h2c and the like are no business of a gateway that reads what it forwards: they stay plain HTTP/1.1.
        shouldUpgradeCallback: request => request.headers.upgrade?.toLowerCase() === 'websocket',
      },
      (message, reply) => this.#onRequest(message, reply),
    )
    // Node drops headers beyond its own count silently; ours are counted and refused.
    server.maxHeadersCount = 0
    server.maxConnections = settings.maxConnections
    server.timeout = 0
    server.on('checkContinue', (message, reply) => this.#onRequest(message, reply))
    server.on('checkExpectation', (message, reply) => this.#onRequest(message, reply))
    server.on('upgrade', (message, socket, first) => this.#onUpgradeRequest(message, socket as Socket, first))
    server.on('connect', (message, socket) => this.#onConnect(message, socket as Socket))
    server.on('clientError', (error, socket) => this.#onClientError(error, socket as Socket))
    server.on('drop', () => this.counters.add('sallyport_gateway_connections_dropped_total'))
    return server
  }

  #client(socket: Socket): ClientConnection {
    let client = this.#clients.get(socket)
    if (client === undefined) {
      client = new ClientConnection(socket, this.#trusted)
      this.#clients.set(socket, client)
    }
    return client
  }

  #onRequest(message: IncomingMessage, reply: ServerResponse, ready?: () => void): void {
    const client = this.#client(message.socket)
    const time = this.clock.now()
    const start = (): void => {
      ready?.()
      this.#begin(client, message, reply, time)
    }
    if (client.enqueue(start)) return
    this.counters.add('sallyport_gateway_pipelining_refused_total')
    message.socket.destroy()
  }

  /** Node hands an upgrading socket over bare: a response object of our own answers on it, unless it is joined. */
  #onUpgradeRequest(message: IncomingMessage, socket: Socket, first: Buffer): void {
    socket.on('error', () => undefined)
    // What the client sent without waiting for the 101 is the tunnel's, if there will be one.
    if (first.length > 0) socket.unshift(first)
    const reply = new ServerResponse(message)
    reply.shouldKeepAlive = false
    reply.on('finish', () => socket.destroySoon())
    // Behind a pipelined request the socket still belongs to that one's response.
    this.#onRequest(message, reply, () => reply.assignSocket(socket))
  }

  #onConnect(message: IncomingMessage, socket: Socket): void {
    socket.on('error', () => undefined)
    const refused = refusal('connect')
    this.#countRefusal(refused)
    const client = this.#client(socket)
    const answer = refusalAnswer(refused)
    // Within another answer there is no place for this one.
    if (client.busy) socket.destroy()
    else socket.end(answerBytes(answer))
    const time = this.clock.now()
    const headers = lowerPairs(message.rawHeaders)
    this.#count(time)
    this.guard.observe({
      ...this.#guarded(
        client,
        time,
        message.method ?? 'CONNECT',
        message.url ?? '',
        message.httpVersion,
        headers,
        '',
      ),
      durationMs: 0,
      request: {
        method: message.method ?? 'CONNECT',
        target: message.url ?? '',
        httpVersion: message.httpVersion,
        headers,
      },
      response: { status: refused.status, headers: lowerPairs(answer.headers) },
      extra: { gateway: { outcome: 'refused', shape: refused.shape } },
    })
  }

  /** What Node's parser refuses never becomes a request: it is answered and counted here. */
  #onClientError(error: ParserError, socket: Socket): void {
    const client = this.#clients.get(socket)
    const refused = parserRefusal(error)
    if (refused === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    const at = client?.onMalformed(refused) ?? 'unanswered'
    if (at === 'answered') return
    this.#countRefusal(refused)
    if (at === 'answering') socket.destroy()
    else socket.end(answerBytes(refusalAnswer(refused)), () => socket.destroySoon())
  }

  #begin(client: ClientConnection, message: IncomingMessage, reply: ServerResponse, time: number): void {
    this.counters.add('sallyport_gateway_requests_total')
    const { settings } = this
    const method = message.method ?? ''
    const url = message.url ?? ''
    const head = readRequestHead(method, url, message.httpVersion, message.rawHeaders, settings)
    if ('shape' in head) {
      this.#refuse(client, message, reply, time, head)
      return
    }
    if (head.upgrade === 'websocket' && head.framing.kind !== 'none') {
      this.#refuse(client, message, reply, time, refusal('upgrade-with-body'))
      return
    }
    const forwarding = client.trusted
      ? readForwarding(client.address, head.host, head.headers, this.#trusted)
      : undefined
    const address = forwarding?.chain[0] ?? client.address
    const guarded = this.#guarded(
      client,
      time,
      method,
      head.target,
      head.httpVersion,
      believed(head.headers, client.trusted),
      head.host,
      address,
    )
    const upgrade = head.upgrade === 'websocket'
    const headers = onwardHeaders(head, message.rawHeaders, {
      trusted: client.trusted,
      host: settings.preserveHost && head.host !== '' ? undefined : settings.upstream.host,
      expect: head.expectContinue,
      via: settings.via,
      forwarding: forwarding === undefined ? client.ownForwarding(head.host) : forwardingHeaders(forwarding),
    })
    if (upgrade) {
      // An extension codes the messages: without an offer there is none, and they can be read (RFC 6455 §9.1).
      if (settings.messages.read) withdraw(headers, 'sec-websocket-extensions')
      headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
    }
    const target = this.#prefix === '' || head.target === '*' ? head.target : this.#prefix + head.target
    const onward = { method, target, headers, framing: head.framing, upgrade }
    new Passage(this, client, message, reply, guarded, head, onward).begin()
  }

  #refuse(
    client: ClientConnection,
    message: IncomingMessage,
    reply: ServerResponse,
    time: number,
    refused: Refusal,
  ): void {
    this.#countRefusal(refused)
    const headers = lowerPairs(message.rawHeaders)
    const method = message.method ?? ''
    const target = (message.url ?? '').slice(0, this.settings.maxTargetBytes)
    const guarded = this.#guarded(client, time, method, target, message.httpVersion, headers, '')
    const head: RequestHead = {
      method,
      target,
      httpVersion: message.httpVersion,
      headers,
      host: '',
      // Whatever follows is not to be understood: the answer closes the connection.
      framing: { kind: 'none' },
      expectContinue: false,
      connection: undefined,
      upgrade: undefined,
    }
    const onward = { method, target, headers: [], framing: head.framing, upgrade: false }
    new Passage(this, client, message, reply, guarded, head, onward).refuse(refused)
  }

  #countRefusal(refused: Refusal): void {
    this.#refused += 1
    this.counters.add(`sallyport_gateway_refused_total{shape="${refused.shape}"}`)
  }

  #guarded(
    client: ClientConnection,
    time: number,
    method: string,
    target: string,
    httpVersion: string,
    headers: GuardedRequest['headers'],
    host: string,
    address = client.address,
  ): GuardedRequest {
    // The port belongs to the socket: behind a trusted proxy it says nothing about the client.
    const direct = address === client.address && client.port !== undefined
    return {
      id: this.#ids.next(time),
      time,
      source: direct ? { ip: address, port: client.port! } : { ip: address },
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
    const destination = { host: asked.toLowerCase().replace(/:(?:80|443)?$/, ''), ...this.#upstreamAddress }
    if (destination.host === asked) this.#destination = destination
    return destination
  }
}

/** Takes a header out of name, value, name, value …. */
function withdraw(headers: string[], name: string): void {
  for (let index = headers.length - 2; index >= 0; index -= 2)
    if (headers[index]!.toLowerCase() === name) headers.splice(index, 2)
}

function lowerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2)
    pairs.push([raw[index]!.toLowerCase(), raw[index + 1]!])
  return pairs
}
