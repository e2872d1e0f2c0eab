import type { IncidentView } from './incident.ts'
import type { SuppressionView } from './suppression.ts'

/** A dismissed incident, and what is not raised because of that. */
export interface DismissalView {
  readonly incident: IncidentView
  readonly suppressions: readonly SuppressionView[]
}
