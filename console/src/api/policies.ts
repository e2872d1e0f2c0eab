import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { DecisionSummaryView } from '../../../src/server/api/decision.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { PolicyView } from '../../../src/server/api/policy.ts'
import type { PolicyCheckView } from '../../../src/server/api/policy-check.ts'
import type { PolicyLanguageView } from '../../../src/server/api/policy-language.ts'
import type { PolicyRecommendationsView } from '../../../src/server/api/policy-recommendation.ts'
import type { PolicyVersionView } from '../../../src/server/api/policy-version.ts'
import type { StageView } from '../../../src/server/api/rollout.ts'
import type { SimulationView } from '../../../src/server/api/simulation.ts'
import type { PolicySubject } from '../format/paths.ts'
import { get, queryString, send } from './client.ts'

const one = (name: string): string => `/policies/${encodeURIComponent(name)}`

export const usePolicies = () =>
  useQuery({
    queryKey: ['policies', 'list'],
    queryFn: ({ signal }) => get<PageView<PolicyView>>(`/policies${queryString({ limit: 500 })}`, signal),
  })

/** How often what policies do is looked at again while somebody watches it. */
const watchMs = 10_000

/** Every policy with where it may go next, why not yet, and what was seen of it in the last minutes. */
export const useRollouts = () =>
  useQuery({
    queryKey: ['policies', 'rollouts'],
    queryFn: ({ signal }) =>
      get<PageView<PolicyView>>(`/policies${queryString({ limit: 500, rollout: 'true' })}`, signal),
    refetchInterval: watchMs,
  })

export const usePolicy = (name: string) =>
  useQuery({
    queryKey: ['policies', 'one', name],
    queryFn: ({ signal }) => get<PolicyView>(one(name), signal),
    refetchInterval: watchMs,
  })

/** The versions of a policy, newest first. */
export const usePolicyHistory = (name: string) =>
  useQuery({
    queryKey: ['policies', 'history', name],
    queryFn: ({ signal }) =>
      get<{ readonly items: readonly PolicyVersionView[] }>(`${one(name)}/history`, signal),
  })

/** What all policies did in the last day. */
export const useDecisionSummary = () =>
  useQuery({
    queryKey: ['decisions', 'summary'],
    queryFn: ({ signal }) => get<DecisionSummaryView>('/decisions/summary', signal),
  })

/** Facts, functions, ready-made policies and the schema: the same as long as the server runs. */
export const usePolicyLanguage = () =>
  useQuery({
    queryKey: ['policy-language'],
    queryFn: ({ signal }) => get<PolicyLanguageView>('/language/policy', signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What is wrong with a source, and how its tests end; asked for each version of it. */
export const usePolicyCheck = (source: string) =>
  useQuery({
    queryKey: ['policy-check', source],
    queryFn: ({ signal }) => send<PolicyCheckView>('POST', '/policies/check', { body: { source }, signal }),
    enabled: source.trim() !== '',
    placeholderData: previous => previous,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })

/** Policies that would stop what an incident or a finding tells of, each simulated. */
export const useRecommendations = (subject: PolicySubject) =>
  useQuery({
    queryKey: ['policy-recommendations', subject],
    queryFn: ({ signal }) =>
      send<PolicyRecommendationsView>('POST', '/policies/recommend', { body: subject, signal }),
    // They are simulated anew each time.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  })

/** What is simulated, over which recorded calls. */
export interface SimulationWish {
  readonly source: string
  readonly since?: string
  readonly until?: string
}

export function useSimulate() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (wish: SimulationWish) => send<SimulationView>('POST', '/policies/simulate', { body: wish }),
    // It is kept, and lets these very rules act.
    onSuccess: () => cache.invalidateQueries({ queryKey: ['policies'] }),
  })
}

export interface PolicySave {
  readonly name: string
  readonly source: string
  /** The version this was made from; absent for a new policy. */
  readonly version?: number
  /** Why it may act without having been simulated. */
  readonly override?: string
}

function useRefreshPolicies() {
  const cache = useQueryClient()
  return () => Promise.all(['policies', 'audit'].map(key => cache.invalidateQueries({ queryKey: [key] })))
}

/** A change of one policy that answers with it as it is then. */
function usePolicyChange<Input>(run: (input: Input) => Promise<PolicyView>) {
  const refresh = useRefreshPolicies()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: async policy => {
      cache.setQueryData(['policies', 'one', policy.name], policy)
      await refresh()
    },
  })
}

/** Writes only over the version it was made from: a change by someone else is refused with 412, not overwritten. */
export const useSavePolicy = () =>
  usePolicyChange(({ name, source, version, override }: PolicySave) =>
    send<PolicyView>('PUT', one(name), {
      body: { source, ...(override === undefined ? {} : { override }) },
      headers: version === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` },
    }),
  )

/** To its next stage, or to the one that is named; `override` says why before its time, or without a simulation. */
export const usePromote = (name: string) =>
  usePolicyChange((wish: { readonly to?: StageView; readonly override?: string }) =>
    send<PolicyView>('POST', `${one(name)}/promote`, { body: wish }),
  )

/** Brings back an earlier version. */
export const useRollback = (name: string) =>
  usePolicyChange((wish: { readonly version?: number; readonly reason?: string }) =>
    send<PolicyView>('POST', `${one(name)}/rollback`, { body: wish }),
  )

export function useDeletePolicy() {
  const refresh = useRefreshPolicies()
  return useMutation({
    mutationFn: ({ name, version }: { readonly name: string; readonly version: number }) =>
      send<void>('DELETE', one(name), { headers: { 'if-match': `"${version}"` } }),
    onSuccess: refresh,
  })
}
