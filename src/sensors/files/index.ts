import { basename } from 'node:path'
import type { SallyportEvent } from '../../call/event.ts'
import type { Redactor } from '../../call/redactor.ts'
import { SallyportError } from '../../kit/error.ts'
import { Heap } from '../../kit/heap.ts'
import type { Rejection } from '../../kit/rejection.ts'
import { BrokenBytes, type ByteLimits, type ByteSource, byteSource } from './byte-source.ts'
import { eventsOf, type SortBudget } from './event-stream.ts'
import type { FileFormat } from './file-format.ts'
import { filesOf } from './folder.ts'
import { fileFormats } from './formats/index.ts'

export {
  defineFileFormat,
  type FileFormat,
  type FileRecord,
  type RecordContext,
  type StreamContext,
} from './file-format.ts'
export { fileFormats } from './formats/index.ts'

export interface ReadOptions {
  readonly redactor: Redactor
  /** Told of each line, entry or rest of a file that could not be read; reading goes on. */
  readonly onRejection: (rejection: Rejection) => void
  /** Bytes of one line or entry; a longer one is rejected and never held whole. Default 16 MiB. */
  readonly maxLineBytes?: number
  /** Bytes of one file after inflating. A longer file is refused, a longer gzip is read up to there. Default 64 GiB. */
  readonly maxFileBytes?: number
  /** Bytes that files out of order of time, and pipes, may hold in memory together. Default 512 MiB. */
  readonly maxSortBytes?: number
  /** Host of calls whose log names none. Default `unknown`. */
  readonly host?: string
}

const headBytes = 65_536
const headLines = 20

/**
 * The events of all the files, and of those in folders, merged by time; events of one instant come in the order of the files and of
 * their lines. What stands in a folder and is in no format that is known is rejected, and not read. Formats: event
 * lines, HAR 1.2, access logs, traces, captures and what `formats/` lists; each also as gzip, recognised by content. Memory is bounded:
 * files in order are streamed, others sorted in memory up to `maxSortBytes`.
 * @throws SallyportError `input/unreadable`, `input/unknown-format`, `input/too-large`
 */
export async function* readEvents(
  paths: readonly string[],
  options: ReadOptions,
): AsyncGenerator<SallyportEvent> {
  const maxSortBytes = options.maxSortBytes ?? 512 * 1024 * 1024
  const maxLineBytes = options.maxLineBytes ?? 16 * 1024 * 1024
  const limits = { maxFileBytes: options.maxFileBytes ?? 64 * 1024 ** 3, maxBufferedBytes: maxSortBytes }
  const budget: SortBudget = { left: maxSortBytes, of: maxSortBytes }
  const files = await filesOf(paths)
  const labels = labelsOf(files.map(({ path }) => path))
  const streams: AsyncGenerator<SallyportEvent>[] = []
  // Every file is opened before the first event is given out: a wrong name shows at once.
  for (const [index, { path, found }] of files.entries()) {
    const opened = await open(path, limits).catch((thrown: unknown) => {
      if (!found || !(thrown instanceof SallyportError)) throw thrown
      options.onRejection({ source: path, position: 1, reason: thrown.message })
      return undefined
    })
    if (opened === undefined) continue
    const { source, format } = opened
    if (format === undefined) continue
    const context = {
      source: path,
      label: labels[index]!,
      redactor: options.redactor,
      host: options.host ?? 'unknown',
    }
    streams.push(
      eventsOf(source, format, { context, onRejection: options.onRejection, maxLineBytes, budget }),
    )
  }
  yield* merge(streams)
}

async function open(
  path: string,
  limits: ByteLimits,
): Promise<{ readonly source: ByteSource; readonly format: FileFormat | undefined }> {
  const source = await byteSource(path, limits)
  return { source, format: await recogniseFormat(source) }
}

/** The base name where it is unique, else the path as given. */
function labelsOf(files: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const path of files) counts.set(basename(path), (counts.get(basename(path)) ?? 0) + 1)
  return files.map(path => (counts.get(basename(path)) === 1 ? basename(path) : path))
}

/**
 * The format of a file by its first 64 KiB; undefined for an empty file.
 * @throws SallyportError `input/unknown-format`
 */
export async function recogniseFormat(source: ByteSource): Promise<FileFormat | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of source.open()) {
      parts.push(chunk)
      size += chunk.length
      if (size >= headBytes) break
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokenBytes)) throw thrown
    if (size === 0) {
      throw new SallyportError('input/unreadable', thrown.message, {
        where: source.path,
        mend: 'Get the file again.',
        cause: thrown,
      })
    }
  }
  const whole = size < headBytes
  const bytes = Buffer.concat(parts).subarray(0, headBytes)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (whole && text.trim() === '') return undefined
  const lines = text.split('\n')
  // The last line may go on beyond the head.
  if (!whole) lines.pop()
  const first = lines
    .map(line => line.trim())
    .filter(line => line !== '')
    .slice(0, headLines)
  const format = fileFormats.find(candidate => candidate.recognise(text, first, bytes))
  if (format !== undefined) return format
  throw new SallyportError('input/unknown-format', 'The file is in no format that is known.', {
    where: source.path,
    mend: `Give one of: ${fileFormats.map(known => known.title).join('; ')}.`,
  })
}

/** Streams that are each in order, as one; the first stream wins a tie. */
async function* merge(streams: readonly AsyncGenerator<SallyportEvent>[]): AsyncGenerator<SallyportEvent> {
  try {
    const heads = new Heap<Head>((a, b) => a.event.time - b.event.time || a.index - b.index)
    // One after the other, so that rejections come in the same order every time.
    for (const [index, stream] of streams.entries()) {
      const next = await stream.next()
      if (next.done !== true) heads.push({ event: next.value, index })
    }
    for (let first = heads.pop(); first !== undefined; first = heads.pop()) {
      const { event, index } = first
      yield event
      const next = await streams[index]!.next()
      if (next.done !== true) heads.push({ event: next.value, index })
    }
  } finally {
    await Promise.allSettled(streams.map(stream => stream.return(undefined)))
  }
}

/** The next event of a stream. */
interface Head {
  readonly event: SallyportEvent
  readonly index: number
}
