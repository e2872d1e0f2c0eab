import type { DecisionSummaryView } from '../../../src/server/api/decision.ts'
import type { PolicyView } from '../../../src/server/api/policy.ts'
import { count, finePercent, plural } from './number.ts'
import { stageName } from './rollout.ts'

type Stage = PolicyView['rollout']['stage']

/** How many policies there are, how far each is, and what they did in the last day. */
export function policiesSentence(
  policies: readonly Pick<PolicyView, 'mode' | 'rollout'>[],
  did: Pick<DecisionSummaryView, 'acted' | 'principals' | 'truncated'> | undefined,
): string {
  if (policies.length === 0) return 'No policy is in place: nothing is refused, everything is seen.'
  const of = (mode: string): number => policies.filter(policy => policy.mode === mode).length
  const canaries = policies.filter(policy => policy.mode === 'canary')
  const steps = [...new Set(canaries.map(({ rollout }) => rollout.stage.percent ?? 100))].sort(
    (a, b) => a - b,
  )
  const parts = [
    of('enforce') === 0 ? '' : `${plural(of('enforce'), 'policy', 'policies')} enforced`,
    canaries.length === 0
      ? ''
      : `${count(canaries.length)} in canary at ${steps.map(step => `${step} %`).join(' and ')}`,
    of('shadow') === 0 ? '' : `${count(of('shadow'))} only watching`,
    of('invalid') === 0 ? '' : `${count(of('invalid'))} that cannot be read`,
  ].filter(Boolean)
  const [first = '', ...rest] = parts
  const counted =
    of('enforce') === 0
      ? [`${first.replace(/^(\d+)/, (_, n) => `${plural(Number(n), 'policy', 'policies')}`)}`, ...rest]
      : parts
  if (did === undefined) return `${counted.join(', ')}.`
  const acts = of('enforce') + canaries.length > 0
  const more = did.truncated ? 'at least ' : ''
  const effect =
    did.acted > 0
      ? ` In 24 hours policies and quarantine acted on ${more}${plural(did.acted, 'call')} of ${more}${plural(did.principals, 'caller')}.`
      : acts
        ? ' In 24 hours nothing had to be acted on.'
        : ' Nothing is refused.'
  return `${counted.join(', ')}.${effect}`
}

/** What one policy did in the last day, and what it only wrote down; what passed is not written down each time. */
export function policyEffect(policy: Pick<PolicyView, 'mode' | 'effect'>): string {
  const { decisions, principals, acted, actedPrincipals } = policy.effect
  const noted = decisions - acted
  const would =
    noted === 0
      ? ''
      : `${policy.mode === 'enforce' ? 'before that ' : ''}would have acted on at least ${plural(noted, 'call')}${acted === 0 ? ` of ${plural(principals, 'caller')}` : ''}`
  if (acted > 0)
    return `acted on ${plural(acted, 'call')} of ${plural(actedPrincipals, 'caller')}${would === '' ? '' : `, and ${would}`}`
  if (would !== '') return would
  return policy.mode === 'shadow' ? 'would have acted on nothing' : 'acted on nothing'
}

/** What was expected of it: the simulation of these very rules. Empty where there is none. */
export function expectedEffect({ simulation, estimate }: PolicyView['rollout']): string {
  if (simulation === undefined)
    return estimate === undefined ? '' : `expected of benign calls: ${finePercent(estimate)}`
  const { calls, matched, benignStopped, benignAmended } = simulation
  const benign = benignStopped + benignAmended
  return `simulated: ${count(matched)} of ${plural(calls, 'call')}, ${benign === 0 ? 'none benign' : `${count(benign)} benign`}`
}

const verbs: Readonly<Record<string, string>> = {
  allow: 'lets through',
  block: 'refuses',
  challenge: 'asks for more at',
  throttle: 'slows down',
  quarantine: 'shuts out the caller at',
  strip: 'takes fields out of',
  mask: 'masks fields of',
  tag: 'marks',
  observe: 'notes',
}

/** `refuses answers`, `slows down requests`. */
export const policyDoes = (policy: Pick<PolicyView, 'action' | 'phase'>): string =>
  `${verbs[policy.action] ?? policy.action} ${policy.phase === 'response' ? 'answers' : 'requests'}`

const lead: Readonly<Record<Stage['mode'], string>> = {
  shadow: 'only watches',
  canary: 'acts for some',
  enforce: 'is enforced',
}

/** The first line of a policy's page. */
export function policySentence(policy: Pick<PolicyView, 'name' | 'mode' | 'effect' | 'rollout'>): string {
  if (policy.mode === 'invalid') return `${policy.name} cannot be read by this version, and does nothing.`
  const { stage } = policy.rollout
  const how = stage.mode === 'canary' ? `is a ${stageName(stage)}` : lead[stage.mode]
  return `${policy.name} ${how}: in the last 24 hours it ${policyEffect(policy)}.`
}
