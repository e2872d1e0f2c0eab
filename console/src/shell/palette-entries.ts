import { useEndpoints } from '../api/endpoints.ts'
import { useIncidents } from '../api/incidents.ts'
import { usePrincipals } from '../api/principals.ts'
import { useWorkloads } from '../api/workloads.ts'
import { incidentSentence } from '../format/incident-title.ts'
import { endpointShort } from '../format/names.ts'
import { callsPath, endpointPath, incidentPath, principalPath, workloadPath } from '../format/paths.ts'
import { destinations } from './destinations.ts'

export interface PaletteEntry {
  readonly label: string
  readonly kind: string
  readonly to: string
}

const mostPerKind = 6

/** Every word typed must stand somewhere in the text. */
export function matches(text: string, typed: string): boolean {
  const within = text.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every(word => within.includes(word))
}

export function usePaletteEntries(typed: string): readonly PaletteEntry[] {
  const incidents = useIncidents().data?.items ?? []
  const endpoints = useEndpoints().data?.pages.flatMap(page => page.items) ?? []
  const principals = usePrincipals('').data?.items ?? []
  const workloads = useWorkloads('').data?.items ?? []
  const pick = (entries: readonly PaletteEntry[]): readonly PaletteEntry[] =>
    entries.filter(entry => matches(`${entry.label} ${entry.kind}`, typed)).slice(0, mostPerKind)
  const found = [
    ...destinations
      .map(({ label, to }) => ({ label, kind: 'page', to }))
      .filter(entry => matches(`${entry.label} ${entry.kind}`, typed)),
    ...pick(
      incidents.map(({ id, title, principals }) => ({
        label: incidentSentence(title, principals),
        kind: 'incident',
        to: incidentPath(id),
      })),
    ),
  ]
  if (typed.trim() === '') return found
  return [
    ...found,
    ...pick(endpoints.map(({ id }) => ({ label: endpointShort(id), kind: 'API', to: endpointPath(id) }))),
    ...pick(principals.map(({ id }) => ({ label: id, kind: 'principal', to: principalPath(id) }))),
    ...pick(workloads.map(({ id }) => ({ label: id, kind: 'workload', to: workloadPath(id) }))),
    { label: `Search the calls for “${typed.trim()}”`, kind: 'calls', to: callsPath({ text: typed.trim() }) },
  ]
}
