import type { RouteTable } from '../catalog/route-table.ts'
import { splitPath } from '../kit/endpoint-pattern.ts'
import { compilePolicies } from '../policy/compile.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import type { CallQuery, CallStore } from '../store/ports/call-store.ts'

/** Endpoints whose calls are counted one by one; of a policy for more of them all calls count. */
const mostEndpoints = 100
const dayMs = 86_400_000

export interface MatchingQuestion {
  /** The text of policies. */
  readonly source: string
  /** Ms since the epoch. */
  readonly since: number
  /** Counting may end there. */
  readonly enough: number
  /** What is known of endpoints; all calls count without. */
  readonly routes: RouteTable | undefined
}

/**
 * Recorded calls that these policies were asked about: those at the endpoints, hosts and methods of their `match`. Who called, and what the
 * catalog says of an endpoint, are not looked at. Of operations within one endpoint all its calls count.
 */
export async function matchingCalls(
  { source, since, enough, routes }: MatchingQuestion,
  calls: CallStore,
): Promise<number> {
  const { policies } = compilePolicies([{ name: 'policy', source, version: 1 }])
  const places = routes === undefined ? undefined : placesOf(policies, routes)
  const count = async (query: CallQuery): Promise<number> =>
    (await calls.histogram(query, dayMs)).reduce((sum, bucket) => sum + bucket.calls, 0)
  if (places === undefined) return await count({ since })
  let found = 0
  for (const endpoint of places) {
    if (found >= enough) break
    found += await count({ since, endpoint })
  }
  return found
}

/** Endpoints of the routes that the policies are for; undefined where that is any, or too many. */
function placesOf(
  policies: readonly CompiledPolicy[],
  { routes }: RouteTable,
): ReadonlySet<string> | undefined {
  const isAnywhere = ({ document: { match }, endpoints }: CompiledPolicy): boolean =>
    (match.hosts === undefined && match.methods === undefined && endpoints === undefined) ||
    // Calls of operations are kept under names of their own.
    endpoints?.some(({ matchesOperation }) => matchesOperation !== undefined) === true
  if (policies.some(isAnywhere)) return undefined
  const places = new Set<string>()
  for (const { endpoint, host, method, template } of routes) {
    const segments = splitPath(template)
    const isOne = policies.some(
      policy =>
        policy.matchesHost(host) &&
        policy.matchesMethod(method) &&
        (policy.endpoints === undefined ||
          policy.endpoints.some(
            pattern =>
              (pattern.method === undefined || pattern.method === method) && pattern.matches(segments, true),
          )),
    )
    if (isOne) places.add(endpoint)
    if (places.size > mostEndpoints) return undefined
  }
  return places
}
