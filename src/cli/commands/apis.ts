import type { EndpointDetailView, EndpointView, PageView } from '../../server/api.ts'
import { type ApiOptions, apiClient, everyPage, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatData, formatOption, limitOption, printList } from '../output.ts'
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
  readonly limit: number
}

export default defineCommand({
  id: 'apis',
  summary: 'the catalog: which endpoints there are and what they carry',
  examples: [
    'sallyport apis list',
    'sallyport apis list --data-class payment-card --format json',
    'sallyport apis show "GET api.example/orders/{orderId}"',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('endpoints, most risk first'), io)
      .option('--query <text>', 'only endpoints whose id contains this')
      .option('--data-class <class>', 'only endpoints that carry this class of data')
      .addOption(limitOption(1000))
      .addOption(formatOption())
      .action(async (options: ListOptions) => {
        const api = apiClient(io, options)
        const filters = new URLSearchParams()
        if (options.query !== undefined) filters.set('q', options.query)
        if (options.dataClass !== undefined) filters.set('dataClass', options.dataClass)
        const rows = await everyPage(
          cursor => api.get<PageView<EndpointView>>('/endpoints', withCursor(filters, cursor)),
          options.limit,
        )
        const ranked = [...rows].sort((a, b) => b.risk.score - a.risk.score || (a.id < b.id ? -1 : 1))
        printList(
          io,
          options.format,
          ranked,
          columns,
          'No endpoints yet. Send traffic through the gateway, or import a recording.',
        )
      })
    withApi(command.command('show').description('one endpoint with schema, data and callers'), io)
      .argument('<id>', 'as `apis list` prints it')
      .addOption(formatOption().default('yaml'))
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const endpoint = await apiClient(io, options).get<EndpointDetailView>(
          `/endpoints/${encodeURIComponent(id)}`,
        )
        io.out(formatData(options.format === 'json' ? 'json' : 'yaml', endpoint))
      })
  },
})

export function withCursor(filters: URLSearchParams, cursor: string | undefined): URLSearchParams {
  const query = new URLSearchParams(filters)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query
}
