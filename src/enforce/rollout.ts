import type { PolicyStage } from '../policy/stages.ts'
import { reachOf } from '../policy/stages.ts'
import type { StoredRollout } from '../store/ports/policy-state.ts'

/** How fast a policy may go from shadow to enforce. */
export interface RolloutOptions {
  /** Percents of principals a canary goes through, rising. */
  readonly steps: readonly number[]
  readonly shadowMinutes: number
  /** Calls seen at least while in shadow. */
  readonly shadowCalls: number
  /** At each step of the canary. */
  readonly canaryMinutes: number
}

export const defaultRollout: RolloutOptions = {
  steps: [1, 5, 25, 100],
  shadowMinutes: 1_440,
  shadowCalls: 1_000,
  canaryMinutes: 30,
}

/** The stage after this one; undefined where it acts for everybody already. */
export function nextStage(stage: PolicyStage, steps: readonly number[]): PolicyStage | undefined {
  if (stage.mode === 'enforce') return undefined
  const reach = reachOf(stage)
  const percent = [...steps].sort((a, b) => a - b).find(step => step > reach)
  return percent === undefined ? { mode: 'enforce' } : { mode: 'canary', percent }
}

export const stageWords = ({ mode, percent }: PolicyStage): string =>
  mode === 'canary' ? `canary for ${percent ?? 100} % of principals` : mode

/**
 * Why a policy may not go on yet, in words; undefined where it may.
 *
 * @param calls Calls seen since the stage began.
 */
export function whyWait(
  rollout: Pick<StoredRollout, 'stage' | 'since'>,
  options: RolloutOptions,
  now: number,
  calls: number,
): string | undefined {
  if (rollout.stage === 'enforce') return undefined
  const least = rollout.stage === 'shadow' ? options.shadowMinutes : options.canaryMinutes
  const minutes = Math.floor((now - rollout.since) / 60_000)
  if (minutes < least) return `it has been at this stage for ${minutes} of at least ${least} minutes`
  if (rollout.stage === 'shadow' && calls < options.shadowCalls)
    return `it has seen ${calls} of at least ${options.shadowCalls} calls in shadow`
  return undefined
}
