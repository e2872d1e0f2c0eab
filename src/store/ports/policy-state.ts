export interface StoredPolicy {
  readonly name: string
  /** The YAML as written. */
  readonly source: string
  /** Rises by one with each change, also over a deletion; the ETag. */
  readonly version: number
  readonly updatedAt: number
  readonly updatedBy: string
}

/** One of the versions a policy had. */
export interface PolicyVersion extends StoredPolicy {
  /** What brought it about: `put`, `promote`, `rollback to 3`, `auto-rollback: …`. */
  readonly change: string
}

/** What a simulation said, kept by what it was of. Counts as in the simulation. */
export interface StoredSimulation {
  /** Of the rules of the text, whatever its mode. */
  readonly hash: string
  readonly at: number
  readonly by: string
  readonly calls: number
  readonly matched: number
  readonly stopped: number
  readonly attacks: number
  readonly attacksStopped: number
  readonly benign: number
  readonly benignStopped: number
  readonly benignAmended: number
  /** Of the calls that belong to no attack, the share that would have been stopped. */
  readonly estimate: number
  /** The span of the calls, ms since the epoch; absent where there were none. */
  readonly from?: number
  readonly to?: number
}

/** How far a policy is rolled out, as it stands. Times in ms since the epoch. */
export interface StoredRollout {
  readonly policy: string
  readonly stage: 'shadow' | 'canary' | 'enforce'
  /** Of a canary. */
  readonly percent?: number
  /** Since when it has been at this stage. */
  readonly since: number
  /** The version of the policy that this stage is of. */
  readonly version: number
  /** What it was expected to stop, as a share of the calls that belong to no attack. */
  readonly estimate?: number
  /** It was put back to shadow by itself, when and why. */
  readonly rolledBack?: { readonly at: number; readonly why: string; readonly from: string }
}

/** Policies, their versions, and how far they are rolled out. Part of `StateStore`. */
export interface PolicyState {
  /** By name, ascending. */
  policies(): Promise<readonly StoredPolicy[]>
  /**
   * `expectedVersion` 0 means "must be new"; a mismatch rejects with `resource/precondition-failed`. Keeps the version: of one policy the
   * newest 100.
   */
  putPolicy(
    name: string,
    source: string,
    by: string,
    at: number,
    expectedVersion?: number,
    change?: string,
  ): Promise<StoredPolicy>
  /** Its versions stay. */
  deletePolicy(name: string, expectedVersion?: number): Promise<boolean>
  /** Newest first; also of a policy that was deleted. */
  policyVersions(name: string): Promise<readonly PolicyVersion[]>

  /** Adds or replaces by hash; the newest 1,000 are kept. */
  putSimulation(simulation: StoredSimulation): Promise<void>
  simulation(hash: string): Promise<StoredSimulation | undefined>

  putRollout(rollout: StoredRollout): Promise<void>
  deleteRollout(policy: string): Promise<void>
  /** By policy. */
  rollouts(): Promise<readonly StoredRollout[]>
}
