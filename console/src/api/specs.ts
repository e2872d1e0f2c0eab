import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { PageView } from '../../../src/server/api/page.ts'
import type { SpecView } from '../../../src/server/api/spec.ts'
import { get, send } from './client.ts'

export const useSpecs = () =>
  useQuery({
    queryKey: ['specs'],
    queryFn: ({ signal }) => get<PageView<SpecView>>('/specs', signal),
  })

/** With another specification other endpoints are documented, and other findings are true. */
function useRefreshSpecs(): () => Promise<unknown> {
  const cache = useQueryClient()
  return () =>
    Promise.all(
      ['specs', 'endpoints', 'findings', 'overview', 'audit'].map(key =>
        cache.invalidateQueries({ queryKey: [key] }),
      ),
    )
}

export function usePutSpec() {
  const refresh = useRefreshSpecs()
  return useMutation({
    mutationFn: (spec: { readonly name: string; readonly source: string }) =>
      send<SpecView>('POST', '/specs', { body: spec }),
    onSettled: refresh,
  })
}

export function useDeleteSpec() {
  const refresh = useRefreshSpecs()
  return useMutation({
    mutationFn: (name: string) => send<void>('DELETE', `/specs/${encodeURIComponent(name)}`),
    onSettled: refresh,
  })
}
