/** What is kept of a simulation, by whom and when it was made. */
export interface SimulationSummaryView {
  readonly at: string
  /** The span of the calls; absent where there were none. */
  readonly from?: string
  readonly to?: string
  readonly by: string
  readonly calls: number
  readonly matched: number
  readonly stopped: number
  readonly attacks: number
  readonly attacksStopped: number
  readonly benign: number
  readonly benignStopped: number
  readonly benignAmended: number
}

/** What a policy would have done to the recorded calls. */
export interface SimulationView {
  readonly calls: number
  readonly from?: string
  readonly to?: string
  /** Calls the policy would have acted on, and on whom. */
  readonly matched: number
  readonly principals: readonly {
    readonly principal: string
    readonly calls: number
    readonly inIncident: boolean
  }[]
  readonly endpoints: readonly { readonly endpoint: string; readonly calls: number }[]
  readonly examples: readonly string[]
  /** Of the rules, whatever their stage. */
  readonly hash: string
  /** The window held more calls than were read: the newest were. */
  readonly truncated: boolean
  /** Refused; let through changed; conditions that failed. */
  readonly stopped: number
  readonly amended: number
  readonly errors: number
  /** Calls that are evidence of incidents. */
  readonly attacks: TouchedView & {
    readonly missed: number
    readonly missedExamples: readonly TouchView[]
    readonly incidents: readonly {
      readonly incident: string
      readonly calls: number
      readonly stopped: number
    }[]
  }
  /** By the actors of incidents, there and then, but no evidence. */
  readonly suspect: TouchedView
  /** Of nobody suspect, and answered with 2xx. */
  readonly benign: TouchedView
  /** Of nobody suspect, and refused or failed. */
  readonly other: TouchedView
  readonly policies: readonly {
    readonly policy: string
    readonly action: string
    readonly phase: string
    readonly matched: number
    readonly stopped: number
    readonly amended: number
    readonly principals: number
    readonly attacksStopped: number
    readonly suspectStopped: number
    readonly benignStopped: number
    readonly benignAmended: number
  }[]
}

/** Calls of one kind, and what would have become of them. */
export interface TouchedView {
  readonly calls: number
  readonly stopped: number
  readonly amended: number
  readonly principals: number
  readonly examples: readonly TouchView[]
}

/** A call, and what would have become of it. */
export interface TouchView {
  readonly call: string
  readonly time: string
  readonly principal: string
  readonly endpoint: string
  readonly status?: number
  readonly policy?: string
  readonly action?: string
}
