import type { RolloutReading } from './rollout-watch.ts'

/** When a policy is put back to shadow by itself. */
export interface RetreatOptions {
  /** Times the estimate that the share of stopped calls may be. */
  readonly blockFactor: number
  /** Below this share of calls no factor counts. */
  readonly leastShare: number
  /** Callers outside incidents that are stopped at least, before anything is read out of it. */
  readonly leastPrincipals: number
  /** Share of callers that were well before and may be stopped now. */
  readonly newlyStopped: number
  /** Times as many failures, or as long answers, as in the control group. */
  readonly worse: number
  /** Answers in either group before they are compared: for failures, for the 99th percentile. */
  readonly leastAnswers: number
  readonly leastMeasured: number
  /** Share of decisions that may fail. */
  readonly faults: number
  /** What is stopped says nothing before: detection names the callers first whom a policy is there to stop. */
  readonly leastMs: number
}

export const defaultRetreat: RetreatOptions = {
  blockFactor: 3,
  leastShare: 0.001,
  leastPrincipals: 3,
  newlyStopped: 0.005,
  worse: 1.2,
  leastAnswers: 200,
  leastMeasured: 500,
  faults: 0.01,
  leastMs: 60_000,
}

/** When policies go back, as the configuration says it. */
export interface RollbackOptions {
  readonly windowMinutes: number
  readonly blockFactor: number
  readonly newlyStoppedPercent: number
  readonly worsePercent: number
  readonly faultsPercent: number
}

export const defaultRollback: RollbackOptions = {
  windowMinutes: 10,
  blockFactor: defaultRetreat.blockFactor,
  newlyStoppedPercent: defaultRetreat.newlyStopped * 100,
  worsePercent: 20,
  faultsPercent: defaultRetreat.faults * 100,
}

export const retreatOptions = ({
  blockFactor,
  newlyStoppedPercent,
  worsePercent,
  faultsPercent,
}: RollbackOptions): RetreatOptions => ({
  ...defaultRetreat,
  blockFactor,
  newlyStopped: newlyStoppedPercent / 100,
  worse: 1 + worsePercent / 100,
  faults: faultsPercent / 100,
})

/** What is known besides the window's counts. */
export interface JudgedBy {
  /** Of calls outside incidents, as it was simulated; absent where it was not. */
  readonly estimate?: number
  /** Named in an incident: being stopped is what the policy is for. */
  readonly isSuspect: (principal: string) => boolean
  /** It called before the stage began, and was mostly let in. */
  readonly wasWell: (principal: string) => boolean
  /** Share of decisions that failed in the window. */
  readonly faults: number
}

/**
 * Why a policy is to go back to shadow, in words; undefined where all is well. Callers named in incidents do not count, so that an attacker
 * cannot talk a policy down by being stopped by it.
 */
export function whyRetreat(
  reading: RolloutReading,
  by: JudgedBy,
  options: RetreatOptions = defaultRetreat,
): string | undefined {
  const { acting, control, stopped, principals } = reading
  if (acting.calls >= options.leastAnswers && by.faults > options.faults)
    return `${percent(by.faults)} of decisions fail`
  const others = stopped.filter(([principal]) => !by.isSuspect(principal))
  if (others.length >= options.leastPrincipals && reading.to - reading.from >= options.leastMs) {
    const calls = others.reduce((sum, [, count]) => sum + count, 0)
    const share = calls / acting.calls
    const most = options.blockFactor * Math.max(by.estimate ?? 0, options.leastShare)
    if (by.estimate !== undefined && share > most)
      return `it stops ${percent(share)} of calls where ${percent(by.estimate)} were expected`
    const well = others.filter(([principal]) => by.wasWell(principal)).length
    if (well >= options.leastPrincipals && well / principals > options.newlyStopped)
      return `it stops ${well} of ${principals} callers, who were well before`
  }
  return whyWorse(acting, control, options)
}

function whyWorse(
  acting: RolloutReading['acting'],
  control: RolloutReading['control'],
  options: RetreatOptions,
): string | undefined {
  const least = Math.min(acting.answered, control.answered)
  if (least >= options.leastAnswers) {
    const [its, theirs] = [acting.failed / acting.answered, control.failed / control.answered]
    if (its > theirs * options.worse && isMore(acting, control, 'failed'))
      return `the service fails on ${percent(its)} of its calls and on ${percent(theirs)} of the others`
  }
  if (least >= options.leastMeasured && acting.p99 !== undefined && control.p99 !== undefined) {
    const longer = acting.p99 > control.p99 * options.worse && acting.p99 - control.p99 > 5
    // The slowest hundredth of few hundred answers is a handful of them.
    if (longer && isMore(acting, control, 'slow'))
      return `its slowest hundredth takes ${Math.round(acting.p99)} ms and that of the others ${Math.round(control.p99)} ms`
  }
  return undefined
}

/** The difference of two shares of the answered is more than chance: z above 2.58, one in a hundred. */
function isMore(
  acting: RolloutReading['acting'],
  control: RolloutReading['control'],
  what: 'failed' | 'slow',
): boolean {
  const pooled = (acting[what] + control[what]) / (acting.answered + control.answered)
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / acting.answered + 1 / control.answered))
  return spread > 0 && (acting[what] / acting.answered - control[what] / control.answered) / spread > 2.58
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100} %`
