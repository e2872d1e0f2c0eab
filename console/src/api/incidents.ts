import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { DismissalReason, DismissalScope } from '../../../src/detect/tuning/suppression.ts'
import type { Verdict } from '../../../src/detect/tuning/tuning.ts'
import type { DismissalView } from '../../../src/server/api/dismissal.ts'
import type { FeedbackView } from '../../../src/server/api/feedback.ts'
import type { ActionView, IncidentDetailView, IncidentView } from '../../../src/server/api/incident.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { QuarantineView } from '../../../src/server/api/quarantine.ts'
import { get, queryString, send } from './client.ts'

export const useIncidents = (status?: string) =>
  useQuery({
    queryKey: ['incidents', 'list', status ?? 'all'],
    queryFn: ({ signal }) =>
      get<PageView<IncidentView>>(`/incidents${queryString({ status, limit: 200 })}`, signal),
  })

/** A refresh of each five hundred is worth this long a wait. */
const refreshMs = 5_000

/**
 * All incidents of one status, page after page. Kept apart from what the live feed makes old: thousands are asked again at
 * a pace that their number allows.
 * @param visitedAt What has changed is told against this time.
 */
export const useIncidentQueue = (status: IncidentView['status'], visitedAt: string, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ['incident-queue', status, visitedAt],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<IncidentView>>(
        `/incidents${queryString({ status, visitedAt, limit: 500, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    refetchInterval: ({ state }) => refreshMs * Math.max(1, state.data?.pages.length ?? 1),
    structuralSharing: false,
    enabled,
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
      ['incidents', 'incident-queue', 'overview', 'quarantine', 'principals'].map(key =>
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

export interface Dismissing {
  readonly incidents: readonly string[]
  readonly reason: DismissalReason
  readonly note?: string
  readonly scope: DismissalScope
  readonly days: number
  /** Told after each, with how many are through. */
  readonly onEach?: (through: number) => void
}

/** What became of many: who could not be dismissed, and why the last could not. */
export interface Dismissed {
  readonly done: number
  readonly suppressions: number
  readonly failed: readonly string[]
  readonly error?: Error
}

/** Dismisses one after the other; one that fails stops no other. */
export function useDismissIncidents() {
  const cache = useQueryClient()
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: async ({ incidents, onEach, ...body }: Dismissing): Promise<Dismissed> => {
      let told: Dismissed = { done: 0, suppressions: 0, failed: [] }
      for (const id of incidents) {
        try {
          const { suppressions } = await send<DismissalView>(
            'POST',
            `/incidents/${encodeURIComponent(id)}/dismiss`,
            { body },
          )
          told = { ...told, done: told.done + 1, suppressions: told.suppressions + suppressions.length }
        } catch (thrown) {
          told = {
            ...told,
            failed: [...told.failed, id],
            error: thrown instanceof Error ? thrown : new Error(String(thrown)),
          }
        }
        onEach?.(told.done + told.failed.length)
      }
      return told
    },
    onSettled: async () => {
      await Promise.all([
        refresh(),
        ...['suppressions', 'detectors'].map(key => cache.invalidateQueries({ queryKey: [key] })),
      ])
    },
  })
}

export function useFeedback(incident: string) {
  const cache = useQueryClient()
  const refresh = useRefreshIncidents()
  return useMutation({
    mutationFn: (body: { readonly verdict: Verdict; readonly note?: string }) =>
      send<FeedbackView>('POST', `/incidents/${encodeURIComponent(incident)}/feedback`, { body }),
    onSettled: async () => {
      await Promise.all([refresh(), cache.invalidateQueries({ queryKey: ['detectors'] })])
    },
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
