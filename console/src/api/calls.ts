import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { CallView } from '../../../src/server/api/call.ts'
import type { CallBucketView } from '../../../src/server/api/call-bucket.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import { get, queryString } from './client.ts'

/** Keys of the API's call query, as text. */
export type CallParams = Readonly<Record<string, string | readonly string[]>>

export const useCalls = (params: CallParams) =>
  useInfiniteQuery({
    queryKey: ['calls', 'list', params],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<CallView>>(`/calls${queryString({ ...params, limit: 200, cursor: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  })

export const useHistogram = (params: CallParams, bucketMs: number) =>
  useQuery({
    queryKey: ['calls', 'histogram', params, bucketMs],
    queryFn: ({ signal }) =>
      get<{ items: readonly CallBucketView[] }>(
        `/calls/histogram${queryString({ ...params, bucketMs })}`,
        signal,
      ),
    refetchOnWindowFocus: false,
    placeholderData: previous => previous,
  })

export const useCall = (id: string | undefined) =>
  useQuery({
    queryKey: ['calls', 'one', id],
    queryFn: ({ signal }) => get<CallView>(`/calls/${encodeURIComponent(id ?? '')}`, signal),
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** At most 100 calls by their ids. */
export const useCallsById = (ids: readonly string[], enabled: boolean) =>
  useQuery({
    queryKey: ['calls', 'ids', ids],
    queryFn: ({ signal }) =>
      get<PageView<CallView>>(
        `/calls${queryString({ ids: ids.slice(0, 100).join(','), limit: 100 })}`,
        signal,
      ),
    enabled,
  })
