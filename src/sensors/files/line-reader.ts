import { randomBytes } from 'node:crypto'
import { exchangeOrEventFrom } from '../../call/event-line.ts'
import { isRecord, type JsonRecord } from '../../call/field-reader.ts'
import { Redactor } from '../../call/redactor.ts'
import { decodeJsonTraces } from '../otlp/decode-json.ts'
import { BrokenTelemetry } from '../otlp/decode-protobuf.ts'
import { SpanIntake } from '../otlp/span-intake.ts'
import type { PlainContext, RecordFormat, Told } from './file-format.ts'
import { fileFormats } from './formats/index.ts'
import { isEventRecord } from './formats/jsonl.ts'
import type { JsonFormat } from './json-format.ts'
import { parsed } from './json-format.ts'
import { unwrapped } from './json-records.ts'

export interface LineContext {
  /** Of the stream or the sender, for rejections. */
  readonly source: string
  /** Begins the ids of what has none of its own; unique among the streams that are read. */
  readonly label: string
  /** Host of calls whose line names none. Default `unknown`. */
  readonly host?: string
  /** Only these formats are read, by id; every one where it is absent. */
  readonly formats?: readonly string[]
}

/** What a line told, and what of it could not be read. */
export interface LineReading {
  readonly told: readonly Told[]
  /** Sentences, one for each record that could not be read. */
  readonly faults: readonly string[]
}

const isJsonFormat = (format: RecordFormat): format is JsonFormat => 'dialect' in format
const unknownFormat = 'The line is in no format that is known.'
type ToldFormat = RecordFormat & Required<Pick<RecordFormat, 'tell'>>
const toldFormats = fileFormats.filter(
  (format): format is ToldFormat => format.records !== 'stream' && 'tell' in format,
)
/** Ids of the formats that come line by line. */
export const lineFormatIds: readonly string[] = [
  ...new Set(['jsonl', 'otlp', ...toldFormats.map(({ id }) => id)]),
].sort()

/** Records that one line wraps. */
const mostRecords = 100_000

/**
 * Reads the lines of one stream, each by itself: event lines and every format of lines or JSON records, known by content. The format that
 * a stream was in last is tried first. Spans (OTLP in JSON) wait for their other side as at a receiver.
 */
export class LineReader {
  readonly #context: PlainContext
  readonly #formats: readonly RecordFormat[]
  readonly #wanted: ((id: string) => boolean) | undefined
  /** Makes masks of what stands beside events. Its key is of this process: nobody compares them. */
  readonly #redactor = new Redactor({ key: randomBytes(32) })
  readonly #spans: SpanIntake
  #last: RecordFormat | undefined
  #position = 0
  #told: Told[] = []

