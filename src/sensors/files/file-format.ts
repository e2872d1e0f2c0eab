import type { SallyportEvent } from '../../call/event.ts'
import type { Redactor } from '../../call/redactor.ts'
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

/** A format of traffic in files. */
export interface FileFormat {
  /** Equal to the file's name in `formats/`. */
  readonly id: string
  readonly title: string
  /** How the file falls into records: by line, or as the elements of `log.entries`. */
  readonly records: 'lines' | 'har-entries'
  /** Is it this format? `head` is the beginning of the file (inflated, at most 64 KiB), `lines` its first whole lines. */
  readonly recognise: (head: string, lines: readonly string[]) => boolean
  /** The time of a record, cheaply and as a guess: it only decides whether the file is in order. */
  readonly timeOf: (text: string) => number | undefined
  /** The event of a record; undefined where there is nothing to read, e.g. a comment. Never throws. */
  readonly read: (record: FileRecord, context: RecordContext) => SallyportEvent | Rejection | undefined
}

export const defineFileFormat = (format: FileFormat): FileFormat => format
