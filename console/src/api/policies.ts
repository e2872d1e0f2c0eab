import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { get, queryString, send } from './client.ts'
import type { DecisionView, PageView, PolicyCheckView, PolicyView, SimulationView } from './types.ts'

export const usePolicies = () =>
  useQuery({
    queryKey: ['policies', 'list'],
    queryFn: ({ signal }) => get<PageView<PolicyView>>('/policies', signal),
  })

export const usePolicy = (name: string | undefined) =>
  useQuery({
    queryKey: ['policies', 'one', name],
    queryFn: ({ signal }) => get<PolicyView>(`/policies/${encodeURIComponent(name ?? '')}`, signal),
    enabled: name !== undefined,
    // What is being edited is not replaced under the hands.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  })

export const useDecisions = (policy: string) =>
  useQuery({
    queryKey: ['decisions', policy],
    queryFn: ({ signal }) =>
      get<PageView<DecisionView>>(`/decisions${queryString({ policy, limit: 50 })}`, signal),
  })

/** What is wrong with a source, asked for each version of it. */
export const usePolicyCheck = (source: string) =>
  useQuery({
    queryKey: ['policy-check', source],
    queryFn: ({ signal }) => send<PolicyCheckView>('POST', '/policies/check', { body: { source }, signal }),
    enabled: source.trim() !== '',
    placeholderData: previous => previous,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

export const useSimulate = () =>
  useMutation({
    mutationFn: (source: string) => send<SimulationView>('POST', '/policies/simulate', { body: { source } }),
  })

export interface PolicySave {
  readonly name: string
  readonly source: string
  /** The version this was made from; absent for a new policy. */
  readonly version?: number
}

function useRefreshPolicies() {
  const cache = useQueryClient()
  return () => Promise.all(['policies', 'audit'].map(key => cache.invalidateQueries({ queryKey: [key] })))
}

/** Writes only over the version it was made from: a change by someone else is refused with 412, not overwritten. */
export function useSavePolicy() {
  const refresh = useRefreshPolicies()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ name, source, version }: PolicySave) =>
      send<PolicyView>('PUT', `/policies/${encodeURIComponent(name)}`, {
        body: { source },
        headers: version === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` },
      }),
    onSuccess: async policy => {
      cache.setQueryData(['policies', 'one', policy.name], policy)
      await refresh()
    },
  })
}

export function useDeletePolicy() {
  const refresh = useRefreshPolicies()
  return useMutation({
    mutationFn: ({ name, version }: { readonly name: string; readonly version: number }) =>
      send<void>('DELETE', `/policies/${encodeURIComponent(name)}`, {
        headers: { 'if-match': `"${version}"` },
      }),
    onSuccess: refresh,
  })
}
