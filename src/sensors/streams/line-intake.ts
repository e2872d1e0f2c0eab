import { inflate } from '../../call/decode/inflate.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
import type { Clock } from '../../kit/clock.ts'
import type { ContextSink } from '../context-sensor.ts'
import type { Told } from '../files/file-format.ts'
import { type LineReader, type LineReading, lineReader } from '../files/line-reader.ts'
import type { SensorHealth } from '../sensor-health.ts'
import { SourceWatch } from '../source-watch.ts'

export interface LineIntakeOptions {
  /** Begins the ids of events that have none of their own; unique among sensors. */
  readonly label: string
  /** Ids of formats that are read; every one where it is absent. */
  readonly formats?: readonly string[]
  /** Host of calls whose line names none. Default `unknown`. */
  readonly host?: string
  /** Streams told apart; the one not heard for longest goes first. Default 1,000. */
  readonly maxStreams?: number
  /** Under which name a source is watched; default: the stream's. */
  readonly nameOf?: (told: Told, stream: string) => string | undefined
}

/** What became of the records of a message or a body. */
export interface Taken {
  readonly read: number
  readonly rejected: number
}

/** Lines of many streams into a sensor's sink, with all that its health tells: counts, rate, lag and silence. */
export class LineIntake {
  readonly #sink: ContextSink
  readonly #clock: Clock
  readonly #options: LineIntakeOptions
  readonly #readers: BoundedMap<string, LineReader>
  readonly #watch = new SourceWatch()
  #streams = 0
  #newest: number | undefined
  #fault: string | undefined
  /** Handed on. */
  events = 0
  /** Lines or records that could not be read. */
  rejected = 0

  constructor(sink: ContextSink, clock: Clock, options: LineIntakeOptions) {
    this.#sink = sink
    this.#clock = clock
    this.#options = options
    this.#readers = new BoundedMap(options.maxStreams ?? 1_000, (stream, reader) =>
      this.#hand(reader.end(), stream),
    )
  }

  /** Reads what a message or a body holds: one JSON value or lines, plain or in gzip or zstd. Never throws. */
  takeBytes(stream: string, bytes: Uint8Array, bound: number): Taken {
    const coding = codingOf(bytes)
    if (coding === undefined) return this.takeText(stream, Buffer.from(bytes).toString('utf8'))
    const inflated = inflate(bytes, coding, bound)
    if (inflated.ok) return this.takeText(stream, Buffer.from(inflated.bytes).toString('utf8'))
    this.reject(`The message cannot be read: ${inflated.reason}.`)
    return { read: 0, rejected: 1 }
  }

  /** The same of text. */
  takeText(stream: string, given: string): Taken {
    const text = given.trim()
    if (text === '') return { read: 0, rejected: 0 }
    const lines = !text.includes('\n') || isJson(text) ? [text] : text.split('\n')
    let read = 0
    let rejected = 0
    for (const line of lines) {
      const { told, faults } = this.take(stream, line)
      read += told.length
      rejected += faults.length
    }
    return { read, rejected }
  }

  /** Reads a line of a stream and hands on what it tells. Never throws. */
  take(stream: string, line: string): LineReading {
    const reading = this.#readerOf(stream).read(line, this.#clock.now())
    this.#hand(reading.told, stream)
    for (const fault of reading.faults) this.reject(fault)
    return reading
  }

  /** Counts something that could not be read, with a sentence why. */
  reject(fault: string): void {
    this.rejected += 1
    this.#fault = fault
  }

  /** Hands on what still waited for its other side. */
  flush(): void {
    for (const [stream, reader] of this.#readers.entries()) this.#hand(reader.end(), stream)
  }

  /** The parts of a health that come from what was read. */
  health(
    now: number,
  ): Pick<SensorHealth, 'events' | 'rejected' | 'lastEventAt' | 'lagMs' | 'perSecond' | 'sources'> {
    return {
      events: this.events,
      rejected: this.rejected,
      ...(this.#newest === undefined ? {} : { lastEventAt: this.#newest, lagMs: this.#watch.lagMs }),
      perSecond: this.#watch.perSecond(now),
      sources: this.#watch.sources(now),
    }
  }

  /** The newest reason why something could not be read, as a sentence with the count. */
  get trouble(): string | undefined {
    return this.#fault === undefined
      ? undefined
      : `${this.rejected} records could not be read, the last one because: ${this.#fault}`
  }

  #readerOf(stream: string): LineReader {
    return this.#readers.ensure(stream, () => {
      this.#streams += 1
      const { label, formats, host } = this.#options
      return lineReader({
        source: stream,
        label: `${label}-${this.#streams}`,
        ...(formats === undefined ? {} : { formats }),
        ...(host === undefined ? {} : { host }),
      })
    })
  }

  #hand(told: readonly Told[], stream: string): void {
    const now = this.#clock.now()
    const { nameOf } = this.#options
    for (const item of told) {
      if ('type' in item) this.#sink.event(item)
      else this.#sink.call(item)
      this.events += 1
      this.#newest = now
      this.#watch.heard(nameOf === undefined ? stream : nameOf(item, stream), item.time, now)
    }
  }
}

/** By its first bytes: no text begins so. */
function codingOf(bytes: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd ? 'zstd' : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
