import type { Criticality } from './criticality.ts'
import type { ClassRegistry } from './data-classes/registry/class-registry.ts'
import { standardClasses } from './data-classes/registry/standard.ts'
import type { Endpoint, RiskFactor } from './endpoint.ts'

export interface RiskInput {
  readonly exposure: Endpoint['exposure']
  readonly dataClasses: Endpoint['dataClasses']
  /** Successful calls that carried no credential. */
  readonly openSuccesses: number
  readonly auth: readonly string[]
  readonly criticality: Criticality
  readonly method: string
  /** Where classes are looked up; without it among the built-in ones. */
  readonly classes?: ClassRegistry
}

const criticalityPoints: Readonly<Record<string, number>> = {
  admin: 20,
  payment: 15,
  authentication: 10,
  export: 10,
  'personal-data': 5,
}

/** What is at stake on an endpoint and how far it is open, 0 to 100: the sum of the factors, each with its reason. */
export function riskOf(input: RiskInput): Endpoint['risk'] {
  const { classes = standardClasses } = input
  const factors: RiskFactor[] = []
  if (input.exposure === 'external')
    factors.push({ factor: 'exposure', points: 15, why: 'Reached from public addresses.' })
  const sensitivity = (ids: readonly string[]): number =>
    Math.max(0, ...ids.map(id => classes.get(id)?.sensitivity ?? 0))
  const returned = sensitivity(input.dataClasses.response)
  const accepted = Math.round(sensitivity(input.dataClasses.request) / 2)
  if (returned > 0)
    factors.push({
      factor: 'data-returned',
      points: returned,
      why: `Its answers carry ${input.dataClasses.response.join(', ')}.`,
    })
  if (accepted > 0)
    factors.push({
      factor: 'data-accepted',
      points: accepted,
      why: `It takes ${input.dataClasses.request.join(', ')}.`,
    })
  const critical = criticalityPoints[input.criticality.name] ?? 0
  if (critical > 0)
    factors.push({
      factor: 'criticality',
      points: critical,
      why: `Counted as ${input.criticality.name}: ${input.criticality.why.replace(/[.!]$/, '')}.`,
    })
  // Logging in without a credential is what logging in is for.
  const open = input.openSuccesses > 0 && input.criticality.name !== 'authentication'
  if (open) {
    const points =
      returned >= 10 || input.criticality.name === 'admin'
        ? 35
        : returned > 0
          ? 20
          : input.method === 'GET' || input.method === 'HEAD'
            ? 5
            : 15
    factors.push({
      factor: 'unauthenticated',
      points,
      why: `Answered ${input.openSuccesses} calls that carried no credential.`,
    })
  } else if (
    input.auth.length > 0 &&
    input.auth.every(scheme => scheme === 'basic' || scheme === 'api-key')
  ) {
    factors.push({
      factor: 'weak-authentication',
      points: 5,
      why: `Only ${input.auth.join(' and ')} credentials were seen.`,
    })
  }
  return {
    score: Math.min(
      100,
      factors.reduce((sum, factor) => sum + factor.points, 0),
    ),
    factors,
  }
}
