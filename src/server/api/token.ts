import type { Role } from '../../store/ports/state-store.ts'

/** A token of the API. */
export interface TokenView {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAt: string
  readonly lastUsedAt?: string
  readonly revokedAt?: string
  /** Only in the answer that created it. */
  readonly token?: string
}
