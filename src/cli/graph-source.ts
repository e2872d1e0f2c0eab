import type { Command } from 'commander'
import type { GraphQuestionKind, GraphQuestions } from '../engine/graph-questions.ts'
import { SallyportError } from '../kit/error.ts'
import { type ApiOptions, withApi } from './api-options.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from './catalog-files.ts'
import type { Io } from './io.ts'
import { readSince } from './output.ts'
import { analyseRecordings } from './recordings.ts'

/** Which edges a question of the command line is about. */
export interface ViewOptions extends ApiOptions, CatalogFiles {
  readonly asOf?: string
  readonly days?: number
  readonly declared?: boolean
}

const recordings =
  'recordings, traces, manifests and logs to read instead of asking a running Sallyport; merged by time'

/** Adds which Sallyport or which files are asked, and the time that the question is about. */
export function withGraph(command: Command, io: Io): Command {
  return withCatalogFiles(withApi(command, io))
    .argument('[files...]', recordings)
    .option('--as-of <time>', 'as it was known then: a time such as 2026-11-22T10:00:00Z, or 24h ago')
    .option('--days <n>', 'only what was seen in so many days before that', readDays)
}

/** The question's view as the graph takes it. */
export function viewOf({ asOf, days, declared }: ViewOptions) {
  return {
    ...(asOf === undefined ? {} : { asOf: readSince(asOf, Date.now(), '--as-of') }),
    ...(days === undefined ? {} : { days }),
    ...(declared === true ? { declared } : {}),
  }
}

/** The same for the REST API. */
export function paramsOf(
  view: Readonly<Record<string, string | number | boolean | undefined>>,
): URLSearchParams {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(view)) if (value !== undefined) params.set(name, String(value))
  return params
}

/** Reads the files and asks the graph that comes out of them. */
export async function askFiles<Kind extends GraphQuestionKind>(
  files: readonly string[],
  options: ViewOptions,
  io: Io,
  kind: Kind,
  ask: GraphQuestions[Kind]['ask'],
): Promise<GraphQuestions[Kind]['answer']> {
  const { analysis } = await analyseRecordings(files, { files: catalogFilesOf(options, files) }, io)
  const { answerFrom } = await import('../engine/graph-questions.ts')
  return answerFrom(analysis.graphNow(), kind, ask, analysis.graph)
}

function readDays(text: string): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days >= 1 && days <= 64) return days
  throw new SallyportError('usage/invalid-argument', `"${text}" is not a number of days.`, {
    where: '--days',
    mend: 'Give a whole number from 1 to 64.',
  })
}
