import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem } from './problem.ts'

/** A refusal will not change by asking again; a broken connection may. */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500)

/**
 * What is asked of the API, kept. An answer that asks for a sign-in means that the session has ended, by its time or because its token was
 * revoked: the session is looked at again, which leads to the sign-in.
 */
export function makeCache(): QueryClient {
  const ended = (error: Error): void => {
    if (error instanceof ApiProblem && error.status === 401)
      void cache.invalidateQueries({ queryKey: ['session'] })
  }
  const cache: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== 'session') ended(error)
      },
    }),
    mutationCache: new MutationCache({ onError: ended }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        retry: worthRetrying,
        retryDelay: attempt => Math.min(400 * 2 ** attempt, 4_000),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  })
  return cache
}
