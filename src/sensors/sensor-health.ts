/** What every sensor tells about itself; shown on the Sensors page and in `/metrics`. */
export interface SensorHealth {
  readonly id: string
  readonly kind: string
  readonly state: 'starting' | 'running' | 'degraded' | 'stopped'
  /** Events handed on since the start. */
  readonly events: number
  readonly dropped: number
  readonly rejected: number
  /** Time of the newest event, ms since the epoch. */
  readonly lastEventAt?: number
  readonly detail?: string
  /** Where it listens or connects to. */
  readonly address?: string
  /** Events a second over the last minute. */
  readonly perSecond?: number
  /** How far behind the newest event was when it came, ms. */
  readonly lagMs?: number
  /** The share of what happens that its sources say they keep, 0 to 1; absent where none says so. */
  readonly sampledShare?: number
  /** Workloads, hosts or streams it hears from, and those that it no longer does; bounded lists. */
  readonly sources?: readonly SourceHealth[]
  /** What it sees of a call: `none` (who called whom), `head` (no bodies), `request` (no answer), `full`. */
  readonly sees?: 'none' | 'head' | 'request' | 'full'
}

export interface SourceHealth {
  readonly name: string
  readonly events: number
  readonly lastEventAt: number
  /** Not heard for much longer than usual. */
  readonly silent: boolean
}
