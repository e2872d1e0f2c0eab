import { Option } from 'commander'
import type { PageView } from '../../server/api/page.ts'
import type { QuarantinePreviewView, QuarantineView } from '../../server/api/quarantine.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { wholeNumber } from '../numbers.ts'
import { counted, type Format, formatOption, printList } from '../output.ts'
import { terminalText } from '../terminal-text.ts'

interface AddOptions extends ApiOptions {
  readonly kind: QuarantineView['kind']
  readonly reason: string
  readonly ttl?: number
}

const kindOption = (): Option =>
  new Option('--kind <kind>', 'what the target is')
    .choices(['principal', 'token', 'device'])
    .default('principal')

export default defineCommand({
  id: 'quarantine',
  summary: 'who is kept out, for how long, and letting them in again',
  examples: [
    'sallyport quarantine list',
    'sallyport quarantine preview user:mallory',
    'sallyport quarantine add user:mallory --reason "reads what belongs to others"',
    'sallyport quarantine release q-1a2b3c',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('who is kept out'), io)
      .option('--all', 'also who was')
      .addOption(formatOption())
      .action(async (options: ApiOptions & { readonly all?: boolean; readonly format: Format }) => {
        const query = new URLSearchParams(options.all === true ? { all: 'true' } : {})
        const { items } = await apiClient(io, options).get<PageView<QuarantineView>>('/quarantine', query)
        printList(
          io,
          options.format,
          items,
          [
            { title: 'id', value: row => row.id },
            { title: 'kind', value: row => row.kind },
            { title: 'target', value: row => row.target },
            { title: 'until', value: row => row.releasedAt ?? row.expiresAt },
            { title: 'by', value: row => row.createdBy },
            { title: 'reason', value: row => row.reason, grow: true },
          ],
          'Nobody is kept out.',
        )
      })
    withApi(command.command('preview').description('whom it would have touched in the last 24 hours'), io)
      .argument('<target>', 'a principal, the fingerprint of a token, or a device id')
      .addOption(kindOption())
      .action(async (target: string, options: ApiOptions & Pick<AddOptions, 'kind'>) => {
        const { calls, principals, named, ttlSeconds, shared } = await apiClient(
          io,
          options,
        ).post<QuarantinePreviewView>('/quarantine/preview', { kind: options.kind, target })
        io.say(
          `It would have touched ${counted(principals, 'principal')} and ${counted(calls, 'call')} in the last 24 hours, and would last ${ttlSeconds / 60} minutes.`,
        )
        if (shared) io.say('It is shared by too many to be shut out.')
        for (const one of named.slice(0, 5)) io.say(terminalText(`- ${one.principal}: ${one.calls} calls`))
      })
    withApi(command.command('add').description('keep somebody out'), io)
      .argument('<target>', 'a principal, the fingerprint of a token, or a device id')
      .addOption(kindOption())
      .requiredOption('--reason <text>', 'kept in the audit log')
      .option(
        '--ttl <seconds>',
        'for how long; 15 minutes, the next time an hour, then a day when absent',
        wholeNumber('--ttl', 60, 2_592_000),
      )
      .action(async (target: string, { kind, reason, ttl, ...api }: AddOptions) => {
        const entry = await apiClient(io, api).post<QuarantineView>('/quarantine', {
          kind,
          target,
          reason,
          ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
        })
        io.say(terminalText(`${entry.target} is kept out until ${entry.expiresAt}.`))
        io.say(`  → undo: sallyport quarantine release ${entry.id}`)
      })
    withApi(command.command('release').description('let somebody in again'), io)
      .argument('<id>')
      .action(async (id: string, options: ApiOptions) => {
        await apiClient(io, options).delete(`/quarantine/${encodeURIComponent(id)}`)
        io.say('Released.')
      })
  },
})
