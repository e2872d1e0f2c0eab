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
      ? 'none of them enforced'
      : `${enforced.length === policies.length ? 'all' : count(enforced.length)} enforced`
  const watching = would > 0 ? ` Those in monitor mode would have acted on ${plural(would, 'call')}.` : ''
  return `${plural(policies.length, 'policy', 'policies')}, ${modes}; they acted on ${plural(acted, 'call')} in the last 24 hours.${watching}`
}

/** What one policy did or would have done in the last day. */
export function policyEffect(policy: Pick<PolicyView, 'mode' | 'effect'>): string {
  const { decisions, principals } = policy.effect
  if (decisions === 0) return policy.mode === 'enforce' ? 'acted on nothing' : 'would have acted on nothing'
  const verb = policy.mode === 'enforce' ? 'acted on' : 'would have acted on'
  return `${verb} ${plural(decisions, 'call')} by ${plural(principals, 'principal')}`
}
