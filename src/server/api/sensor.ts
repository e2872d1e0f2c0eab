/** Where calls come from, and what was lost on the way. */
export interface SensorView {
  readonly id: string
  readonly kind: string
  /** `running`; `starting`; `degraded`: does not see everything; `stopped`: not asked for, and could not start. */
  readonly state: string
  readonly events: number
  readonly dropped: number
  readonly rejected: number
  readonly lastEventAt?: string
  readonly detail?: string
  /** Where it listens or connects to. */
  readonly address?: string
  readonly perSecond?: number
  /** How far behind the newest event was when it came. */
  readonly lagMs?: number
  /** 0 to 1: the share of what happens that its sources say they keep. */
  readonly sampledShare?: number
  /** What it sees of a call: `none`, `head` (no bodies), `request` (no answer), `full`. */
  readonly sees?: string
  /** Workloads, hosts or streams it hears from, silent ones first; at most 50. */
  readonly sources?: readonly {
    readonly name: string
    readonly events: number
    readonly lastEventAt: string
    readonly silent: boolean
  }[]
}
