import { useQueries } from '@tanstack/react-query'
import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import type { IncidentDetailView } from '../../../src/server/api/incident.ts'
import { get } from './client.ts'

const mostEndpoints = 5

/**
 * The classes of data an incident is about: those it names, and where its calls were answered, those that its endpoints
 * are known to return.
 */
export function useIncidentData(incident: IncidentDetailView): {
  readonly named: readonly string[]
  readonly carried: readonly string[]
} {
  const onlyTried =
    incident.signalDetails.length > 0 && incident.signalDetails.every(signal => signal.attempt)
  const endpoints = onlyTried ? [] : incident.endpoints.slice(0, mostEndpoints)
  const details = useQueries({
    queries: endpoints.map(id => ({
      queryKey: ['endpoints', 'one', id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<EndpointDetailView>(`/endpoints/${encodeURIComponent(id)}`, signal),
    })),
  })
  const named = new Set(incident.dataClasses)
  const carried = details
    .flatMap(({ data }) => data?.dataClasses.response ?? [])
    .filter(name => !named.has(name))
  return { named: [...named], carried: [...new Set(carried)] }
}
