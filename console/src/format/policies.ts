import type { PolicyView } from '../api/types.ts'
import { count, plural } from './number.ts'

/** How many policies there are, how many act, and what they did in the last day. */
export function policiesSentence(policies: readonly PolicyView[]): string {
  if (policies.length === 0) return 'No policy is in place: nothing is refused, everything is seen.'
  const enforced = policies.filter(policy => policy.mode === 'enforce')
  const acted = enforced.reduce((sum, policy) => sum + policy.effect.decisions, 0)
  const would = policies
    .filter(policy => policy.mode !== 'enforce')
    .reduce((sum, policy) => sum + policy.effect.decisions, 0)
  const modes =
    enforced.length === 0
      ? 'none enforced'
      : enforced.length === policies.length
        ? 'enforced'
        : `${count(enforced.length)} enforced`
  const did =
    enforced.length === 0
      ? ''
      : ` ${acted === 0 ? 'Nothing had to be refused' : `They acted on ${plural(acted, 'call')}`} in the last 24 hours.`
  const watching = would > 0 ? ` What only watches would have acted on ${plural(would, 'call')}.` : ''
  return `${plural(policies.length, 'policy', 'policies')}, ${modes}.${did}${watching}`
}

/** What one policy did or would have done in the last day. */
export function policyEffect(policy: Pick<PolicyView, 'mode' | 'effect'>): string {
  const { decisions, principals } = policy.effect
  if (decisions === 0) return policy.mode === 'enforce' ? 'acted on nothing' : 'would have acted on nothing'
  const verb = policy.mode === 'enforce' ? 'acted on' : 'would have acted on'
  return `${verb} ${plural(decisions, 'call')} by ${plural(principals, 'principal')}`
}

const verbs: Readonly<Record<string, string>> = {
  block: 'refuses',
  throttle: 'slows down',
  quarantine: 'stops the caller at',
  tag: 'marks',
}

/** `refuses answers`, `slows down requests`. */
export const policyDoes = (policy: Pick<PolicyView, 'action' | 'phase'>): string =>
  `${verbs[policy.action] ?? policy.action} ${policy.phase === 'response' ? 'answers' : 'requests'}`
