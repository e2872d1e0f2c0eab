import { once } from 'node:events'
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { inflate } from '../../call/decode/inflate.ts'
import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import { listen } from '../listen.ts'
import { isAllowed } from '../otlp/sender.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import type { EnvoyNode } from './access-log-entry.ts'
import { decodeAccessLogs } from './decode-access-logs.ts'
import { callOfEntry, flowOfEntry } from './entry-event.ts'
import { defaultEnvoyOptions, type EnvoyOptions } from './envoy-options.ts'
import { MessageFrames } from './message-frames.ts'
import { BrokenMessage } from './protobuf-reader.ts'

const path = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'

/** Status codes of gRPC (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const status = { invalidArgument: 3, resourceExhausted: 8, unimplemented: 12, unauthenticated: 16 } as const

/** Envoy's gRPC access log service: takes what proxies log of HTTP requests and TCP connections, as they log it. */
export class EnvoySensor implements RunningSensor {
  readonly #sink: ContextSink
  readonly #clock: Clock
  readonly #options: EnvoyOptions
  readonly #server: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #ids = new ExchangeIds()
  readonly #watch = new SourceWatch()
  address = ''
  #calls = 0
  #flows = 0
  #refused = 0
  #broken = 0
  #incomplete = 0
  #lastFault: string | undefined
  #newest: number | undefined
  #closed = false

  private constructor(sink: ContextSink, clock: Clock, options: EnvoyOptions) {
    this.#sink = sink
    this.#clock = clock
    this.#options = options
    this.#server = createServer({
      settings: { maxConcurrentStreams: 100, initialWindowSize: 1024 * 1024 },
      maxSessionMemory: 64,
    })
    this.#server.on('session', session => {
      session.on('error', () => {})
      if (this.#sessions.size >= options.maxConnections) {
        this.#refused += 1
        session.destroy()
        return
      }
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
    })
    this.#server.on('sessionError', () => {})
    this.#server.on('stream', (stream, headers) => this.#serve(stream, headers))
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<EnvoyOptions> = {},
  ): Promise<EnvoySensor> {
    const options = { ...defaultEnvoyOptions, ...given }
    const sensor = new EnvoySensor(sink, clock, options)
    const { host, port } = options
    sensor.address = (await listen(sensor.#server, "Envoy's access log service", { host, port })).address
    return sensor
  }

  health(now: number): SensorHealth {
    const details = [
      `${this.#calls} calls and ${this.#flows} connections logged by ${this.#sessions.size} proxies that are connected.`,
      this.#refused === 0 ? undefined : `${this.#refused} streams were refused.`,
      this.#incomplete === 0 ? undefined : `${this.#incomplete} entries have no time, method or address.`,
      this.#lastFault === undefined
        ? undefined
        : `${this.#broken} messages could not be read: ${this.#lastFault}`,
    ]
    return {
      id: 'envoy',
      kind: 'Envoy access logs',
      state: this.#closed ? 'stopped' : 'running',
      events: this.#calls + this.#flows,
      dropped: 0,
      rejected: this.#refused + this.#broken + this.#incomplete,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest, lagMs: this.#watch.lagMs }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      sources: this.#watch.sources(now),
      sees: 'head',
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.#sessions) session.destroy()
    await closed
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {})
    const refusal = this.#refusalOf(headers)
    if (refusal !== undefined) {
      this.#refused += 1
      fail(stream, ...refusal)
      return
    }
    let node: EnvoyNode | undefined
    const { maxMessageBytes } = this.#options
    const frames = new MessageFrames(maxMessageBytes, (bytes, compressed) => {
      const plain = compressed ? inflated(bytes, headers, maxMessageBytes) : bytes
      if (plain === undefined) {
        this.#fault('A message is not coded as its head says.')
        fail(stream, status.invalidArgument, 'A message is not coded as its head says.')
        return
      }
      this.#read(stream, plain, node, named => {
        node = named
      })
    })
    stream.on('data', (chunk: Buffer) => {
      if (stream.headersSent || frames.feed(chunk)) return
      this.#fault(`A message has more than ${maxMessageBytes} bytes.`)
      fail(stream, status.resourceExhausted, `A message has more than ${maxMessageBytes} bytes.`)
    })
    stream.on('end', () => {
      if (stream.headersSent || stream.destroyed) return
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      // One empty message.
      stream.end(Buffer.alloc(5))
    })
  }

  #refusalOf(headers: IncomingHttpHeaders): readonly [code: number, sentence: string] | undefined {
    if (headers[':path'] !== path) return [status.unimplemented, `Only ${path} is served.`]
    return isAllowed(headers.authorization, this.#options.token)
      ? undefined
      : [status.unauthenticated, 'The bearer token is missing or wrong.']
  }

  #read(
    stream: ServerHttp2Stream,
    bytes: Buffer,
    known: EnvoyNode | undefined,
    onNode: (node: EnvoyNode) => void,
  ): void {
    let node = known
    const now = this.#clock.now()
    const heard = (time: number): void => {
      this.#newest = now
      this.#watch.heard(node === undefined || node.id === '' ? 'unnamed' : node.id, time, now)
    }
    try {
      decodeAccessLogs(bytes, {
        node: named => {
          node = named
          onNode(named)
        },
        http: entry => {
          // What is said in between is said again at the end.
          if (entry.common.intermediate) return
          if (entry.common.time === 0 || entry.method === '') {
            this.#incomplete += 1
            return
          }
          this.#calls += 1
          heard(entry.common.time)
          this.#sink.call(callOfEntry(entry, node, this.#ids.next(entry.common.time)))
        },
        tcp: entry => {
          if (entry.common.intermediate) return
          const flow = flowOfEntry(entry, node, this.#ids.next(entry.common.time))
          if (flow === undefined || flow.time === 0) {
            this.#incomplete += 1
            return
          }
          this.#flows += 1
          heard(flow.time)
          this.#sink.event(flow)
        },
      })
    } catch (thrown) {
      if (!(thrown instanceof BrokenMessage)) throw thrown
      this.#fault(thrown.message)
      fail(stream, status.invalidArgument, thrown.message)
    }
  }

  #fault(sentence: string): void {
    this.#broken += 1
    this.#lastFault = sentence
  }
}

function inflated(bytes: Buffer, headers: IncomingHttpHeaders, most: number): Buffer | undefined {
  const outcome = inflate(bytes, String(headers['grpc-encoding'] ?? 'gzip'), most)
  return outcome.ok ? Buffer.from(outcome.bytes) : undefined
}

/** The answer without a message: status and sentence in the headers. */
function fail(stream: ServerHttp2Stream, code: number, sentence: string): void {
  if (stream.headersSent || stream.destroyed) return
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURIComponent(sentence),
    },
    { endStream: true },
  )
  stream.close()
}
