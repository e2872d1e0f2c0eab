import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { PersistedQuery } from '../catalog/operations/persisted-queries.ts'
import type { RouteTable } from '../catalog/route-table.ts'
import type { Control } from '../enforce/control.ts'
import type { SessionSnapshot } from '../identity/session-directory.ts'
import type { EndpointId } from '../kit/id.ts'

/**
 * What analysis hands to the gateways: immutable, versioned, plain data (it crosses threads by structured clone).
 * Policies and quarantine come from control on the same channel, see `ControlSnapshot`.
 */
export interface AnalysisSnapshot {
  readonly version: number
  readonly routes: RouteTable
  readonly owners: readonly OwnerBinding[]
  readonly sessions: SessionSnapshot
  /** Endpoints whose requests carry operations (GraphQL, JSON-RPC, MCP …): there a gateway looks into the body. */
  readonly carriers?: readonly EndpointId[]
  /** What persisted GraphQL queries ask for. */
  readonly persisted?: readonly PersistedQuery[]
}

/** The owner bindings of a snapshot by their endpoint. */
export function ownersByEndpoint(
  owners: readonly OwnerBinding[],
): ReadonlyMap<EndpointId, readonly OwnerBinding[]> {
  return Map.groupBy(owners, binding => binding.endpoint)
}

/** What control hands to the gateways: policies as written, quarantine, the kill switch. */
export type ControlSnapshot = Control
