import { Option } from 'commander'
import { criticalities } from '../../catalog/criticalities.ts'
import { inventories } from '../../catalog/endpoint.ts'
import { SallyportError } from '../../kit/error.ts'
import type { EndpointId } from '../../kit/id.ts'
import type { EndpointDetailView, EndpointView } from '../../server/api/endpoint.ts'
import type { MaskedExampleView } from '../../server/api/example.ts'
import type { PageView } from '../../server/api/page.ts'
import type { EndpointFilter } from '../../server/views/endpoint-filter.ts'
import { type ApiOptions, apiClient, everyPage, withApi, withCursor } from '../api-options.ts'
import { defineDiff } from '../catalog-diff.ts'
import { defineDirections } from '../catalog-directions.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from '../catalog-files.ts'
import { defineCommand } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, limitOption, printList } from '../output.ts'
import { analyseRecordings } from '../recordings.ts'
import type { Column } from '../table.ts'

const ownerColumn: Column<EndpointView> = { title: 'owner', value: row => row.labels?.owner?.value }

const columns: readonly Column<EndpointView>[] = [
  { title: 'risk', value: row => row.risk.score, align: 'right' },
  { title: 'endpoint', value: row => row.id, grow: true },
  { title: 'calls', value: row => row.calls, align: 'right' },
  { title: 'auth', value: row => row.auth.join(' ') },
  { title: 'exposure', value: row => row.exposure },
  { title: 'answers with', value: row => row.dataClasses.response.join(' ') },
]

interface ListOptions extends ApiOptions, CatalogFiles, Omit<EndpointFilter, 'q'> {
  readonly format: Format
  readonly query?: string
  readonly limit: number
}

export default defineCommand({
  id: 'apis',
  summary: 'the catalog: which endpoints there are and what they carry',
  examples: [
    'sallyport apis list',
    'sallyport apis list --data-class payment-card --format json',
    'sallyport apis list --protocol ai',
    'sallyport apis list --owner payments --criticality payment',
    'sallyport apis list --inventory orphan',
    'sallyport apis list traffic.jsonl.gz --catalog catalog.yaml',
    'sallyport apis show "GET api.example/orders/{orderId}"',
    'sallyport apis set "GET api.example/orders/{orderId}" --owner orders --tag core pci --reason "Agreed."',
    'sallyport apis reviews --state apart',
    'sallyport apis pin api.example "/users/{userId}"',
    'sallyport apis pins',
    'sallyport apis unpin pin-8c1f0e7a52d94b36',
    'sallyport apis diff --since 24h',
    'sallyport apis diff --before last-week.jsonl.gz --after today.jsonl.gz',
    'sallyport apis export --format yaml > openapi.yaml',
    'sallyport apis export traffic.jsonl.gz --host api.example',
  ],
  define: (command, io) => {
    withCatalogFiles(withApi(command.command('list').description('endpoints, most risk first'), io))
      .option('--query <text>', 'only endpoints whose id contains this')
      .option('--data-class <class>', 'only endpoints that carry this class of data')
      .option('--protocol <ids>', 'only these, joined by commas: rest, graphql, grpc …; ai is llm and mcp')
      .option('--host <host>', 'only of this host')
      .option('--method <method>', 'only of this method')
      .option('--auth <scheme>', 'only called with this kind of credential, or none')
      .addOption(new Option('--inventory <kind>', 'only these').choices([...inventories]))
      .option('--owner <name>', 'only what this team answers for')
      .option('--environment <name>', 'only what runs there')
      .option('--group <name>', 'only of this application, product or domain')
      .option('--tag <name>', 'only with this tag')
      .addOption(new Option('--criticality <name>', 'only what is for this').choices([...criticalities]))
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
          ranked.some(({ labels }) => labels?.owner !== undefined)
            ? [...columns.slice(0, 2), ownerColumn, ...columns.slice(2)]
            : columns,
          'No endpoints yet. Send traffic through the gateway, or import a recording.',
        )
      })
    withCatalogFiles(
      withApi(
        command.command('show').description('one endpoint: labels, schema, data, callers, examples'),
        io,
      ),
    )
      .argument('<id>', 'as `apis list` prints it')
      .argument('[files...]', recordings)
      .addOption(formatOption().default('yaml'))
      .action(async (id: string, files: readonly string[], options: ShowOptions) => {
        const endpoint =
          files.length > 0
            ? await showOffline(id, files, catalogFilesOf(options, files), io)
            : await showRunning(id, options, io)
        io.out(formatData(options.format === 'json' ? 'json' : 'yaml', endpoint))
      })
    defineDirections(command, io)
    defineDiff(command, io)
    withCatalogFiles(
      withApi(command.command('export').description('the catalog as one OpenAPI 3.1 document'), io),
    )
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

