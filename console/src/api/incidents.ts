import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { get, queryString, send } from './client.ts'
import type { ActionView, IncidentDetailView, IncidentView, PageView, QuarantineView } from './types.ts'

export const useIncidents = (status?: string) =>
  useQuery({
    queryKey: ['incidents', 'list', status ?? 'all'],
    queryFn: ({ signal }) =>
      get<PageView<IncidentView>>(`/incidents${queryString({ status, limit: 200 })}`, signal),
  })

export const useIncident = (id: string) =>
  useQuery({
    queryKey: ['incidents', 'one', id],
    queryFn: ({ signal }) => get<IncidentDetailView>(`/incidents/${encodeURIComponent(id)}`, signal),
  })

/** After an act everything that tells of incidents is out of date. */
function useRefreshIncidents(): () => Promise<void> {
  const cache = useQueryClient()
  return async () => {
    await Promise.all(
      ['incidents', 'overview', 'quarantine', 'principals'].map(key =>
        cache.invalidateQueries({ queryKey: [key] }),
      ),
    )
  }
}

export function useAct(incident: string) {
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: (action: Pick<ActionView, 'kind' | 'target' | 'ttlSeconds'>) =>
      send<{ quarantine: QuarantineView }>('POST', `/incidents/${encodeURIComponent(incident)}/actions`, {
        body: { kind: action.kind, target: action.target, ttlSeconds: action.ttlSeconds },
      }),
    onSettled: refresh,
  })
}

export function useClose(incident: string) {
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: (reason: string) =>
      send<IncidentView>('POST', `/incidents/${encodeURIComponent(incident)}/close`, { body: { reason } }),
    onSettled: refresh,
  })
}

export function useReopen(incident: string) {
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: () =>
      send<IncidentView>('POST', `/incidents/${encodeURIComponent(incident)}/reopen`, { body: {} }),
    onSettled: refresh,
  })
}

/** Undoes one quarantine entry. */
export function useRelease() {
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: (id: string) => send<QuarantineView>('DELETE', `/quarantine/${encodeURIComponent(id)}`),
    onSettled: refresh,
  })
}
