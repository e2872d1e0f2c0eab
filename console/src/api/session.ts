import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { SessionView } from '../../../src/server/api/session.ts'
import { dropDrafts } from '../hooks/draft.ts'
import { get, send } from './client.ts'

export const useSession = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => get<SessionView>('/session', signal),
    staleTime: 5 * 60_000,
  })

export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (proof: { readonly code: string } | { readonly token: string }) =>
      send<SessionView>('POST', '/session', { body: proof }),
    onSuccess: session => cache.setQueryData(['session'], session),
  })
}

export function useSignOut() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => send<void>('DELETE', '/session'),
    // Nothing another person may not see stays in memory.
    onSuccess: () => {
      cache.clear()
      dropDrafts()
    },
  })
}
