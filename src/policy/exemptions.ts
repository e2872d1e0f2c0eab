import type { PolicyOutcome } from './facts.ts'

/**
 * What is left of outcomes when exceptions are taken out of them: an `allow` for which `holds` says yes sets aside what the policies that
 * it names, or all, say. The exceptions themselves stay.
 */
export function withoutExempt(
  outcomes: readonly PolicyOutcome[],
  holds: (outcome: PolicyOutcome) => boolean,
): readonly PolicyOutcome[] {
  if (outcomes[0]?.action.type !== 'allow') return outcomes
  let all = false
  const named = new Set<string>()
  for (const outcome of outcomes) {
    if (outcome.action.type !== 'allow') break
    if (!holds(outcome)) continue
    if (outcome.action.policies === undefined) all = true
    else for (const name of outcome.action.policies) named.add(name)
  }
  if (!all && named.size === 0) return outcomes
  return outcomes.filter(({ action, policy }) => action.type === 'allow' || !(all || named.has(policy)))
}
