/** What is wrong in a policy, where, and what to do. */
export interface PolicyProblemView {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** `policy:line:column`. */
  readonly where?: string
  readonly line?: number
  readonly column?: number
  readonly mend?: string
}

/** Whether a policy can be taken, and what its own tests say. */
export interface PolicyCheckView {
  readonly valid: boolean
  readonly problems: readonly PolicyProblemView[]
  /** The tests written inside, as they end; none while it cannot be read. */
  readonly tests: readonly {
    readonly policy: string
    readonly test: string
    readonly passed: boolean
    readonly expected: string
    readonly actual: string
    readonly message?: string
  }[]
}
