import {
  nextStage,
  type RolloutOptions,
  type RolloutPlan,
  rolloutPlan,
  stageWords,
  whyWait,
} from '../enforce/rollout.ts'
import {
  defaultRollback,
  type RollbackOptions,
  retreatOptions,
  whyRetreat,
} from '../enforce/rollout-judge.ts'
import { maxWatched, type RolloutReading, type WatchedPolicy } from '../enforce/rollout-watch.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import type { Clock } from '../kit/clock.ts'
import { SallyportError } from '../kit/error.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { PolicyProblem } from '../policy/document.ts'
import type { Simulation } from '../policy/simulate.ts'
import { atStage, type PolicyStage, reachOf, rulesHash } from '../policy/stages.ts'
import { isActing, unwatchedPolicies } from '../policy/unwatched.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import type {
  DecisionRecord,
  PolicyVersion,
  StateStore,
  StoredPolicy,
  StoredRollout,
  StoredSimulation,
} from '../store/ports/state-store.ts'
import { type DecisionWhy, decisionWhy } from './decision-why.ts'
import { knownAttacks } from './known-attacks.ts'
import { matchingCalls } from './matching-calls.ts'
import {
  type PolicyRecommendations,
  type RecommendationQuestion,
  type RecommenderParts,
  recommendPolicies,
} from './policy-recommendations.ts'
import { type SimulationContext, simulatedCalls, simulateRecorded } from './policy-service.ts'
import type { RecordedWindow } from './recorded-calls.ts'
import type { AnalysisSnapshot } from './snapshot.ts'
import type { PrincipalFacts } from './usage.ts'

/** A simulation is good for the gate for so long. */
export const simulationDays = 7
const dayMs = 86_400_000
const minuteMs = 60_000
/** Who is named in incidents is looked up so often. */
const suspectsMs = 1_000

export interface PolicyDeskOptions {
  readonly state: StateStore
  readonly calls: CallStore
  readonly clock: Clock
  /** The way that policies go where they say nothing of their own, and when they go back. */
  readonly rollout: RolloutOptions & { readonly rollback?: RollbackOptions }
  /** What analysis learned last. */
  readonly snapshot: () => AnalysisSnapshot | undefined
  /** What policies read of the catalog and of principals. */
  readonly knowledge?: SimulationContext['knowledge']
  readonly rolesAt: RecommenderParts['rolesAt']
  /** What is known of a principal. */
  readonly principal: (id: string) => PrincipalFacts | undefined
  readonly automaticRollback: boolean
  readonly log: (line: string) => void
  /** Hands changed policies to every decision point. */
  readonly changed: () => Promise<void>
}

/** A change of a policy: who makes it, on which version, and why it may go round the gate. */
export interface PolicyChange {
  readonly by: string
  /** 0 where it must be new; any when absent. */
  readonly expected?: number
  /** Why no simulation, or no waiting, is needed; kept in the audit log. */
  readonly override?: string
}

/** What the simulation was of, and what it said. */
export interface SimulationReport extends Simulation {
  readonly hash: string
  /** There were more calls in the window than were read. */
  readonly truncated: boolean
  /** Principals of the incidents that were taken for attacks. */
  readonly involved: ReadonlySet<string>
}

/** What was done, and on what grounds: for the audit log. */
export interface PolicyChanged {
  readonly policy: StoredPolicy
  readonly stage: PolicyStage
  readonly simulation?: StoredSimulation
  readonly override?: string
}

/** How far a policy is, and where it may go. */
export interface RolloutStatus {
  readonly rollout: StoredRollout
  readonly next?: PolicyStage
  /** Why it may not go there yet. */
  readonly waits?: string
  /** The simulation of these very rules, where there is one. */
  readonly simulation?: StoredSimulation
  /** Its whole way, and what takes it back; absent in a list. */
  readonly plan?: RolloutPlan & { readonly rollback?: RollbackOptions }
  /** What was seen of it in the last minutes, where it acts. */
  readonly reading?: RolloutReading
}

