import type { SensorView } from '../../server/api/sensor.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatOption, printList } from '../output.ts'

export default defineCommand({
  id: 'sensors',
  summary: 'where calls and their context come from, and what is lost on the way',
  examples: ['sallyport sensors', 'sallyport sensors --format json'],
  define: (command, io) => {
    withApi(command, io)
      .addOption(formatOption())
      .action(async (options: ApiOptions & { readonly format: Format }) => {
        const { items } = await apiClient(io, options).get<{ readonly items: readonly SensorView[] }>(
          '/sensors',
        )
        printList(
          io,
          options.format,
          items,
          [
            { title: 'sensor', value: row => row.id },
            { title: 'state', value: row => row.state },
            { title: 'at', value: row => row.address },
            { title: 'events', value: row => row.events, align: 'right' },
            { title: 'per s', value: row => row.perSecond?.toFixed(1), align: 'right' },
            {
              title: 'behind',
              value: row => (row.lagMs === undefined ? '' : `${row.lagMs} ms`),
              align: 'right',
            },
            { title: 'dropped', value: row => row.dropped, align: 'right' },
            { title: 'unread', value: row => row.rejected, align: 'right' },
            { title: 'last event', value: row => row.lastEventAt?.slice(0, 19) },
            { title: 'silent', value: row => silentOf(row), align: 'right' },
            { title: 'what it says', value: row => row.detail, grow: true },
          ],
          'No sensor runs.',
        )
      })
  },
})

/** Sources that are no longer heard. */
const silentOf = ({ sources }: SensorView): string => {
  const silent = sources?.filter(source => source.silent).length ?? 0
  return silent === 0 ? '' : String(silent)
}
