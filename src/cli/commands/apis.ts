import { Option } from 'commander'
import { exportOpenApi } from '../../catalog/openapi/export.ts'
import { speaks } from '../../catalog/protocol.ts'
import { SallyportError } from '../../kit/error.ts'
import type { EndpointId } from '../../kit/id.ts'
import type { EndpointDetailView, EndpointView, PageView } from '../../server/api.ts'
import { endpointDetailViewOf, endpointViewOf } from '../../server/views/views.ts'
import { type ApiOptions, apiClient, everyPage, withApi } from '../api-options.ts'
import { defineDiff } from '../catalog-diff.ts'
import { defineCommand } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, limitOption, printList } from '../output.ts'
import { analyseRecordings } from '../recordings.ts'
import type { Column } from '../table.ts'

const columns: readonly Column<EndpointView>[] = [
  { title: 'risk', value: row => row.risk.score, align: 'right' },
  { title: 'endpoint', value: row => row.id, grow: true },
  { title: 'calls', value: row => row.calls, align: 'right' },
  { title: 'auth', value: row => row.auth.join(' ') },
  { title: 'exposure', value: row => row.exposure },
  { title: 'answers with', value: row => row.dataClasses.response.join(' ') },
]

interface ListOptions extends ApiOptions {
  readonly format: Format
  readonly query?: string
  readonly dataClass?: string
  readonly protocol?: string
  readonly limit: number
}

export default defineCommand({
  id: 'apis',
  summary: 'the catalog: which endpoints there are and what they carry',
  examples: [
    'sallyport apis list',
    'sallyport apis list --data-class payment-card --format json',
    'sallyport apis list --protocol ai',
    'sallyport apis list traffic.jsonl.gz',
    'sallyport apis show "GET api.example/orders/{orderId}"',
    'sallyport apis diff --since 24h',
    'sallyport apis diff --before last-week.jsonl.gz --after today.jsonl.gz',
    'sallyport apis export --format yaml > openapi.yaml',
    'sallyport apis export traffic.jsonl.gz --host api.example',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('endpoints, most risk first'), io)
      .option('--query <text>', 'only endpoints whose id contains this')
      .option('--data-class <class>', 'only endpoints that carry this class of data')
      .option('--protocol <ids>', 'only these, joined by commas: rest, graphql, grpc …; ai is llm and mcp')
      .addOption(limitOption(1000))
      .addOption(formatOption())
      .argument('[files...]', recordings)
      .action(async (files: readonly string[], options: ListOptions) => {
        const rows = files.length > 0 ? await listOffline(files, options, io) : await listRunning(options, io)
        const ranked = [...rows].sort((a, b) => b.risk.score - a.risk.score || (a.id < b.id ? -1 : 1))
        printList(
          io,
          options.format,
          ranked.slice(0, options.limit),
          columns,
          'No endpoints yet. Send traffic through the gateway, or import a recording.',
        )
      })
    withApi(command.command('show').description('one endpoint with schema, data and callers'), io)
      .argument('<id>', 'as `apis list` prints it')
      .argument('[files...]', recordings)
      .addOption(formatOption().default('yaml'))
      .action(
        async (id: string, files: readonly string[], options: ApiOptions & { readonly format: Format }) => {
          const endpoint =
            files.length > 0
              ? await showOffline(id, files, io)
              : await apiClient(io, options).get<EndpointDetailView>(`/endpoints/${encodeURIComponent(id)}`)
          io.out(formatData(options.format === 'json' ? 'json' : 'yaml', endpoint))
        },
      )
    defineDiff(command, io)
    withApi(command.command('export').description('the catalog as one OpenAPI 3.1 document'), io)
      .argument('[files...]', recordings)
      .option('--host <host>', 'only endpoints of this host')
      .option('--candidates', 'also what has too little evidence to be called an endpoint')
      .addOption(new Option('--format <format>', 'how to print it').choices(['json', 'yaml']).default('json'))
      .action(async (files: readonly string[], options: ExportOptions) => {
        const document =
          files.length > 0 ? await exportOffline(files, options, io) : await exportRunning(options, io)
        io.out(formatData(options.format, document))
      })
  },
})

const recordings = 'recordings to read instead of asking a running Sallyport; merged by time'

interface ExportOptions extends ApiOptions {
  readonly format: 'json' | 'yaml'
  readonly host?: string
  readonly candidates?: boolean
}

function listRunning(options: ListOptions, io: Io): Promise<readonly EndpointView[]> {
  const api = apiClient(io, options)
  const filters = new URLSearchParams()
  if (options.query !== undefined) filters.set('q', options.query)
  if (options.dataClass !== undefined) filters.set('dataClass', options.dataClass)
  if (options.protocol !== undefined) filters.set('protocol', options.protocol)
  return everyPage(
    cursor => api.get<PageView<EndpointView>>('/endpoints', withCursor(filters, cursor)),
    options.limit,
  )
}

async function listOffline(
  files: readonly string[],
  { query, dataClass, protocol }: ListOptions,
  io: Io,
): Promise<readonly EndpointView[]> {
  const { analysis } = await analyseRecordings(files, {}, io)
  const text = query?.toLowerCase()
  return analysis.catalog
    .endpoints()
    .filter(
      ({ id, protocol: spoken, dataClasses }) =>
        (text === undefined || id.toLowerCase().includes(text)) &&
        (protocol === undefined || speaks(spoken, protocol)) &&
        (dataClass === undefined ||
          dataClasses.request.includes(dataClass) ||
          dataClasses.response.includes(dataClass)),
    )
    .map(endpointViewOf)
}

async function showOffline(id: string, files: readonly string[], io: Io): Promise<EndpointDetailView> {
  const { analysis } = await analyseRecordings(files, {}, io)
  const resolved = analysis.catalog.resolve(id as EndpointId)
  const endpoint = analysis.catalog.endpoint(resolved)
  if (endpoint === undefined) {
    throw new SallyportError('resource/not-found', 'There is no such endpoint in these recordings.', {
      where: id,
      mend: 'Take an id from `sallyport apis list` with the same files.',
    })
  }
  const callers = analysis.usage.callersOf(resolved)
  return endpointDetailViewOf({ endpoint, callers, owners: [] }, [])
}

async function exportOffline(files: readonly string[], options: ExportOptions, io: Io): Promise<object> {
  const { analysis } = await analyseRecordings(files, {}, io)
  const endpoints = analysis.catalog
    .endpoints()
    .filter(({ host }) => options.host === undefined || host === options.host)
  return exportOpenApi(endpoints, { candidates: options.candidates === true })
}

function exportRunning(options: ExportOptions, io: Io): Promise<object> {
  const query = new URLSearchParams()
  if (options.host !== undefined) query.set('host', options.host)
  if (options.candidates === true) query.set('candidates', 'true')
  return apiClient(io, options).get<object>('/exports/openapi', query)
}

export function withCursor(filters: URLSearchParams, cursor: string | undefined): URLSearchParams {
  const query = new URLSearchParams(filters)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query
}
