import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import type { BacktestView } from '../../../src/server/api/backtest.ts'
import type { DetectorView } from '../../../src/server/api/detector.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { SignalView } from '../../../src/server/api/signal.ts'
import type { SuppressionView } from '../../../src/server/api/suppression.ts'
import { get, queryString, send } from './client.ts'

const one = (id: string): string => `/detectors/${encodeURIComponent(id)}`

export const useDetectors = () =>
  useQuery({
    queryKey: ['detectors', 'list'],
    queryFn: ({ signal }) => get<{ items: readonly DetectorView[] }>('/detectors', signal),
    staleTime: 30_000,
  })

export const useDetector = (id: string) =>
  useQuery({
    queryKey: ['detectors', 'one', id],
    queryFn: ({ signal }) => get<DetectorView>(one(id), signal),
  })

/** What is changed of a detector; an option that is null goes back to its default. */
export interface DetectorChange {
  readonly options?: Readonly<Record<string, number | null>>
  readonly enabled?: boolean
}

export function useChangeDetector(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: DetectorChange) => send<DetectorView>('PATCH', one(id), { body }),
    onSettled: () =>
      Promise.all(['detectors', 'audit'].map(key => cache.invalidateQueries({ queryKey: [key] }))),
  })
}

/** Runs the detector over recorded calls, as it is set and with `options` over that. Changes nothing. */
export const useBacktest = (id: string) =>
  useMutation({
    mutationFn: (body: { readonly since: string; readonly options: Readonly<Record<string, number>> }) =>
      send<BacktestView>('POST', `${one(id)}/test`, { body }),
  })

export const useSuppressions = () =>
  useQuery({
    queryKey: ['suppressions'],
    queryFn: ({ signal }) => get<{ items: readonly SuppressionView[] }>('/suppressions', signal),
  })

export function useRemoveSuppression() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => send<SuppressionView>('DELETE', `/suppressions/${encodeURIComponent(id)}`),
    onSettled: () =>
      Promise.all(
        ['suppressions', 'detectors', 'audit'].map(key => cache.invalidateQueries({ queryKey: [key] })),
      ),
  })
}

/** Detectors whose signals are asked for at a time. */
const mostAsked = 8

/**
 * Signals that opened no incident because there were too many a day, newest first: of the newest of each detector that holds some.
 * @param detectors Those that hold some.
 */
export function useHeldSignals(detectors: readonly string[]) {
  const queries = useQueries({
    queries: detectors.slice(0, mostAsked).map(detector => ({
      queryKey: ['signals', 'held', detector],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<PageView<SignalView>>(`/signals${queryString({ detector, limit: 500 })}`, signal),
    })),
  })
  const failed = queries.find(({ error }) => error !== null)
  const pages = queries.map(({ data }) => data)
  const items = pages
    .flatMap(page => page?.items ?? [])
    .filter(({ held }) => held !== undefined)
    .sort((a, b) => b.time.localeCompare(a.time))
  return {
    data: pages.includes(undefined) ? undefined : items,
    error: failed?.error ?? null,
    isPending: queries.some(({ isPending }) => isPending),
    refetch: () => Promise.all(queries.map(query => query.refetch())),
  }
}
