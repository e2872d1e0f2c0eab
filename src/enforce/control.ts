/**
 * What enforcement takes over from control: policies as written, who is shut out, and the kill switch. The engine's
 * control snapshot has this shape.
 */
export interface Control {
  readonly version: number
  readonly policies: readonly { readonly name: string; readonly source: string; readonly version: number }[]
  readonly quarantine: readonly {
    readonly id: string
    readonly kind: 'principal' | 'token' | 'device'
    readonly target: string
    /** Milliseconds since the epoch. */
    readonly expiresAt: number
  }[]
  /** Everything passes, nothing is decided. */
  readonly bypass: boolean
}
