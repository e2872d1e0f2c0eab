import type { Command } from 'commander'
import { SallyportError } from '../kit/error.ts'
import type { ChangeView } from '../server/api/change.ts'
import type { PageView } from '../server/api/page.ts'
import { type ApiOptions, apiClient, everyPage, withApi } from './api-options.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from './catalog-files.ts'
import type { Io } from './io.ts'
import { type Format, formatOption, limitOption, printList, readSince } from './output.ts'
import { analyseRecordings } from './recordings.ts'
import type { Column } from './table.ts'

interface DiffOptions extends ApiOptions, CatalogFiles {
  readonly since?: string
  readonly before?: readonly string[]
  readonly after?: readonly string[]
  readonly limit: number
  readonly format: Format
}

const columns: readonly Column<ChangeView>[] = [
  { title: 'time', value: row => `${row.time.slice(0, 16).replace('T', ' ')}Z` },
  { title: 'change', value: row => row.kind },
  { title: 'endpoint', value: row => row.endpoint, grow: true },
  { title: 'what', value: whatOf },
  { title: 'data', value: dataOf },
]

/** `apis diff`: what a running Sallyport saw change, or what differs between two sets of recordings. */
export function defineDiff(apis: Command, io: Io): void {
  withCatalogFiles(
    withApi(apis.command('diff').description('what is new, changed or gone in the catalog'), io),
  )
    .option('--since <time>', 'a span such as 24h or 7d, or a time (default: 24h)')
    .option('--before <files...>', 'recordings to compare instead of asking a running Sallyport: as it was')
    .option('--after <files...>', 'and as it is')
    .addOption(limitOption(1_000))
    .addOption(formatOption())
    .action(async (options: DiffOptions) => {
      const offline = options.before !== undefined || options.after !== undefined
      const files = catalogFilesOf(options, [...(options.before ?? []), ...(options.after ?? [])])
      const rows = offline ? await diffRecordings(options, files, io) : await diffRunning(options, io)
      printList(
        io,
        options.format,
        rows.slice(0, options.limit),
        columns,
        offline ? 'Nothing of the API differs.' : 'Nothing of the API changed in that time.',
      )
    })
}

function diffRunning(options: DiffOptions, io: Io): Promise<readonly ChangeView[]> {
  const since = readSince(options.since ?? '24h', Date.now())
  const api = apiClient(io, options)
  return everyPage(cursor => {
    const query = new URLSearchParams({ since: new Date(since).toISOString() })
    if (cursor !== undefined) query.set('cursor', cursor)
    return api.get<PageView<ChangeView>>('/changes', query)
  }, options.limit)
}

async function diffRecordings(
  { before, after, since }: DiffOptions,
  files: CatalogFiles,
  io: Io,
): Promise<readonly ChangeView[]> {
  if (before === undefined || after === undefined || since !== undefined) {
    throw new SallyportError('usage/invalid-argument', 'Recordings are compared two by two.', {
      where: since !== undefined ? '--since' : before === undefined ? '--before' : '--after',
      mend: 'Give --before and --after, and no --since.',
    })
  }
  const was = await analyseRecordings(before, { files }, io)
  const is = await analyseRecordings(after, { files }, io)
  const time = is.analysis.span?.to ?? 0
  const [{ compareCatalogs }, { changeViewOf }] = await Promise.all([
    import('../catalog/changes/compare-catalogs.ts'),
    import('../server/views/change.ts'),
  ])
  return compareCatalogs(was.analysis.catalog, is.analysis.catalog, time).map(changeViewOf)
}

/** What of the endpoint it is, in a few words. */
function whatOf({ side, field, before, after }: ChangeView): string {
  const values = before === undefined ? after : after === undefined ? before : `${before} → ${after}`
  return [side, field, values].filter(part => part !== undefined && part !== '').join(' ')
}

/** Of an endpoint that carries much, the first two: the others are in the other formats. */
function dataOf({ dataClasses }: ChangeView): string {
  const more = dataClasses.length - 2
  return `${dataClasses.slice(0, 2).join(' ')}${more > 0 ? ` +${more}` : ''}`
}
