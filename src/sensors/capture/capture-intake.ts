import type { ContextSink } from '../context-sensor.ts'
import { CaptureCounts } from './capture-counts.ts'
import { type CaptureLimits, defaultCaptureLimits } from './capture-options.ts'
import type { CapturedPacket } from './capture-reader.ts'
import { ConnectionTable } from './connection-table.ts'
import { Conversation } from './conversation.ts'
import { PacketDecoder } from './packet-decoder.ts'

/** From captured packets to calls and flows. Time is that of the packets. */
export class CaptureIntake {
  readonly counts = new CaptureCounts()
  readonly #decoder: PacketDecoder
  readonly #table: ConnectionTable

  /** @param nextId Gives each call and flow its id. */
  constructor(sink: ContextSink, nextId: (time: number) => string, limits: Partial<CaptureLimits> = {}) {
    const bounds = { ...defaultCaptureLimits, ...limits }
    const { counts } = this
    this.#table = new ConnectionTable(
      bounds,
      counts,
      (ends, ledger) =>
        new Conversation(ends, bounds, counts, ledger, {
          nextId,
          call: exchange => {
            counts.calls += 1
            sink.call(exchange)
          },
          flow: flow => {
            counts.flows += 1
            sink.event(flow)
          },
        }),
    )
    this.#decoder = new PacketDecoder(bounds.datagrams, counts, segment => this.#table.segment(segment))
  }

  /** Connections that are open. */
  get open(): number {
    return this.#table.open
  }

  /** Bytes held for all of them. */
  get held(): number {
    return this.#table.held
  }

  /** Time of the earliest call that is still to be told. */
  get pendingSince(): number | undefined {
    return this.#table.pendingSince
  }

  packet(packet: CapturedPacket): void {
    this.#decoder.packet(packet)
  }

  /** Time goes on without packets. @param now In the time of the capture, ms. */
  sweep(now: number): void {
    this.#table.sweep(now)
  }

  /** Nothing more comes: what is open is told as it is. */
  flush(): void {
    this.#decoder.flush()
    this.#table.flush()
  }
}
