/** Cookies learned to carry a login, and the principal each live session belongs to; plain data, bounded. */
export interface SessionSnapshot {
  /** Cookie names learned to be session cookies. */
  readonly cookies: readonly string[]
  /** Fingerprint of the session or opaque token → name and tenant the login answered for, most recent last, bounded. */
  readonly sessions: readonly (readonly [fingerprint: string, name: string, tenant: string | null])[]
}
