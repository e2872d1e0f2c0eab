import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FindingView } from '../../../src/server/api/finding.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import { get, queryString, send } from './client.ts'

/** Findings of one status, page after page: filters and counts then answer without a round trip. */
export const useFindings = (status: string) =>
  useInfiniteQuery({
    queryKey: ['findings', status],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<FindingView>>(
        `/findings${queryString({ status, limit: 1000, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    staleTime: 15_000,
    refetchInterval: 60_000,
  })

export const useFinding = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: ['findings', 'one', id],
    queryFn: ({ signal }) => get<FindingView>(`/findings/${encodeURIComponent(id)}`, signal),
    enabled,
  })

function useRefreshFindings(): () => Promise<unknown> {
  const cache = useQueryClient()
  return () =>
    Promise.all(
      [['findings'], ['endpoints', 'one'], ['audit']].map(queryKey => cache.invalidateQueries({ queryKey })),
    )
}

export interface Dismissal {
  readonly id: string
  readonly reason: string
  /** For how long; for good when absent. */
  readonly days?: number
}

export function useDismiss() {
  const refresh = useRefreshFindings()
  return useMutation({
    mutationFn: ({ id, ...body }: Dismissal) =>
      send<FindingView>('POST', `/findings/${encodeURIComponent(id)}/dismiss`, { body }),
    onSettled: refresh,
  })
}

export function useReopenFinding() {
  const refresh = useRefreshFindings()
  return useMutation({
    mutationFn: (id: string) =>
      send<FindingView>('POST', `/findings/${encodeURIComponent(id)}/reopen`, { body: {} }),
    onSettled: refresh,
  })
}
