/** Who changed what. */
export interface AuditView {
  readonly sequence: number
  readonly time: string
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
}
