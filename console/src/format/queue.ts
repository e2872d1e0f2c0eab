import type { Severity } from '../../../src/kit/severity.ts'
import type { IncidentView } from '../../../src/server/api/incident.ts'
import { count, listed, plural } from './number.ts'

const rank: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 }
const order: Readonly<Record<IncidentView['status'], number>> = { open: 2, contained: 1, closed: 0 }

type Rankable = Pick<IncidentView, 'id' | 'severity' | 'risk' | 'updated' | 'status'>

/** What needs a decision first, first: open before contained, then risk, severity and the latest movement. */
export function ranked<Item extends Rankable>(incidents: readonly Item[]): readonly Item[] {
  return [...incidents].sort(
    (a, b) =>
      order[b.status] - order[a.status] ||
      b.risk - a.risk ||
      rank[b.severity] - rank[a.severity] ||
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

export const changeKinds = ['new', 'worse', 'grew'] as const
export type ChangeKind = (typeof changeKinds)[number]

export const changeWords: Readonly<Record<ChangeKind, string>> = {
  new: 'new since your last visit',
  worse: 'worse since your last visit',
  grew: 'more of it since your last visit',
}

export interface QueueFilter {
  readonly q: string
  readonly severity?: string
  readonly change?: ChangeKind | 'any'
}

type Filterable = Pick<
  IncidentView,
  'title' | 'severity' | 'principals' | 'endpoints' | 'dataClasses' | 'detectors' | 'changedSinceVisit'
>

/** What fits every part of the filter; each word that was typed must stand somewhere. */
export function filterQueue<Item extends Filterable>(
  incidents: readonly Item[],
  { q, severity, change }: QueueFilter,
): readonly Item[] {
  const typed = q.toLowerCase().split(/\s+/).filter(Boolean)
  return incidents.filter(incident => {
    if (severity !== undefined && incident.severity !== severity) return false
    if (change === 'any' && incident.changedSinceVisit === undefined) return false
    if (change !== undefined && change !== 'any' && incident.changedSinceVisit !== change) return false
    if (typed.length === 0) return true
    const text = [
      incident.title,
      ...incident.principals,
      ...incident.endpoints,
      ...incident.dataClasses,
      ...incident.detectors,
    ]
      .join(' ')
      .toLowerCase()
    return typed.every(word => text.includes(word))
  })
}

/** `2 new, 1 worse`: what has moved. Empty where nothing has. */
export function changesSentence(incidents: readonly Pick<IncidentView, 'changedSinceVisit'>[]): string {
  const told = changeKinds
    .map(kind => [kind, incidents.filter(one => one.changedSinceVisit === kind).length] as const)
    .filter(([, number]) => number > 0)
    .map(
      ([kind, number]) =>
        `${count(number)} ${kind === 'grew' ? (number === 1 ? 'has grown' : 'have grown') : number === 1 ? `is ${kind}` : `are ${kind}`}`,
    )
  return told.length === 0 ? '' : `Since your last visit ${listed(told)}.`
}
