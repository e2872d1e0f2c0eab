import type { OwnerBinding } from '../baseline/owner-binding.ts'
import type { RouteTable } from '../catalog/route-table.ts'
import type { SessionSnapshot } from '../identity/session-directory.ts'

/**
 * What analysis hands to the gateways: immutable, versioned, plain data (it crosses threads by structured clone).
 * Policies and quarantine come from control on the same channel, see `ControlSnapshot`.
 */
export interface AnalysisSnapshot {
  readonly version: number
  readonly routes: RouteTable
  readonly owners: readonly OwnerBinding[]
  readonly sessions: SessionSnapshot
}

export interface ControlSnapshot {
  readonly version: number
  readonly policies: readonly { readonly name: string; readonly source: string; readonly version: number }[]
  readonly quarantine: readonly {
    readonly id: string
    readonly kind: 'principal' | 'token'
    readonly target: string
    readonly expiresAt: number
  }[]
  /** The kill switch: everything passes, nothing is decided. */
  readonly bypass: boolean
}
