import { randomBytes } from 'node:crypto'
import type { Clock } from '../kit/clock.ts'
import { CounterSet } from '../kit/counters.ts'
import { stableHash } from '../kit/hash.ts'
import { acts } from '../policy/canary.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { PolicyProblem } from '../policy/document.ts'
import { withoutExempt } from '../policy/exemptions.ts'
import type {
  ChallengeAction,
  EndpointTraits,
  MaskAction,
  OperationFacts,
  PolicyBundle,
  PolicyFacts,
  PolicyNeeds,
  PolicyOutcome,
  PolicyPhase,
  QuarantineAction,
  StripAction,
  ThrottleAction,
} from '../policy/facts.ts'
import { type AmendVerdict, pass, type RefusalVerdict, type Verdict } from '../sensors/guard.ts'
import type { BudgetAnswer, BudgetTake, SharedBudgets } from '../store/ports/shared-budgets.ts'
import type { DecisionRecord, QuarantineEntry } from '../store/ports/state-store.ts'
import { amendBody, type Message } from './amendment.ts'
import type { Control } from './control.ts'
import { DecisionIds } from './decision-id.ts'
import { DecisionLog } from './decision-log.ts'
import { FlowMemory } from './flow-memory.ts'
import { PendingTakes, type PendingThrottle } from './pending-takes.ts'
import { ProofOfWork, proofHeader } from './proof-of-work.ts'
import { QuarantineList } from './quarantine-list.ts'
import { RouteClasses } from './route-classes.ts'
import { isSteppedUp, stepUpHeader } from './step-up.ts'
import { ThrottleBuckets } from './throttle.ts'

export interface EnforcementOptions {
  readonly clock: Clock
  /** Names this process in decision ids: short, letters and digits. */
  readonly instance: string
  /** Throttle buckets, one per policy and principal or key, that the loops of this process draw on together; its own when absent. See `createBucketBuffer`. */
  readonly buckets?: SharedArrayBuffer
  /** Of the whole system, for what one decision point hands out and another takes back; a random one when absent. */
  readonly key?: Uint8Array
  /** What the loops of this process remember of callers together; its own when absent. See `createFlowBuffer`. */
  readonly flow?: SharedArrayBuffer
  /** What becomes of calls when no decision can be made; all pass when absent. */
  readonly routes?: RouteClasses
  /** Count the budgets of acting policies together with other processes; this one counts alone when absent. */
  readonly budgets?: SharedBudgets
  /** Told when a policy has shut somebody out here: others are to hear of it soon. */
  readonly onQuarantine?: () => void
}

/** Whose request it is. `time` is the call's own; throttles run on it. Quarantine expires by the clock. */
export interface DecisionContext {
  readonly principal: string
  readonly token?: string
  /** Only where more than an address tells it apart: an address is never shut out. */
  readonly device?: string
  /** Nothing but the address is known of the caller: it is not shut out as a principal either. */
  readonly addressOnly?: true
  readonly endpoint: string
  readonly call: string
  readonly time: number
  /** What `needs` said of the endpoint: spares finding its policies again. */
  readonly needs?: PolicyNeeds
  /** Gathers what is asked of shared budgets in the request phase; without it the process's own count decides at once. */
  readonly pending?: PendingTakes
}

