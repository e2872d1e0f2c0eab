import { isRecord, type JsonRecord } from '../../call/field-reader.ts'
import {
  defineLogFormat,
  type FileRecord,
  type PlainContext,
  type RecordFormat,
  type Told,
} from './file-format.ts'
import { recordsInHead, unwrapped } from './json-records.ts'

/** What a record is read with besides itself. */
export interface JsonPlace extends PlainContext {
  /** Of an event whose record has none of its own; unique. */
  readonly id: string
  /** Taken where the record names no time: when it came, or when the one before it was. */
  readonly fallbackTime: number
}

/** What a record tells, all of one time; nothing; or why it cannot be read, as a sentence. */
export type JsonReading = readonly Told[] | string

/** How the records of one source are known and read. */
export interface JsonDialect {
  /** Equal to the file's name in `formats/`. */
  readonly id: string
  readonly title: string
  /** Is a record from this source? Looks at the names of fields that only this source has. Never throws. */
  readonly is: (record: JsonRecord) => boolean
  /** Ms since the epoch; undefined where none can be read. Never throws. */
  readonly timeOf: (record: JsonRecord) => number | undefined
  /** Never throws; free of secrets. */
  readonly read: (record: JsonRecord, place: JsonPlace) => JsonReading
}

/** A format of JSON objects, which may also come one by one. */
export interface JsonFormat extends RecordFormat {
  readonly dialect: JsonDialect
}

/** The newest time of a record in each file that is being read: those without a time stay beside the one before them. */
const latest = new WeakMap<PlainContext, number>()

/** A dialect as a file format: JSON Lines, or a document that wraps its records. */
export function defineJsonFormat(dialect: JsonDialect): JsonFormat {
  const recordsIn = (value: unknown): readonly JsonRecord[] =>
    isRecord(value) && dialect.is(value) ? [value] : unwrapped(value)
  return defineLogFormat({
    id: dialect.id,
    title: dialect.title,
    records: 'json' as const,
    dialect,
    recognise: (head: string) => recordsInHead(head).some(dialect.is),
    timeOf: (text: string) => {
      const [first] = recordsIn(parsed(text))
      return first === undefined ? undefined : dialect.timeOf(first)
    },
    tell: ({ text, position }: FileRecord, context: PlainContext) => {
      const reject = (reason: string) => ({ source: context.source, position, reason })
      const value = parsed(text)
      if (value === undefined) return reject('The line is not JSON.')
      const records = recordsIn(value)
      if (records.length === 0) return isRecord(value) ? undefined : reject('The line is not a JSON object.')
      const told: Told[] = []
      let fault: string | undefined
      for (const [index, record] of records.entries()) {
        const time = dialect.timeOf(record)
        if (time !== undefined) latest.set(context, time)
        const reading = dialect.read(record, {
          ...context,
          id: `${context.label}:${position}${index === 0 ? '' : `.${index + 1}`}`,
          fallbackTime: latest.get(context) ?? 0,
        })
        if (typeof reading === 'string') fault = reading
        else told.push(...reading)
      }
      return fault !== undefined && told.length === 0 ? reject(fault) : told
    },
  })
}

/** undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
