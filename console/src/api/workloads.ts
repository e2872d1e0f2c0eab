import { useQuery } from '@tanstack/react-query'
import type { EntitlementView } from '../../../src/server/api/entitlement.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { WorkloadDetailView, WorkloadView } from '../../../src/server/api/workload.ts'
import { get, queryString } from './client.ts'

/** As many as a page shows; of more, some are searched for. */
export const mostWorkloads = 500

export const useWorkloads = (q: string) =>
  useQuery({
    queryKey: ['workloads', 'list', q],
    queryFn: ({ signal }) =>
      get<PageView<WorkloadView>>(`/workloads${queryString({ q, limit: mostWorkloads })}`, signal),
    placeholderData: previous => previous,
    staleTime: 15_000,
    refetchInterval: 60_000,
  })

export const useWorkload = (id: string) =>
  useQuery({
    queryKey: ['workloads', 'one', id],
    queryFn: ({ signal }) => get<WorkloadDetailView>(`/workloads/${encodeURIComponent(id)}`, signal),
    staleTime: 15_000,
  })

/** What identities are granted, and whether it was used in the last 30 days. */
export const useEntitlements = (enabled: boolean) =>
  useQuery({
    queryKey: ['graph', 'entitlements'],
    queryFn: ({ signal }) =>
      get<{ readonly items: readonly EntitlementView[]; readonly truncated: boolean }>(
        `/graph/entitlements${queryString({ days: 30 })}`,
        signal,
      ),
    enabled,
    staleTime: 60_000,
  })
