import { createHash } from 'node:crypto'
import type { Analysis } from '../engine/analysis.ts'
import { SallyportError } from '../kit/error.ts'
import type { Rejection } from '../kit/rejection.ts'
import type { StoredCall } from '../store/ports/call-store.ts'
import type { CatalogFiles } from './catalog-files.ts'
import type { Io } from './io.ts'
import { terminalText } from './terminal-text.ts'

export interface RecordingOptions {
  /** History: read first, nothing is raised from it. */
  readonly learn?: readonly string[]
  /** Keeps each call's endpoint. */
  readonly assignments?: boolean
  /** Of the fingerprints. */
  readonly key?: string
  /** Files that say more of what is read. */
  readonly files?: CatalogFiles
  /** Called with each call as it was placed. */
  readonly onCall?: (stored: StoredCall) => void
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
export const offlineKey = createHash('sha256').update('sallyport offline analysis').digest()

/** Rejections printed one by one; the rest is only counted. */
const shownRejections = 10

/**
 * Reads recordings, merged by time, through the analysis. What could not be read is said to the person.
 * @throws SallyportError of `readEvents`; `config/invalid` of a file of data classes or of the catalog; `usage/invalid-argument` when
 * the person stopped it.
 */
export async function analyseRecordings(
  files: readonly string[],
  options: RecordingOptions,
  io: Io,
): Promise<AnalysedRecordings> {
  // Loaded here so that the commands that ask a running Sallyport start without the engine.
  const [{ Redactor }, { readEvents }, analysis] = await Promise.all([
    import('../call/redactor.ts'),
    import('../sensors/files/index.ts'),
    newAnalysis(options),
  ])
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
    const result = analysis.observe(event)
    if (result.stored !== undefined) options.onCall?.(result.stored)
    read += 1
    if (io.stopped.aborted) throw stopped()
  }
  // What waits for something to follow has waited long enough.
  if (analysis.span !== undefined) analysis.settle(analysis.span.to + 60_000)
  for (const { source, position, reason } of rejections)
    io.say(terminalText(`${source}:${position}: ${reason}`))
  if (rejected > rejections.length) io.say(`… and ${rejected - rejections.length} more rejections`)
  return { analysis, read, rejected }
}

async function newAnalysis({ assignments, files = {} }: RecordingOptions): Promise<Analysis> {
  const [
    { Analysis },
    { readCustomClasses },
    { classesWith },
    { readDataClassFile },
    { readCatalogFile },
    { noDirections },
  ] = await Promise.all([
    import('../engine/analysis.ts'),
    import('../catalog/data-classes/custom.ts'),
    import('../catalog/data-classes/registry/standard.ts'),
    import('../engine/data-class-file.ts'),
    import('../engine/catalog-file.ts'),
    import('../engine/directions.ts'),
  ])
  const classes = files.dataClasses === undefined ? undefined : readDataClassFile(files.dataClasses)
  const analysis = new Analysis({
    assignments: assignments === true,
    ...(classes === undefined
      ? {}
      : { catalog: { classes: classesWith(readCustomClasses(classes.source, classes.file)) } }),
  })
  if (files.catalog !== undefined) analysis.direct({ ...noDirections, file: readCatalogFile(files.catalog) })
  return analysis
}

const stopped = (): SallyportError =>
  new SallyportError('usage/invalid-argument', 'Stopped before the end of the files.', {
    mend: 'Run it again.',
  })