interface ShowOptions extends ApiOptions, CatalogFiles {
  readonly format: Format
}

interface ExportOptions extends ApiOptions, CatalogFiles {
  readonly format: 'json' | 'yaml'
  readonly host?: string
  readonly candidates?: boolean
}

function filterOf(options: ListOptions): EndpointFilter {
  const { query: q, host, method, protocol, dataClass, auth, inventory } = options
  const { owner, environment, group, tag, criticality } = options
  return {
    ...{ q, host, method: method?.toUpperCase(), protocol, dataClass, auth, inventory },
    ...{ owner, environment, group, tag, criticality },
  }
}

function listRunning(options: ListOptions, io: Io): Promise<readonly EndpointView[]> {
  catalogFilesOf(options, [])
  const api = apiClient(io, options)
  const filters = new URLSearchParams()
  for (const [name, value] of Object.entries(filterOf(options)))
    if (value !== undefined) filters.set(name, value)
  return everyPage(
    cursor => api.get<PageView<EndpointView>>('/endpoints', withCursor(filters, cursor)),
    options.limit,
  )
}

async function listOffline(
  files: readonly string[],
  options: ListOptions,
  io: Io,
): Promise<readonly EndpointView[]> {
  const [{ endpointViewOf }, { endpointsLike }] = await Promise.all([
    import('../../server/views/endpoint.ts'),
    import('../../server/views/endpoint-filter.ts'),
  ])
  const { analysis } = await analyseRecordings(files, { files: catalogFilesOf(options, files) }, io)
  return analysis.catalog
    .endpoints()
    .filter(endpointsLike(filterOf(options)))
    .map(endpointViewOf)
}

type Shown = EndpointDetailView & { readonly examples: readonly MaskedExampleView[] }

async function showRunning(id: string, options: ShowOptions, io: Io): Promise<Shown> {
  catalogFilesOf(options, [])
  const api = apiClient(io, options)
  const path = `/endpoints/${encodeURIComponent(id)}`
  const endpoint = await api.get<EndpointDetailView>(path)
  const { items } = await api.get<PageView<MaskedExampleView>>(`${path}/examples`)
  return { ...endpoint, examples: items }
}

async function showOffline(
  id: string,
  files: readonly string[],
  catalogFiles: CatalogFiles,
  io: Io,
): Promise<Shown> {
  const [{ endpointDetailViewOf }, { exampleViewOf }, { RecordedExamples }] = await Promise.all([
    import('../../server/views/endpoint.ts'),
    import('../../server/views/example.ts'),
    import('../recorded-examples.ts'),
  ])
  const examples = new RecordedExamples()
  const { analysis } = await analyseRecordings(
    files,
    { files: catalogFiles, onCall: stored => examples.add(stored) },
    io,
  )
  const { catalog } = analysis
  const resolved = catalog.resolve(id as EndpointId)
  const endpoint = catalog.endpoint(resolved)
  if (endpoint === undefined) {
    throw new SallyportError('resource/not-found', 'There is no such endpoint in these recordings.', {
      where: id,
      mend: 'Take an id from `sallyport apis list` with the same files.',
    })
  }
  const callers = analysis.usage.callersOf(resolved)
  const { classes } = analysis
  return {
    ...endpointDetailViewOf({ endpoint, callers, owners: [] }, { signals: [], findings: [], classes }),
    examples: examples
      .of(one => catalog.resolve(one) === resolved)
      .map(call => exampleViewOf(call, endpoint, classes)),
  }
}

async function exportOffline(files: readonly string[], options: ExportOptions, io: Io): Promise<object> {
  const { analysis } = await analyseRecordings(files, { files: catalogFilesOf(options, files) }, io)
  const endpoints = analysis.catalog
    .endpoints()
    .filter(({ host }) => options.host === undefined || host === options.host)
  const { exportOpenApi } = await import('../../catalog/openapi/export.ts')
  return exportOpenApi(endpoints, { candidates: options.candidates === true })
}

function exportRunning(options: ExportOptions, io: Io): Promise<object> {
  catalogFilesOf(options, [])
  const query = new URLSearchParams()
  if (options.host !== undefined) query.set('host', options.host)
  if (options.candidates === true) query.set('candidates', 'true')
  return apiClient(io, options).get<object>('/exports/openapi', query)
}
