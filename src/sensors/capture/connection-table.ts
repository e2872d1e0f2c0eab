import { BoundedMap } from '../../kit/bounded-map.ts'
import type { CaptureCounts } from './capture-counts.ts'
import type { CaptureLimits } from './capture-options.ts'
import { HeldBudget, type HeldLedger } from './held-budget.ts'
import type { TcpSegment } from './packet-decoder.ts'
import { type Side, type StreamReader, TcpConnection } from './tcp-connection.ts'

/** An end of a connection; the address is its bytes as characters. */
export interface End {
  readonly address: string
  readonly port: number
}

/** What reads a connection until it is over. */
export interface ConnectionReader extends StreamReader {
  /** Something was captured; after it, whether it is time to tell of a connection that goes on. */
  tick(connection: TcpConnection, now: number): void
  /** @param now When that was noticed. */
  end(connection: TcpConnection, now: number): void
  /** Time of the earliest call that it will still tell of; undefined where there is none. */
  pendingSince(): number | undefined
}

export type MakeReader = (ends: readonly [End, End], ledger: HeldLedger) => ConnectionReader

interface Entry {
  readonly connection: TcpConnection
  readonly reader: ConnectionReader
  readonly ledger: HeldLedger
}

const sweepMs = 1_000

/** The connections that are open, by their ends. */
export class ConnectionTable {
  readonly #limits: CaptureLimits
  readonly #counts: CaptureCounts
  readonly #make: MakeReader
  readonly #budget: HeldBudget
  readonly #entries: BoundedMap<string, Entry>
  /** Those with pieces that wait for others. */
  readonly #waiting = new Set<Entry>()
  #sweptAt = 0
  #now = 0

  constructor(limits: CaptureLimits, counts: CaptureCounts, make: MakeReader) {
    this.#limits = limits
    this.#counts = counts
    this.#make = make
    this.#budget = new HeldBudget(limits.heldBytes)
    this.#entries = new BoundedMap(limits.connections, (_, entry) => {
      counts.evictedConnections += 1
      this.#finish(entry, this.#now)
    })
  }

  get open(): number {
    return this.#entries.size
  }

  /** Bytes held by all connections. */
  get held(): number {
    return this.#budget.used
  }

  /** Time of the earliest call that is still to be told. */
  get pendingSince(): number | undefined {
    let earliest: number | undefined
    for (const { reader } of this.#entries.values()) {
      const time = reader.pendingSince()
      if (time !== undefined && (earliest === undefined || time < earliest)) earliest = time
    }
    return earliest
  }

  segment(segment: TcpSegment): void {
    const { source, sourcePort, target, targetPort, time } = segment
    this.#now = time
    const from = source + String.fromCharCode(sourcePort)
    const to = target + String.fromCharCode(targetPort)
    const side: Side = from < to ? 0 : 1
    const key = side === 0 ? from + to : to + from
    let entry = this.#entries.get(key)
    if (entry?.connection.isRestart(side, segment) === true) {
      this.#remove(key, entry)
      entry = undefined
    }
    if (entry === undefined) {
      const ends = [
        { address: source, port: sourcePort },
        { address: target, port: targetPort },
      ] as const
      const ledger = this.#budget.ledger()
      const reader = this.#make(side === 0 ? ends : [ends[1], ends[0]], ledger)
      entry = {
        connection: new TcpConnection(time, this.#limits, this.#counts, ledger, reader),
        reader,
        ledger,
      }
      this.#counts.connections += 1
      this.#entries.set(key, entry)
    }
    if (entry.connection.segment(side, segment)) this.#remove(key, entry)
    else {
      entry.reader.tick(entry.connection, time)
      if (entry.connection.waits) this.#waiting.add(entry)
      else this.#waiting.delete(entry)
    }
    if (time - this.#sweptAt >= sweepMs || time < this.#sweptAt) this.sweep(time)
  }

  /** Closes what has been quiet for long, and stops waiting for what does not come. */
  sweep(now: number): void {
    this.#sweptAt = now
    this.#now = now
    for (const entry of this.#waiting) {
      entry.connection.settle(now, false)
      if (!entry.connection.waits) this.#waiting.delete(entry)
    }
    // In order of use.
    for (const [key, entry] of this.#entries.entries()) {
      if (now - entry.connection.lastAt < this.#limits.idleMs) break
      this.#remove(key, entry)
    }
  }

  /** Nothing more comes. */
  flush(): void {
    for (const [key, entry] of this.#entries.entries()) this.#remove(key, entry)
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#finish(entry, this.#now)
  }

  #finish(entry: Entry, now: number): void {
    this.#waiting.delete(entry)
    entry.connection.settle(entry.connection.lastAt, true)
    entry.reader.end(entry.connection, now)
    entry.ledger.close()
  }
}
