import type { PageView } from '../../server/api/page.ts'
import type { SignalView } from '../../server/api/signal.ts'
import { type ApiOptions, apiClient, everyPage, withApi, withCursor } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatOption, printList } from '../output.ts'

interface ListOptions extends ApiOptions {
  readonly principal?: string
  readonly detector?: string
  readonly held?: boolean
  readonly format: Format
}

export default defineCommand({
  id: 'signals',
  summary: 'what single detectors said',
  examples: [
    'sallyport signals list --detector owner-binding',
    'sallyport signals list --principal user:mallory --format json',
  ],
  define: (command, io) => {
    withApi(command.command('list').description('signals, newest first'), io)
      .option('--principal <id>', 'only of this principal')
      .option('--detector <id>', 'only of this detector')
      .option('--held', 'only those that the noise budget held back')
      .addOption(formatOption())
      .action(async (options: ListOptions) => {
        const api = apiClient(io, options)
        const filters = new URLSearchParams()
        if (options.principal !== undefined) filters.set('principal', options.principal)
        if (options.detector !== undefined) filters.set('detector', options.detector)
        if (options.held === true) filters.set('held', 'true')
        const rows = await everyPage(
          cursor => api.get<PageView<SignalView>>('/signals', withCursor(filters, cursor)),
          1_000,
        )
        printList(
          io,
          options.format,
          rows,
          [
            { title: 'time', value: row => row.time },
            { title: 'severity', value: row => row.severity },
            { title: 'detector', value: row => row.detector },
            { title: 'who', value: row => row.principal },
            { title: 'what', value: row => row.message, grow: true },
          ],
          'No signals.',
        )
      })
  },
})