/** Control over policies: the gate before they act, their way from shadow to enforce, and back. */
export class PolicyDesk {
  readonly #options: PolicyDeskOptions
  #readings: ReadonlyMap<string, RolloutReading> = new Map()
  /** Faults counted when a window began. */
  readonly #faultsAt = new BoundedMap<string, number>(2 * maxWatched)
  #suspects: ReadonlySet<string> = new Set()
  #suspectsAt = Number.NEGATIVE_INFINITY
  #judging = false

  constructor(options: PolicyDeskOptions) {
    this.#options = options
  }

  /** Over the recorded calls of the window, and kept for the gate. Rejects with `policy/invalid`. */
  async simulate(source: string, window: RecordedWindow, by: string): Promise<SimulationReport> {
    const { state, calls, snapshot, clock, knowledge } = this.#options
    const attacks = await knownAttacks(state)
    const { calls: total } = await this.#count(window)
    const result = await simulateRecorded(source, calls, { snapshot: snapshot(), attacks, knowledge }, window)
    const hash = rulesHash(source)
    const { attacks: attack, benign, from, to } = result
    await state.putSimulation({
      hash,
      at: clock.now(),
      by,
      calls: result.calls,
      matched: result.matched,
      stopped: result.stopped,
      attacks: attack.calls,
      attacksStopped: attack.stopped,
      benign: benign.calls,
      benignStopped: benign.stopped,
      benignAmended: benign.amended,
      estimate: estimateOf(result),
      ...(from === undefined || to === undefined ? {} : { from, to }),
    })
    return {
      ...result,
      hash,
      truncated: total > simulatedCalls,
      involved: new Set<string>(attacks.flatMap(({ principals }) => principals)),
    }
  }

  /** Warnings about what acts though these rules were neither in shadow nor simulated; none of a text that cannot be read. */
  async unwatched(source: string): Promise<readonly PolicyProblem[]> {
    const { state } = this.#options
    let simulated: Promise<StoredSimulation | undefined> | undefined
    return await unwatchedPolicies({ name: 'policy', source, version: 1 }, async document => {
      simulated ??= state.simulation(rulesHash(source))
      if (((await simulated)?.calls ?? 0) > 0) return true
      const rules = rulesHash(document.source)
      return (await state.policyVersions(document.name)).some(
        version => rulesHash(version.source) === rules && stageOf(version.source).stage.mode === 'shadow',
      )
    })
  }

