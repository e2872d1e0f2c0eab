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
}
