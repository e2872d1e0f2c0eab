import { type Command, Option } from 'commander'
import type { PageView } from '../server/api/page.ts'
import type { PolicyView } from '../server/api/policy.ts'
import type { PolicyVersionView } from '../server/api/policy-version.ts'
import type { StageView } from '../server/api/rollout.ts'
import { type ApiOptions, apiClient, withApi } from './api-options.ts'
import type { Io } from './io.ts'
import { wholeNumber } from './numbers.ts'
import { counted, type Format, formatOption, printList } from './output.ts'
import { terminalText } from './terminal-text.ts'

interface PromoteOptions extends ApiOptions {
  readonly to?: StageView['mode']
  readonly percent?: number
  readonly override?: string
}

export const stageWords = ({ mode, percent }: StageView): string =>
  mode === 'canary' ? `canary ${percent ?? 100} %` : mode

/** `promote`, `rollback`, `history` and `status`, below `policy`. */
export function rollOutPolicy(command: Command, io: Io): void {
  withApi(command.command('promote'), io)
    .description('bring a policy to its next stage: shadow, canary 1, 5, 25, 100 %, enforce')
    .argument('<name>')
    .addOption(
      new Option('--to <stage>', 'this stage instead of the next').choices(['shadow', 'canary', 'enforce']),
    )
    .option('--percent <n>', 'of a canary: the share of principals', wholeNumber('--percent', 1, 100))
    .option('--override <reason>', 'why it need not be simulated, or not wait; kept in the audit log')
    .action(async (name: string, { to, percent, override, ...api }: PromoteOptions) => {
      const wanted = to ?? (percent === undefined ? undefined : 'canary')
      const policy = await apiClient(io, api).post<PolicyView>(
        `/policies/${encodeURIComponent(name)}/promote`,
        {
          ...(wanted === undefined
            ? {}
            : { to: { mode: wanted, ...(percent === undefined ? {} : { percent }) } }),
          ...(override === undefined ? {} : { override }),
        },
      )
      tell(policy, io)
    })
  withApi(command.command('rollback'), io)
    .description('bring back the version before, or the one named; also of a policy that was deleted')
    .argument('<name>')
    .option('--to <version>', 'that version', wholeNumber('--to', 1, 2_147_483_647))
    .option('--reason <text>', 'kept in the audit log')
    .action(
      async (
        name: string,
        { to, reason, ...api }: ApiOptions & { readonly to?: number; readonly reason?: string },
      ) => {
        const policy = await apiClient(io, api).post<PolicyView>(
          `/policies/${encodeURIComponent(name)}/rollback`,
          { ...(to === undefined ? {} : { version: to }), ...(reason === undefined ? {} : { reason }) },
        )
        tell(policy, io)
      },
    )
  withApi(command.command('history'), io)
    .description('the versions of a policy, newest first')
    .argument('<name>')
    .addOption(formatOption())
    .action(async (name: string, { format, ...api }: ApiOptions & { readonly format: Format }) => {
      const { items } = await apiClient(io, api).get<PageView<PolicyVersionView>>(
        `/policies/${encodeURIComponent(name)}/history`,
      )
      printList(
        io,
        format,
        items,
        [
          { title: 'version', value: row => row.version, align: 'right' },
          { title: 'at', value: row => row.at },
          { title: 'by', value: row => row.by },
          { title: 'stage', value: row => stageWords(row.stage) },
          { title: 'change', value: row => row.change, grow: true },
        ],
        'It has no versions.',
      )
    })
  withApi(command.command('status'), io)
    .description('how far a policy is rolled out, and what it did')
    .argument('<name>')
    .action(async (name: string, api: ApiOptions) => {
      tell(await apiClient(io, api).get<PolicyView>(`/policies/${encodeURIComponent(name)}`), io)
    })
}

const minutesWords = (minutes: number): string =>
  minutes > 0 && minutes % 1_440 === 0
    ? counted(minutes / 1_440, 'day')
    : minutes > 0 && minutes % 60 === 0
      ? counted(minutes / 60, 'hour')
      : counted(minutes, 'minute')

/** `shadow 1 day and 1,000 calls, canary 1 % 30 minutes, …, enforce`. */
const planWords = ({
  shadowMinutes,
  shadowCalls,
  steps,
}: NonNullable<PolicyView['rollout']['plan']>): string =>
  [
    `shadow ${minutesWords(shadowMinutes)} and ${counted(shadowCalls, 'call')}`,
    ...steps.map(({ percent, minutes }) => `canary ${percent} % ${minutesWords(minutes)}`),
    'enforce',
  ].join(', ')

function tell({ name, version, rollout, effect }: PolicyView, io: Io): void {
  const { stage, since, next, waits, simulation, rolledBack, plan } = rollout
  io.say(`${name}: version ${version}, ${stageWords(stage)} since ${since}.`)
  if (effect.decisions > 0)
    io.say(
      `${counted(effect.decisions, 'decision')} about ${counted(effect.principals, 'principal')} in the last 24 hours.`,
    )
  if (rolledBack !== undefined)
    io.say(terminalText(`Put back from ${rolledBack.from} at ${rolledBack.at}: ${rolledBack.why}.`))
  if (simulation === undefined) io.say('These rules were not simulated yet.')
  else
    io.say(
      `Simulated at ${simulation.at}: stops ${simulation.attacksStopped} of ${simulation.attacks} attack calls, breaks ${simulation.benignStopped} of ${simulation.benign} benign ones.`,
    )
  if (next !== undefined)
    io.say(terminalText(`Next: ${stageWords(next)}${waits === undefined ? '' : `, not yet: ${waits}`}.`))
  if (plan === undefined) return
  io.say(`Its way, each at least: ${planWords(plan)}.`)
  const { rollback } = plan
  io.say(
    rollback === undefined
      ? 'It does not go back to shadow by itself.'
      : `It goes back to shadow by itself when within ${minutesWords(rollback.windowMinutes)} it stops more than ${rollback.blockFactor} times the share that was simulated or ${rollback.newlyStoppedPercent} % of callers that were well, the service does ${rollback.worsePercent} % worse than for others, or ${rollback.faultsPercent} % of decisions fail.`,
  )
}
