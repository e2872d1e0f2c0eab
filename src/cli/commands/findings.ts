import { Option } from 'commander'
import { SallyportError } from '../../kit/error.ts'
import { type Severity, severities, severityRank } from '../../kit/severity.ts'
import type { FindingView } from '../../server/api/finding.ts'
import type { PageView } from '../../server/api/page.ts'
import { findingStatuses } from '../../store/ports/catalog-state.ts'
import { type ApiOptions, apiClient, everyPage, withApi, withCursor } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, printList } from '../output.ts'
import { terminalText } from '../terminal-text.ts'

interface ListOptions extends ApiOptions {
  readonly rule?: string
  readonly endpoint?: string
  readonly severity?: Severity
  readonly status: string
  readonly query?: string
  readonly failOn?: Severity
  readonly format: Format
}

export default defineCommand({
  id: 'findings',
  summary: 'what is not as it should be: drift from the specifications, and what is wrong without any',
  examples: [
    'sallyport findings list --rule undocumented-endpoint',
    'sallyport findings list --fail-on high',
    'sallyport findings list --status dismissed',
    'sallyport findings show undocumented-endpoint-8c1f0e7a52d94b36',
    'sallyport findings dismiss undocumented-endpoint-8c1f0e7a52d94b36 --reason "Internal only." --days 30',
    'sallyport findings reopen undocumented-endpoint-8c1f0e7a52d94b36',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('findings, most severe first'), io)
      .option('--rule <id>', 'only of this rule')
      .option('--endpoint <id>', 'only at this endpoint')
      .addOption(new Option('--severity <severity>', 'only of this severity').choices([...severities]))
      .addOption(
        new Option('--status <status>', 'only of this status')
          .choices([...findingStatuses, 'all'])
          .default('open'),
      )
      .option('--query <text>', 'only where rule, endpoint or title contains this')
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
            ...(options.status === 'open'
              ? []
              : [{ title: 'status', value: (row: FindingView) => row.status }]),
            { title: 'since', value: row => row.firstSeen.slice(0, 10) },
            { title: 'endpoint', value: row => row.endpoint },
            { title: 'what', value: row => row.title, grow: true },
          ],
          options.status === 'open'
            ? 'No findings. Import a specification to compare the traffic with: sallyport spec import openapi.yaml'
            : 'No such findings.',
        )
        const failOn = options.failOn
        if (failOn !== undefined && rows.some(row => severityRank(row.severity) >= severityRank(failOn)))
          throw new ExitWith(1)
      })
    withApi(command.command('show').description('one finding: why, what to do, the calls that show it'), io)
      .argument('<id>', 'as `findings list` prints it')
      .addOption(formatOption().default('yaml'))
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const finding = await apiClient(io, options).get<FindingView>(pathOf(id))
        io.out(formatData(options.format === 'json' ? 'json' : 'yaml', finding))
      })
    withApi(command.command('dismiss').description('say that a finding is to stay as it is'), io)
      .argument('<id>', 'as `findings list` prints it')
      .requiredOption('--reason <text>', 'kept with the finding and in the audit log')
      .addOption(new Option('--days <n>', 'open it again after so many (default: never)').argParser(readDays))
      .action(
        async (id: string, options: ApiOptions & { readonly reason: string; readonly days?: number }) => {
          const { reason, days } = options
          const finding = await apiClient(io, options).post<FindingView>(`${pathOf(id)}/dismiss`, {
            reason,
            ...(days === undefined ? {} : { days }),
          })
          const until = finding.dismissed?.until
          io.say(
            terminalText(`Dismissed: ${finding.title}${until === undefined ? '' : ` (until ${until})`}.`),
          )
          io.say(terminalText(`  → undo: sallyport findings reopen ${finding.id}`))
        },
      )
    withApi(command.command('reopen').description('take a dismissal back'), io)
      .argument('<id>', 'as `findings list --status dismissed` prints it')
      .action(async (id: string, options: ApiOptions) => {
        const finding = await apiClient(io, options).post<FindingView>(`${pathOf(id)}/reopen`)
        io.say(terminalText(`Open again: ${finding.title}.`))
      })
  },
})

const pathOf = (id: string): string => `/findings/${encodeURIComponent(id)}`

function readDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days >= 1 && days <= 3_650) return days
  throw new SallyportError('usage/invalid-argument', `"${text}" is not a number of days.`, {
    where: '--days',
    mend: 'Give a whole number from 1 to 3650.',
  })
}

async function list(io: Io, options: ListOptions): Promise<readonly FindingView[]> {
  const api = apiClient(io, options)
  const filters = new URLSearchParams()
  const { rule, endpoint, severity, status, query: q } = options
  for (const [name, value] of Object.entries({ rule, endpoint, severity, q }))
    if (value !== undefined) filters.set(name, value)
  filters.set('limit', '1000')
  if (status !== 'all') filters.set('status', status)
  return await everyPage(
    cursor => api.get<PageView<FindingView>>('/findings', withCursor(filters, cursor)),
    50_000,
  )
}
