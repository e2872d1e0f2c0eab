import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { DecisionDetailView, DecisionView } from '../../../src/server/api/decision.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import { get, queryString } from './client.ts'

export interface DecisionFilter {
  readonly policy?: string | undefined
  readonly principal?: string | undefined
  readonly action?: string | undefined
  readonly phase?: string | undefined
  readonly mode?: string | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** Page after page, newest first. `key` tells filters apart whose times move. */
export const useDecisions = (filter: DecisionFilter, key: string, limit = 100) =>
  useInfiniteQuery({
    queryKey: ['decisions', 'list', key, limit],
    queryFn: ({ pageParam, signal }) =>
      get<PageView<DecisionView>>(
        `/decisions${queryString({ ...filter, limit, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => last.cursor,
  })

const youngMs = 60_000

/** Its call may not be written down yet. */
export const isYoung = ({ time }: Pick<DecisionView, 'time'>): boolean =>
  Date.now() - Date.parse(time) < youngMs

export const useDecision = (id: string) =>
  useQuery({
    queryKey: ['decisions', 'one', id],
    queryFn: ({ signal }) => get<DecisionDetailView>(`/decisions/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.decided === undefined && isYoung(data) ? 2_000 : false,
  })
