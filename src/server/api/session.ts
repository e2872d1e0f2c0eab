import type { Role } from '../../store/ports/state-store.ts'

/** Who a session or a token is, and what they may do. */
export interface SessionView {
  readonly name: string
  readonly role: Role
}
