import { compileEndpointPattern, type EndpointPattern } from '../kit/endpoint-pattern.ts'
import type { Needs } from '../sensors/guard.ts'
import type { PolicyDocument } from './document.ts'
import type { Expression } from './expression.ts'
import type { PolicyFacts, PolicyOutcome, PolicyPhase } from './facts.ts'

/** One policy, ready to be asked. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  readonly phase: PolicyPhase
  readonly needs: Needs
  readonly expression: Expression | undefined
  readonly outcome: PolicyOutcome
  /** Given instead when the expression fails and the policy says `onError: deny`. */
  readonly faultOutcome: PolicyOutcome | undefined
  /** Given instead for an operation that could not be seen, when the policy names operations and says `onError: deny`. */
  readonly unseenOutcome: PolicyOutcome | undefined
  readonly endpoints: readonly EndpointPattern[] | undefined
  /** Its condition reads what is of each operation its own. */
  readonly readsOperation: boolean
  matchesHost(host: string): boolean
  matchesMethod(method: string): boolean
  matchesCaller(identity: PolicyFacts['identity']): boolean
}

const operationVariable = (name: string): boolean =>
  /^(?:object(?:\.|$)|endpoint$|endpoint\.(?:id|params|operation)$)/.test(name)
const responseVariable = (name: string): boolean => /^(?:response|object)(?:\.|$)/.test(name)

/** The phase an expression needs. */
export function phaseOf(expression: Expression | undefined): PolicyPhase {
  return expression !== undefined && [...expression.variables].some(responseVariable) ? 'response' : 'request'
}

function needsOf(phase: PolicyPhase, expression: Expression | undefined): Needs {
  const variables = expression === undefined ? [] : [...expression.variables]
  return {
    requestBody: variables.some(
      name => name === 'request' || name === 'request.payload' || name === 'request.size',
    ),
    response: phase === 'response',
    responseBody: variables.some(
      name => name.startsWith('object') || name === 'response' || name === 'response.size',
    ),
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

export function compilePolicy(
  document: PolicyDocument,
  version: number,
  expression: Expression | undefined,
): CompiledPolicy {
  const phase = document.phase ?? phaseOf(expression)
  const { match } = document
  const outcome: PolicyOutcome = Object.freeze({
    policy: document.name,
    version,
    mode: document.mode,
    phase,
    action: document.action,
    reason: document.reason,
  })
  const host = wildcard(match.hosts)
  const methods = match.methods === undefined ? undefined : new Set(match.methods)
  const principal = wildcard(match.principals)
  const roles = match.roles === undefined ? undefined : new Set(match.roles)
  return {
    document,
    phase,
    needs: needsOf(phase, expression),
    expression,
    outcome,
    faultOutcome:
      document.onError === 'deny'
        ? Object.freeze({
            ...outcome,
            action: Object.freeze({ type: 'block', status: 503 } as const),
            reason: 'This request cannot be checked right now.',
          })
        : undefined,
    unseenOutcome:
      document.onError === 'deny'
        ? Object.freeze({
            ...outcome,
            action: Object.freeze({ type: 'block', status: 403 } as const),
            reason: 'What this request asks for cannot be seen.',
          })
        : undefined,
    endpoints: match.endpoints?.map(compileEndpointPattern),
    readsOperation: expression !== undefined && [...expression.variables].some(operationVariable),
    matchesHost: text => host(text.toLowerCase()),
    matchesMethod: method => methods === undefined || methods.has('*') || methods.has(method),
    matchesCaller: identity =>
      principal(identity.principal) && (roles === undefined || identity.roles.some(role => roles.has(role))),
  }
}
