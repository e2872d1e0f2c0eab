/** What an identity is granted, and what was made of it. */
export interface EntitlementView {
  readonly identity: string
  readonly workloads: readonly string[]
  readonly target: string
  /** Absent where the grant has no time. */
  readonly since?: string
  /** Within the days asked for. */
  readonly used: boolean
  readonly uses: number
  readonly lastUsed?: string
}
