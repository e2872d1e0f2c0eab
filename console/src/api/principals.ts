import { useQuery } from '@tanstack/react-query'
import type { PageView } from '../../../src/server/api/page.ts'
import type { PrincipalView } from '../../../src/server/api/principal.ts'
import { get, queryString } from './client.ts'

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
