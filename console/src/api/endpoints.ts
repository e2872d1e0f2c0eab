import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Labels } from '../../../src/catalog/ownership/labels.ts'
import type { EndpointDetailView, EndpointView } from '../../../src/server/api/endpoint.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import { get, queryString } from './client.ts'

const pageSize = 1000

/** Endpoints are many: a refresh of each thousand is worth this long a wait. */
const refreshMs = 5_000

/** All endpoints, page after page: facets, sorting and search then answer without a round trip. */
export const useEndpoints = () =>
  useInfiniteQuery({
    queryKey: ['endpoints', 'list'],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<EndpointView>>(`/endpoints${queryString({ limit: pageSize, cursor: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    staleTime: 30_000,
    refetchInterval: ({ state }) => refreshMs * Math.max(1, state.data?.pages.length ?? 1),
    // Comparing ten thousand answers with the ones before costs more than drawing the thirty in view.
    structuralSharing: false,
  })

export const useEndpoint = (id: string, enabled = true) =>
  useQuery({
    queryKey: ['endpoints', 'one', id],
    queryFn: ({ signal }) => get<EndpointDetailView>(`/endpoints/${encodeURIComponent(id)}`, signal),
    enabled,
  })

/** The operations that one endpoint carries: their ids go on with `#` where its own ends. */
export const useOperations = (endpoint: Pick<EndpointView, 'id' | 'host'>, enabled: boolean) =>
  useQuery({
    queryKey: ['endpoints', 'operations', endpoint.id],
    queryFn: async ({ signal }) => {
      const query = queryString({ host: endpoint.host, q: `${endpoint.id}#`, limit: 500 })
      const page = await get<PageView<EndpointView>>(`/endpoints${query}`, signal)
      return page.items.filter(({ id }) => id.startsWith(`${endpoint.id}#`))
    },
    enabled,
  })

type Named = 'owner' | 'group' | 'environment' | 'criticality' | 'tags'

const most = 200

/** What other endpoints say under a label, as far as they are already loaded: to be offered, never asked for. */
export function useKnownLabels(field: Named): readonly string[] {
  const data = useQueryClient().getQueryData<InfiniteData<PageView<EndpointView>>>(['endpoints', 'list'])
  const values = new Set<string>()
  for (const page of data?.pages ?? []) {
    for (const { labels } of page.items) {
      for (const value of valuesOf(labels, field)) values.add(value)
      if (values.size >= most) return [...values].sort()
    }
  }
  return [...values].sort()
}

function valuesOf(labels: Labels | undefined, field: Named): readonly string[] {
  if (labels === undefined) return []
  if (field === 'tags') return labels.tags.map(({ value }) => value)
  const label = labels[field]
  return label === undefined ? [] : [label.value]
}
