import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ChangeView } from '../../../src/server/api/change.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import { get, queryString } from './client.ts'

/**
 * What changed in the catalog, newest first, page after page: there are 10,000 at most.
 *
 * @param span names how far back it goes
 * @param since the moment that is, ms since the epoch, asked for with each page
 */
export const useChanges = (span: string, since: () => number) =>
  useInfiniteQuery({
    queryKey: ['changes', 'since', span],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<ChangeView>>(
        `/changes${queryString({ since: since(), limit: 1000, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    refetchInterval: 15_000,
  })

/** The latest changes of one endpoint, newest first. */
export const useEndpointChanges = (endpoint: string) =>
  useQuery({
    queryKey: ['changes', 'of', endpoint],
    queryFn: ({ signal }) =>
      get<PageView<ChangeView>>(`/changes${queryString({ endpoint, limit: 30 })}`, signal),
  })
