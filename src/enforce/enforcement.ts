import type { Clock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { stableHash } from '../kit/hash.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { PolicyProblem } from '../policy/document.ts'
import type {
  OperationFacts,
  PolicyBundle,
  PolicyFacts,
  PolicyNeeds,
  PolicyOutcome,
  PolicyPhase,
  QuarantineAction,
  ThrottleAction,
} from '../policy/facts.ts'
import { pass, type RefusalVerdict, type Verdict } from '../sensors/guard.ts'
import type { DecisionRecord, QuarantineEntry } from '../store/ports/state-store.ts'
import type { Control } from './control.ts'
import { DecisionIds } from './decision-id.ts'
import { DecisionLog } from './decision-log.ts'
import { QuarantineList } from './quarantine-list.ts'
import { ThrottleBuckets } from './throttle.ts'

export interface EnforcementOptions {
  readonly clock: Clock
  /** Names this process in decision ids: short, letters and digits. */
  readonly instance: string
  /** Throttle buckets kept, one per policy and principal; 100,000 when absent. */
  readonly maxBuckets?: number
}

/** Whose request it is. `time` is the call's own; throttles run on it. Quarantine expires by the clock. */
export interface DecisionContext {
  readonly principal: string
  readonly token?: string
  readonly endpoint: string
  readonly call: string
  readonly time: number
}

export const quarantineReason = 'This account is suspended pending review.'
const quarantinePolicy = 'quarantine'
const noNeeds: PolicyNeeds = Object.freeze({
  requestBody: false,
  response: false,
  responseBody: false,
  operations: 'none',
})
/** Quarantines asked for and not fetched yet; beyond it they hold locally only, and are counted. */
const maxPendingQuarantines = 10_000

/**
 * Turns what policies say into what happens: who is shut out, what is blocked, what is slowed, what is only written down.
 * Synchronous and without I/O; never throws.
 */
export class Enforcement {
  readonly counters = new CounterSet()
  readonly #clock: Clock
  readonly #ids: DecisionIds
  readonly #log: DecisionLog
  readonly #quarantine = new QuarantineList()
  readonly #buckets: ThrottleBuckets
  #pending: QuarantineEntry[] = []
  #bundle: PolicyBundle
  #policies: Control['policies'] = []
  #nextExpiry: number | undefined
  #bypass = false

  constructor(options: EnforcementOptions) {
    this.#clock = options.clock
    this.#ids = new DecisionIds(options.clock, options.instance)
    this.#log = new DecisionLog(this.counters)
    this.#buckets = new ThrottleBuckets(options.maxBuckets ?? 100_000)
    this.#bundle = compilePolicies([]).bundle
  }

  get bundle(): PolicyBundle {
    return this.#bundle
  }

  /**
   * Takes control's word. The kill switch and the quarantine list are in force at once; policies only when all of them
   * compile, otherwise the last good ones stay. Returns what is wrong with them.
   */
  update(control: Control): readonly PolicyProblem[] {
    this.#bypass = control.bypass
    this.#quarantine.replace(control.quarantine)
    const { bundle, problems, nextExpiry } = compilePolicies(control.policies, { now: this.#clock.now() })
    if (problems.some(({ severity }) => severity === 'error')) {
      this.counters.add('sallyport_policy_bundles_refused_total')
      return problems
    }
    this.#policies = control.policies
    this.#nextExpiry = nextExpiry
    if (bundle.id !== this.#bundle.id) this.#bundle = bundle
    this.counters.set('sallyport_policies', this.#bundle.count)
    return problems
  }

  needs(host: string, method: string, template: string): PolicyNeeds {
    return this.#bypass ? noNeeds : this.#bundle.needs(host, method, template)
  }

  /**
   * Quarantine first, then policies, strongest action first; outcomes in monitor mode become records only. A request that carries
   * operations is refused where one of them is.
   */
  decide(
    phase: PolicyPhase,
    facts: PolicyFacts,
    context: DecisionContext,
    operations?: readonly OperationFacts[],
  ): Verdict {
    if (this.#bypass) return pass
    try {
      const now = this.#clock.now()
      const shutOut = this.#quarantine.find(context.principal, context.token, now)
      if (shutOut !== undefined)
        return this.#refuse(
          'quarantine',
          phase,
          context,
          { policy: quarantinePolicy, mode: 'enforce', reason: quarantineReason },
          403,
        )
      if (this.#nextExpiry !== undefined && now >= this.#nextExpiry) this.#expire(now)
      const faults = this.#bundle.errors
      const outcomes = this.#bundle.evaluate(phase, facts, operations)
      if (this.#bundle.errors !== faults)
        this.counters.add('sallyport_policy_faults_total', this.#bundle.errors - faults)
      if (outcomes.length === 0) return pass
      return this.#carryOut(outcomes, phase, context, now)
    } catch {
      this.counters.add('sallyport_decision_errors_total')
      return pass
    }
  }

  drainDecisions(): readonly DecisionRecord[] {
    return this.#log.drain()
  }

  drainQuarantines(): readonly QuarantineEntry[] {
    if (this.#pending.length === 0) return []
    const pending = this.#pending
    this.#pending = []
    return pending
  }

  #carryOut(
    outcomes: readonly PolicyOutcome[],
    phase: PolicyPhase,
    caller: DecisionContext,
    now: number,
  ): Verdict {
    let verdict: Verdict = pass
    for (const outcome of outcomes) {
      const { action, endpoint } = outcome
      const context = endpoint === undefined ? caller : { ...caller, endpoint }
      if (outcome.mode === 'monitor' || action.type === 'tag') {
        this.#note(outcome, phase, context)
        continue
      }
      // The strongest has spoken: weaker ones would refuse a call that is refused already.
      if (verdict !== pass) continue
      if (action.type === 'block') verdict = this.#refuse('block', phase, context, outcome, action.status)
      else if (action.type === 'quarantine') verdict = this.#shutOut(action, outcome, phase, context, now)
      else verdict = this.#throttle(action, outcome, phase, context)
    }
    return verdict
  }

  #throttle(
    action: ThrottleAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
  ): Verdict {
    const key = `${outcome.policy}\0${context.principal}`
    const take = () => this.#buckets.take(key, context.time, action.requests, action.windowSeconds)
    let bucket = take()
    // Each operation of a batch is a request of its own here.
    for (let more = 1; more < (outcome.times ?? 1) && bucket.admitted; more += 1) bucket = take()
    this.counters.set('sallyport_throttle_buckets_forgotten_total', this.#buckets.forgotten)
    if (bucket.admitted) return pass
    const retryAfterSeconds = Math.max(1, Math.ceil(bucket.wait / 1000))
    const verdict = this.#refuse('throttle', phase, context, outcome, 429)
    return { ...verdict, retryAfterSeconds }
  }

  #shutOut(
    action: QuarantineAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
    now: number,
  ): Verdict {
    // A caller without a token is shut out as a principal: the action must not come to nothing.
    const kind = action.target === 'token' && context.token !== undefined ? 'token' : 'principal'
    const target = kind === 'token' ? context.token! : context.principal
    const expiresAt = now + action.ttlSeconds * 1000
    const id = `q-${stableHash([kind, target, now, outcome.policy])}`
    this.#quarantine.add(id, kind, target, expiresAt)
    if (this.#pending.length < maxPendingQuarantines) {
      this.#pending.push({
        id,
        kind,
        target,
        reason: outcome.reason,
        createdAt: now,
        createdBy: `policy:${outcome.policy}`,
        expiresAt,
      })
    } else this.counters.add('sallyport_quarantines_dropped_total')
    return this.#refuse('quarantine', phase, context, outcome, 403)
  }

  #refuse(
    action: 'block' | 'throttle' | 'quarantine',
    phase: PolicyPhase,
    context: DecisionContext,
    { policy, mode, reason }: Pick<PolicyOutcome, 'policy' | 'mode' | 'reason'>,
    status: number,
  ): RefusalVerdict {
    const decisionId = this.#ids.next()
    this.counters.add(`sallyport_decisions_total{action="${action}"}`)
    this.#log.add(record(decisionId, action, phase, context, policy, mode, reason))
    return { action: action === 'throttle' ? 'throttle' : 'block', decisionId, policy, status, reason }
  }

  /** Writes down what would have happened. */
  #note({ policy, mode, reason }: PolicyOutcome, phase: PolicyPhase, context: DecisionContext): void {
    this.counters.add('sallyport_decisions_total{action="monitor"}')
    this.#log.addFolded(policy, context.principal, context.time, tail =>
      record(this.#ids.next(), 'monitor', phase, context, policy, mode, reason + tail),
    )
  }

  #expire(now: number): void {
    const { bundle, nextExpiry } = compilePolicies(this.#policies, { now })
    this.#bundle = bundle
    this.#nextExpiry = nextExpiry
    this.counters.set('sallyport_policies', bundle.count)
  }
}

function record(
  id: string,
  action: DecisionRecord['action'],
  phase: PolicyPhase,
  { time, principal, endpoint, call }: DecisionContext,
  policy: string,
  mode: DecisionRecord['mode'],
  reason: string,
): DecisionRecord {
  return { id, time, action, phase, policy, mode, principal, endpoint, call, reason }
}