  async find(name: string): Promise<StoredPolicy | undefined> {
    return (await this.#options.state.policies()).find(policy => policy.name === name)
  }

  /**
   * Creates or changes a policy; it is in force when this resolves. What acts (canary, enforce) needs a simulation of those very rules in
   * the last seven days that had calls to look at, or a reason to do without.
   * @throws SallyportError `policy/invalid`, `resource/precondition-required`, `resource/precondition-failed`
   */
  async put(name: string, source: string, change: PolicyChange, how = 'put'): Promise<PolicyChanged> {
    const { state, clock, changed } = this.#options
    const before = await this.find(name)
    const { stage, acts } = stageOf(source)
    const simulation = await this.#fresh(source)
    const isStep =
      before !== undefined &&
      rulesHash(before.source) === rulesHash(source) &&
      reachOf(stageOf(before.source).stage) >= reachOf(stage)
    if (acts && !isStep && simulation === undefined && change.override === undefined) {
      throw new SallyportError(
        'resource/precondition-required',
        `Before ${stage.mode === 'canary' ? 'a canary' : 'it is enforced'}, a policy is to be simulated: these very rules were not in the last ${simulationDays} days, or there were no calls to look at.`,
        {
          where: name,
          mend: 'Simulate it: sallyport policy simulate FILE (POST /api/v1/policies/simulate), or give an override with the reason.',
        },
      )
    }
    const policy = await state.putPolicy(name, source, change.by, clock.now(), change.expected, how)
    await this.#roll(policy, stage, simulation)
    await changed()
    return {
      policy,
      stage,
      ...(acts && !isStep && simulation !== undefined ? { simulation } : {}),
      ...(change.override === undefined ? {} : { override: change.override }),
    }
  }

  /**
   * Brings a policy to its next stage, or to the one that is named.
   * @throws SallyportError `resource/not-found`, `resource/conflict`, `resource/precondition-required` where it is too early
   */
  async promote(name: string, change: PolicyChange, to?: PolicyStage): Promise<PolicyChanged> {
    const policy = await this.#known(name)
    const { rollout, next, waits } = await this.status(policy)
    const wanted = to ?? next
    if (wanted === undefined)
      throw new SallyportError('resource/conflict', 'It is enforced for everybody already.', { where: name })
    const isFurther = reachOf(wanted) > reachOf(stageOfRollout(rollout))
    if (isFurther && change.override === undefined) {
      const skips = to !== undefined && next !== undefined && reachOf(to) > reachOf(next)
      const why =
        waits ??
        (skips ? `the stage after ${stageWords(stageOfRollout(rollout))} is ${stageWords(next)}` : undefined)
      if (why !== undefined) {
        throw new SallyportError('resource/precondition-required', `It is too early: ${why}.`, {
          where: name,
          mend: 'Wait, change enforcement.rollout in the configuration, or give an override with the reason.',
        })
      }
    }
    return await this.put(name, atStage(policy.source, wanted), change, `promote to ${stageWords(wanted)}`)
  }

  /**
   * Brings back what a version said; without one, the newest version with other rules or a lesser stage than now. A policy that was
   * deleted comes back likewise.
   * @throws SallyportError `resource/not-found`
   */
  async rollback(name: string, change: PolicyChange, version?: number): Promise<PolicyChanged> {
    const versions = await this.#options.state.policyVersions(name)
    const now = await this.find(name)
    const wanted =
      version === undefined ? before(versions, now) : versions.find(one => one.version === version)
    if (wanted === undefined) {
      throw new SallyportError('resource/not-found', 'There is no such version to go back to.', {
        where: version === undefined ? name : `${name}, version ${version}`,
        mend: 'See its versions: sallyport policy history NAME (GET /api/v1/policies/NAME/history).',
      })
    }
    const reason = change.override ?? `version ${wanted.version} was in force before`
    return await this.put(
      name,
      wanted.source,
      { ...change, override: reason },
      `rollback to ${wanted.version}`,
    )
  }

  /** Puts it back to shadow by itself, and says why. */
  async retreat(name: string, why: string): Promise<void> {
    const { state, clock } = this.#options
    const policy = await this.find(name)
    if (policy === undefined) return
    const from = stageWords(stageOf(policy.source).stage)
    const now = clock.now()
    await this.put(
      name,
      atStage(policy.source, { mode: 'shadow' }),
      { by: 'sallyport' },
      `automatic rollback: ${why}`.slice(0, 500),
    )
    const rollout = (await state.rollouts()).find(one => one.policy === name)
    if (rollout !== undefined) await state.putRollout({ ...rollout, rolledBack: { at: now, why, from } })
    await state.audit({
      time: now,
      actor: 'sallyport',
      action: 'policy.rollback',
      target: name,
      detail: { why, from, to: 'shadow', automatic: true },
    })
  }

  /** For an incident, a finding or an endpoint; see `recommendPolicies`. */
  recommend(question: RecommendationQuestion, by: string): Promise<PolicyRecommendations> {
    const { state, calls, snapshot, knowledge, rolesAt, clock } = this.#options
    return recommendPolicies(question, by, {
      ...{ state, calls, snapshot, knowledge, rolesAt },
      now: () => clock.now(),
    })
  }

  /** Policies whose effect is to be measured: canaries, and what is enforced since a day at most. */
  async watched(): Promise<readonly WatchedPolicy[]> {
    const { state, clock, rollout } = this.#options
    const windowMs = (rollout.rollback ?? defaultRollback).windowMinutes * minuteMs
    const found: WatchedPolicy[] = []
    for (const { policy, stage, percent, since } of await state.rollouts()) {
      if (stage === 'shadow') continue
      if (stage === 'enforce' && clock.now() - since > dayMs) continue
      found.push({ policy, stage, since, windowMs, ...(percent === undefined ? {} : { percent }) })
    }
    return found.sort((a, b) => b.since - a.since).slice(0, maxWatched)
  }

  /**
   * What was seen of the policies that are watched; one that does harm goes back to shadow.
   *
   * @param faults Decisions that failed since the start.
   */
  async take(readings: readonly RolloutReading[], faults: number): Promise<void> {
    this.#readings = new Map(readings.map(reading => [reading.policy, reading]))
    if (this.#judging || !this.#options.automaticRollback) return
    this.#judging = true
    try {
      for (const reading of readings) await this.#judge(reading, faults)
    } finally {
      this.#judging = false
    }
  }

  async #judge(reading: RolloutReading, faults: number): Promise<void> {
    const { state, principal, log, rollout } = this.#options
    const limits = retreatOptions(rollout.rollback ?? defaultRollback)
    const key = `${reading.policy} ${reading.since} ${reading.from}`
    const before = this.#faultsAt.ensure(key, () => faults)
    const kept = (await state.rollouts()).find(({ policy }) => policy === reading.policy)
    if (kept === undefined || kept.since !== reading.since || kept.stage === 'shadow') return
    const why = (): string | undefined =>
      whyRetreat(
        reading,
        {
          ...(kept.estimate === undefined ? {} : { estimate: kept.estimate }),
          isSuspect: id => this.#suspects.has(id),
          wasWell: id => {
            const facts = principal(id)
            return facts !== undefined && facts.firstSeen < reading.since && facts.refused * 2 < facts.calls
          },
          faults: (faults - before) / Math.max(1, reading.acting.calls + reading.control.calls),
        },
        limits,
      )
    if (why() === undefined) return
    // Whom detection named a moment ago may be all there is to it.
    if (reading.stopped.length > 0) await this.#knowSuspects()
    const found = why()
    if (found === undefined) return
    const source = (await this.find(reading.policy))?.source
    if (source === undefined || !this.#planOf(source).automaticRollback) return
    log(`The policy ${reading.policy} was put back to shadow: ${found}.`)
    await this.retreat(reading.policy, found)
  }

  async #knowSuspects(): Promise<void> {
    const { state, clock } = this.#options
    if (clock.now() - this.#suspectsAt < suspectsMs) return
    this.#suspectsAt = clock.now()
    this.#suspects = new Set<string>((await knownAttacks(state)).flatMap(({ principals }) => principals))
  }

  /** Why a decision was made, of the policy as it stood then and the call as it was recorded. */
  why(source: string, decision: DecisionRecord, stored: StoredCall): Promise<DecisionWhy> {
    const { snapshot, knowledge } = this.#options
    return decisionWhy(source, decision, stored, { snapshot: snapshot(), knowledge })
  }

  history(name: string): Promise<readonly PolicyVersion[]> {
    return this.#options.state.policyVersions(name)
  }

  async status(policy: StoredPolicy): Promise<RolloutStatus> {
    const { state } = this.#options
    const { stage } = stageOf(policy.source)
    const plan = this.#planOf(policy.source)
    const kept = (await state.rollouts()).find(one => one.policy === policy.name)
    const rollout: StoredRollout =
      kept !== undefined && reachOf(stageOfRollout(kept)) === reachOf(stage)
        ? kept
        : { ...rolloutOf(stage), policy: policy.name, since: policy.updatedAt, version: policy.version }
    const next = nextStage(stage, plan)
    const waits = await this.#waits(policy.source, rollout, plan)
    const simulation = await state.simulation(rulesHash(policy.source))
    return {
      rollout,
      plan: {
        ...plan,
        ...(plan.automaticRollback ? { rollback: this.#options.rollout.rollback ?? defaultRollback } : {}),
      },
      ...(next === undefined ? {} : { next }),
      ...(waits === undefined ? {} : { waits }),
      ...(simulation === undefined ? {} : { simulation }),
      ...this.#readingOf(rollout),
    }
  }

  async #waits(source: string, rollout: StoredRollout, plan: RolloutPlan): Promise<string | undefined> {
    const { calls, clock, snapshot } = this.#options
    const early = whyWait(rollout, plan, clock.now(), Number.POSITIVE_INFINITY)
    // Calls are counted only where it is for them to say.
    if (early !== undefined || rollout.stage !== 'shadow' || plan.shadowCalls === 0) return early
    const question = { source, since: rollout.since, enough: plan.shadowCalls, routes: snapshot()?.routes }
    return whyWait(rollout, plan, clock.now(), await matchingCalls(question, calls))
  }

  #planOf(source: string): RolloutPlan {
    const { policies } = compilePolicies([{ name: 'policy', source, version: 1 }])
    return rolloutPlan(
      this.#options.rollout,
      policies.find(({ document }) => document.rollout !== undefined)?.document.rollout,
    )
  }

  #readingOf({ policy, since }: StoredRollout): Pick<RolloutStatus, 'reading'> {
    const reading = this.#readings.get(policy)
    return reading === undefined || reading.since !== since ? {} : { reading }
  }

  async #known(name: string): Promise<StoredPolicy> {
    const policy = await this.find(name)
    if (policy !== undefined) return policy
    throw new SallyportError('resource/not-found', 'There is no such policy.', {
      where: name,
      mend: 'List them: sallyport policy list.',
    })
  }

