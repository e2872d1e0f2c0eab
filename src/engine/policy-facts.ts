import type { ApiCall } from '../call/api-call.ts'
import type { Match } from '../catalog/endpoint.ts'
import type { Identity } from '../identity/identity.ts'
import type { PolicyFacts } from '../policy/facts.ts'

const noRecord: Readonly<Record<string, string>> = Object.freeze({})

/** What a policy is told of one request, live or recorded. */
export interface FactsSource {
  readonly time: number
  readonly method: string
  readonly path: string
  readonly host: string
  /** Decoded pairs. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly size: number
  /** Kind of the injection payload it carries, or empty. */
  readonly payload: string
  readonly identity: Identity
  readonly endpoint: string
  /** Undefined where the catalog does not know the endpoint yet. */
  readonly match: Match | undefined
  /** Name of the operation that these are the facts of. */
  readonly operation?: string
}

export function requestFacts(source: FactsSource): PolicyFacts {
  const { identity, match } = source
  const moment = new Date(source.time)
  return {
    request: {
      method: source.method,
      path: source.path,
      host: source.host,
      query: source.query.length === 0 ? noRecord : joined(source.query, '&'),
      headers: joined(source.headers, ', '),
      size: source.size,
      payload: source.payload,
    },
    identity: {
      principal: identity.principal,
      kind: identity.kind,
      name: identity.name,
      tenant: identity.tenant ?? '',
      roles: identity.roles,
      claims: identity.claims,
      confidence: identity.confidence,
    },
    endpoint: {
      id: source.endpoint,
      template: match?.template ?? source.path,
      params: match === undefined ? noRecord : joined(match.params, '/'),
      known: match !== undefined,
      operation: source.operation ?? '',
    },
    now: { hour: moment.getUTCHours(), weekday: moment.getUTCDay() },
  }
}

/** The facts of one operation that a request carries: the request's own with the endpoint, parameters and object of the operation. */
export function operationFacts(
  facts: PolicyFacts,
  match: Match,
  operation: string,
  object: PolicyFacts['object'],
): PolicyFacts {
  const { endpoint, params } = match
  return {
    ...facts,
    endpoint: { ...facts.endpoint, id: endpoint, params: joined(params, '/'), operation },
    ...(object === undefined ? {} : { object }),
  }
}

export function responseFacts(
  status: number,
  size: number,
  headers: readonly (readonly [name: string, value: string])[],
): NonNullable<PolicyFacts['response']> {
  return { status, size, headers: joined(headers, ', ') }
}

/** The source of a recorded call's facts. */
export function recordedSource(
  call: ApiCall,
  about: {
    readonly identity: Identity
    readonly endpoint: string
    readonly match: Match | undefined
    readonly payload: string
  },
): FactsSource {
  const { request } = call
  return {
    time: call.time,
    method: request.method,
    path: request.path,
    host: call.destination.host,
    query: request.query,
    headers: request.headers,
    size: request.bodySize,
    ...about,
  }
}

/**
 * Pairs as a record with lower-case names and without a prototype, for the names are the caller's. Repeated headers are
 * joined as RFC 9110 §5.3 says; repeated parameters likewise, so that a policy sees every value.
 */
function joined(
  pairs: readonly (readonly [name: string, value: string])[],
  separator: string,
): Readonly<Record<string, string>> {
  const record = Object.create(null) as Record<string, string>
  for (const [name, value] of pairs) {
    const key = separator === ', ' ? name.toLowerCase() : name
    const known = record[key]
    record[key] = known === undefined ? value : `${known}${separator}${value}`
  }
  return record
}
