/** Who is kept out, or was. */
export interface QuarantineView {
  readonly id: string
  readonly kind: 'principal' | 'token' | 'device'
  readonly target: string
  readonly reason: string
  readonly incident?: string
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string
  readonly releasedAt?: string
  readonly releasedBy?: string
}

/** Whom a quarantine would have touched in the last 24 hours. */
export interface QuarantinePreviewView {
  readonly calls: number
  readonly principals: number
  /** At most 20 of each, by calls. */
  readonly named: readonly { readonly principal: string; readonly calls: number }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly truncated: boolean
  /** 15 minutes, the next time an hour, then a day. */
  readonly ttlSeconds: number
  /** A device of more than five principals: it is not shut out. */
  readonly shared: boolean
}
