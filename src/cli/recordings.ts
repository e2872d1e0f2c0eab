import { createHash } from 'node:crypto'
import { Redactor } from '../call/redactor.ts'
import { Analysis } from '../engine/analysis.ts'
import { SallyportError } from '../kit/error.ts'
import type { Rejection } from '../kit/rejection.ts'
import { readEvents } from '../sensors/files/index.ts'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

export interface RecordingOptions {
  /** History: read first, nothing is raised from it. */
  readonly learn?: readonly string[]
  /** Keeps each call's endpoint. */
  readonly assignments?: boolean
  /** Of the fingerprints. */
  readonly key?: string
  /** Called before the first event is read. */
  readonly prepare?: (analysis: Analysis) => void
}

export interface AnalysedRecordings {
  readonly analysis: Analysis
  /** Events read and lines rejected. */
  readonly read: number
  readonly rejected: number
}

/**
 * Fingerprints of an offline analysis are keyed with this unless a key is given: the same recording gives the same
 * result everywhere. The secrets stand in the recording anyway.
 */
const offlineKey = createHash('sha256').update('sallyport offline analysis').digest()

/** Rejections printed one by one; the rest is only counted. */
const shownRejections = 10

/**
 * Reads recordings, merged by time, through the analysis. What could not be read is said to the person.
 * @throws SallyportError of `readEvents`; `usage/invalid-argument` when the person stopped it.
 */
export async function analyseRecordings(
  files: readonly string[],
  options: RecordingOptions,
  io: Io,
): Promise<AnalysedRecordings> {
  const analysis = new Analysis({ assignments: options.assignments === true })
  const key = options.key === undefined ? offlineKey : createHash('sha256').update(options.key).digest()
  const redactor = new Redactor({ key })
  const rejections: Rejection[] = []
  let rejected = 0
  const onRejection = (rejection: Rejection): void => {
    rejected += 1
    if (rejections.length < shownRejections) rejections.push(rejection)
  }
  options.prepare?.(analysis)
  let read = 0
  if (options.learn !== undefined) {
    for await (const event of readEvents(options.learn, { redactor, onRejection })) {
      analysis.observe(event, { learning: true })
      read += 1
      if (io.stopped.aborted) throw stopped()
    }
  }
  for await (const event of readEvents(files, { redactor, onRejection })) {
    analysis.observe(event)
    read += 1
    if (io.stopped.aborted) throw stopped()
  }
  for (const { source, position, reason } of rejections)
    io.say(terminalText(`${source}:${position}: ${reason}`))
  if (rejected > rejections.length) io.say(`… and ${rejected - rejections.length} more rejections`)
  return { analysis, read, rejected }
}

const stopped = (): SallyportError =>
  new SallyportError('usage/invalid-argument', 'Stopped before the end of the files.', {
    mend: 'Run it again.',
  })
