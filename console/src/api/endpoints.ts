import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { get, queryString } from './client.ts'
import type { EndpointDetailView, EndpointView, PageView } from './types.ts'

const pageSize = 1000

/** All endpoints, page after page: facets, sorting and search then answer without a round trip. */
export const useEndpoints = () =>
  useInfiniteQuery({
    queryKey: ['endpoints', 'list'],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<EndpointView>>(`/endpoints${queryString({ limit: pageSize, cursor: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    staleTime: 30_000,
  })

export const useEndpoint = (id: string, enabled = true) =>
  useQuery({
    queryKey: ['endpoints', 'one', id],
    queryFn: ({ signal }) => get<EndpointDetailView>(`/endpoints/${encodeURIComponent(id)}`, signal),
    enabled,
  })
