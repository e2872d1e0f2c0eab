import type { Incident } from '../../detect/incident.ts'
import type { Signal } from '../../detect/signal.ts'
import { SallyportError } from '../../kit/error.ts'
import type { IncidentView } from '../api/incident.ts'
import type { Backend } from '../backend.ts'
import { feedbackViewOf } from './feedback.ts'
import { stamp } from './stamp.ts'
import type { Standing } from './standing.ts'

/** @throws SallyportError `resource/not-found` where there is none of this id. */
export async function findIncident(backend: Backend, id: string): Promise<Incident> {
  const incident = await backend.state.incident(id)
  if (incident !== undefined) return incident
  throw new SallyportError('resource/not-found', 'There is no such incident.', {
    where: id,
    mend: 'List them with GET /api/v1/incidents.',
  })
}

const mostSignals = 200

/** Newest first. */
export async function signalsOf(backend: Backend, incident: Incident): Promise<readonly Signal[]> {
  if (incident.signals.length === 0) return []
  const ids = incident.signals.slice(0, mostSignals)
  return (await backend.state.signals({ ids, limit: mostSignals })).items
}

/**
 * The incident as people left it: closed where somebody closed it, contained while a quarantine made for it lasts,
 * otherwise as analysis says.
 *
 * @param visited When who asks looked last, ms since the epoch.
 */
export function incidentViewOf(incident: Incident, standing: Standing, visited?: number): IncidentView {
  const dismissal = standing.suppressions.get(incident.id)
  const word = standing.feedback.get(incident.id)
  const { atStake, blastRadius, changed } = incident
  const since = visited === undefined ? undefined : changedSince(incident, visited)
  const resolution = standing.resolutions.get(incident.id)
  const isHeld = standing.quarantine.some(entry => entry.incident === incident.id)
  const status = resolution !== undefined ? 'closed' : isHeld ? 'contained' : incident.status
  return {
    id: incident.id,
    title: incident.title,
    severity: incident.severity,
    risk: incident.risk,
    opened: stamp(incident.opened),
    updated: stamp(incident.updated),
    status,
    principals: incident.principals,
    tenants: incident.tenants,
    endpoints: incident.endpoints,
    workloads: incident.workloads,
    dataClasses: incident.dataClasses,
    detectors: incident.detectors,
    signals: incident.signals,
    objects: incident.objects,
    objectCount: incident.objectCount,
    evidence: incident.evidence,
    ...(incident.path === undefined ? {} : { path: incident.path }),
    story: incident.story.map(({ time, ...step }) => ({ time: stamp(time), ...step })),
    actions: incident.actions.map(({ kind, title, target, ttlSeconds, effect }) => ({
      kind,
      title,
      target,
      ttlSeconds,
      effect,
    })),
    unsure: incident.unsure,
    ...(blastRadius === undefined ? {} : { blastRadius }),
    ...(atStake === undefined ? {} : { atStake }),
    ...(changed === undefined
      ? {}
      : { changed: { ...changed, at: stamp(changed.at), worseAt: stamp(changed.worseAt) } }),
    ...(since === undefined ? {} : { changedSinceVisit: since }),
    ...(resolution === undefined
      ? {}
      : { resolution: { reason: resolution.reason, at: stamp(resolution.at), by: resolution.by } }),
    ...(dismissal === undefined || resolution === undefined
      ? {}
      : {
          dismissal: {
            reason: dismissal.reason,
            ...(dismissal.note === undefined ? {} : { note: dismissal.note }),
            scope: dismissal.scope,
            until: stamp(dismissal.expiresAt),
          },
        }),
    ...(word === undefined ? {} : { feedback: feedbackViewOf(word) }),
  }
}

function changedSince(
  { opened, updated, changed }: Incident,
  visited: number,
): IncidentView['changedSinceVisit'] {
  if (opened > visited) return 'new'
  if (changed === undefined) return updated > visited ? 'grew' : undefined
  if (changed.worseAt > visited) return 'worse'
  return changed.at > visited ? 'grew' : undefined
}
