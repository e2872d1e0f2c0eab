import type { PolicyView } from '../../../src/server/api/policy.ts'
import { plural } from './number.ts'
import { span } from './time.ts'

type Plan = NonNullable<PolicyView['rollout']['plan']>

/** The whole way of a policy in one sentence: how long each stage lasts at least, and whether it goes back by itself. */
export function planSentence({ shadowMinutes, shadowCalls, steps, rollback }: Plan): string {
  const shadow = [
    shadowMinutes === 0 ? '' : span(shadowMinutes * 60),
    shadowCalls === 0 ? '' : plural(shadowCalls, 'call'),
  ].filter(Boolean)
  const stages = [
    shadow.length === 0 ? 'shadow' : `shadow for ${shadow.join(' and ')}`,
    ...steps.map(
      ({ percent, minutes }) => `canary at ${percent} %${minutes === 0 ? '' : ` for ${span(minutes * 60)}`}`,
    ),
  ]
  const back =
    rollback === undefined
      ? 'It does not go back to shadow by itself.'
      : `It goes back to shadow by itself when within ${span(rollback.windowMinutes * 60)} it stops more than ${rollback.blockFactor} times the share of calls that was simulated or more than ${rollback.newlyStoppedPercent} % of the callers that were well before, when the service does more than ${rollback.worsePercent} % worse than for others, or when more than ${rollback.faultsPercent} % of decisions fail.`
  return `Its way, each stage at least: ${stages.join(', ')}, then enforced. ${back}`
}

/** Steps of the canaries that these policies go through; the usual ones where none says. */
export function plannedSteps(policies: readonly PolicyView[]): ReadonlySet<number> {
  const steps = policies.flatMap(({ rollout }) => rollout.plan?.steps.map(({ percent }) => percent) ?? [])
  return new Set(steps.length === 0 ? [1, 5, 25, 100] : steps)
}
