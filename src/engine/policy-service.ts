import { judgeOwner } from '../baseline/judge-owner.ts'
import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { Content } from '../call/content.ts'
import { defaultDecodeLimits } from '../call/content-limits.ts'
import { payloadFact } from '../call/inspection.ts'
import { inspectMessage } from '../call/payload/inspect-message.ts'
import type { Match } from '../catalog/endpoint.ts'
import { RouteMatcher } from '../catalog/route-matcher.ts'
import { amendBody } from '../enforce/amendment.ts'
import { createRepeatableFlowBuffer, FlowMemory } from '../enforce/flow-memory.ts'
import { evidenceOf, identify } from '../identity/identify.ts'
import type { Identity } from '../identity/identity.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointId } from '../kit/id.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { EndpointShape } from '../policy/endpoint-shape.ts'
import type { PolicyBundle, PolicyFacts } from '../policy/facts.ts'
import { lintPolicies } from '../policy/lint.ts'
import type { PolicyProblem } from '../policy/parse.ts'
import { runPolicyTests } from '../policy/run-tests.ts'
import { type SimulatedCall, type Simulation, simulate } from '../policy/simulate.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import { CallKinds, type KnownAttack } from './call-kinds.ts'
import { CarriedOperations, factsOf } from './carried-operations.ts'
import { type CallFacts, recordedSource, requestFacts } from './policy-facts.ts'
import { PolicyKnowledge } from './policy-knowledge.ts'
import { type RecordedWindow, recordedCalls } from './recorded-calls.ts'
import { recordedMessage } from './recorded-message.ts'
import { type AnalysisSnapshot, ownersByEndpoint } from './snapshot.ts'

/** Calls one simulation reads at most: the newest. */
export const simulatedCalls = 200_000

/** Everything that is wrong or doubtful about a policy text, by what endpoints are known to take and give. */
export function policyProblems(
  source: string,
  shapes: () => readonly EndpointShape[] = () => [],
): readonly PolicyProblem[] {
  const sources = [{ name: 'policy', source, version: 1 }]
  const { problems } = compilePolicies(sources)
  return problems.some(problem => problem.severity === 'error')
    ? problems
    : [...problems, ...lintPolicies(sources, { shapes: shapes() })]
}

/** What is wrong with a policy text, and how the tests inside it end; none are run where it cannot be read. */
export function policyCheck(source: string, shapes?: () => readonly EndpointShape[]) {
  const problems = policyProblems(source, shapes)
  const valid = problems.every(problem => problem.severity !== 'error')
  return { valid, problems, tests: valid ? runPolicyTests(source) : [] }
}

/**
 * What the first policy of the text says about itself.
 * @throws SallyportError `policy/invalid` when it cannot be read.
 */
