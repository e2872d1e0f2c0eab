import { useInfiniteQuery } from '@tanstack/react-query'
import { get, queryString } from './client.ts'
import type { ChangeView, PageView } from './types.ts'

/** What changed in the catalog in the last `days`, newest first, page after page: there are 10,000 at most. */
export const useChanges = (days: number) =>
  useInfiniteQuery({
    queryKey: ['changes', days],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<ChangeView>>(
        `/changes${queryString({ since: Date.now() - days * 86_400_000, limit: 1000, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    refetchInterval: 15_000,
  })
