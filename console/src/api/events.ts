import { useQuery } from '@tanstack/react-query'
import type { EventView } from '../../../src/server/api/event.ts'
import { get, queryString } from './client.ts'

interface Events {
  readonly items: readonly EventView[]
}

/** The last things that a workload did besides calls, as runtime sensors tell them. */
export const useRuntimeEvents = (workload: string) =>
  useQuery({
    queryKey: ['events', 'of', workload],
    queryFn: ({ signal }) =>
      get<Events>(`/events${queryString({ workload, type: 'runtime', limit: 50 })}`, signal),
    staleTime: 15_000,
  })

/** At most 100 events by their ids; those that are calls, or kept no more, are left out. */
export const useEventsById = (ids: readonly string[], enabled: boolean) =>
  useQuery({
    queryKey: ['events', 'ids', ids],
    queryFn: ({ signal }) =>
      get<Events>(`/events${queryString({ ids: ids.slice(0, 100).join(','), limit: 100 })}`, signal),
    enabled: enabled && ids.length > 0,
  })
