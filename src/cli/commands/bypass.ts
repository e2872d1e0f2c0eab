import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  id: 'bypass',
  summary: 'the kill switch: let everything pass, decide nothing',
  examples: ['sallyport bypass on', 'sallyport bypass off', 'sallyport bypass status'],
  define: (command, io) => {
    for (const [name, on, summary, said] of [
      [
        'on',
        true,
        'everything passes from now on',
        'Bypass is on: nothing is blocked until `sallyport bypass off`.',
      ],
      [
        'off',
        false,
        'policies and quarantine are in force again',
        'Bypass is off: policies and quarantine are in force.',
      ],
    ] as const) {
      withApi(command.command(name).description(summary), io).action(async (options: ApiOptions) => {
        await apiClient(io, options).put('/bypass', { on })
        io.say(said)
      })
    }
    withApi(command.command('status').description('on or off'), io).action(async (options: ApiOptions) => {
      const { on } = await apiClient(io, options).get<{ readonly on: boolean }>('/bypass')
      io.out(`${on ? 'on' : 'off'}\n`)
    })
  },
})