export function describePolicy(source: string): {
  readonly mode: string
  readonly percent?: number
  readonly phase: string
  readonly action: string
  readonly owner?: string
  readonly expiresAt?: number
} {
  const { policies, problems } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const policy = policies[0]
  if (policy === undefined) {
    const fault = problems[0]
    throw new SallyportError('policy/invalid', fault?.message ?? 'The text holds no policy.', {
      ...(fault === undefined ? {} : { where: fault.where }),
      mend: fault?.mend ?? 'Start with apiVersion: sallyport/v1alpha1.',
    })
  }
  const { mode, percent, action, owner, expiresAt } = policy.document
  return {
    mode,
    ...(percent === undefined ? {} : { percent }),
    phase: policy.phase,
    action: action.type,
    ...(owner === undefined ? {} : { owner }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

/** What a simulation over recorded calls is told besides them. */
export interface SimulationContext {
  /** What analysis learned: routes, owners, sessions. */
  readonly snapshot: AnalysisSnapshot | undefined
  /** Incidents that are taken for attacks. */
  readonly attacks?: readonly KnownAttack[]
  /** Id of the only incident whose calls are counted as attacks; those of the others are suspect. */
  readonly focus?: string | undefined
  /** What these policies read of the catalog and of principals; nothing is known of either without it. */
  readonly knowledge?: ((bundle: PolicyBundle, flow: FlowMemory) => PolicyKnowledge) | undefined
}

/** Runs policies over the recorded calls of a window as the gateway would have met them, with what is known now. */
export async function simulateRecorded(
  source: string,
  calls: CallStore,
  context: SimulationContext,
  window: RecordedWindow = {},
): Promise<Simulation> {
  return await simulateCalls(source, recordedCalls(calls, window, simulatedCalls), context)
}

/** Runs policies over calls that come oldest first. */
export async function simulateCalls(
  source: string,
  calls: AsyncIterable<StoredCall>,
  context: SimulationContext,
): Promise<Simulation> {
  return await simulate(source, asMet(source, calls, context))
}

/** Calls that come oldest first, as the policies of `source` would have met them. */
export function asMet(
  source: string,
  calls: AsyncIterable<StoredCall>,
  { snapshot, attacks = [], focus, knowledge }: SimulationContext,
): AsyncIterable<SimulatedCall> {
  const { bundle } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const flow = new FlowMemory(createRepeatableFlowBuffer())
  const known = knowledge?.(bundle, flow) ?? new PolicyKnowledge([], flow)
  const before = new RecordedFlow(flow, bundle.predecessors)
  return new RecordedFacts(snapshot, new CallKinds(attacks, focus), known, before).of(calls)
}

/** What callers did before, out of the recording itself: of its first hour it cannot be told what was not done. */
class RecordedFlow {
  readonly #memory: FlowMemory
  readonly #predecessors: readonly string[]
  #begun = false

  constructor(memory: FlowMemory, predecessors: readonly string[]) {
    this.#memory = memory
    this.#predecessors = predecessors
  }

  begin(time: number): void {
    if (this.#begun) return
    this.#begun = true
    this.#memory.follow(this.#predecessors, time)
  }

  note({ request, response, time }: StoredCall['call'], principal: string, match: Match | undefined): void {
    if (response === undefined || response.status >= 400) return
    this.#memory.note(principal, request.method, match?.template ?? request.path, match !== undefined, time)
  }
}

class RecordedFacts {
  readonly #sessions: SessionDirectory
  readonly #routes: RouteMatcher
  readonly #owners: ReadonlyMap<EndpointId, readonly OwnerBinding[]>
  readonly #operations = new CarriedOperations()

  readonly #kinds: CallKinds
  readonly #knowledge: PolicyKnowledge
  readonly #flow: RecordedFlow

  constructor(
    snapshot: AnalysisSnapshot | undefined,
    kinds: CallKinds,
    knowledge: PolicyKnowledge,
    flow: RecordedFlow,
  ) {
    this.#kinds = kinds
    this.#knowledge = knowledge
    this.#flow = flow
    this.#sessions =
      snapshot === undefined ? new SessionDirectory() : SessionDirectory.from(snapshot.sessions)
    this.#routes = new RouteMatcher(snapshot?.routes ?? { version: 0, routes: [] })
    this.#owners = ownersByEndpoint(snapshot?.owners ?? [])
    this.#operations.learn(snapshot?.persisted ?? [])
  }

  async *of(stored: AsyncIterable<StoredCall>): AsyncGenerator<SimulatedCall> {
    for await (const one of stored) {
      const { call, principal, endpoint } = one
      const identity = identify(evidenceOf(call), this.#sessions)
      const match = this.#routes.match(call.destination.host, call.request.method, call.request.path)
      const hit = inspectMessage(call.request, defaultDecodeLimits)
      this.#flow.begin(call.time)
      const request = requestFacts(
        recordedSource(call, {
          identity,
          endpoint,
          match,
          payload: payloadFact(hit),
          knowledge: this.#knowledge,
        }),
      )
      const response =
        call.response === undefined ? undefined : this.#withResponse(request, call.response, match, identity)
      yield {
        call: call.id,
        principal,
        endpoint: match?.endpoint ?? endpoint,
        time: call.time,
        ...(call.response === undefined ? {} : { status: call.response.status }),
        ...this.#kinds.of(one),
        ...(identity.token === undefined ? {} : { token: identity.token }),
        request,
        ...(response === undefined ? {} : { response }),
        operations: this.#operationsOf(call, request, response, match, identity),
        amend: (phase, action) => {
          const side = phase === 'request' ? call.request : call.response
          const about = this.#knowledge.about(match?.endpoint ?? endpoint)
          const amended = side === undefined ? 'unchanged' : amendBody(recordedMessage(side, about), [action])
          return typeof amended === 'string' ? amended : 'changed'
        },
      }
      this.#flow.note(call, identity.principal, match)
    }
  }

  /** As the gateway would have judged them; what it could not have seen is not looked for in a recording. */
  #operationsOf(
    call: StoredCall['call'],
    request: CallFacts,
    response: CallFacts | undefined,
    match: Match | undefined,
    identity: Identity,
  ): NonNullable<SimulatedCall['operations']> {
    const asked = this.#operations.ofRequest(call, match)
    if (!asked.some(({ unseen }) => unseen !== true)) return { request: [], response: [] }
    return {
      request: factsOf(asked, request),
      response:
        response === undefined
          ? []
          : factsOf(this.#operations.ofAnswer(call, match), response, ({ match, call }) =>
              this.#judge(match.endpoint, call.response?.content, identity, match.params),
            ),
    }
  }

  #judge(
    endpoint: EndpointId | undefined,
    content: Content | undefined,
    identity: Identity,
    params: Match['params'] | undefined,
  ): NonNullable<PolicyFacts['object']> {
    const bindings = endpoint === undefined ? undefined : this.#owners.get(endpoint)
    return bindings === undefined
      ? { owner: '', tenant: '', foreign: false, foreignTenant: false }
      : judgeOwner(bindings, content ?? { kind: 'empty' }, identity, params)
  }

  #withResponse(
    request: CallFacts,
    response: NonNullable<StoredCall['call']['response']>,
    match: Match | undefined,
    identity: Identity,
  ): CallFacts {
    const { status, headers, content, bodySize } = response
    return request.answered(
      { status, headers, content, size: bodySize },
      this.#judge(match?.endpoint, content, identity, match?.params),
    )
  }
}