const cloakReason = 'Not found.'
/** Longest key of a bucket that is kept as it is; longer ones by their hash. */
const maxBucketKey = 160
const unreadableReason = 'This message cannot be checked right now.'
export const quarantineReason = 'This account is suspended pending review.'
const quarantinePolicy = 'quarantine'
const routeClassPolicy = 'route-class'
const faultReason = 'This request cannot be checked right now.'
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
  readonly #proofs: ProofOfWork
  readonly #routes: RouteClasses
  readonly #budgets: SharedBudgets | undefined
  readonly #onQuarantine: (() => void) | undefined
  /** What callers did before, for policies that ask. */
  readonly flow: FlowMemory
  #pending: QuarantineEntry[] = []
  #bundle: PolicyBundle
  #policies: Control['policies'] = []
  #nextExpiry: number | undefined
  #bypass = false

  constructor(options: EnforcementOptions) {
    this.#clock = options.clock
    this.#ids = new DecisionIds(options.clock, options.instance)
    this.#log = new DecisionLog(this.counters)
    this.#buckets = new ThrottleBuckets(options.buckets)
    this.#proofs = new ProofOfWork(options.key ?? randomBytes(32))
    this.flow = new FlowMemory(options.flow)
    this.#routes = options.routes ?? new RouteClasses()
    this.#budgets = options.budgets
    this.#onQuarantine = options.onQuarantine
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
    this.flow.follow(bundle.predecessors, this.#clock.now())
    this.counters.set('sallyport_policies', this.#bundle.count)
    return problems
  }

  /** `traits`: what the catalog says of the endpoint, where it knows it; `known`: it knows the template. */
  needs(
    host: string,
    method: string,
    template: string,
    traits?: EndpointTraits,
    known?: boolean,
  ): PolicyNeeds {
    return this.#bypass ? noNeeds : this.#bundle.needs(host, method, template, traits, known)
  }

  /**
   * Quarantine first, then exceptions, then policies, strongest action first; outcomes in shadow mode, and in canary mode for those
   * outside its share, become records only. A request that carries operations is refused where one of them is. What is not refused may be
   * changed: by all policies that say so, at once. `message` is what they change; without it none can.
   */
  decide(
    phase: PolicyPhase,
    facts: PolicyFacts,
    context: DecisionContext,
    operations?: readonly OperationFacts[],
    message?: Message,
  ): Verdict {
    if (this.#bypass) return pass
    try {
      const now = this.#clock.now()
      const shutOut = this.#quarantine.find(context.principal, context.token, now, context.device)
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
      const unknown = this.flow.unknown
      const found = this.#bundle.evaluate(phase, facts, operations, context.needs)
      if (this.flow.unknown !== unknown)
        this.counters.add('sallyport_policy_flow_unknown_total', this.flow.unknown - unknown)
      const outcomes = withoutExempt(found, outcome => acts(outcome, context.principal))
      if (this.#bundle.errors !== faults)
        this.counters.add('sallyport_policy_faults_total', this.#bundle.errors - faults)
      if (outcomes.length === 0) return pass
      return this.#carryOut(outcomes, phase, facts, context, now, message)
    } catch {
      return this.fault(phase, context)
    }
  }

  /** No decision could be made: it passes, or is refused with 503 where the class of its route says so. */
  fault(phase: PolicyPhase, { principal, endpoint, call, time }: DecisionContext): Verdict {
    this.counters.add('sallyport_decision_errors_total')
    if (this.#bypass || !this.#routes.denies(endpoint)) return pass
    this.counters.add('sallyport_decision_failed_closed_total')
    const by = { policy: routeClassPolicy, mode: 'enforce', reason: faultReason } as const
    return this.#refuse('block', phase, { principal, endpoint, call, time }, by, 503)
  }

  /** Where what a request asks of shared budgets is gathered; undefined where there are none. */
  pendingTakes(): PendingTakes | undefined {
    return this.#budgets === undefined ? undefined : new PendingTakes()
  }

  /**
   * What becomes of a request that rests on shared budgets, once they have answered or their deadline has passed: then the counts of this
   * process hold. Undefined where it rests on none. Never rejects.
   */
  settle(pending: PendingTakes): Promise<Verdict> | undefined {
    return this.#budgets === undefined || pending.size === 0
      ? undefined
      : this.#settle(this.#budgets, pending)
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
    facts: PolicyFacts,
    caller: DecisionContext,
    now: number,
    message: Message | undefined,
    refused?: RefusalVerdict,
  ): Verdict {
    let refusal = refused
    let changes: PolicyOutcome[] | undefined
    const pending = phase === 'request' ? caller.pending : undefined
    for (const [index, outcome] of outcomes.entries()) {
      const { action, endpoint } = outcome
      const context = endpoint === undefined ? caller : { ...caller, endpoint }
      if (action.type === 'throttle' && outcome.settles === 'now') {
        this.#spend(outcome, action, context)
        continue
      }
      if (!acts(outcome, context.principal)) {
        if (this.#would(outcome, facts, context, now, message)) this.#note(outcome, phase, context, false)
        continue
      }
      // The strongest has spoken: weaker ones would refuse or change a call that is refused already.
      if (refusal !== undefined) {
        if (action.type === 'tag' || action.type === 'observe') this.#note(outcome, phase, context, true)
        continue
      }
      if (pending !== undefined && pending.size > 0 && action.type !== 'throttle') {
        // What is weaker than a throttle comes after its answer.
        const { pending: _, ...settled } = caller
        const rest = outcomes.slice(index)
        pending.before(refused => this.#carryOut(rest, phase, facts, settled, now, message, refused))
        return pass
      }
      switch (action.type) {
        case 'allow':
        case 'observe':
          this.#note(outcome, phase, context, true)
          break
        case 'block':
          refusal = this.#refuse('block', phase, context, outcome, action.status)
          if (action.cloak === true) refusal = { ...refusal, reason: cloakReason, cloaked: true }
          break
        case 'quarantine':
          refusal = this.#shutOut(action, outcome, phase, context, now)
          break
        case 'challenge':
          refusal = this.#challenge(action, outcome, phase, facts, context, now)
          break
        case 'throttle':
          if (pending === undefined) refusal = this.#throttle(action, outcome, phase, context)
          else {
            const local = this.#take(outcome, action, context)
            pending.add({ take: sharedTake(outcome, action, context), outcome, action, context, local })
          }
          break
        default:
          changes ??= []
          changes.push(endpoint === undefined ? outcome : { ...outcome, endpoint })
      }
    }
    if (refusal !== undefined || changes === undefined) return refusal ?? pass
    return this.#amend(changes, phase, caller, message)
  }

  /**
   * Whether a policy that does not act would have done something: a throttle that is not reached, a challenge that is met, a mask of what
   * the message does not hold would not.
   */
  #would(
    outcome: PolicyOutcome,
    facts: PolicyFacts,
    context: DecisionContext,
    now: number,
    message: Message | undefined,
  ): boolean {
    const { action } = outcome
    if (action.type === 'throttle') return !this.#take(outcome, action, context).admitted
    if (action.type === 'challenge') return !this.#isMet(action, outcome, facts, context, now)
    if (action.type === 'mask' || action.type === 'strip') {
      const amended = message === undefined ? 'unchanged' : amendBody(message, [action])
      return amended === 'unreadable' ? outcome.onError === 'deny' : amended !== 'unchanged'
    }
    return true
  }

  #take(outcome: PolicyOutcome, action: ThrottleAction, context: DecisionContext) {
    const take = takeOf(outcome, action, context)
    let bucket = this.#buckets.take(take)
    // Each operation of a batch is a request of its own here.
    for (let more = 1; more < (outcome.times ?? 1) && bucket.admitted; more += 1)
      bucket = this.#buckets.take(take)
    this.counters.set('sallyport_throttle_buckets_forgotten_total', this.#buckets.forgotten)
    return bucket
  }

  #throttle(
    action: ThrottleAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
  ): RefusalVerdict | undefined {
    const bucket = this.#take(outcome, action, context)
    return bucket.admitted ? undefined : this.#throttled(action, outcome, phase, context, bucket.wait)
  }

  /** @param waitMs until it would be admitted */
  #throttled(
    action: ThrottleAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
    waitMs: number,
  ): RefusalVerdict {
    const wait = Math.min(waitMs, action.windowSeconds * 1000)
    const retryAfterSeconds = Math.max(1, Math.ceil(wait / 1000))
    return { ...this.#refuse('throttle', phase, context, outcome, 429), retryAfterSeconds }
  }

  async #settle(budgets: SharedBudgets, pending: PendingTakes): Promise<Verdict> {
    const { throttles, rest } = pending.drain()
    try {
      const learn = (told: readonly BudgetAnswer[]): void => this.#learn(throttles, told)
      const answers = await budgets.take(
        throttles.map(({ take }) => take),
        learn,
      )
      if (answers !== undefined) learn(answers)
      if (this.#bypass) return pass
      let refusal: RefusalVerdict | undefined
      for (const [index, { action, outcome, context, local }] of throttles.entries()) {
        const { admitted, wait } = answers === undefined ? local : answers[index]!
        if (admitted) continue
        refusal = this.#throttled(action, outcome, 'request', context, wait)
        // Of those behind it nothing was taken.
        break
      }
      return rest?.(refusal) ?? refusal ?? pass
    } catch {
      return this.fault('request', throttles[0]!.context)
    }
  }

  /** Takes what an answer cost: it was spent, whatever the budget holds. */
  #spend(outcome: PolicyOutcome, action: ThrottleAction, context: DecisionContext): void {
    this.#buckets.settle(takeOf(outcome, action, context))
    if (this.#budgets === undefined || !acts(outcome, context.principal)) return
    const learn = (told: readonly BudgetAnswer[] | undefined): void =>
      this.#learn([{ outcome, action, context }], told ?? [])
    void this.#budgets.take([{ ...sharedTake(outcome, action, context), spent: true }], learn).then(learn)
  }

  /** What all have taken counts here too, so that this process knows of it when it has to decide alone. */
  #learn(
    throttles: readonly Pick<PendingThrottle, 'outcome' | 'action' | 'context'>[],
    told: readonly BudgetAnswer[],
  ): void {
    for (const [index, { ahead }] of told.entries()) {
      const { outcome, action, context } = throttles[index]!
      this.#buckets.raise(takeOf(outcome, action, context), ahead)
    }
  }

  #isMet(
    action: ChallengeAction,
    { policy }: PolicyOutcome,
    facts: PolicyFacts,
    { principal }: DecisionContext,
    now: number,
  ): boolean {
    if (action.kind === 'step-up') return isSteppedUp(action, facts.identity.claims, now)
    return this.#proofs.holds(
      facts.request.headers[proofHeader],
      { policy, principal },
      action.difficulty,
      now,
    )
  }

  #challenge(
    action: ChallengeAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    facts: PolicyFacts,
    context: DecisionContext,
    now: number,
  ): RefusalVerdict | undefined {
    if (this.#isMet(action, outcome, facts, context, now)) return undefined
    const verdict = this.#refuse('challenge', phase, context, outcome, 401)
    if (action.kind === 'step-up')
      return { ...verdict, headers: [['www-authenticate', stepUpHeader(action)]] }
    const binding = { policy: outcome.policy, principal: context.principal }
    const challenge = this.#proofs.challenge(binding, action.difficulty, action.ttlSeconds, now)
    const value = `ProofOfWork challenge="${challenge}", difficulty="${action.difficulty}", algorithm="SHA-256", header="${proofHeader}"`
    return { ...verdict, headers: [['www-authenticate', value]] }
  }

  /** Changes the message as all of them say; where its body cannot be changed each answers by its own `onError`. */
  #amend(
    changes: readonly PolicyOutcome[],
    phase: PolicyPhase,
    context: DecisionContext,
    message: Message | undefined,
  ): Verdict {
    const headers: (readonly [string, string])[] = []
    const bodies: (MaskAction | StripAction)[] = []
    for (const { action } of changes) {
      if (action.type === 'mask' || action.type === 'strip') bodies.push(action)
      // Of two that set the same header the one that comes first says what it is.
      if (
        action.type === 'tag' &&
        action.header !== undefined &&
        !headers.some(([name]) => name === action.header)
      )
        headers.push([action.header, action.value ?? ''])
    }
    const amended = bodies.length === 0 || message === undefined ? 'unchanged' : amendBody(message, bodies)
    if (amended === 'unreadable') {
      this.counters.add('sallyport_amendments_skipped_total', bodies.length)
      const strict = changes.find(
        ({ action, onError }) => onError === 'deny' && (action.type === 'mask' || action.type === 'strip'),
      )
      if (strict !== undefined)
        return this.#refuse('block', phase, context, { ...strict, reason: unreadableReason }, 503)
    }
    let first: { readonly id: string; readonly policy: string } | undefined
    for (const outcome of changes) {
      const { action, endpoint } = outcome
      if (action.type !== 'tag' && typeof amended === 'string') continue
      const place = endpoint === undefined ? context : { ...context, endpoint }
      if (action.type === 'tag' && action.header === undefined) this.#note(outcome, phase, place, true)
      else {
        const id = this.#changed(outcome, phase, place)
        first ??= { id, policy: outcome.policy }
      }
    }
    if (first === undefined) return pass
    const verdict: AmendVerdict = {
      action: 'amend',
      decisionId: first.id,
      policy: first.policy,
      ...(headers.length === 0 ? {} : { headers }),
      ...(typeof amended === 'string' ? {} : { body: amended.body }),
    }
    return verdict
  }

  #shutOut(
    action: QuarantineAction,
    outcome: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
    now: number,
  ): RefusalVerdict {
    const asked =
      action.target === 'token' ? context.token : action.target === 'device' ? context.device : undefined
    // A caller without a token or a device is shut out as a principal: the action must not come to nothing.
    const kind = asked === undefined ? 'principal' : action.target
    if (kind === 'principal' && context.addressOnly === true) {
      // Nothing but an address: others may share it. This request is refused, nobody is shut out.
      this.counters.add('sallyport_quarantines_withheld_total')
      return this.#refuse('quarantine', phase, context, outcome, 403)
    }
    const target = asked ?? context.principal
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
      this.#onQuarantine?.()
    } else this.counters.add('sallyport_quarantines_dropped_total')
    return this.#refuse('quarantine', phase, context, outcome, 403)
  }

  #refuse(
    action: 'block' | 'throttle' | 'quarantine' | 'challenge',
    phase: PolicyPhase,
    context: DecisionContext,
    { policy, mode, reason }: Pick<PolicyOutcome, 'policy' | 'mode' | 'reason'>,
    status: number,
  ): RefusalVerdict {
    const decisionId = this.#ids.next()
    this.counters.add(`sallyport_decisions_total{action="${action}"}`)
    this.#log.add(record(decisionId, action, true, phase, context, policy, mode, reason))
    return { action: action === 'quarantine' ? 'block' : action, decisionId, policy, status, reason }
  }

  /** Writes down that the message was changed, folded like what lets pass; gives the decision's id. */
  #changed(
    { action, policy, mode, reason }: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
  ): string {
    const id = this.#ids.next()
    this.counters.add(`sallyport_decisions_total{action="${action.type}"}`)
    this.#log.addFolded(policy, context.principal, context.time, tail =>
      record(id, action.type, true, phase, context, policy, mode, reason + tail),
    )
    return id
  }

  /** Writes down what let the call pass: what would have happened, or that it was noticed. */
  #note(
    { action, policy, mode, reason }: PolicyOutcome,
    phase: PolicyPhase,
    context: DecisionContext,
    acted: boolean,
  ): void {
    this.counters.add(`sallyport_decisions_total{action="${acted ? action.type : 'shadow'}"}`)
    this.#log.addFolded(policy, context.principal, context.time, tail =>
      record(this.#ids.next(), action.type, acted, phase, context, policy, mode, reason + tail),
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
  acted: boolean,
  phase: PolicyPhase,
  { time, principal, endpoint, call }: DecisionContext,
  policy: string,
  mode: DecisionRecord['mode'],
  reason: string,
): DecisionRecord {
  return {
    id,
    time,
    action,
    ...(acted ? {} : { acted }),
    phase,
    policy,
    mode,
    principal,
    endpoint,
    call,
    reason,
  }
}

/** The same, as budgets shared with others take it: by their own clock, and all that a batch carries at once. */
function sharedTake(outcome: PolicyOutcome, action: ThrottleAction, context: DecisionContext): BudgetTake {
  const { key, requests, windowSeconds, cost = 1 } = takeOf(outcome, action, context)
  return { key, requests, windowSeconds, cost: cost * (outcome.times ?? 1) }
}

function takeOf(
  outcome: PolicyOutcome,
  { requests, windowSeconds }: ThrottleAction,
  context: DecisionContext,
) {
  const counted = `${outcome.policy}\0${outcome.key ?? context.principal}`
  return {
    key: counted.length > maxBucketKey ? `${outcome.policy}\0${stableHash([counted], 32)}` : counted,
    time: context.time,
    requests,
    windowSeconds,
    ...(outcome.cost === undefined ? {} : { cost: outcome.cost }),
  }
}
