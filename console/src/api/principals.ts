import { useQuery } from '@tanstack/react-query'
import { get, queryString } from './client.ts'
import type { PageView, PrincipalView } from './types.ts'

export const usePrincipals = (q: string) =>
  useQuery({
    queryKey: ['principals', 'list', q],
    queryFn: ({ signal }) =>
      get<PageView<PrincipalView>>(`/principals${queryString({ q, limit: 500 })}`, signal),
    placeholderData: previous => previous,
  })

export const usePrincipal = (id: string) =>
  useQuery({
    queryKey: ['principals', 'one', id],
    queryFn: ({ signal }) => get<PrincipalView>(`/principals/${encodeURIComponent(id)}`, signal),
  })
