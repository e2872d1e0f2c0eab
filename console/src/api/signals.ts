import { useQuery } from '@tanstack/react-query'
import type { PageView } from '../../../src/server/api/page.ts'
import type { SignalView } from '../../../src/server/api/signal.ts'
import { get, queryString } from './client.ts'

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
