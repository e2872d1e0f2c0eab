import type { SallyportEvent } from '../../call/event.ts'
import { isRejection } from '../../call/event-line.ts'
import { SallyportError } from '../../kit/error.ts'
import type { Rejection } from '../../kit/rejection.ts'
import { BrokenBytes, type ByteSource } from './byte-source.ts'
import type { FileFormat, FileRecord, RecordContext, RecordFormat, StreamFormat } from './file-format.ts'
import { jsonRecords } from './json-records.ts'
import { harRecords, lineRecords, type Piece } from './records.ts'

export interface StreamOptions {
  readonly context: RecordContext
  readonly onRejection: (rejection: Rejection) => void
  readonly maxLineBytes: number
  /** Bytes of records that all files out of order may hold in memory together. */
  readonly budget: SortBudget
}

/** What is left of the memory for sorting. */
export interface SortBudget {
  left: number
  readonly of: number
}

const piecesOf = (source: ByteSource, format: RecordFormat, maxLineBytes: number): AsyncIterable<Piece> =>
  (format.records === 'lines' ? lineRecords : format.records === 'json' ? jsonRecords : harRecords)(
    source.open(),
    maxLineBytes,
  )

/** Does no record come before an earlier one? */
async function inOrder(source: ByteSource, format: RecordFormat, maxLineBytes: number): Promise<boolean> {
  let latest = Number.NEGATIVE_INFINITY
  try {
    for await (const piece of piecesOf(source, format, maxLineBytes)) {
      const time = 'text' in piece ? format.timeOf(piece.text) : undefined
      if (time === undefined) continue
      if (time < latest) return false
      latest = time
    }
  } catch (thrown) {
    // Said when it is read in earnest.
    if (!(thrown instanceof BrokenBytes)) throw thrown
  }
  return true
}

/**
 * The events of one file in order of time. A file in order is streamed; any other is sorted in memory, as far as the budget goes.
 * @throws SallyportError `input/too-large` where it is out of order and beyond the budget
 */
export async function* eventsOf(
  source: ByteSource,
  format: FileFormat,
  options: StreamOptions,
): AsyncGenerator<SallyportEvent> {
  if (format.records === 'stream' && format.ordered === true) {
    yield* orderedEvents(source, format, options)
    return
  }
  if (format.records === 'stream') {
    yield* sortedEvents(source, format, options)
    return
  }
  if (await inOrder(source, format, options.maxLineBytes)) {
    for await (const record of goodRecords(source, format, options)) {
      yield* readRecord(record, format, options)
    }
    return
  }
  const sorted = await sortedRecords(source, format, options)
  for (let index = 0; index < sorted.length; index += 1) {
    const item = sorted[index]!
    const events = readRecord(item.record, format, options)
    options.budget.left += item.record.text.length
    // Let go of what is done.
    sorted[index] = undefined
    yield* events
  }
}

async function* orderedEvents(
  source: ByteSource,
  format: StreamFormat,
  { context, onRejection, maxLineBytes }: StreamOptions,
): AsyncGenerator<SallyportEvent> {
  const reject = (position: number, reason: string): void =>
    onRejection({ source: context.source, position, reason })
  let count = 0
  try {
    const events = format.events(source.open(), { ...context, maxRecordBytes: maxLineBytes, reject })
    for await (const event of events) {
      count += 1
      yield event
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenBytes)) throw thrown
    reject(count + 1, thrown.message)
  }
}

/** What an event of a stream is taken to weigh while it is held for sorting, in bytes. */
const eventBytes = 1_024

async function* sortedEvents(
  source: ByteSource,
  format: StreamFormat,
  options: StreamOptions,
): AsyncGenerator<SallyportEvent> {
  const { context, onRejection, maxLineBytes, budget } = options
  const reject = (position: number, reason: string): void =>
    onRejection({ source: context.source, position, reason })
  const events: (SallyportEvent | undefined)[] = []
  try {
    for await (const event of format.events(source.open(), {
      ...context,
      maxRecordBytes: maxLineBytes,
      reject,
    })) {
      budget.left -= eventBytes
      if (budget.left < 0) throw tooLargeToSort(source, budget, 'Split it into shorter stretches of time.')
      events.push(event)
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenBytes)) throw thrown
    reject(events.length + 1, thrown.message)
  }
  events.sort((a, b) => a!.time - b!.time)
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]!
    budget.left += eventBytes
    events[index] = undefined
    yield event
  }
}

const tooLargeToSort = (source: ByteSource, budget: SortBudget, mend: string): SallyportError =>
  new SallyportError(
    'input/too-large',
    `The file is not in order of time and too large to be sorted in memory (${budget.of} bytes for all such files together).`,
    { where: source.path, mend },
  )

function readRecord(
  record: FileRecord,
  format: RecordFormat,
  options: StreamOptions,
): readonly SallyportEvent[] {
  const read = format.read(record, options.context)
  if (read === undefined) return []
  if (isEvents(read)) return read
  if (!isRejection(read)) return [read]
  options.onRejection(read)
  return []
}

const isEvents = (read: object): read is readonly SallyportEvent[] => Array.isArray(read)

async function* goodRecords(
  source: ByteSource,
  format: RecordFormat,
  options: StreamOptions,
): AsyncGenerator<FileRecord> {
  let position = 1
  try {
    for await (const piece of piecesOf(source, format, options.maxLineBytes)) {
      position = piece.position + 1
      if ('text' in piece) yield piece
      else
        options.onRejection({
          source: options.context.source,
          position: piece.position,
          reason: piece.problem,
        })
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenBytes)) throw thrown
    options.onRejection({ source: options.context.source, position, reason: thrown.message })
  }
}

interface Timed {
  readonly time: number
  readonly record: FileRecord
}

async function sortedRecords(
  source: ByteSource,
  format: RecordFormat,
  options: StreamOptions,
): Promise<(Timed | undefined)[]> {
  const timed: Timed[] = []
  let time = Number.NEGATIVE_INFINITY
  for await (const record of goodRecords(source, format, options)) {
    options.budget.left -= record.text.length
    if (options.budget.left < 0) throw tooLargeToSort(source, options.budget, 'Sort it by time first.')
    // A record without a readable time stays beside the one before it.
    time = format.timeOf(record.text) ?? time
    timed.push({ time, record })
  }
  // Stable: records of one instant keep their order.
  return timed.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
}
