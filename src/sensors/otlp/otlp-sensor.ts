import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import type { Clock } from '../../kit/clock.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import { listen } from '../listen.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { createGrpcReceiver } from './grpc-receiver.ts'
import { createHttpReceiver, type ExportListener } from './http-receiver.ts'
import { defaultOtlpOptions, type OtlpOptions } from './otlp-options.ts'
import { SpanIntake } from './span-intake.ts'
import { defaultSpanJoinerOptions } from './span-joiner.ts'
import { workloadOf } from './workload-of.ts'

/** A span of a time to come would end the waiting of all others: more than clocks differ by, ms. */
const aheadMs = 300_000
/** How often it looks whether spans have ceased to come, ms. */
const idleLookMs = 1_000

/** Receives spans over HTTP and gRPC and hands on what they tell. */
export class OtlpSensor implements RunningSensor {
  readonly #intake: SpanIntake
  readonly #watch = new SourceWatch()
  /** `host:port` of each kind that is listened on. */
  readonly addresses: string[] = []
  readonly #listening: {
    readonly server: Server | Http2Server
    readonly sessions: Set<ServerHttp2Session>
  }[] = []
  #closed = false
  #looking: NodeJS.Timeout | undefined
  #broken = 0
  /** Spans of a time to come. */
  #ahead = 0
  #lastFault: string | undefined
  #newest: number | undefined

  private constructor(sink: ContextSink, options: OtlpOptions) {
    this.#intake = new SpanIntake(sink, options.joiner)
  }

  /** @throws SallyportError `listen/in-use`, `config/invalid` */
  static async start(sink: ContextSink, clock: Clock, given: Partial<OtlpOptions>): Promise<OtlpSensor> {
    const options = { ...defaultOtlpOptions, ...given }
    const sensor = new OtlpSensor(sink, options)
    const listener: ExportListener = {
      span: span => {
        const now = clock.now()
        if (span.end > now + aheadMs) {
          sensor.#ahead += 1
          return
        }
        sensor.#intake.add(span)
        sensor.#watch.heard(workloadOf(span.resource).name, span.end, now)
        sensor.#newest = now
      },
      done: outcome => {
        if (outcome.ok) return
        sensor.#broken += 1
        sensor.#lastFault = outcome.fault
      },
    }
    try {
      if (options.httpPort !== undefined)
        await sensor.#listen(
          'OTLP over HTTP',
          createHttpReceiver(options, listener),
          options.host,
          options.httpPort,
        )
      if (options.grpcPort !== undefined)
        await sensor.#listen(
          'OTLP over gRPC',
          createGrpcReceiver(options, listener),
          options.host,
          options.grpcPort,
        )
    } catch (thrown) {
      await sensor.close()
      throw thrown
    }
    // Waiting is measured in the spans' own time, which stands still while none come.
    const waitMs = options.joiner.waitMs ?? defaultSpanJoinerOptions.waitMs
    sensor.#looking = setInterval(() => sensor.#tellIdle(clock.now() - waitMs), idleLookMs)
    sensor.#looking.unref()
    return sensor
  }

  #tellIdle(since: number): void {
    if (this.#intake.waiting > 0 && this.#newest !== undefined && this.#newest < since) this.#intake.flush()
  }

  async #listen(what: string, server: Server | Http2Server, host: string, port: number): Promise<void> {
    const sessions = new Set<ServerHttp2Session>()
    server.on('session', (session: ServerHttp2Session) => {
      sessions.add(session)
      session.on('close', () => sessions.delete(session))
    })
    this.addresses.push((await listen(server, what, { host, port })).address)
    this.#listening.push({ server, sessions })
  }

  get address(): string {
    return this.addresses.join(' and ')
  }

  health(now: number): SensorHealth {
    const { counts, share, waiting } = this.#intake
    const told = counts.calls + counts.accesses + counts.flows
    const details = [
      `${counts.spans} spans: ${counts.calls} calls, ${counts.accesses} accesses to stores, ${counts.flows} flows, ${waiting} waiting for their other side.`,
      share < 1 ? `A source keeps only ${(share * 100).toPrecision(2)} % of its spans.` : undefined,
      this.#ahead > 0 ? `${this.#ahead} spans were of a time to come: check the clocks.` : undefined,
      this.#lastFault === undefined
        ? undefined
        : `${this.#broken} exports could not be read: ${this.#lastFault}`,
    ]
    return {
      id: 'otlp',
      kind: 'OpenTelemetry traces',
      state: this.#closed ? 'stopped' : 'running',
      events: told,
      dropped: 0,
      rejected: counts.rejected + this.#broken + this.#ahead,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest, lagMs: this.#watch.lagMs }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.address,
      perSecond: this.#watch.perSecond(now),
      ...(share < 1 ? { sampledShare: share } : {}),
      sources: this.#watch.sources(now),
      sees: 'head',
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#looking)
    await Promise.all(
      this.#listening.map(async ({ server, sessions }) => {
        const closed = once(server, 'close')
        server.close()
        if ('closeAllConnections' in server) server.closeAllConnections()
        for (const session of sessions) session.destroy()
        await closed
      }),
    )
    this.#intake.flush()
  }
}
