import { setTimeout as pause } from 'node:timers/promises'
import { Option } from 'commander'
import { type Severity, severities, severityRank } from '../../kit/severity.ts'
import type { IncidentDetailView, IncidentView } from '../../server/api/incident.ts'
import type { PageView } from '../../server/api/page.ts'
import { type ApiOptions, apiClient, everyPage, withApi, withCursor } from '../api-options.ts'
import { defineCommand, ExitWith } from '../command.ts'
import type { Io } from '../io.ts'
import { type Format, formatData, formatOption, printList, readSince } from '../output.ts'
import type { Column } from '../table.ts'
import { terminalText } from '../terminal-text.ts'

const columns: readonly Column<IncidentView>[] = [
  { title: 'id', value: row => row.id },
  { title: 'severity', value: row => row.severity },
  { title: 'risk', value: row => row.risk, align: 'right' },
  { title: 'status', value: row => row.status },
  { title: 'updated', value: row => row.updated },
  { title: 'what', value: row => row.title, grow: true },
]

interface ListOptions extends ApiOptions {
  readonly status?: string
  readonly principal?: string
  readonly since?: string
  readonly watch?: boolean
  readonly failOn?: Severity
  readonly format: Format
}

export default defineCommand({
  id: 'incidents',
  summary: 'what needs attention, and closing it',
  examples: [
    'sallyport incidents list --status open',
    'sallyport incidents show 148c552fff235728',
    'sallyport incidents stop 148c552fff235728',
    'sallyport incidents release q-1a2b3c',
    'sallyport incidents close 148c552fff235728 --reason "agreed test by the red team"',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('incidents, highest risk first'), io)
      .addOption(new Option('--status <status>', 'only these').choices(['open', 'contained', 'closed']))
      .option('--principal <id>', 'only those in which this principal is named')
      .option('--since <time>', 'only those updated since, e.g. 24h')
      .option('--watch', 'print again every two seconds until stopped')
      .addOption(
        new Option('--fail-on <severity>', 'exit 1 when one is at least this severe').choices([
          ...severities,
        ]),
      )
      .addOption(formatOption())
      .action(async (options: ListOptions) => {
        do {
          const rows = await list(io, options)
          if (options.watch !== true) {
            const failOn = options.failOn
            if (failOn !== undefined && rows.some(row => severityRank(row.severity) >= severityRank(failOn)))
              throw new ExitWith(1)
            return
          }
          await pause(2_000, undefined, { signal: io.stopped }).catch(() => undefined)
        } while (!io.stopped.aborted)
      })
    withApi(command.command('show').description('one incident: story, evidence, what to do'), io)
      .argument('<id>')
      .addOption(formatOption())
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const incident = await apiClient(io, options).get<IncidentDetailView>(
          `/incidents/${encodeURIComponent(id)}`,
        )
        io.out(options.format === 'table' ? tell(incident) : formatData(options.format, incident))
      })
    withApi(
      command.command('stop').description('carry out the first proposed action: quarantine the actor'),
      io,
    )
      .argument('<id>')
      .action(async (id: string, options: ApiOptions) => {
        const api = apiClient(io, options)
        const path = `/incidents/${encodeURIComponent(id)}`
        const [action] = (await api.get<IncidentDetailView>(path)).actions
        if (action === undefined) {
          io.say('Nothing is proposed for this incident: its actor has no account or token to suspend.')
          return
        }
        const { kind, target, ttlSeconds } = action
        const done = await api.post<{
          readonly quarantine: { readonly id: string; readonly expiresAt: string }
        }>(`${path}/actions`, {
          kind,
          target,
          ttlSeconds,
        })
        io.say(terminalText(`Done: ${action.title} (until ${done.quarantine.expiresAt}).`))
        io.say(`  → undo: sallyport incidents release ${done.quarantine.id}`)
      })
    withApi(command.command('release').description('undo a quarantine'), io)
      .argument('<quarantine>')
      .action(async (id: string, options: ApiOptions) => {
        await apiClient(io, options).delete(`/quarantine/${encodeURIComponent(id)}`)
        io.say('Released.')
      })
    withApi(command.command('close').description('close an incident, saying why'), io)
      .argument('<id>')
      .requiredOption('--reason <text>', 'kept in the audit log')
      .action(async (id: string, options: ApiOptions & { readonly reason: string }) => {
        await apiClient(io, options).post(`/incidents/${encodeURIComponent(id)}/close`, {
          reason: options.reason,
        })
        io.say('Closed.')
      })
  },
})

async function list(io: Io, options: ListOptions): Promise<readonly IncidentView[]> {
  const api = apiClient(io, options)
  const filters = new URLSearchParams()
  if (options.status !== undefined) filters.set('status', options.status)
  if (options.principal !== undefined) filters.set('principal', options.principal)
  if (options.since !== undefined)
    filters.set('since', new Date(readSince(options.since, Date.now())).toISOString())
  const found = await everyPage(
    cursor => api.get<PageView<IncidentView>>('/incidents', withCursor(filters, cursor)),
    1_000,
  )
  const rows = [...found].sort((a, b) => b.risk - a.risk || (a.id < b.id ? -1 : 1))
  printList(io, options.format, rows, columns, 'No incidents. Sallyport raises one when it has evidence.')
  return rows
}

function tell(incident: IncidentDetailView): string {
  const lines = [
    incident.title,
    '',
    `${incident.severity}, risk ${incident.risk} of 100, ${incident.status}. Data: ${incident.dataClasses.join(', ') || 'none classified'}.`,
    '',
    ...incident.story.map(step => `  ${step.time}  ${step.text}  [${step.evidence.length} calls]`),
    '',
    ...incident.actions.map(
      action =>
        `  → ${action.title}: would have touched ${action.effect.principals} principal, ${action.effect.calls} calls, ${action.effect.others} others`,
    ),
    ...incident.unsure.map(text => `  ? ${text}`),
  ]
  return `${lines.map(terminalText).join('\n')}\n`
}
