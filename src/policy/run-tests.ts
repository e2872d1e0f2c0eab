import { compileEndpointPattern, splitPath } from '../kit/endpoint-pattern.ts'
import { compilePolicies } from './compile.ts'
import type { PolicyDocument, PolicyExpectation } from './document.ts'
import type { PolicyOutcome } from './facts.ts'
import { buildFacts, type FactDefaults } from './facts-builder.ts'

export interface PolicyTestResult {
  readonly policy: string
  readonly test: string
  readonly passed: boolean
  readonly expected: PolicyExpectation
  readonly actual: PolicyExpectation
  /** Why it failed. */
  readonly message?: string
}

/**
 * Runs the tests written in the policies of `source`, each policy by itself and as if it were in force: `expect` is
 * what its action would be, a throttle counting as reached. A policy that does not compile is one failed result.
 */
export function runPolicyTests(source: string, file = 'policy'): readonly PolicyTestResult[] {
  const { policies, problems, bundle } = compilePolicies([{ name: file, source, version: 1 }])
  const results: PolicyTestResult[] = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ where, message }) => ({
      policy: where,
      test: 'compiles',
      passed: false,
      expected: 'pass',
      actual: 'pass',
      message,
    }))
  for (const { document, phase } of policies) {
    const defaults = defaultTarget(document)
    for (const { name, input, expect } of document.tests) {
      const facts = buildFacts(input, defaults)
      const outcome = bundle.evaluate(phase, facts).find(({ policy }) => policy === document.name)
      const actual: PolicyExpectation = (outcome as PolicyOutcome | undefined)?.action.type ?? 'pass'
      results.push({
        policy: document.name,
        test: name,
        passed: actual === expect,
        expected: expect,
        actual,
        ...(actual === expect ? {} : { message: `expected ${expect}, got ${actual}` }),
      })
    }
  }
  return results
}

/** A request that the policy's own match accepts, so that a test need only say what matters. */
function defaultTarget(document: PolicyDocument): FactDefaults {
  const { match } = document
  const written = (texts: readonly string[] | undefined): string => texts?.[0]?.replaceAll('*', 'any') ?? ''
  const traits = {
    service: written(match.services),
    exposure: written(match.exposure),
    criticality: written(match.criticality),
    dataClasses: match.dataClasses ?? [],
  }
  const host =
    match.hosts?.find(name => !name.includes('*')) ??
    match.hosts?.[0]?.replace(/^\*/, 'api') ??
    'api.example.com'
  const endpoint = match.endpoints?.[0]
  if (endpoint === undefined)
    return { host, method: match.methods?.find(method => method !== '*') ?? 'GET', path: '/', traits }
  const pattern = compileEndpointPattern(endpoint)
  const [template = '', operation] = endpoint.slice(endpoint.indexOf('/')).split('#', 2)
  const path = `/${splitPath(template)
    .map(segment => (segment === '**' ? 'any' : segment.replaceAll('*', 'any')))
    .join('/')}`
  return {
    host,
    method: pattern.method ?? match.methods?.find(method => method !== '*') ?? 'GET',
    path,
    traits,
    ...(operation === undefined ? {} : { operation: operation.replaceAll('*', 'any') }),
  }
}
