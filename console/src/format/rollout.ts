import type { PolicyView } from '../../../src/server/api/policy.ts'
import type { StageView } from '../../../src/server/api/rollout.ts'
import { count, finePercent, plural } from './number.ts'
import { plannedSteps } from './rollout-plan.ts'
import { span } from './time.ts'

type Rollout = PolicyView['rollout']
type Group = NonNullable<Rollout['effect']>['acting']

/** `shadow`, `canary at 5 %`, `enforced`. */
export const stageName = ({ mode, percent }: StageView): string =>
  mode === 'enforce' ? 'enforced' : mode === 'canary' ? `canary at ${percent ?? 100} %` : 'shadow'

/** Comparable: a stage that acts for more callers is further. */
export const reachOf = ({ mode, percent }: StageView): number =>
  mode === 'enforce' ? 101 : mode === 'canary' ? (percent ?? 100) : 0

export interface Column {
  readonly title: string
  readonly about: string
  readonly policies: readonly PolicyView[]
}

/** The way of a policy, from left to right; steps of a canary that are none of the planned ones have their own column. */
export function columnsOf(policies: readonly PolicyView[]): readonly Column[] {
  const steps = new Set(plannedSteps(policies))
  for (const { mode, rollout } of policies) if (mode === 'canary') steps.add(rollout.stage.percent ?? 100)
  const at = (stage: StageView): readonly PolicyView[] =>
    policies.filter(({ mode, rollout }) => mode !== 'invalid' && reachOf(rollout.stage) === reachOf(stage))
  return [
    { title: 'Shadow', about: 'writes down what it would do', policies: at({ mode: 'shadow' }) },
    ...[...steps]
      .sort((a, b) => a - b)
      .map(percent => ({
        title: `Canary ${percent} %`,
        about: percent === 100 ? 'acts for all, still on trial' : `acts for ${percent} of 100 callers`,
        policies: at({ mode: 'canary', percent }),
      })),
    { title: 'Enforced', about: 'acts for everybody', policies: at({ mode: 'enforce' }) },
  ]
}

/** What the board says in its first line. */
export function rolloutSentence(policies: readonly PolicyView[]): string {
  if (policies.length === 0) return 'No policy is on its way: there is none.'
  const ready = policies.filter(policy => policy.rollout.next !== undefined && needed(policy) === undefined)
  const waiting = policies.filter(policy => policy.rollout.next !== undefined && needed(policy) !== undefined)
  const back = policies.filter(({ rollout }) => rollout.rolledBack !== undefined)
  const parts = [
    back.length === 0
      ? ''
      : `${plural(back.length, 'policy', 'policies')} went back to shadow by ${back.length === 1 ? 'itself' : 'themselves'}.`,
    ready.length === 0 ? '' : `${plural(ready.length, 'policy', 'policies')} may go on now.`,
    waiting.length === 0
      ? ''
      : `${plural(waiting.length, 'policy', 'policies')} ${waiting.length === 1 ? 'gathers' : 'gather'} evidence.`,
  ].filter(Boolean)
  return parts.length === 0 ? 'Every policy is where it was going: all are enforced.' : parts.join(' ')
}

/** Minutes of the server's sentence as people say them: `3 of at least 1440 minutes` is `3 minutes of at least 24 hours`. */
export const waitWords = (waits: string): string =>
  waits.replace(
    /(\d+) of at least (\d+) minutes/,
    (_, seen: string, least: string) => `${span(Number(seen) * 60)} of at least ${span(Number(least) * 60)}`,
  )

/** Actions that leave a call as it is: they need no simulation. */
const harmless: ReadonlySet<string> = new Set(['tag', 'observe', 'allow'])

/** Whether it may not act before it was simulated, and was not. */
export const wantsSimulation = ({ rollout, action }: Pick<PolicyView, 'rollout' | 'action'>): boolean =>
  rollout.simulation === undefined && !harmless.has(action)

/** What is still needed before a policy may go on; undefined where it may. */
export function needed({ rollout, action }: Pick<PolicyView, 'rollout' | 'action'>): string | undefined {
  const waits = rollout.waits === undefined ? undefined : waitWords(rollout.waits)
  if (!wantsSimulation({ rollout, action })) return waits
  return `it has not been simulated${waits === undefined ? '' : `, and ${waits}`}`
}

const group = ({ calls, stopped, answered, failed, p99 }: Group): string =>
  [
    `${count(stopped)} of ${plural(calls, 'call')} stopped`,
    answered === 0 ? '' : `${finePercent(failed / answered)} of answers failed`,
    p99 === undefined ? '' : `99 of 100 answered within ${count(Math.round(p99))} ms`,
  ]
    .filter(Boolean)
    .join(', ')

/** What was seen in the last minutes: of those it acts for, and of the others. */
export function readingWords(
  effect: Rollout['effect'],
): { readonly acting: string; readonly control: string } | undefined {
  if (effect === undefined) return undefined
  return {
    acting: `${group(effect.acting)}; ${plural(effect.stoppedPrincipals, 'caller')} of ${count(effect.principals)} stopped`,
    control: effect.control.calls === 0 ? 'nobody: it acts for all' : group(effect.control),
  }
}

const deeds: Readonly<Record<string, string>> = {
  allow: 'are let through, whatever other policies say',
  block: 'are refused',
  challenge: 'are asked to prove themselves first',
  throttle: 'are refused above the rate it allows',
  quarantine: 'are refused, and their callers are shut out for a while',
  strip: 'reach the service without the fields it takes out',
  mask: 'are answered with fields masked',
  tag: 'are marked, and go on',
  observe: 'are noted, and go on',
}

/** Said before a policy changes its stage: what will happen to whom, and how it ends. */
export function stageChangeWords(
  policy: Pick<PolicyView, 'name' | 'action'>,
  to: StageView,
): readonly string[] {
  if (to.mode === 'shadow')
    return [
      `${policy.name} stops acting at once, for everybody. It goes on writing down what it would do.`,
      'Nothing is lost: it can be promoted again.',
    ]
  const isAll = to.mode === 'enforce' || (to.percent ?? 100) >= 100
  const who = isAll ? 'every caller' : `${to.percent} in 100 callers, always the same ones,`
  const rest = isAll ? '' : ' Everyone else goes on as before, and is compared with them.'
  return [
    `For ${who} the calls that it matches ${deeds[policy.action] ?? `meet its action (${policy.action})`}.${rest}`,
    'It goes back to shadow by itself when it stops callers who were well before, stops far more than was simulated, or makes the service fail or slow.',
    'It can be undone at any time, from here, at once.',
  ]
}