  constructor(context: LineContext) {
    const { source, label, host = 'unknown', formats } = context
    this.#context = { source, label, host }
    this.#wanted = formats === undefined ? undefined : id => formats.includes(id)
    this.#formats = toldFormats.filter(({ id }) => this.#wants(id))
    this.#spans = new SpanIntake({
      call: exchange => this.#told.push(exchange),
      event: event => this.#told.push(event),
    })
  }

  /** The id of the format that the last line was in. */
  get format(): string | undefined {
    return this.#last?.id
  }

  /**
   * Never throws.
   * @param now Ms since the epoch: the time of what tells none.
   */
  read(text: string, now: number): LineReading {
    this.#position += 1
    this.#told = []
    const faults: string[] = []
    const line = text.trim()
    if (line === '') return { told: [], faults }
    const value = line.startsWith('{') || line.startsWith('[') ? parsed(line) : undefined
    if (value === undefined) this.#readText(line, faults)
    else this.#readJson(value, now, faults)
    const told = this.#told
    this.#told = []
    return { told, faults }
  }

  /** What still waited for its other side. */
  end(): readonly Told[] {
    this.#told = []
    this.#spans.flush()
    return this.#told
  }

  #wants(id: string): boolean {
    return this.#wanted === undefined || this.#wanted(id)
  }

  #readText(line: string, faults: string[]): void {
    const lines = [line]
    const fits = (format: RecordFormat): boolean => format.recognise(line, lines)
    const last = this.#last !== undefined && !isJsonFormat(this.#last) ? this.#last : undefined
    const format =
      last !== undefined && fits(last)
        ? last
        : // Lines of a log whose head has gone by are known by nothing but where they stand.
          (this.#formats.find(candidate => !isJsonFormat(candidate) && fits(candidate)) ?? last)
    if (format === undefined) {
      faults.push(/^[{[]/.test(line) ? 'The line is not JSON.' : unknownFormat)
      return
    }
    this.#last = format
    const told = format.tell?.({ position: this.#position, text: line }, this.#context)
    if (told === undefined) return
    if ('reason' in told) faults.push(told.reason)
    else this.#told.push(...told)
  }

  #readJson(value: unknown, now: number, faults: string[]): void {
    if (isRecord(value) && this.#readRecord(value, 0, now, faults)) return
    const records = unwrapped(value)
    if (records.length === 0) {
      if (!isRecord(value) && !Array.isArray(value)) faults.push(unknownFormat)
      return
    }
    if (records.length > mostRecords) faults.push(`The line wraps more than ${mostRecords} records.`)
    for (const [index, record] of records.slice(0, mostRecords).entries())
      if (!this.#readRecord(record, index, now, faults) && !this.#readCarried(record, now, faults))
        faults.push(unknownFormat)
  }

  /** The line that a collector or a queue carries in a record of its own; false where there is none. */
  #readCarried(record: JsonRecord, now: number, faults: string[]): boolean {
    const line = carriedIn(record)
    if (line === undefined) return false
    const value = line.startsWith('{') ? parsed(line) : undefined
    if (value === undefined) this.#readText(line, faults)
    else if (!isRecord(value) || !this.#readRecord(value, 0, now, faults)) faults.push(unknownFormat)
    return true
  }

  /** False where the record is of no format. */
  #readRecord(record: JsonRecord, index: number, now: number, faults: string[]): boolean {
    if (('resourceSpans' in record || 'resource_spans' in record) && this.#wants('otlp')) {
      this.#readSpans(record, faults)
      return true
    }
    if (isEventRecord(record) && this.#wants('jsonl')) {
      this.#readEvent(record, index, faults)
      return true
    }
    const last = this.#last
    // Access logs have no marks of their own: what is something else is looked for first.
    const format =
      last !== undefined && isJsonFormat(last) && last.id !== 'json-access-log' && last.dialect.is(record)
        ? last
        : this.#formats.find(candidate => isJsonFormat(candidate) && candidate.dialect.is(record))
    if (format === undefined || !isJsonFormat(format)) return false
    this.#last = format
    const reading = format.dialect.read(record, {
      ...this.#context,
      id: this.#idAt(index),
      fallbackTime: now,
    })
    if (typeof reading === 'string') faults.push(reading)
    else this.#told.push(...reading)
    return true
  }

  #idAt(index: number): string {
    return `${this.#context.label}:${this.#position}${index === 0 ? '' : `.${index + 1}`}`
  }

  #readEvent(record: JsonRecord, index: number, faults: string[]): void {
    const { source } = this.#context
    const identified =
      record.id === undefined || record.id === null ? { ...record, id: this.#idAt(index) } : record
    const read = exchangeOrEventFrom(identified, source, this.#position, this.#redactor)
    if ('reason' in read) faults.push(read.reason)
    else this.#told.push(read)
  }

  #readSpans(record: JsonRecord, faults: string[]): void {
    try {
      decodeJsonTraces(record, span => this.#spans.add(span))
    } catch (thrown) {
      faults.push(thrown instanceof BrokenTelemetry ? thrown.message : 'The spans could not be read.')
    }
  }
}

/**
 * Fluent Bit's and the container runtimes' `log`, Vector's, Logstash's and CloudWatch's `message`, systemd's `MESSAGE`, Pub/Sub's
 * `message.data` in base64.
 */
function carriedIn(record: JsonRecord): string | undefined {
  for (const name of ['log', 'message', 'MESSAGE', 'line']) {
    const inner = record[name]
    if (typeof inner === 'string' && inner.trim() !== '') return inner.trim()
  }
  const data = isRecord(record.message) ? record.message.data : undefined
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8').trim() : undefined
}

/** A reader of the lines of one stream. */
export const lineReader = (context: LineContext): LineReader => new LineReader(context)
