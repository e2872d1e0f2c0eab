import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { EndpointDetailView } from '../../../src/server/api/endpoint.ts'
import type { MaskedExampleView } from '../../../src/server/api/example.ts'
import type { MergeReviewView } from '../../../src/server/api/merge-review.ts'
import type { PageView } from '../../../src/server/api/page.ts'
import type { PinView } from '../../../src/server/api/pin.ts'
import { get, queryString, send } from './client.ts'

/** The most one page of the API holds. */
const most = 1000

export const useReviews = () =>
  useQuery({
    queryKey: ['reviews'],
    queryFn: ({ signal }) =>
      get<PageView<MergeReviewView>>(`/catalog/reviews${queryString({ limit: most })}`, signal),
    refetchInterval: 15_000,
  })

export const usePins = () =>
  useQuery({
    queryKey: ['pins'],
    queryFn: ({ signal }) => get<{ readonly items: readonly PinView[] }>('/catalog/pins', signal),
  })

/** How paths are read has changed: endpoints go, come and move. */
const outdatedByPins = ['reviews', 'pins', 'endpoints', 'changes', 'overview', 'audit']

function useOutdate(keys: readonly string[]): () => Promise<unknown> {
  const cache = useQueryClient()
  return () => Promise.all(keys.map(key => cache.invalidateQueries({ queryKey: [key] })))
}

export interface NewPin {
  readonly host: string
  readonly template: string
  readonly reason?: string
}

export function useAddPin() {
  const outdate = useOutdate(outdatedByPins)
  return useMutation({
    mutationFn: (pin: NewPin) => send<PinView>('POST', '/catalog/pins', { body: pin }),
    onSettled: outdate,
  })
}

export function useRemovePin() {
  const outdate = useOutdate(outdatedByPins)
  return useMutation({
    mutationFn: (id: string) => send<void>('DELETE', `/catalog/pins/${encodeURIComponent(id)}`),
    onSettled: outdate,
  })
}

/** What a person says of an endpoint; `null` takes it back. */
export interface EndpointSaying {
  readonly owner?: string | null
  readonly environment?: string | null
  readonly group?: string | null
  readonly tags?: readonly string[] | null
  readonly criticality?: string | null
  readonly reason?: string
}

export function useSayOfEndpoint(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (saying: EndpointSaying) =>
      send<EndpointDetailView>('PATCH', `/endpoints/${encodeURIComponent(id)}`, { body: saying }),
    onSuccess: endpoint => {
      cache.setQueryData(['endpoints', 'one', id], endpoint)
      void cache.invalidateQueries({ queryKey: ['endpoints', 'list'] })
      void cache.invalidateQueries({ queryKey: ['audit'] })
    },
  })
}

export const useExamples = (id: string) =>
  useQuery({
    queryKey: ['examples', id],
    queryFn: ({ signal }) =>
      get<{ readonly items: readonly MaskedExampleView[] }>(
        `/endpoints/${encodeURIComponent(id)}/examples`,
        signal,
      ),
  })
