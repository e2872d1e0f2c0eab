import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { CallView } from '../../server/api/call.ts'
import type { PageView } from '../../server/api/page.ts'
import { type ApiOptions, apiClient, everyPage, withApi, withCursor } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatData, formatOption, limitOption, printList, readSince } from '../output.ts'

interface Filters extends ApiOptions {
  readonly principal?: string
  readonly endpoint?: string
  readonly status?: string
  readonly text?: string
  readonly since?: string
  readonly limit: number
  readonly format: Format
}

export default defineCommand({
  id: 'calls',
  summary: 'the recorded calls: search, show, export',
  examples: [
    'sallyport calls list --principal user:mallory --since 1h',
    'sallyport calls show c-000123',
    'sallyport calls export --since 24h --output calls.jsonl',
  ],
  define: (command, io) => {
    filtered(withApi(command.command('list').description('calls, newest first'), io))
      .addOption(limitOption(50))
      .addOption(formatOption())
      .action(async (options: Filters) => {
        const api = apiClient(io, options)
        const filters = filtersOf(options)
        const rows = await everyPage(
          cursor => api.get<PageView<CallView>>('/calls', withCursor(filters, cursor)),
          options.limit,
        )
        printList(
          io,
          options.format,
          rows,
          [
            { title: 'time', value: row => row.time },
            { title: 'status', value: row => row.status, align: 'right' },
            { title: 'who', value: row => row.principal },
            { title: 'call', value: row => `${row.method} ${row.target}`, grow: true },
            { title: 'detectors', value: row => row.detectors.join(' ') },
            { title: 'id', value: row => row.id },
          ],
          'No calls match. Loosen a filter, or send traffic through the gateway.',
        )
      })
    withApi(command.command('show').description('one call with headers and bodies, secrets replaced'), io)
      .argument('<id>')
      .addOption(formatOption().default('yaml'))
      .action(async (id: string, options: ApiOptions & { readonly format: Format }) => {
        const call = await apiClient(io, options).get<CallView>(`/calls/${encodeURIComponent(id)}`)
        io.out(formatData(options.format === 'json' ? 'json' : 'yaml', call))
      })
    filtered(
      withApi(
        command.command('export').description('calls as event lines, newest first; `analyze` reads them'),
        io,
      ),
    )
      .addOption(limitOption(100000))
      .option('--output <file>', 'file to write; standard output when absent')
      .action(async (options: Filters & { readonly output?: string }) => {
        const api = apiClient(io, options)
        const filters = filtersOf(options)
        filters.set('limit', '500')
        const file =
          options.output === undefined ? undefined : createWriteStream(options.output, { mode: 0o600 })
        let left = options.limit
        let cursor: string | undefined
        do {
          const page = await api.get<{ readonly items: readonly string[]; readonly cursor?: string }>(
            '/calls/export',
            withCursor(filters, cursor),
          )
          for (const line of page.items.slice(0, left)) {
            if (file === undefined) io.out(`${line}\n`)
            else if (!file.write(`${line}\n`)) await once(file, 'drain')
          }
          left -= page.items.length
          cursor = page.cursor
        } while (cursor !== undefined && left > 0)
        if (file !== undefined) {
          file.end()
          await once(file, 'finish')
        }
      })
  },
})

function filtered(command: ReturnType<typeof withApi>): ReturnType<typeof withApi> {
  return command
    .option('--principal <id>', 'only of this principal')
    .option('--endpoint <id>', 'only at this endpoint')
    .option('--status <status>', 'a status such as 404, or a class such as 4xx')
    .option('--text <text>', 'only where path or query contain this')
    .option('--since <time>', 'only since, e.g. 1h or 2026-11-22T10:00:00Z')
}

function filtersOf(options: Filters): URLSearchParams {
  const filters = new URLSearchParams()
  for (const key of ['principal', 'endpoint', 'status', 'text'] as const) {
    const value = options[key]
    if (value !== undefined) filters.set(key, value)
  }
  if (options.since !== undefined)
    filters.set('since', new Date(readSince(options.since, Date.now())).toISOString())
  return filters
}
