import type { Endpoint } from '../catalog/endpoint.ts'
import type { Incident } from '../detect/incident.ts'
import type { Signal } from '../detect/signal.ts'
import type { Analysis } from './analysis.ts'
import { dataStoresOf, edgesOf, workloadsOf } from './graph-facts.ts'

const iso = (time: number): string => new Date(time).toISOString()

/** The analysis document of the contract, version 1. Same input, same bytes: every list is in a stated order. */
export type AnalysisDocument = ReturnType<typeof analysisDocument>

export function analysisDocument(
  analysis: Analysis,
  about: { readonly rejected: number; readonly read: number; readonly assignments?: boolean },
) {
  const span = analysis.span
  const graph = analysis.graphNow()
  return {
    version: 1,
    calls: {
      read: about.read,
      rejected: about.rejected,
      ...(span === undefined ? {} : { from: iso(span.from), to: iso(span.to) }),
    },
    endpoints: [
      ...analysis.catalog.endpoints().map(endpointEntry),
      ...analysis.orphans().map(orphanEntry),
    ].sort(byId),
    findings: analysis.findings(),
    signals: [...analysis.signals()].sort(byTimeThenId).map(signalEntry),
    incidents: [...analysis.incidents()]
      .sort((a, b) => a.opened - b.opened || (a.id < b.id ? -1 : 1))
      .map(incidentEntry),
    principals: analysis
      .principals()
      .map(({ id, kind, tenant, roles, calls, risk, firstSeen, lastSeen }) => ({
        id,
        kind,
        ...(tenant === undefined ? {} : { tenant }),
        roles,
        calls,
        risk,
        firstSeen: iso(firstSeen),
        lastSeen: iso(lastSeen),
      })),
    workloads: workloadsOf(graph).map(withTimes),
    dataStores: dataStoresOf(graph).map(withTimes),
    edges: edgesOf(graph).map(withTimes),
    ...(about.assignments === true ? { assignments: analysis.assignments() } : {}),
  }
}

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0

const byTimeThenId = (a: Signal, b: Signal): number => a.time - b.time || (a.id < b.id ? -1 : 1)

function withTimes<Facts extends { readonly firstSeen: number; readonly lastSeen: number }>(facts: Facts) {
  return { ...facts, firstSeen: iso(facts.firstSeen), lastSeen: iso(facts.lastSeen) }
}

function endpointEntry({
  fields: _,
  requestSchema: __,
  responseSchemas: ___,
  messages: ____,
  ...endpoint
}: Endpoint) {
  return withTimes(endpoint)
}

/** A specified operation that was never seen: it has no times, and nothing is known but what is promised. */
function orphanEntry(orphan: Endpoint) {
  const { fields: _, responseSchemas: __, firstSeen: ___, lastSeen: ____, ...endpoint } = orphan
  return endpoint
}

function signalEntry(signal: Signal) {
  return { ...signal, time: iso(signal.time) }
}

function incidentEntry(incident: Incident) {
  return {
    ...incident,
    opened: iso(incident.opened),
    updated: iso(incident.updated),
    ...(incident.changed === undefined
      ? {}
      : {
          changed: {
            ...incident.changed,
            at: iso(incident.changed.at),
            worseAt: iso(incident.changed.worseAt),
          },
        }),
    story: incident.story.map(step => ({ ...step, time: iso(step.time) })),
  }
}
