import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import { BodyWindow } from '../gateway/body-window.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import type { HeaderPair } from '../gateway/header-pair.ts'
import { listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { defaultMirrorOptions, type MirrorOptions } from './mirror-options.ts'
import { mirroredCall } from './mirrored-request.ts'

/**
 * Takes copies of requests that a proxy sends beside its traffic (nginx `mirror`, Envoy `request_mirror_policies`) and answers each with
 * 204 as soon as it has arrived. Copies carry no answer: calls seen only here have no status.
 */
export class MirrorSensor implements RunningSensor {
  readonly #sink: ContextSink
  readonly #clock: Clock
  readonly #options: MirrorOptions
  readonly #server: Server
  readonly #ids = new ExchangeIds()
  readonly #watch = new SourceWatch()
  address = ''
  #open = 0
  #events = 0
  #dropped = 0
  #refused = 0
  #broken = 0
  #cut = 0
  #newest: number | undefined
  #closed = false

  private constructor(sink: ContextSink, clock: Clock, options: MirrorOptions) {
    this.#sink = sink
    this.#clock = clock
    this.#options = options
    this.#server = createServer(
      {
        requestTimeout: options.idleMs,
        headersTimeout: options.idleMs,
        maxHeaderSize: 65_536,
      },
      (request, response) => this.#take(request, response),
    )
    this.#server.maxConnections = options.maxConnections
    this.#server.on('drop', () => {
      this.#dropped += 1
    })
    this.#server.on('clientError', (_, socket) => {
      this.#broken += 1
      socket.destroy()
    })
    // A copy of a request for an upgrade is a request.
    this.#server.on('upgrade', (request, socket) => {
      socket.on('error', () => {})
      const allowed = this.#isAllowed(request)
      if (allowed) this.#tell(request, new BodyWindow(0), true)
      else this.#refused += 1
      socket.end(`HTTP/1.1 ${allowed ? '204 No Content' : '401 Unauthorized'}\r\nConnection: close\r\n\r\n`)
    })
    this.#server.on('connect', (_, socket) => socket.destroy())
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<MirrorOptions> = {},
  ): Promise<MirrorSensor> {
    const options = { ...defaultMirrorOptions, ...given }
    const sensor = new MirrorSensor(sink, clock, options)
    const { host, port } = options
    sensor.address = (await listen(sensor.#server, 'The mirror receiver', { host, port })).address
    return sensor
  }

  health(now: number): SensorHealth {
    const details = [
      'Copies of requests carry no answer: calls have no status and no response.',
      this.#refused === 0 ? undefined : `${this.#refused} copies came without the right token.`,
      this.#broken === 0 ? undefined : `${this.#broken} could not be read as HTTP.`,
      this.#cut === 0 ? undefined : `${this.#cut} bodies were cut off.`,
      this.#dropped === 0 ? undefined : `${this.#dropped} came beyond the bound on connections.`,
    ]
    return {
      id: 'mirror',
      kind: 'Request mirror',
      state: this.#closed ? 'stopped' : 'running',
      events: this.#events,
      dropped: this.#dropped,
      rejected: this.#refused + this.#broken,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest, lagMs: this.#watch.lagMs }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sources: this.#watch.sources(now),
      sees: 'request',
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    if (!this.#isAllowed(request)) {
      this.#refused += 1
      response.writeHead(401, { connection: 'close' }).end()
      request.resume()
      return
    }
    const { bodyBytes, maxBodyBytes, maxOpen } = this.#options
    const window = new BodyWindow(this.#open < maxOpen ? bodyBytes : 0)
    this.#open += 1
    let told = false
    const tell = (whole: boolean): void => {
      if (told) return
      told = true
      this.#open -= 1
      if (!whole) this.#cut += 1
      this.#tell(request, window, whole)
    }
    request.on('data', (chunk: Buffer) => {
      window.add(chunk)
      if (window.size <= maxBodyBytes) return
      tell(false)
      request.destroy()
    })
    request.on('end', () => {
      tell(true)
      // Not before: a proxy that is answered stops sending the body.
      response.writeHead(204).end()
    })
    request.on('close', () => tell(false))
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const { token } = this.#options
    if (token === undefined) return true
    // `Authorization` is the caller's own.
    const given = headers['x-mirror-token']
    return typeof given === 'string' && isAllowed(`Bearer ${given}`, token)
  }

  #tell(request: IncomingMessage, window: BodyWindow, whole: boolean): void {
    const now = this.#clock.now()
    const { rawHeaders } = request
    const headers: HeaderPair[] = []
    for (let index = 0; index + 1 < rawHeaders.length; index += 2)
      headers.push([rawHeaders[index]!.toLowerCase(), rawHeaders[index + 1]!])
    const exchange = mirroredCall({
      id: this.#ids.next(now),
      time: now,
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      httpVersion: request.httpVersion,
      headers,
      body: window.take(undefined, !whole),
      sender: request.socket.remoteAddress,
    })
    this.#events += 1
    this.#newest = now
    this.#watch.heard(exchange.destination.host, now, now)
    this.#sink.call(exchange)
  }
}
