import { useQuery } from '@tanstack/react-query'
import type { WhyView } from '../../../src/server/api/why.ts'
import { get } from './client.ts'

/** What each detector says of one call, as things are known now. */
export const useWhy = (call: string, enabled: boolean) =>
  useQuery({
    queryKey: ['calls', 'why', call],
    queryFn: ({ signal }) =>
      get<{ items: readonly WhyView[] }>(`/calls/${encodeURIComponent(call)}/why`, signal),
    enabled,
    staleTime: 60_000,
  })
