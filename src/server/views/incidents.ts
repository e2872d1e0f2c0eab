import type { Incident } from '../../detect/incident.ts'
import type { IncidentResolution, Page, PageQuery, QuarantineEntry } from '../../store/ports/state-store.ts'
import type { IncidentView } from '../api.ts'
import type { Backend } from '../backend.ts'
import { stamp } from './views.ts'

/** What people decided, that an incident's status rests on. Read once per request. */
export interface Standing {
  readonly resolutions: ReadonlyMap<string, IncidentResolution>
  readonly quarantine: readonly QuarantineEntry[]
}

export async function standingOf(backend: Backend): Promise<Standing> {
  const [resolutions, quarantine] = await Promise.all([
    backend.state.resolutions(),
    backend.state.quarantine(backend.clock.now()),
  ])
  return {
    resolutions: new Map(resolutions.map(resolution => [resolution.incident, resolution])),
    quarantine,
  }
}

/**
 * The incident as people left it: closed where somebody closed it, contained while a quarantine made for it lasts,
 * otherwise as analysis says.
 */
export function incidentViewOf(incident: Incident, standing: Standing): IncidentView {
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
    ...(resolution === undefined
      ? {}
      : { resolution: { reason: resolution.reason, at: stamp(resolution.at), by: resolution.by } }),
  }
}

const mostRounds = 20

/**
 * A page of incidents of one status. The status rests on more than the store knows, so pages are read until enough fit;
 * after 20 rounds what was found is given with a cursor: a page may be short, the list still ends only without one.
 */
export async function incidentPage(
  backend: Backend,
  query: PageQuery & { readonly since?: number; readonly status?: string },
): Promise<Page<IncidentView>> {
  const { status, limit = 100, ...place } = query
  const standing = await standingOf(backend)
  const items: IncidentView[] = []
  let cursor = place.cursor
  for (let round = 0; round < mostRounds; round += 1) {
    const page: Page<Incident> = await backend.state.incidents({
      ...(place.since === undefined ? {} : { since: place.since }),
      ...(cursor === undefined ? {} : { cursor }),
      limit: limit - items.length,
    })
    for (const incident of page.items) {
      const view = incidentViewOf(incident, standing)
      if (status === undefined || view.status === status) items.push(view)
    }
    cursor = page.cursor
    if (cursor === undefined || items.length >= limit) break
  }
  return { items, ...(cursor === undefined ? {} : { cursor }) }
}
