import { Option } from 'commander'
import { SallyportError } from '../../kit/error.ts'
import { type Severity, severities, severityRank } from '../../kit/severity.ts'
import type { FindingView, PageView } from '../../server/api.ts'
import { type ApiOptions, apiClient, everyPage, withApi } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, printList } from '../output.ts'
import { withCursor } from './apis.ts'

interface ListOptions extends ApiOptions {
  readonly rule?: string
  readonly endpoint?: string
  readonly failOn?: Severity
  readonly format: Format
}

export default defineCommand({
  id: 'findings',
  summary: 'what is not as it should be: drift of the traffic from its specifications',
  examples: [
    'sallyport findings list --rule undocumented-endpoint',
    'sallyport findings list --fail-on high',
    'sallyport findings show 8c1f0e7a52d94b36',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('findings, most severe first'), io)
      .option('--rule <id>', 'only of this rule')
      .option('--endpoint <id>', 'only at this endpoint')
      .addOption(
        new Option('--fail-on <severity>', 'exit 1 when one is at least this severe').choices([
          ...severities,
        ]),
      )
      .addOption(formatOption())
      .action(async (options: ListOptions) => {
        const rows = await list(io, options)
        printList(
          io,
          options.format,
          rows,
          [
            { title: 'id', value: row => row.id },
            { title: 'severity', value: row => row.severity },
            { title: 'rule', value: row => row.rule },
            { title: 'endpoint', value: row => row.endpoint },
            { title: 'what', value: row => row.title, grow: true },
          ],
          'No findings. Import a specification to compare the traffic with: sallyport spec import openapi.yaml',
        )
        const failOn = options.failOn
        if (failOn !== undefined && rows.some(row => severityRank(row.severity) >= severityRank(failOn)))
          throw new ExitWith(1)
      })
    withApi(command.command('show').description('one finding: why, what to do, the calls that show it'), io)
      .argument('<id>')
      .addOption(formatOption().default('yaml'))
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const finding = (await list(io, options)).find(one => one.id === id)
        if (finding === undefined) {
          throw new SallyportError('resource/not-found', 'There is no such finding.', {
            where: id,
            mend: 'List them with `sallyport findings list`.',
          })
        }
        io.out(formatData(options.format === 'json' ? 'json' : 'yaml', finding))
      })
  },
})

async function list(
  io: Io,
  options: ApiOptions & { readonly rule?: string; readonly endpoint?: string },
): Promise<readonly FindingView[]> {
  const api = apiClient(io, options)
  const filters = new URLSearchParams()
  if (options.rule !== undefined) filters.set('rule', options.rule)
  if (options.endpoint !== undefined) filters.set('endpoint', options.endpoint)
  const found = await everyPage(
    cursor => api.get<PageView<FindingView>>('/findings', withCursor(filters, cursor)),
    10_000,
  )
  return [...found].sort(
    (a, b) => severityRank(b.severity) - severityRank(a.severity) || (a.id < b.id ? -1 : 1),
  )
}
