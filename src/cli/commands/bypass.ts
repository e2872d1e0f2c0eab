import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bypassFileName, readBypassFile } from '../../engine/local-bypass.ts'
import { SallyportError } from '../../kit/error.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import type { Io } from '../io.ts'

interface BypassStatus {
  readonly on: boolean
  readonly policies: readonly string[]
  readonly local: { readonly all: boolean; readonly policies: readonly string[]; readonly file: string }
}

interface BypassOptions extends ApiOptions {
  readonly policy?: string
  readonly local?: boolean
  readonly dataDir?: string
}

export default defineCommand({
  id: 'bypass',
  summary: 'the kill switch: let everything pass, or set one policy aside',
  examples: [
    'sallyport bypass on',
    'sallyport bypass on --policy owner-guard',
    'sallyport bypass on --local --data-dir /var/lib/sallyport',
    'sallyport bypass off',
    'sallyport bypass status',
  ],
  define: (command, io) => {
    for (const [name, on, summary] of [
      ['on', true, 'everything passes from now on, or what one policy says is set aside'],
      ['off', false, 'policies and quarantine are in force again'],
    ] as const) {
      withApi(command.command(name).description(summary), io)
        .option('--policy <name>', 'this policy alone')
        .option('--local', 'write the file that the decision points of this machine watch; needs no server')
        .option('--data-dir <folder>', 'where the file goes (default: ./.sallyport)')
        .action(async (options: BypassOptions) => {
          if (options.local === true) setLocally(on, options, io)
          else await setOverApi(on, options, io)
        })
    }
    withApi(command.command('status').description('on or off'), io)
      .option('--local', 'what the file on this machine says; needs no server')
      .option('--data-dir <folder>', 'where the file is (default: ./.sallyport)')
      .action(async (options: BypassOptions) => {
        if (options.local === true) {
          const { all, policies } = readBypassFile(fileOf(options, io))
          io.out(`${all ? 'on' : policies.length === 0 ? 'off' : `off, but for ${policies.join(', ')}`}\n`)
          return
        }
        const { on, policies, local } = await apiClient(io, options).get<BypassStatus>('/bypass')
        io.out(`${on || local.all ? 'on' : 'off'}\n`)
        const aside = [...new Set([...policies, ...local.policies])]
        if (aside.length > 0) io.say(`Set aside: ${aside.join(', ')}.`)
        if (local.all || local.policies.length > 0)
          io.say(`On this machine, by ${local.file} or SALLYPORT_BYPASS.`)
      })
  },
})

async function setOverApi(on: boolean, options: BypassOptions, io: Io): Promise<void> {
  const { policy } = options
  try {
    await apiClient(io, options).put('/bypass', { on, ...(policy === undefined ? {} : { policy }) })
  } catch (thrown) {
    if (!(thrown instanceof SallyportError) || thrown.code !== 'server/unreachable') throw thrown
    throw new SallyportError(thrown.code, thrown.message, {
      ...(thrown.where === undefined ? {} : { where: thrown.where }),
      mend: `Without the server: sallyport bypass ${on ? 'on' : 'off'} --local --data-dir FOLDER.`,
      cause: thrown,
    })
  }
  said(on, policy, io)
}

/** The decision points look at the file four times a second. */
function setLocally(on: boolean, options: BypassOptions, io: Io): void {
  const file = fileOf(options, io)
  const { policy } = options
  const now = readBypassFile(file)
  const others = now.policies.filter(name => name !== policy)
  const policies = policy === undefined ? (on ? now.policies : []) : on ? [...others, policy] : others
  const all = policy === undefined ? on : now.all
  const lines = [...(all ? ['all'] : []), ...policies]
  try {
    if (lines.length === 0) rmSync(file, { force: true })
    else writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new SallyportError('store/unavailable', 'The file of the kill switch cannot be written.', {
      where: file,
      mend: 'Name the data folder of Sallyport with --data-dir, or set SALLYPORT_BYPASS=all where it is started.',
      cause,
    })
  }
  said(on, policy, io)
  io.say(`  → ${file}`)
}

const fileOf = ({ dataDir }: BypassOptions, io: Io): string =>
  join(dataDir ?? io.environment.SALLYPORT_DATA_DIR ?? '.sallyport', bypassFileName)

function said(on: boolean, policy: string | undefined, io: Io): void {
  if (policy !== undefined)
    io.say(
      on
        ? `${policy} is set aside until \`sallyport bypass off --policy ${policy}\`.`
        : `${policy} is in force.`,
    )
  else
    io.say(
      on
        ? 'Bypass is on: nothing is blocked until `sallyport bypass off`.'
        : 'Bypass is off: policies and quarantine are in force.',
    )
}
