import { useQuery } from '@tanstack/react-query'
import { get, queryString } from './client.ts'
import type { PageView, SignalView } from './types.ts'

export interface SignalFilter {
  readonly principal?: string
  readonly detector?: string
  readonly endpoint?: string
}

export const useSignals = (filter: SignalFilter, enabled = true) =>
  useQuery({
    queryKey: ['signals', filter],
    queryFn: ({ signal }) =>
      get<PageView<SignalView>>(`/signals${queryString({ ...filter, limit: 100 })}`, signal),
    enabled,
  })
