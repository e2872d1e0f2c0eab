import type { Role } from '../../store/ports/state-store.ts'
import type { Session } from './sessions.ts'

/** Who a request speaks for. */
export interface Actor {
  /** As the audit log names it: `token:<name>` or `session:<name>`. */
  readonly name: string
  readonly displayName: string
  readonly role: Role
  /** Id of the API token, also the one that a session was opened with. */
  readonly token?: string
  /** Set where a cookie, not a bearer token, said who it is. */
  readonly session?: Session
}

const ranks: Readonly<Record<Role, number>> = { viewer: 0, analyst: 1, admin: 2 }

export const mayActAs = (role: Role, needed: Role): boolean => ranks[role] >= ranks[needed]
