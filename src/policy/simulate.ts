import { BoundedMap } from '../kit/bounded-map.ts'
import { SallyportError } from '../kit/error.ts'
import { compilePolicies } from './compile.ts'
import { withoutExempt } from './exemptions.ts'
import type {
  MaskAction,
  OperationFacts,
  PolicyFacts,
  PolicyOutcome,
  PolicyPhase,
  StripAction,
  ThrottleAction,
} from './facts.ts'
import { gcra, gcraDebit } from './gcra.ts'
import { CallTally, type SimulatedKind, type SimulatedTouch, type TouchedCalls } from './simulation-tally.ts'

/** One recorded call as policies would have seen it. */
export interface SimulatedCall {
  readonly call: string
  readonly principal: string
  readonly endpoint: string
  /** Milliseconds since the epoch. */
  readonly time: number
  /** What came back; absent where no response was recorded. */
  readonly status?: number
  /**
   * `attack`: evidence of an incident. `suspect`: no evidence itself, but by its actor, there and then. `benign`: neither, and answered
   * with 2xx. `other`: neither, and refused, failed or without an answer. Absent: told by the status alone.
   */
  readonly kind?: SimulatedKind
  /** Incidents that it is evidence of. */
  readonly incidents?: readonly string[]
  /** Fingerprint of the credential, where it had one. */
  readonly token?: string
  readonly request: PolicyFacts
  /** With `response` and `object`; absent where no response was recorded. */
  readonly response?: PolicyFacts
  /** The operations it carried, where it did; of the response phase none where no response was recorded. */
  readonly operations?: {
    readonly request: readonly OperationFacts[]
    readonly response: readonly OperationFacts[]
  }
  /** What a mask or a strip does to its message in that phase; it changes every message where this is absent. */
  amend?(phase: PolicyPhase, action: MaskAction | StripAction): 'changed' | 'unchanged' | 'unreadable'
}

/** What one policy of the text would have done by itself. */
export interface PolicySimulation {
  readonly policy: string
  readonly action: string
  readonly phase: string
  readonly matched: number
  readonly stopped: number
  readonly amended: number
  /** Distinct callers touched, of the first 100,000. */
  readonly principals: number
  readonly attacksStopped: number
  readonly suspectStopped: number
  readonly benignStopped: number
  readonly benignAmended: number
}

export interface Simulation {
  readonly calls: number
  readonly from?: number
  readonly to?: number
  /** Calls that at least one policy would have acted on. */
  readonly matched: number
  /** Of these: refused, by block, throttle, challenge or quarantine. */
  readonly stopped: number
  /** Let through with a changed request or answer. */
  readonly amended: number
  /** By calls, most first, at most `maxListed`. */
  readonly principals: readonly { readonly principal: string; readonly calls: number }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  /** The first call ids that matched, at most `maxExamples`. */
  readonly examples: readonly string[]
  /** Expressions that failed on a call. */
  readonly errors: number
  /** By incident, most calls first, at most `maxListed`. */
  readonly attacks: TouchedCalls & {
    readonly missed: number
    readonly missedExamples: readonly SimulatedTouch[]
    readonly incidents: readonly {
      readonly incident: string
      readonly calls: number
      readonly stopped: number
    }[]
  }
  readonly suspect: TouchedCalls
  readonly benign: TouchedCalls
  readonly other: TouchedCalls
  readonly policies: readonly PolicySimulation[]
}

export const maxListed = 1000
export const maxExamples = 20
/** Distinct principals and endpoints counted; calls of further ones count in `matched` only. */
const maxCounted = 100_000

type Effect = 'stop' | 'amend' | 'note'

/** What becomes of a call; an action that is not here only says something. */
const effects: Readonly<Record<string, Effect>> = {
  block: 'stop',
  throttle: 'stop',
  challenge: 'stop',
  quarantine: 'stop',
  mask: 'amend',
  strip: 'amend',
}

/** The name under which a call counts that a quarantine from an earlier call would have refused. */
const afterQuarantine = 'quarantine'

/**
 * What the policies of `source` would have done to calls that come oldest first, whatever their mode. A throttle counts as reached when
 * more calls of one principal, or key, matched than its bucket held at that time; a challenge as never met; whom a policy would have quarantined is refused until that ends.
 * Throws `policy/invalid` when the source has an error.
 */
