import type { Suppression } from '../../detect/tuning/suppression.ts'
import type { Feedback } from '../../detect/tuning/tuning.ts'
import type { IncidentResolution, QuarantineEntry } from '../../store/ports/state-store.ts'
import type { Backend } from '../backend.ts'

/** What people decided, that an incident's status rests on. Read once per request. */
export interface Standing {
  readonly resolutions: ReadonlyMap<string, IncidentResolution>
  readonly quarantine: readonly QuarantineEntry[]
  /** One of those that hold, by incident. */
  readonly suppressions: ReadonlyMap<string, Suppression>
  readonly feedback: ReadonlyMap<string, Feedback>
}

/** Nobody decided anything. */
export const noStanding: Standing = {
  resolutions: new Map(),
  quarantine: [],
  suppressions: new Map(),
  feedback: new Map(),
}

/** What people decided until now, of all incidents. */
export async function standingOf(backend: Backend): Promise<Standing> {
  const [resolutions, quarantine, suppressions, feedback] = await Promise.all([
    backend.state.resolutions(),
    backend.state.quarantine(backend.clock.now()),
    backend.state.suppressions(backend.clock.now()),
    backend.state.feedback(),
  ])
  return {
    resolutions: new Map(resolutions.map(resolution => [resolution.incident, resolution])),
    quarantine,
    suppressions: new Map(suppressions.map(suppression => [suppression.incident, suppression])),
    feedback: new Map(feedback.map(word => [word.incident, word])),
  }
}
