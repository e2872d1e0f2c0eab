/** The live figures, each second. */
export interface StatsView {
  readonly time: string
  readonly callsPerSecond: number
  readonly calls: number
  readonly endpoints: number
  readonly openIncidents: number
  readonly dropped: number
}
