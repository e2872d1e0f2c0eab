import { compileEndpointPattern, type EndpointPattern } from '../kit/endpoint-pattern.ts'
import type { Needs } from '../sensors/guard.ts'
import type { PolicyDocument } from './document.ts'
import type { Expression } from './expression.ts'
import type { EndpointTraits, PolicyFacts, PolicyOutcome, PolicyPhase } from './facts.ts'

/** The expressions of one policy. */
export interface PolicyExpressions {
  readonly when: Expression | undefined
  /** Of a throttle: what it counts by, and what a request costs. */
  readonly key: Expression<'string'> | undefined
  readonly cost: Expression<'double'> | undefined
}

/** One policy, ready to be asked. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  readonly phase: PolicyPhase
  readonly needs: Needs
  readonly expression: Expression | undefined
  readonly expressions: PolicyExpressions
  /** All that its expressions name, two levels deep. */
  readonly variables: ReadonlySet<string>
  readonly outcome: PolicyOutcome
  /** A throttle that is asked at the request and whose cost only the answer tells: it is settled then. */
  readonly settles: boolean
  /** Given instead when the expression fails and the policy says `onError: deny`. */
  readonly faultOutcome: PolicyOutcome | undefined
  /** Given instead for an operation that could not be seen, when the policy names operations and says `onError: deny`. */
  readonly unseenOutcome: PolicyOutcome | undefined
  readonly endpoints: readonly EndpointPattern[] | undefined
  /** Its condition reads what is of each operation its own. */
  readonly readsOperation: boolean
  /** Its match reads what the catalog says of the endpoint. */
  readonly readsTraits: boolean
  matchesHost(host: string): boolean
  matchesMethod(method: string): boolean
  matchesTraits(traits: EndpointTraits): boolean
  matchesCaller(facts: PolicyFacts): boolean
}

const operationVariable = (name: string): boolean =>
  /^(?:object(?:\.|$)|endpoint$|endpoint\.(?:id|params|operation)$)/.test(name)
const responseVariable = (name: string): boolean =>
  /^(?:(?:response|object)(?:\.|$)|ai$|ai\.(?:input|output)Tokens$)/.test(name)
const requestBodyVariable = (name: string): boolean =>
  /^(?:request$|request\.(?:payload|size|body|bodyKind|depth|fields|violations)$|(?:graphql|ai)(?:\.|$))/.test(
    name,
  )
const responseBodyVariable = (name: string): boolean =>
  /^(?:object(?:\.|$)|response$|response\.(?:size|body|records|dataClasses)$|ai$|ai\.(?:input|output)Tokens$)/.test(
    name,
  )

/** The phase that expressions need. */
export const phaseOf = (expressions: readonly (Pick<Expression, 'variables'> | undefined)[]): PolicyPhase =>
  expressions.some(one => one !== undefined && [...one.variables].some(responseVariable))
    ? 'response'
    : 'request'

function needsOf(
  { action }: PolicyDocument,
  phase: PolicyPhase,
  settles: boolean,
  variables: ReadonlySet<string>,
): Needs {
  const names = [...variables]
  return {
    requestBody: action.type === 'strip' || names.some(requestBodyVariable),
    response: settles || phase === 'response',
    responseBody: action.type === 'mask' || names.some(responseBodyVariable),
  }
}

function wildcard(patterns: readonly string[] | undefined): (text: string) => boolean {
  if (patterns === undefined) return () => true
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')))
  const suffixes = patterns.filter(pattern => pattern.startsWith('*')).map(pattern => pattern.slice(1))
  const prefixes = patterns
    .filter(pattern => pattern.endsWith('*') && !pattern.startsWith('*'))
    .map(pattern => pattern.slice(0, -1))
  return text =>
    exact.has(text) ||
    suffixes.some(suffix => text.endsWith(suffix)) ||
    prefixes.some(prefix => text.startsWith(prefix))
}

const overlaps = (wanted: readonly string[] | undefined) => {
  if (wanted === undefined) return () => true
  const set = new Set(wanted)
  return (found: readonly string[]) => found.some(one => set.has(one))
}

/** The phase of a policy by itself: an action that changes a message is of the phase that has the message. */
function naturalPhase({ action }: PolicyDocument, { when, key, cost }: PolicyExpressions): PolicyPhase {
  if (action.type === 'mask') return 'response'
  if (action.type === 'strip' || action.type === 'challenge') return 'request'
  const read = phaseOf([when, key])
  return read === 'request' && action.type === 'throttle' ? 'request' : phaseOf([when, key, cost])
}

export function compilePolicy(
  document: PolicyDocument,
  version: number,
  expressions: PolicyExpressions,
): CompiledPolicy {
  const { match, action } = document
  const { when, key, cost } = expressions
  const phase =
    document.phase === undefined
      ? naturalPhase(document, expressions)
      : document.phase === 'response'
        ? 'response'
        : 'request'
  const settles = phase === 'request' && action.type === 'throttle' && phaseOf([cost]) === 'response'
  const all = [when, key, cost].filter(one => one !== undefined)
  const variables = new Set(all.flatMap(one => [...one.variables]))
  const outcome: PolicyOutcome = Object.freeze({
    policy: document.name,
    version,
    mode: document.mode,
    ...(document.percent === undefined ? {} : { percent: document.percent }),
    phase,
    action,
    priority: document.priority,
    reason: document.reason,
    onError: document.onError,
  })
  const host = wildcard(match.hosts)
  const methods = match.methods === undefined ? undefined : new Set(match.methods)
  const principal = wildcard(match.principals)
  const roles = overlaps(match.roles)
  const workload = wildcard(match.workloads)
  const anybody = match.principals === undefined && match.roles === undefined && match.workloads === undefined
  const service = wildcard(match.services)
  const exposure = wildcard(match.exposure)
  const criticality = wildcard(match.criticality)
  const dataClasses = overlaps(match.dataClasses)
  const refusal = (status: number, reason: string): PolicyOutcome | undefined =>
    // An exception that fails is none; it cannot turn into a refusal.
    document.onError === 'deny' && action.type !== 'allow'
      ? Object.freeze({ ...outcome, action: Object.freeze({ type: 'block', status } as const), reason })
      : undefined
  return {
    document,
    phase,
    needs: needsOf(document, phase, settles, variables),
    expression: when,
    expressions,
    variables,
    outcome,
    settles,
    faultOutcome: refusal(503, 'This request cannot be checked right now.'),
    unseenOutcome: refusal(403, 'What this request asks for cannot be seen.'),
    endpoints: match.endpoints?.map(compileEndpointPattern),
    readsOperation: [...variables].some(operationVariable),
    readsTraits: [match.services, match.exposure, match.criticality, match.dataClasses].some(
      list => list !== undefined,
    ),
    matchesHost: text => host(text.toLowerCase()),
    matchesMethod: method => methods === undefined || methods.has('*') || methods.has(method),
    matchesTraits: traits =>
      service(traits.service) &&
      exposure(traits.exposure) &&
      criticality(traits.criticality) &&
      dataClasses(traits.dataClasses),
    matchesCaller: facts =>
      anybody ||
      (principal(facts.identity.principal) &&
        roles(facts.identity.roles) &&
        (match.workloads === undefined || workload(facts.source.workload))),
  }
}
