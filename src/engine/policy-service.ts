import { judgeOwner } from '../baseline/judge-owner.ts'
import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { Content } from '../call/content.ts'
import { defaultDecodeLimits } from '../call/content-limits.ts'
import { payloadFact } from '../call/inspection.ts'
import { inspectMessage } from '../call/payload/inspect-message.ts'
import type { Match } from '../catalog/endpoint.ts'
import { RouteMatcher } from '../catalog/route-matcher.ts'
import { evidenceOf, identify } from '../identity/identify.ts'
import type { Identity } from '../identity/identity.ts'
import { SessionDirectory } from '../identity/session-directory.ts'
import { SallyportError } from '../kit/error.ts'
import type { EndpointId } from '../kit/id.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { PolicyFacts } from '../policy/facts.ts'
import { lintPolicies } from '../policy/lint.ts'
import type { PolicyProblem } from '../policy/parse.ts'
import { type SimulatedCall, type Simulation, simulate } from '../policy/simulate.ts'
import type { CallStore, StoredCall } from '../store/ports/call-store.ts'
import { CallKinds, type KnownAttack } from './call-kinds.ts'
import { CarriedOperations, factsOf } from './carried-operations.ts'
import { type CallFacts, recordedSource, requestFacts } from './policy-facts.ts'
import { type RecordedWindow, recordedCalls } from './recorded-calls.ts'
import { type AnalysisSnapshot, ownersByEndpoint } from './snapshot.ts'

/** Calls one simulation reads at most: the newest. */
export const simulatedCalls = 200_000

/** Everything that is wrong or doubtful about a policy text. */
export function policyProblems(source: string): readonly PolicyProblem[] {
  const sources = [{ name: 'policy', source, version: 1 }]
  const { problems } = compilePolicies(sources)
  return problems.some(problem => problem.severity === 'error')
    ? problems
    : [...problems, ...lintPolicies(sources)]
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
  const { mode, percent, action } = policy.document
  return { mode, ...(percent === undefined ? {} : { percent }), phase: policy.phase, action: action.type }
}

/** What a simulation over recorded calls is told besides them. */
export interface SimulationContext {
  /** What analysis learned: routes, owners, sessions. */
  readonly snapshot: AnalysisSnapshot | undefined
  /** Incidents that are taken for attacks. */
  readonly attacks?: readonly KnownAttack[]
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
  { snapshot, attacks = [] }: SimulationContext,
): Promise<Simulation> {
  return await simulate(source, new RecordedFacts(snapshot, new CallKinds(attacks)).of(calls))
}

class RecordedFacts {
  readonly #sessions: SessionDirectory
  readonly #routes: RouteMatcher
  readonly #owners: ReadonlyMap<EndpointId, readonly OwnerBinding[]>
  readonly #operations = new CarriedOperations()

  readonly #kinds: CallKinds

  constructor(snapshot: AnalysisSnapshot | undefined, kinds: CallKinds) {
    this.#kinds = kinds
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
      const request = requestFacts(
        recordedSource(call, { identity, endpoint, match, payload: payloadFact(hit) }),
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
      }
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
