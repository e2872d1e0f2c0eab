import type { Incident } from '../detect/incident.ts'
import { counted } from '../detect/words.ts'
import type { IncidentResolution, StateStore } from '../store/ports/state-store.ts'

/** What was under way when somebody closed it may still come in for so long. */
const graceMs = 600_000

/**
 * Why a closed incident is open again, in words: it is worse, there is more of it than whoever closed it saw, or it still goes on ten
 * minutes later. Undefined where it stays closed; one that was closed by a dismissal says no revision and stays so.
 */
export function whyReopened(incident: Incident, resolution: IncidentResolution): string | undefined {
  const { revision, at } = resolution
  if (revision === undefined) return undefined
  const { changed } = incident
  if (changed !== undefined && changed.revision > revision) {
    const what = counted(incident.signals.length, 'signal')
    return changed.worseAt > at
      ? `it went on after it was closed, and is worse: ${what}, risk ${incident.risk}`
      : `it went on after it was closed: ${what} now, risk ${incident.risk}`
  }
  return incident.updated > at + graceMs
    ? `its actor still went on ${counted(Math.floor((incident.updated - at) / 60_000), 'minute')} after it was closed`
    : undefined
}

/**
 * Opens those of the incidents again that somebody closed and that went on, with an audit record that says why. While a quarantine that was
 * made for an incident lasts, it stays closed: its actor knocks on a shut door.
 * @returns those that were opened
 */
export async function reopenThoseGoingOn(
  state: StateStore,
  incidents: readonly Incident[],
  now: number,
): Promise<readonly Incident[]> {
  const closed = new Map((await state.resolutions()).map(one => [one.incident, one]))
  if (!incidents.some(({ id }) => closed.has(id))) return []
  const held = new Set((await state.quarantine(now)).map(({ incident }) => incident))
  const opened: Incident[] = []
  for (const incident of incidents) {
    const resolution = closed.get(incident.id)
    if (resolution === undefined || held.has(incident.id)) continue
    const reason = whyReopened(incident, resolution)
    if (reason === undefined) continue
    await state.deleteResolution(incident.id)
    await state.audit({
      time: now,
      actor: 'sallyport',
      action: 'incident.reopen',
      target: incident.id,
      detail: { reason, closed: resolution.reason, by: resolution.by },
    })
    opened.push(incident)
  }
  return opened
}