  /** One that is young enough and had calls to look at. */
  async #fresh(source: string): Promise<StoredSimulation | undefined> {
    const { state, clock } = this.#options
    const found = await state.simulation(rulesHash(source))
    if (found === undefined || found.calls === 0) return undefined
    return clock.now() - found.at <= simulationDays * dayMs ? found : undefined
  }

  /** Keeps since when it is at its stage; the time begins anew where the rules are others. */
  async #roll(
    policy: StoredPolicy,
    stage: PolicyStage,
    simulation: StoredSimulation | undefined,
  ): Promise<void> {
    const { state } = this.#options
    const kept = (await state.rollouts()).find(one => one.policy === policy.name)
    const previous = (await state.policyVersions(policy.name)).find(one => one.version < policy.version)
    const isSame =
      kept !== undefined &&
      reachOf(stageOfRollout(kept)) === reachOf(stage) &&
      previous !== undefined &&
      rulesHash(previous.source) === rulesHash(policy.source)
    await state.putRollout({
      ...rolloutOf(stage),
      policy: policy.name,
      since: isSame ? kept.since : policy.updatedAt,
      version: policy.version,
      ...(simulation === undefined ? {} : { estimate: simulation.estimate }),
    })
  }

  async #count(window: RecordedWindow): Promise<{ readonly calls: number }> {
    const buckets = await this.#options.calls.histogram(window, dayMs)
    return { calls: buckets.reduce((sum, { calls }) => sum + calls, 0) }
  }
}