export async function simulate(source: string, calls: AsyncIterable<SimulatedCall>): Promise<Simulation> {
  const { bundle, problems, policies } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const error = problems.find(({ severity }) => severity === 'error')
  if (error !== undefined) {
    throw new SallyportError('policy/invalid', error.message, {
      where: error.where,
      ...(error.mend === undefined ? {} : { mend: error.mend }),
    })
  }
  if (policies.length === 0)
    throw new SallyportError('policy/invalid', 'The text holds no policy.', {
      mend: 'Start with apiVersion: sallyport/v1alpha1.',
    })
  const run = new SimulationRun(
    policies.map(({ document, phase }) => ({ policy: document.name, action: document.action.type, phase })),
  )
  for await (const call of calls) {
    run.take(call, [
      ...bundle.evaluate('request', call.request, call.operations?.request),
      ...(call.response === undefined
        ? []
        : bundle.evaluate('response', call.response, call.operations?.response)),
    ])
  }
  return run.result(bundle.errors)
}

interface PolicyCount {
  readonly policy: string
  readonly action: string
  readonly phase: string
  matched: number
  stopped: number
  amended: number
  readonly principals: Set<string>
  attacksStopped: number
  suspectStopped: number
  benignStopped: number
  benignAmended: number
}

class SimulationRun {
  readonly #principals = new Map<string, number>()
  readonly #endpoints = new Map<string, number>()
  readonly #throttles = new ThrottleEstimate()
  /** Until when somebody would be shut out. */
  readonly #shutOut = new BoundedMap<string, number>(maxCounted)
  readonly #incidents = new Map<string, { calls: number; stopped: number }>()
  readonly #examples: string[] = []
  readonly #tallies: Readonly<Record<SimulatedKind, CallTally>> = {
    attack: new CallTally(maxExamples, maxCounted),
    suspect: new CallTally(maxExamples, maxCounted),
    benign: new CallTally(maxExamples, maxCounted),
    other: new CallTally(maxExamples, maxCounted),
  }
  readonly #missed: SimulatedTouch[] = []
  readonly #policies: ReadonlyMap<string, PolicyCount>
  #calls = 0
  #matched = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  constructor(policies: readonly { policy: string; action: string; phase: string }[]) {
    this.#policies = new Map(
      policies.map(one => [
        one.policy,
        {
          ...one,
          matched: 0,
          stopped: 0,
          amended: 0,
          principals: new Set(),
          attacksStopped: 0,
          suspectStopped: 0,
          benignStopped: 0,
          benignAmended: 0,
        },
      ]),
    )
  }

  take(call: SimulatedCall, outcomes: readonly PolicyOutcome[]): void {
    this.#calls += 1
    this.#from = Math.min(this.#from, call.time)
    this.#to = Math.max(this.#to, call.time)
    const kind = call.kind ?? kindOfStatus(call.status)
    let strongest: { readonly effect: Effect; readonly policy: string; readonly action: string } | undefined
    if (this.#isShutOut(call)) strongest = { effect: 'stop', policy: afterQuarantine, action: 'quarantine' }
    for (const outcome of withoutExempt(outcomes, () => true)) {
      if (!this.#acts(outcome, call)) continue
      const { policy, action } = outcome
      const effect = effectOf(outcome, call)
      if (effect === undefined) continue
      this.#note(policy, effect, kind, call.principal)
      if (strongest === undefined || rank[effect] > rank[strongest.effect])
        strongest = { effect, policy, action: action.type }
    }
    const tally = this.#tallies[kind]
    const touch = strongest === undefined ? undefined : touchOf(call, strongest.policy, strongest.action)
    tally.add(call.principal, strongest?.effect, touch)
    if (kind === 'attack') this.#takeAttack(call, strongest?.effect === 'stop')
    if (strongest === undefined) return
    this.#matched += 1
    count(this.#principals, call.principal)
    count(this.#endpoints, call.endpoint)
    if (this.#examples.length < maxExamples) this.#examples.push(call.call)
  }

  /** Whether the outcome comes to anything, now that the calls before have been. */
  #acts(outcome: PolicyOutcome, call: SimulatedCall): boolean {
    const { action } = outcome
    if (action.type === 'quarantine') {
      const by = action.target === 'token' && call.token !== undefined ? call.token : call.principal
      this.#shutOut.set(by, call.time + action.ttlSeconds * 1000)
      return true
    }
    if (action.type !== 'throttle') return action.type !== 'allow'
    return this.#throttles.exceeds(outcome, action, call)
  }

  #isShutOut({ principal, token, time }: SimulatedCall): boolean {
    if (this.#shutOut.size === 0) return false
    if ((this.#shutOut.peek(principal) ?? 0) > time) return true
    return token !== undefined && (this.#shutOut.peek(token) ?? 0) > time
  }

  #note(policy: string, effect: Effect, kind: SimulatedKind, principal: string): void {
    const its = this.#policies.get(policy)
    if (its === undefined) return
    its.matched += 1
    if (its.principals.size < maxCounted) its.principals.add(principal)
    if (effect === 'stop') {
      its.stopped += 1
      if (kind === 'attack') its.attacksStopped += 1
      if (kind === 'suspect') its.suspectStopped += 1
      if (kind === 'benign') its.benignStopped += 1
    } else if (effect === 'amend') {
      its.amended += 1
      if (kind === 'benign') its.benignAmended += 1
    }
  }

  #takeAttack(call: SimulatedCall, stopped: boolean): void {
    if (!stopped && this.#missed.length < maxExamples) this.#missed.push(touchOf(call))
    for (const id of call.incidents ?? []) {
      const known = this.#incidents.get(id)
      if (known === undefined) {
        if (this.#incidents.size < maxCounted) this.#incidents.set(id, { calls: 1, stopped: stopped ? 1 : 0 })
      } else {
        known.calls += 1
        if (stopped) known.stopped += 1
      }
    }
  }

  result(errors: number): Simulation {
    const { attack, suspect, benign, other } = this.#tallies
    const all = Object.values(this.#tallies)
    return {
      calls: this.#calls,
      ...(this.#calls === 0 ? {} : { from: this.#from, to: this.#to }),
      matched: this.#matched,
      stopped: all.reduce((sum, { stopped }) => sum + stopped, 0),
      amended: all.reduce((sum, { amended }) => sum + amended, 0),
      principals: ranked(this.#principals).map(([principal, number]) => ({ principal, calls: number })),
      endpoints: ranked(this.#endpoints).map(([endpoint, number]) => ({ endpoint, calls: number })),
      examples: this.#examples,
      errors,
      attacks: {
        ...attack.result(),
        missed: attack.calls - attack.stopped,
        missedExamples: this.#missed,
        incidents: [...this.#incidents]
          .map(([incident, { calls, stopped }]) => ({ incident, calls, stopped }))
          .sort((a, b) => b.calls - a.calls || (a.incident < b.incident ? -1 : 1))
          .slice(0, maxListed),
      },
      suspect: suspect.result(),
      benign: benign.result(),
      other: other.result(),
      policies: [...this.#policies.values()].map(one => ({ ...one, principals: one.principals.size })),
    }
  }
}

const rank: Readonly<Record<Effect, number>> = { note: 0, amend: 1, stop: 2 }

/** What becomes of the call; nothing where what a policy would change is not in its message. */
function effectOf({ action, phase, onError }: PolicyOutcome, call: SimulatedCall): Effect | undefined {
  if (action.type === 'mask' || action.type === 'strip')
    switch (call.amend?.(phase, action)) {
      case 'unchanged':
        return undefined
      case 'unreadable':
        return onError === 'deny' ? 'stop' : undefined
    }
  return effects[action.type] ?? 'note'
}

const kindOfStatus = (status: number | undefined): SimulatedKind =>
  status !== undefined && status >= 200 && status < 300 ? 'benign' : 'other'

const touchOf = (call: SimulatedCall, policy?: string, action?: string): SimulatedTouch => ({
  call: call.call,
  time: call.time,
  principal: call.principal,
  endpoint: call.endpoint,
  ...(call.status === undefined ? {} : { status: call.status }),
  ...(policy === undefined ? {} : { policy }),
  ...(action === undefined ? {} : { action }),
})

function count(counts: Map<string, number>, key: string): void {
  const known = counts.get(key)
  if (known !== undefined || counts.size < maxCounted) counts.set(key, (known ?? 0) + 1)
}

function ranked(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, maxListed)
}

/** The same arithmetic as enforcement's buckets, over recorded times. */
class ThrottleEstimate {
  readonly #arrival = new BoundedMap<string, number>(maxCounted)

  exceeds(
    { policy, key, cost, times = 1, settles }: PolicyOutcome,
    { requests, windowSeconds }: ThrottleAction,
    { principal, time }: SimulatedCall,
  ): boolean {
    const bucket = `${policy}\0${key ?? principal}`
    const arrival = this.#arrival.get(bucket)
    if (settles === 'now') {
      this.#arrival.set(bucket, gcraDebit(arrival, time, requests, windowSeconds, cost ?? 1))
      return false
    }
    let answer = gcra(arrival, time, requests, windowSeconds, cost)
    for (let more = 1; more < times && answer.admitted; more += 1)
      answer = gcra(answer.arrival, time, requests, windowSeconds, cost)
    this.#arrival.set(bucket, answer.arrival)
    return !answer.admitted
  }
}
