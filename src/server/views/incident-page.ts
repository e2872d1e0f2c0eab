import type { Incident } from '../../detect/incident.ts'
import type { Page, PageQuery } from '../../store/ports/state-store.ts'
import type { IncidentView } from '../api/incident.ts'
import type { Backend } from '../backend.ts'
import { incidentViewOf } from './incident.ts'
import { standingOf } from './standing.ts'

const mostRounds = 20

/**
 * A page of incidents of one status, or of one principal. The status rests on more than the store knows, so pages are read until enough fit;
 * after 20 rounds what was found is given with a cursor: a page may be short, the list still ends only without one.
 */
export async function incidentPage(
  backend: Backend,
  query: PageQuery & {
    readonly since?: number
    readonly status?: string
    readonly principal?: string
    readonly visited?: number
  },
): Promise<Page<IncidentView>> {
  const { status, principal, limit = 100, visited, ...place } = query
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
      if (principal !== undefined && !incident.principals.some(one => one === principal)) continue
      const view = incidentViewOf(incident, standing, visited)
      if (status === undefined || view.status === status) items.push(view)
    }
    cursor = page.cursor
    if (cursor === undefined || items.length >= limit) break
  }
  return { items, ...(cursor === undefined ? {} : { cursor }) }
}