/** The furthest stage of the text's documents, and whether one of them acts on calls. */
export function stageOf(source: string): { readonly stage: PolicyStage; readonly acts: boolean } {
  const { policies, problems } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const fault = problems.find(({ severity }) => severity === 'error')
  if (policies.length === 0 || fault !== undefined) {
    throw new SallyportError('policy/invalid', fault?.message ?? 'The text holds no policy.', {
      ...(fault === undefined ? {} : { where: fault.where }),
      mend: fault?.mend ?? 'Start with apiVersion: sallyport/v1alpha1.',
    })
  }
  let stage: PolicyStage = { mode: 'shadow' }
  let acts = false
  for (const { document } of policies) {
    const its: PolicyStage = {
      mode: document.mode,
      ...(document.percent === undefined ? {} : { percent: document.percent }),
    }
    if (reachOf(its) > reachOf(stage)) stage = its
    acts ||= isActing(document)
  }
  return { stage, acts }
}

const stageOfRollout = ({ stage, percent }: Pick<StoredRollout, 'stage' | 'percent'>): PolicyStage => ({
  mode: stage,
  ...(percent === undefined ? {} : { percent }),
})

const rolloutOf = ({ mode, percent }: PolicyStage): Pick<StoredRollout, 'stage' | 'percent'> => ({
  stage: mode,
  ...(percent === undefined ? {} : { percent }),
})

/** The newest version that is not what is in force now. */
function before(
  versions: readonly PolicyVersion[],
  now: StoredPolicy | undefined,
): PolicyVersion | undefined {
  if (now === undefined) return versions[0]
  return versions.find(one => one.version < now.version && one.source !== now.source)
}

/** Of the calls that belong to no attack, the share that would have been stopped. */
function estimateOf({ calls, stopped, attacks, suspect }: Simulation): number {
  const others = calls - attacks.calls - suspect.calls
  return others === 0 ? 0 : (stopped - attacks.stopped - suspect.stopped) / others
}
