import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import type { EnvoyNode } from './access-log-entry.ts'
import { decodeAccessLogs } from './decode-access-logs.ts'
import { callOfEntry, flowOfEntry } from './entry-event.ts'
import { defaultEnvoyOptions, type EnvoyOptions } from './envoy-options.ts'
import { framed, type GrpcCall, type GrpcReceiver } from './grpc-call.ts'
import { GrpcListener } from './grpc-listener.ts'

const path = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'

const emptyAnswer = framed(Buffer.alloc(0))

/** Envoy's gRPC access log service: takes what proxies log of HTTP requests and TCP connections, as they log it. */
export class EnvoySensor implements RunningSensor {
  readonly #sink: ContextSink
  readonly #clock: Clock
  #listener: GrpcListener | undefined
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

  private constructor(sink: ContextSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<EnvoyOptions> = {},
  ): Promise<EnvoySensor> {
    const options = { ...defaultEnvoyOptions, ...given }
    const sensor = new EnvoySensor(sink, clock)
    const listener = await GrpcListener.start(
      { ...options, what: "Envoy's access log service" },
      { [path]: call => sensor.#receive(call) },
      {
        refused: () => {
          sensor.#refused += 1
        },
        broken: sentence => {
          sensor.#broken += 1
          sensor.#lastFault = sentence
        },
      },
    )
    sensor.#listener = listener
    sensor.address = listener.address
    return sensor
  }

  health(now: number): SensorHealth {
    const details = [
      `${this.#calls} calls and ${this.#flows} connections logged by ${this.#listener?.connections ?? 0} proxies that are connected.`,
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
    await this.#listener?.close()
  }

  #receive(call: GrpcCall): GrpcReceiver {
    let node: EnvoyNode | undefined
    return {
      message: bytes =>
        this.#read(bytes, node, named => {
          node = named
        }),
      end: () => call.end(emptyAnswer),
    }
  }

  #read(bytes: Buffer, known: EnvoyNode | undefined, onNode: (node: EnvoyNode) => void): void {
    let node = known
    const now = this.#clock.now()
    const heard = (time: number): void => {
      this.#newest = now
      this.#watch.heard(node === undefined || node.id === '' ? 'unnamed' : node.id, time, now)
    }
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
  }
}
