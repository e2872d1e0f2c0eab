import type { Clock } from '../../kit/clock.ts'
import { SallyportError } from '../../kit/error.ts'
import type { ContextSink, RunningSensor } from '../context-sensor.ts'
import { ExchangeIds } from '../gateway/exchange-id.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'
import { CaptureIntake } from './capture-intake.ts'
import { type CaptureOptions, defaultCaptureLimits, defaultCaptureOptions } from './capture-options.ts'
import { CaptureReader } from './capture-reader.ts'
import { Tcpdump } from './tcpdump.ts'

const sweepMs = 1_000

/** Captures packets of this machine and hands on the calls and flows in them. What is in TLS is told as a flow. */
export class CaptureSensor implements RunningSensor {
  readonly #clock: Clock
  readonly #options: CaptureOptions
  readonly #intake: CaptureIntake
  readonly #watch = new SourceWatch()
  readonly #timers: NodeJS.Timeout[] = []
  #run: Tcpdump | undefined
  #restart: NodeJS.Timeout | undefined
  #restarts = 0
  #pauseMs: number
  #fault: string | undefined
  #closed = false
  #newest: number | undefined
  /** Of the newest packet. */
  #captureTime = 0
  /** Packets that the kernel dropped, in runs that are over and in this one. */
  #droppedBefore = 0
  #dropped = 0

  private constructor(sink: ContextSink, clock: Clock, options: CaptureOptions) {
    this.#clock = clock
    this.#options = options
    this.#pauseMs = options.restartMs
    const ids = new ExchangeIds()
    const heard = (name: string, time: number): void => {
      const now = clock.now()
      this.#newest = now
      this.#watch.heard(name, time, now)
    }
    this.#intake = new CaptureIntake(
      {
        call: exchange => {
          heard(`${exchange.destination.ip}:${exchange.destination.port}`, exchange.time)
          sink.call(exchange)
        },
        event: event => {
          if (event.type === 'flow') heard(`${event.peer.ip}:${event.peer.port}`, event.time)
          sink.event(event)
        },
      },
      time => ids.next(time),
      options.limits,
    )
  }

  /** @throws SallyportError `config/invalid`, `auth/forbidden`: it cannot be started as it is. */
  static async start(
    sink: ContextSink,
    clock: Clock,
    given: Partial<CaptureOptions> = {},
  ): Promise<CaptureSensor> {
    const options = { ...defaultCaptureOptions, ...given }
    const sensor = new CaptureSensor(sink, clock, options)
    await sensor.#begin()
    sensor.#timers.push(
      setInterval(() => sensor.#sweep(), sweepMs).unref(),
      setInterval(() => sensor.#run?.ask(), options.statisticsMs).unref(),
    )
    return sensor
  }

  health(now: number): SensorHealth {
    const { counts, open } = this.#intake
    const details = [
      `${counts.packets} packets in ${counts.connections} connections, ${open} of them open: ${counts.calls} calls and ${counts.flows} flows.`,
      ...counts.explain(),
      this.#restarts === 0 ? undefined : `It was started again ${this.#restarts} times.`,
      this.#fault,
    ]
    let rejected = counts.brokenPackets
    for (const times of counts.faults.values()) rejected += times
    return {
      id: 'pcap',
      kind: 'Network capture',
      state: this.#closed ? 'stopped' : this.#run === undefined ? 'degraded' : 'running',
      events: counts.calls + counts.flows,
      dropped: this.#droppedBefore + this.#dropped,
      rejected,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest, lagMs: this.#watch.lagMs }),
      detail: details.filter(text => text !== undefined).join(' '),
      address: this.#options.interface,
      perSecond: this.#watch.perSecond(now),
      sources: this.#watch.sources(now),
      sees: 'full',
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#restart)
    const run = this.#run
    this.#run = undefined
    await run?.stop()
    this.#intake.flush()
  }

  #newReader(): CaptureReader {
    return new CaptureReader(defaultCaptureLimits.packetBytes, {
      packet: packet => {
        this.#captureTime = packet.time
        this.#intake.packet(packet)
      },
      fault: () => {
        this.#intake.counts.brokenPackets += 1
      },
    })
  }

  async #begin(): Promise<void> {
    const reader = this.#newReader()
    this.#droppedBefore += this.#dropped
    this.#dropped = 0
    const run = await Tcpdump.start(this.#options, {
      data: chunk => reader.feed(chunk),
      dropped: packets => {
        this.#dropped = packets
      },
      ended: said => this.#again(said),
    })
    if (this.#closed) await run.stop()
    else {
      this.#run = run
      this.#fault = undefined
      this.#pauseMs = this.#options.restartMs
    }
  }

  #again(said: string): void {
    this.#run = undefined
    if (this.#closed) return
    this.#fault = `${this.#options.command} ended: ${said}`
    const pause = this.#pauseMs
    this.#pauseMs = Math.min(this.#options.mostRestartMs, pause * 2)
    this.#restart = setTimeout(() => {
      this.#restarts += 1
      this.#begin().catch((thrown: unknown) => this.#again(SallyportError.from(thrown).message))
    }, pause).unref()
  }

  #sweep(): void {
    // Packets have the time of this machine; what stands still by its clock is over.
    if (this.#captureTime > 0) this.#intake.sweep(Math.max(this.#captureTime, this.#clock.now()))
  }
}
