import type { PolicyRollout } from '../policy/document.ts'
import type { PolicyStage } from '../policy/stages.ts'
import { reachOf } from '../policy/stages.ts'
import type { StoredRollout } from '../store/ports/policy-state.ts'

/** How fast policies may go from shadow to enforce, where they say nothing of their own. */
export interface RolloutOptions extends PolicyRollout {
  readonly steps: readonly number[]
  readonly shadowMinutes: number
  readonly shadowCalls: number
  readonly canaryMinutes: number
}

/** The way of one policy from shadow to enforce. */
export interface RolloutPlan {
  readonly shadowMinutes: number
  /** Calls at its endpoints at least while in shadow. */
  readonly shadowCalls: number
  /** Of a canary, rising, each with the minutes it lasts at least. */
  readonly steps: readonly { readonly percent: number; readonly minutes: number }[]
  /** Whether it goes back to shadow by itself when it does harm. */
  readonly automaticRollback: boolean
}

export const defaultRollout: RolloutOptions = {
  steps: [1, 5, 25, 100],
  shadowMinutes: 1_440,
  shadowCalls: 1_000,
  canaryMinutes: 30,
}

/** What the configuration says, and in its place what a policy says of itself. Whoever sets steps of its own sets their minutes with them. */
export function rolloutPlan(options: RolloutOptions, own: PolicyRollout = {}): RolloutPlan {
  const {
    shadowMinutes,
    shadowCalls,
    canaryMinutes,
    steps,
    automaticRollback = true,
  } = { ...options, ...own }
  const stepMinutes = own.steps === undefined ? (own.stepMinutes ?? options.stepMinutes) : own.stepMinutes
  return {
    shadowMinutes,
    shadowCalls,
    steps: steps
      .map((percent, index) => ({ percent, minutes: stepMinutes?.[index] ?? canaryMinutes }))
      .sort((a, b) => a.percent - b.percent),
    // Where the configuration turns it off nothing goes back by itself.
    automaticRollback: automaticRollback && options.automaticRollback !== false,
  }
}

/** The stage after this one; undefined where it acts for everybody already. */
export function nextStage(
  stage: PolicyStage,
  { steps }: Pick<RolloutPlan, 'steps'>,
): PolicyStage | undefined {
  if (stage.mode === 'enforce') return undefined
  const reach = reachOf(stage)
  const step = steps.find(({ percent }) => percent > reach)
  return step === undefined ? { mode: 'enforce' } : { mode: 'canary', percent: step.percent }
}

export const stageWords = ({ mode, percent }: PolicyStage): string =>
  mode === 'canary' ? `canary for ${percent ?? 100} % of principals` : mode

/** Minutes at a stage of a canary: of its step, or between two of them of the one before. */
const minutesAt = (percent: number, { steps }: RolloutPlan): number =>
  (steps.findLast(step => step.percent <= percent) ?? steps[0])?.minutes ?? 0

/**
 * Why a policy may not go on yet, in words; undefined where it may.
 *
 * @param calls Calls at its endpoints since the stage began.
 */
export function whyWait(
  { stage, percent = 100, since }: Pick<StoredRollout, 'stage' | 'percent' | 'since'>,
  plan: RolloutPlan,
  now: number,
  calls: number,
): string | undefined {
  if (stage === 'enforce') return undefined
  const least = stage === 'shadow' ? plan.shadowMinutes : minutesAt(percent, plan)
  const minutes = Math.floor((now - since) / 60_000)
  if (minutes < least) return `it has been at this stage for ${minutes} of at least ${least} minutes`
  if (stage === 'shadow' && calls < plan.shadowCalls)
    return `its endpoints had ${calls} of at least ${plan.shadowCalls} calls in shadow`
  return undefined
}
