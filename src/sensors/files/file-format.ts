import type { ContextEvent, SallyportEvent } from '../../call/event.ts'
import type { RawExchange } from '../../call/raw-exchange.ts'
import type { Redactor } from '../../call/redactor.ts'
import { sealCall } from '../../call/seal-call.ts'
import type { Rejection } from '../../kit/rejection.ts'

/** A line or entry of a file as it was found. */
export interface FileRecord {
  /** 1-based line or entry number. */
  readonly position: number
  readonly text: string
}

/** Where a record stands and what it is read with. */
export interface RecordContext {
  /** The file's name as given, for rejections. */
  readonly source: string
  /** Unique among the files read together; with the position it makes the id of a call that has none. */
  readonly label: string
  readonly redactor: Redactor
  /** Host of calls whose log names none. */
  readonly host: string
}

/** A format whose records are read one by one. */
export interface RecordFormat {
  /** Equal to the file's name in `formats/`. */
  readonly id: string
  readonly title: string
  /** How the file falls into records: by line, as the elements of `log.entries`, or as JSON objects (`json-records.ts`). */
  readonly records: 'lines' | 'har-entries' | 'json'
  /** Is it this format? `head` is the beginning of the file (inflated, at most 64 KiB), `lines` its first whole lines. */
  readonly recognise: (head: string, lines: readonly string[]) => boolean
  /** The time of a record, cheaply and as a guess: it only decides whether the file is in order. */
  readonly timeOf: (text: string) => number | undefined
  /**
   * The event of a record, or its events, which are of one time; undefined where there is nothing to read, e.g. a comment.
   * Never throws.
   */
  readonly read: (
    record: FileRecord,
    context: RecordContext,
  ) => SallyportEvent | readonly SallyportEvent[] | Rejection | undefined
  /** The same before calls are sealed, where records of this format also come one by one: from a stream, to a receiver. */
  readonly tell?: (record: FileRecord, context: PlainContext) => readonly Told[] | Rejection | undefined
}

/** What a record tells before calls are sealed; events are free of secrets. */
export type Told = ContextEvent | RawExchange

/** What a record is read with where nothing is sealed. */
export type PlainContext = Omit<RecordContext, 'redactor'>

/** What a stream is read with. */
export interface StreamContext extends RecordContext {
  /** Bytes of one line, document or packet; a longer one is rejected and never held whole. */
  readonly maxRecordBytes: number
  /** Tells of a place that could not be read; reading goes on. `position` is 1-based: a line, a document, a packet. */
  readonly reject: (position: number, reason: string) => void
}

/** A format of which one record gives several events, or several records one: it is read as a whole. */
export interface StreamFormat {
  /** Equal to the file's name in `formats/`. */
  readonly id: string
  readonly title: string
  readonly records: 'stream'
  /** The events come in order of time, as far as the source allows: nothing is sorted behind this. */
  readonly ordered?: true
  /** The same as of records; `bytes` is the head as it is. */
  readonly recognise: (head: string, lines: readonly string[], bytes: Uint8Array) => boolean
  /** The events, in any order where it is not `ordered`: they are sorted by time behind this. Throws only what `chunks` throws. */
  readonly events: (
    chunks: AsyncIterable<Uint8Array>,
    context: StreamContext,
  ) => AsyncIterable<SallyportEvent> | Iterable<SallyportEvent>
}

/** A format of traffic, or of what is around it, in files. */
export type FileFormat = RecordFormat | StreamFormat

/** A format whose records are told, then sealed. */
export function defineLogFormat<
  Format extends Omit<RecordFormat, 'read'> & Required<Pick<RecordFormat, 'tell'>>,
>(format: Format): Format & RecordFormat {
  return {
    ...format,
    read: (record, context) => {
      const told = format.tell(record, context)
      if (told === undefined || 'reason' in told) return told
      return told.map(item => ('type' in item ? item : sealCall(item, context.redactor)))
    },
  }
}

export const defineFileFormat = <Format extends FileFormat>(format: Format): Format => format
