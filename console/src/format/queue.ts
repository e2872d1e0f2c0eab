import type { IncidentView, Severity } from '../api/types.ts'
import { plural } from './number.ts'

const rank: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 }
const order: Readonly<Record<IncidentView['status'], number>> = { open: 2, contained: 1, closed: 0 }

type Rankable = Pick<IncidentView, 'id' | 'severity' | 'risk' | 'updated' | 'status'>

/** What needs a decision first, first: open before contained, then severity, risk and the latest movement. */
export function ranked<Item extends Rankable>(incidents: readonly Item[]): readonly Item[] {
  return [...incidents].sort(
    (a, b) =>
      order[b.status] - order[a.status] ||
      rank[b.severity] - rank[a.severity] ||
      b.risk - a.risk ||
      b.updated.localeCompare(a.updated) ||
      a.id.localeCompare(b.id),
  )
}

/** The queue's first line. */
export function queueSentence(incidents: readonly Pick<IncidentView, 'status' | 'severity'>[]): string {
  const open = incidents.filter(incident => incident.status === 'open')
  const contained = incidents.filter(incident => incident.status === 'contained').length
  const grave = open.filter(incident => incident.severity === 'critical').length
  const tail =
    contained > 0
      ? ` ${plural(contained, 'incident')} ${contained === 1 ? 'is' : 'are'} contained and can be closed.`
      : ''
  if (open.length === 0) return `No incident needs a decision.${tail}`
  const which =
    grave === 0 ? '' : grave === open.length && grave > 1 ? ', all critical' : `, ${grave} of them critical`
  const single = open.length === 1 && grave === 1 ? ', and it is critical' : which
  return `${plural(open.length, 'incident')} ${open.length === 1 ? 'needs' : 'need'} a decision${single}.${tail}`
}
