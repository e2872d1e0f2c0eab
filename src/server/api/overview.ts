import type { CallBucketView } from './call-bucket.ts'
import type { EndpointView } from './endpoint.ts'
import type { IncidentView } from './incident.ts'
import type { QuarantineView } from './quarantine.ts'
import type { SensorView } from './sensor.ts'

/** What needs a decision, and how things stand. */
export interface OverviewView {
  /** The first line, in words. */
  readonly headline: string
  readonly incidents: readonly IncidentView[]
  readonly openIncidents: number
  /** Endpoints first seen in the last 24 hours, newest first, at most 10. */
  readonly newEndpoints: readonly EndpointView[]
  /** Endpoints with the highest risk, at most 5. */
  readonly riskiest: readonly EndpointView[]
  readonly totals: {
    readonly endpoints: number
    readonly principals: number
    readonly calls: number
    readonly candidates: number
  }
  readonly traffic: readonly CallBucketView[]
  readonly sensors: readonly SensorView[]
  readonly quarantine: readonly QuarantineView[]
  /** True in the demo: the page says that the traffic is simulated. */
  readonly demo: boolean
  readonly gateway?: string
}
